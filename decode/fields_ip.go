package decode

import (
	"math/bits"

	"pkt/field"
	"pkt/packet"
)

// ipFields are what the innermost IP header says.
func ipFields() []entry {
	return []entry{
		uintField("ip_version", "version of the innermost IP header: 4 or 6", field.NoUnit, column(packet.HasIP, ipVersion)),
		kindField("src_ip", "source address of the innermost IP header", field.Addr, srcIPColumn),
		kindField("dst_ip", "destination address of the innermost IP header", field.Addr, dstIPColumn),
		listField("host", "both addresses of the innermost IP header", field.Addr, hostColumn),
		uintField("ttl", "time to live or hop limit", field.NoUnit, column(packet.HasIP, ttl)),
		uintField("tos", "type of service or traffic class: DSCP and ECN", field.NoUnit, column(packet.HasIP, tos)),
		uintField("dscp", "differentiated services code point", field.NoUnit,
			column(packet.HasIP, func(f []byte, l *packet.Layers) uint64 { return tos(f, l) >> 2 })),
		uintField("ecn", "explicit congestion notification", field.NoUnit,
			column(packet.HasIP, func(f []byte, l *packet.Layers) uint64 { return tos(f, l) & 3 })),
		uintField("ip.id", "identification that the fragments of a datagram share", field.NoUnit, optional(packet.HasIP, ipID)),
		kindField("ip.df", "must not be fragmented", field.Bool, column(packet.HasIPv4, func(f []byte, l *packet.Layers) uint64 {
			return uint64(be16(f[l.L3+ipv4FragAt:]) >> 14 & 1)
		})),
		uintField("ip.len", "length of the IP packet on the wire, header included", field.Bytes,
			column(packet.HasIP, func(f []byte, l *packet.Layers) uint64 { return uint64(IPLen(f, l)) })),
		listField("ip.options", "numbers of the IPv4 options", field.Uint, ipOptionsColumn),
		kindField("fragment", "is a fragment of a datagram", field.Bool,
			column(packet.HasIP, func(_ []byte, l *packet.Layers) uint64 { return bit(l.Has.Any(packet.HasFragment)) })),
		uintField("ip.frag_offset", "where the fragment lies in the datagram", field.Bytes, optional(packet.HasFragment, fragOffset)),
		uintField("payload_len", "length behind the transport header on the wire", field.Bytes,
			column(packet.HasIP, func(_ []byte, l *packet.Layers) uint64 { return uint64(l.WireEnd - l.Payload) })),
	}
}

// bit returns 1 for true.
func bit(v bool) uint64 {
	if v {
		return 1
	}
	return 0
}

func ipVersion(_ []byte, l *packet.Layers) uint64 {
	if l.Has.Any(packet.HasIPv4) {
		return 4
	}
	return 6
}

func ttl(frame []byte, l *packet.Layers) uint64 {
	if l.Has.Any(packet.HasIPv4) {
		return uint64(frame[l.L3+ipv4TTLAt])
	}
	return uint64(frame[l.L3+ipv6HopLimitAt])
}

func tos(frame []byte, l *packet.Layers) uint64 {
	if l.Has.Any(packet.HasIPv4) {
		return uint64(frame[l.L3+1])
	}
	return uint64(be16(frame[l.L3:]) >> 4 & 0xff)
}

func ipID(frame []byte, l *packet.Layers) (uint64, bool) {
	if l.Has.Any(packet.HasIPv4) {
		return uint64(be16(frame[l.L3+ipv4IDAt:])), true
	}
	h, _ := IPv6Of(frame, l)
	f, ok := h.Fragment()
	return uint64(f.ID), ok
}

func fragOffset(frame []byte, l *packet.Layers) (uint64, bool) {
	if h, ok := IPv4Of(frame, l); ok {
		return uint64(h.FragOffset()), true
	}
	h, _ := IPv6Of(frame, l)
	f, ok := h.Fragment()
	return uint64(f.Offset), ok
}

func ipOptionsColumn(b *packet.Batch, i int, dst []field.Cell) []field.Cell {
	h, ok := IPv4Of(b.Frame(i), &b.Layers[i])
	if !ok {
		return dst
	}
	for rest := h.Options(); ; {
		kind, _, next, ok := cutOption(rest)
		if !ok {
			return dst
		}
		dst = append(dst, field.Cell{Lo: uint64(kind)})
		rest = next
	}
}

func srcIPColumn(b *packet.Batch, in packet.Set, dst *field.Vector) (has packet.Set) {
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			i := word<<6 + bits.TrailingZeros64(set)
			switch l := &b.Layers[i]; {
			case l.Has.Any(packet.HasIPv4):
				dst.Cells[i] = field.FromAddr4(b.Frame(i)[l.L3+ipv4SrcAt:])
			case l.Has.Any(packet.HasIPv6):
				dst.Cells[i] = field.FromAddr16(b.Frame(i)[l.L3+ipv6SrcAt:])
			default:
				continue
			}
			has[word] |= set & -set
		}
	}
	return has
}

func dstIPColumn(b *packet.Batch, in packet.Set, dst *field.Vector) (has packet.Set) {
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			i := word<<6 + bits.TrailingZeros64(set)
			switch l := &b.Layers[i]; {
			case l.Has.Any(packet.HasIPv4):
				dst.Cells[i] = field.FromAddr4(b.Frame(i)[l.L3+ipv4DstAt:])
			case l.Has.Any(packet.HasIPv6):
				dst.Cells[i] = field.FromAddr16(b.Frame(i)[l.L3+ipv6DstAt:])
			default:
				continue
			}
			has[word] |= set & -set
		}
	}
	return has
}

func hostColumn(b *packet.Batch, i int, dst []field.Cell) []field.Cell {
	l := &b.Layers[i]
	if !l.Has.Any(packet.HasIP) {
		return dst
	}
	from, to := addresses(b.Frame(i), l)
	return append(dst, from, to)
}
