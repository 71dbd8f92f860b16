package stats

import (
	"encoding/binary"
	"net/netip"

	"pkt/field"
	"pkt/packet"
)

// local tells which way packets went by the networks that are local.
type local struct {
	nets  []netip.Prefix
	known bool // a packet had a direction
}

// way returns which way packet i went, by the networks, or without any as the
// capture says.
func (l *local) way(b *packet.Batch, i int) packet.Dir {
	if len(l.nets) > 0 {
		return l.dir(b, i)
	}
	return b.Records[i].Dir
}

// dir returns the direction of packet i by the networks. Between two local hosts it is the
// sender's: every packet goes one way only, so that tx and rx add up.
func (l *local) dir(b *packet.Batch, i int) packet.Dir {
	if !b.Layers[i].Has.Any(packet.HasIP) {
		return packet.DirUnknown
	}
	src, dst := addresses(b.Frame(i), &b.Layers[i])
	switch {
	case l.has(src):
		return packet.DirOut
	case l.has(dst):
		return packet.DirIn
	}
	return packet.DirUnknown
}

func (l *local) has(c field.Cell) bool {
	a := c.Addr()
	for _, n := range l.nets {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// Offsets of the addresses in the IP headers, RFC 791 section 3.1 and RFC 8200
// section 3.
const (
	ipv4Src = 12
	ipv6Src = 8
)

// addresses returns source and destination of a packet that has an IP header.
func addresses(frame []byte, l *packet.Layers) (src, dst field.Cell) {
	if l.Has.Any(packet.HasIPv4) {
		h := frame[l.L3+ipv4Src:]
		return field.FromAddr4(h), field.FromAddr4(h[4:])
	}
	h := frame[l.L3+ipv6Src:]
	return field.FromAddr16(h), field.FromAddr16(h[16:])
}

// macs returns source and destination of a packet with MAC addresses: the
// destination comes first in the frame.
func macs(frame []byte, l *packet.Layers) (src, dst field.Cell) {
	h := frame[l.MAC : l.MAC+12]
	dst.Lo = uint64(binary.BigEndian.Uint16(h))<<32 | uint64(binary.BigEndian.Uint32(h[2:]))
	src.Lo = uint64(binary.BigEndian.Uint16(h[6:]))<<32 | uint64(binary.BigEndian.Uint32(h[8:]))
	return src, dst
}
