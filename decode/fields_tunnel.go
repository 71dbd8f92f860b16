package decode

import (
	"pkt/field"
	"pkt/packet"
)

// tunnelNames are the spellings of packet.Tunnel.
var tunnelNames = []string{"none", "ipip", "6in4", "4in6", "ip6ip6", "gre", "vxlan", "geneve", "gtpu", "teredo",
	"ayiya", "erspan", "l2tp", "mpls", "etherip", "capwap"}

// tunnelFields are what the outermost tunnel says.
func tunnelFields() []entry {
	return []entry{
		enumField("tunnel.type", "what the outermost tunnel is made of", tunnelNames,
			column(packet.HasTunnel, func(_ []byte, l *packet.Layers) uint64 { return uint64(l.Tunnel) })),
		kindField("tunnel.src_ip", "source address of the outermost IP header of a tunnel", field.Addr, outerColumn(true)),
		kindField("tunnel.dst_ip", "destination address of the outermost IP header of a tunnel", field.Addr, outerColumn(false)),
		uintField("tunnel.id", "identifier of the tunnel: GRE key, VNI, TEID, session", field.NoUnit,
			traced(packet.HasTunnel, func(t trace) (uint64, bool) { return t.tunnelID, t.hasTunnelID })),
		uintField("tunnel.depth", "tunnels around the packet", field.NoUnit,
			column(packet.HasTunnel, func(_ []byte, l *packet.Layers) uint64 { return uint64(l.Depth) })),
	}
}

// outerColumn returns a column of an address of the outermost IP header.
func outerColumn(source bool) field.Column[*packet.Batch] {
	return func(b *packet.Batch, in packet.Set, dst *field.Vector) (has packet.Set) {
		for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
			l := &b.Layers[i]
			if !l.Has.Any(packet.HasTunnel) {
				continue
			}
			dst.Cells[i] = outer(b.Frame(i)[l.Outer:], source)
			has.Add(i)
		}
		return has
	}
}

// outer returns an address of the IP header that b begins with.
func outer(b []byte, source bool) field.Cell {
	switch four := b[0]>>4 == 4; {
	case four && source:
		return field.FromAddr4(b[ipv4SrcAt:])
	case four:
		return field.FromAddr4(b[ipv4DstAt:])
	case source:
		return field.FromAddr16(b[ipv6SrcAt:])
	}
	return field.FromAddr16(b[ipv6DstAt:])
}
