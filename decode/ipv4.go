package decode

import (
	"fmt"
	"net/netip"

	"pkt/packet"
)

// Internet protocol version 4, RFC 791 section 3.1:
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-------+-------+---------------+-------------------------------+
//	|Version|  IHL  |Type of service|          Total length         |
//	+-------+-------+---------------+-----+-------------------------+
//	|         Identification        |Flags|     Fragment offset     |
//	+---------------+---------------+-----+-------------------------+
//	| Time to live  |   Protocol    |        Header checksum        |
//	+---------------+---------------+-------------------------------+
//	|                        Source address                         |
//	+---------------------------------------------------------------+
//	|                     Destination address                       |
//	+---------------------------------------------------------------+
//	|                    Options, 0 to 40 bytes                     |
//	+---------------------------------------------------------------+
const (
	ipv4MinLen     = 20
	ipv4TotalAt    = 2
	ipv4IDAt       = 4
	ipv4FragAt     = 6
	ipv4TTLAt      = 8
	ipv4ProtoAt    = 9
	ipv4ChecksumAt = 10
	ipv4SrcAt      = 12
	ipv4DstAt      = 16

	ipv4DF         = 0x4000
	ipv4MF         = 0x2000
	ipv4OffsetMask = 0x1fff // units of 8 bytes
)

// IPv4 is a view of an IPv4 header, options included as far as they were
// captured.
type IPv4 struct{ b []byte }

// AsIPv4 returns the IPv4 header that b begins with, if its fixed part is
// there and its length makes sense.
func AsIPv4(b []byte) (IPv4, bool) {
	if len(b) < ipv4MinLen || b[0]>>4 != 4 {
		return IPv4{}, false
	}
	n := int(b[0]&15) * 4
	if n < ipv4MinLen {
		return IPv4{}, false
	}
	return IPv4{b[:min(n, len(b))]}, true
}

// IPv4Of returns the innermost IPv4 header of a frame that was decoded to l.
func IPv4Of(frame []byte, l *packet.Layers) (IPv4, bool) {
	if !l.Has.Any(packet.HasIPv4) {
		return IPv4{}, false
	}
	return AsIPv4(frame[l.L3:l.End])
}

// HeaderLen returns the length of the header by its own field, in bytes.
func (h IPv4) HeaderLen() int { return int(h.b[0]&15) * 4 }

// TOS returns the type of service: DSCP and ECN.
func (h IPv4) TOS() uint8 { return h.b[1] }

// TotalLen returns the packet's length as the header has it: 0 where
// offloading left it to the network card.
func (h IPv4) TotalLen() uint16 { return be16(h.b[ipv4TotalAt:]) }

// ID returns the identification that a datagram's fragments share.
func (h IPv4) ID() uint16 { return be16(h.b[ipv4IDAt:]) }

// DontFragment reports whether the packet must not be fragmented.
func (h IPv4) DontFragment() bool { return be16(h.b[ipv4FragAt:])&ipv4DF != 0 }

// MoreFragments reports whether fragments behind this one follow.
func (h IPv4) MoreFragments() bool { return be16(h.b[ipv4FragAt:])&ipv4MF != 0 }

// FragOffset returns where the fragment lies in the datagram, in bytes.
func (h IPv4) FragOffset() int { return int(be16(h.b[ipv4FragAt:])&ipv4OffsetMask) * 8 }

// TTL returns the time to live.
func (h IPv4) TTL() uint8 { return h.b[ipv4TTLAt] }

// Proto returns the IP protocol of the payload.
func (h IPv4) Proto() uint8 { return h.b[ipv4ProtoAt] }

// Checksum returns the header checksum.
func (h IPv4) Checksum() uint16 { return be16(h.b[ipv4ChecksumAt:]) }

// Src returns the source address.
func (h IPv4) Src() [4]byte { return [4]byte(h.b[ipv4SrcAt:]) }

// Dst returns the destination address.
func (h IPv4) Dst() [4]byte { return [4]byte(h.b[ipv4DstAt:]) }

// Options returns the captured bytes of the options.
func (h IPv4) Options() []byte { return h.b[ipv4MinLen:] }

// String returns the header for a person to read.
func (h IPv4) String() string {
	return fmt.Sprintf("%v > %v proto %d ttl %d id %d length %d",
		netip.AddrFrom4(h.Src()), netip.AddrFrom4(h.Dst()), h.Proto(), h.TTL(), h.ID(), h.TotalLen())
}

// rerouted reports whether a source route (RFC 791 section 3.1) may name
// another destination than the fixed header: the transport checksum counts
// the last one.
func (h IPv4) rerouted() bool {
	const looseRoute, strictRoute = 131, 137
	for rest := h.Options(); ; {
		kind, _, next, ok := cutOption(rest)
		if !ok {
			return false
		}
		if kind == looseRoute || kind == strictRoute {
			return true
		}
		rest = next
	}
}

// ipv4 decodes an IPv4 packet.
func (w *walker) ipv4(off int) {
	if !w.enter(LayerIPv4, off) {
		return
	}
	if w.lacks(off, ipv4MinLen) {
		w.short(off)
		return
	}
	h := (*[ipv4MinLen]byte)(w.frame[off:w.end])
	hlen, total := int(h[0]&15)*4, int(be16(h[ipv4TotalAt:]))
	switch {
	case h[0]>>4 != 4:
		w.problem(packet.ProblemBadVersion)
		w.stop(off)
		return
	case hlen < ipv4MinLen || total < hlen && total != 0:
		w.problem(packet.ProblemBadLength)
		w.stop(off)
		return
	}
	w.network(off, total)
	w.l.EtherType, w.l.Proto = etherIPv4, h[ipv4ProtoAt]
	w.l.Has |= packet.HasIPv4
	if w.lacks(off, hlen) {
		w.shortTransport(w.end, off+hlen-w.end)
		return
	}
	off += hlen
	if fragment := be16(h[ipv4FragAt:]); fragment&(ipv4MF|ipv4OffsetMask) != 0 {
		w.fragment(fragment&ipv4MF != 0, fragment&ipv4OffsetMask != 0)
		if fragment&ipv4OffsetMask != 0 {
			w.transport(off, 0)
			return
		}
	}
	w.proto(h[ipv4ProtoAt], off)
}

// network notes the network header at off, of a packet of size bytes; 0 where
// it reaches to the end of what is around it.
func (w *walker) network(off, size int) {
	w.l.L3 = uint32(off)
	switch {
	case size == 0:
		w.l.Has |= packet.HasOffload
	case size > w.wire-off:
		w.problem(packet.ProblemBadLength)
		w.wire = off + size
	case size < w.wire-off:
		w.l.Has |= packet.HasPadding
		w.limit(off, size)
	}
}

// fragment notes that the packet is a part of a datagram.
func (w *walker) fragment(more, later bool) {
	w.l.Has |= packet.HasFragment
	if more {
		w.l.Has |= packet.HasMoreParts
	}
	if later {
		w.l.Has |= packet.HasLaterPart
	}
}
