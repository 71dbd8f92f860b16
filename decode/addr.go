package decode

import (
	"pkt/field"
	"pkt/packet"
)

// addresses returns source and destination of a packet that has an IP header.
func addresses(frame []byte, l *packet.Layers) (src, dst field.Cell) {
	if l.Has.Any(packet.HasIPv4) {
		h := frame[l.L3+ipv4SrcAt:]
		return field.FromAddr4(h), field.FromAddr4(h[4:])
	}
	h := frame[l.L3+ipv6SrcAt:]
	return field.FromAddr16(h), field.FromAddr16(h[16:])
}

// IPLen returns the length of the innermost IP packet on the wire, header
// included; 0 if there is none. It is the header's length field, or, where
// offloading left that at 0, what the frame has room for.
func IPLen(frame []byte, l *packet.Layers) uint32 {
	size := uint32(0)
	switch {
	case l.Has.Any(packet.HasOffload):
	case l.Has.Any(packet.HasIPv4):
		size = uint32(be16(frame[l.L3+ipv4TotalAt:]))
	case l.Has.Any(packet.HasIPv6):
		// Of a jumbogram, the field is 0.
		if n := uint32(be16(frame[l.L3+ipv6PayloadAt:])); n > 0 || l.Proto == protoNoNext {
			size = ipv6Len + n
		}
	}
	if size == 0 && l.Has.Any(packet.HasIP) {
		size = l.WireEnd - l.L3
	}
	return size
}
