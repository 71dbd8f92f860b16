package afpacket

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"pkt/packet"
)

// Offsets in the header of a packet (tpacket3_hdr), and in the address behind it
// (sockaddr_ll), which begins at addrAt.
const (
	hdrNext    = 0
	hdrSec     = 4
	hdrNsec    = 8
	hdrCapLen  = 12
	hdrWireLen = 16
	hdrStatus  = 20
	hdrMAC     = 24 // where the frame begins
	hdrTCI     = 32
	hdrTPID    = 36

	addrAt       = 48
	addrProtocol = addrAt + 2 // big-endian, as it stands in frames
	addrIndex    = addrAt + 4
	addrHardware = addrAt + 8
	addrType     = addrAt + 10
	addrLen      = addrAt + 11
	addrMAC      = addrAt + 12
	hdrEnd       = addrAt + 20
)

// tagLen is the length of a VLAN tag, macsLen that of what stands before it.
const (
	tagLen  = 4
	macsLen = 12
)

// walk appends packets of the block at hand to b, until it or the block is at
// its end.
func (c *Capture) walk(b *packet.Batch) {
	block := c.slot().block.Bytes
	at := c.at
	n := min(c.left, packet.BatchLen)
	var last int64
	for i := range n {
		h := (*[hdrEnd]byte)(block[at:])
		r := &b.Records[i]
		r.Nanos = int64(binary.NativeEndian.Uint32(h[hdrSec:]))*1e9 + int64(binary.NativeEndian.Uint32(h[hdrNsec:]))
		last = max(last, r.Nanos)
		index := binary.NativeEndian.Uint32(h[addrIndex:])
		if index != c.seen.index {
			c.seen = c.find(index)
		}
		r.Iface, r.Link, r.Dir = c.seen.iface, c.seen.link, packet.DirIn
		if c.seen.loopback {
			r.Dir = packet.DirBoth
		} else if h[addrType] == packetOutgoing {
			r.Dir = packet.DirOut
		}
		r.Off = uint32(at) + uint32(binary.NativeEndian.Uint16(h[hdrMAC:]))
		r.CapLen = binary.NativeEndian.Uint32(h[hdrCapLen:])
		r.WireLen = binary.NativeEndian.Uint32(h[hdrWireLen:])
		tagged := binary.NativeEndian.Uint32(h[hdrStatus:])&unix.TP_STATUS_VLAN_VALID != 0
		if tagged || c.header != 0 {
			c.restore(block, h, r, tagged)
		}
		at += int(binary.NativeEndian.Uint32(h[hdrNext:]))
	}
	b.N = n
	c.left -= n
	c.at = at
	c.now = max(c.now, last)
}

// restore puts back what the kernel has taken out of a frame, or has never put
// into it: its VLAN tag, and a cooked header.
func (c *Capture) restore(block []byte, h *[hdrEnd]byte, r *packet.Record, tagged bool) {
	protocol := [2]byte(h[addrProtocol:])
	if tagged {
		tci := binary.NativeEndian.Uint32(h[hdrTCI:])
		tpid := uint16(unix.ETH_P_8021Q)
		if binary.NativeEndian.Uint32(h[hdrStatus:])&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
			tpid = binary.NativeEndian.Uint16(h[hdrTPID:])
		}
		switch {
		case c.header != 0:
			// The tag comes behind the cooked header, which names its type.
			tag := block[r.Off-tagLen : r.Off]
			binary.BigEndian.PutUint16(tag, uint16(tci))
			copy(tag[2:], protocol[:])
			binary.BigEndian.PutUint16(protocol[:], tpid)
			c.grow(r)
		case r.Link == linkEthernet && r.CapLen >= macsLen:
			frame := block[r.Off-tagLen : r.Off+macsLen]
			copy(frame, frame[tagLen:])
			binary.BigEndian.PutUint16(frame[macsLen:], tpid)
			binary.BigEndian.PutUint16(frame[macsLen+2:], uint16(tci))
			c.grow(r)
		}
	}
	if c.header == 0 {
		return
	}
	r.Off -= uint32(c.header)
	r.CapLen += uint32(c.header)
	r.WireLen += uint32(c.header)
	r.CapLen = min(r.CapLen, c.snapLen)
	putCooked(block[r.Off:r.Off+uint32(c.header)], h, protocol)
}

// grow makes room for a tag in front of a frame.
func (c *Capture) grow(r *packet.Record) {
	r.Off -= tagLen
	r.WireLen += tagLen
	r.CapLen = min(r.CapLen+tagLen, c.snapLen)
}

// putCooked writes a cooked header, see decode/sll.go.
func putCooked(dst []byte, h *[hdrEnd]byte, protocol [2]byte) {
	hardware := binary.NativeEndian.Uint16(h[addrHardware:])
	if len(dst) == sllLen {
		binary.BigEndian.PutUint16(dst, uint16(h[addrType]))
		binary.BigEndian.PutUint16(dst[2:], hardware)
		binary.BigEndian.PutUint16(dst[4:], uint16(h[addrLen]))
		copy(dst[6:14], h[addrMAC:])
		copy(dst[14:], protocol[:])
		return
	}
	copy(dst, protocol[:])
	dst[2], dst[3] = 0, 0
	binary.BigEndian.PutUint32(dst[4:], binary.NativeEndian.Uint32(h[addrIndex:]))
	binary.BigEndian.PutUint16(dst[8:], hardware)
	dst[10], dst[11] = h[addrType], h[addrLen]
	copy(dst[12:20], h[addrMAC:])
}
