package fragment

import "pkt/packet"

// Credit is a fragment that was held back, and counts now.
type Credit struct {
	// After is the position of the packet in the batch behind which the fragment
	// is to be counted: its datagram's first fragment, or the one that there was
	// no room for beside it. It is -1 where the first fragment did not come in
	// time: the fragment counts before the batch.
	After int
	// Seq is how many packets were in the batches before the fragment, and in
	// front of it in its own.
	Seq   uint64
	Nanos int64
	// Addrs are source and destination, 128 bits each; of IPv4 addresses the
	// lowest 32.
	Addrs            [4]uint64
	Bytes            uint32 // frame length
	IPBytes          uint32
	Payload          uint32
	Iface            uint32
	Has              packet.Has // HasIPv4 or HasIPv6, HasPorts, HasICMP, HasVLAN
	SrcPort, DstPort uint16     // as in packet.Layers
	VLAN             uint16
	Proto            uint8
}
