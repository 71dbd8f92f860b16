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
