package decode

import (
	"math/bits"

	"pkt/field"
	"pkt/packet"
)

// linkFields are what stands in front of the network header.
func linkFields() []entry {
	layers := listField("layers", "headers from the outermost in", field.Enum, layersColumn)
	layers.Names = layerNames
	return []entry{
		layers,
		enumField("proto", "what the packet is: its transport protocol, else its network protocol", protoNames, protoColumn),
		uintField("eth_type", "EtherType of the innermost network header", field.NoUnit,
			etherTypeColumn),
		kindField("src_mac", "source address of the outermost link layer", field.MAC, macColumn(true)),
		kindField("dst_mac", "destination address of the outermost link layer", field.MAC, macColumn(false)),
		listField("mac", "both addresses of the outermost link layer", field.MAC, macsColumn),
		uintField("vlan", "identifier of the outermost VLAN tag", field.NoUnit,
			column(packet.HasVLAN, func(_ []byte, l *packet.Layers) uint64 { return uint64(l.VLAN) })),
		listField("vlans", "identifiers of all VLAN tags, from the outermost in", field.Uint, vlansColumn),
		uintField("mpls.label", "outermost MPLS label", field.NoUnit,
			traced(packet.HasMPLS, func(t trace) (uint64, bool) { return uint64(t.labels[0]), t.numLabels > 0 })),
	}
}

func layersColumn(b *packet.Batch, i int, dst []field.Cell) []field.Cell {
	var t trace
	walk(b, i, &t)
	for _, h := range t.layers[:t.numLayers] {
		dst = append(dst, field.Cell{Lo: uint64(h.Layer)})
	}
	return dst
}

func vlansColumn(b *packet.Batch, i int, dst []field.Cell) []field.Cell {
	if !b.Layers[i].Has.Any(packet.HasVLAN) {
		return dst
	}
	var t trace
	walk(b, i, &t)
	for _, id := range t.vlans[:t.numVLANs] {
		dst = append(dst, field.Cell{Lo: uint64(id)})
	}
	return dst
}

func protoColumn(b *packet.Batch, in packet.Set, dst *field.Vector) packet.Set {
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			i := word<<6 + bits.TrailingZeros64(set)
			dst.Cells[i] = field.Cell{Lo: uint64(ProtoOf(b, i))}
		}
	}
	return in
}

// macColumn returns the column of the source or of the destination addresses.
func macColumn(source bool) field.Column[*packet.Batch] {
	return func(b *packet.Batch, in packet.Set, dst *field.Vector) (has packet.Set) {
		for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
			at, ok := macAt(b, i, source)
			if ok {
				dst.Cells[i] = macCell(b.Frame(i)[at:])
				has.Add(i)
			}
		}
		return has
	}
}

func macsColumn(b *packet.Batch, i int, dst []field.Cell) []field.Cell {
	for _, source := range [...]bool{true, false} {
		if at, ok := macAt(b, i, source); ok {
			dst = append(dst, macCell(b.Frame(i)[at:]))
		}
	}
	return dst
}

// macAt returns where an address of packet i is. Link types other than
// Ethernet may have only one, or have them apart.
func macAt(b *packet.Batch, i int, source bool) (at int, ok bool) {
	switch l := &b.Layers[i]; {
	case l.Has.Any(packet.HasMAC) && source:
		return int(l.MAC) + 6, true
	case l.Has.Any(packet.HasMAC):
		return int(l.MAC), true
	case b.Records[i].Link == linkEthernet:
		return 0, false
	}
	var t trace
	walk(b, i, &t)
	if source {
		return t.src, t.hasSrc
	}
	return t.dst, t.hasDst
}

// macCell returns the cell of the address that b begins with.
func macCell(b []byte) field.Cell {
	return field.Cell{Lo: uint64(be16(b))<<32 | uint64(be32(b[2:]))}
}

func etherTypeColumn(b *packet.Batch, in packet.Set, dst *field.Vector) (has packet.Set) {
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		if et := b.Layers[i].EtherType; et != 0 {
			dst.Cells[i] = field.Cell{Lo: uint64(et)}
			has.Add(i)
		}
	}
	return has
}
