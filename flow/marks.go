package flow

import (
	"pkt/field"
	"pkt/packet"
)

// PacketFields returns the fields of packets that need their flow: those that
// the marks of a packet tell. Packets that were not marked lack them.
func PacketFields() []field.Entry[*packet.Batch] {
	return []field.Entry[*packet.Batch]{
		mark("tcp.retrans", "payload that was sent before", packet.MarkRetrans),
		mark("tcp.out_of_order", "payload that came later than what follows it", packet.MarkOutOfOrder),
	}
}

// mark returns the field of a mark, which TCP packets have.
func mark(name, doc string, m packet.Marks) field.Entry[*packet.Batch] {
	return field.Entry[*packet.Batch]{
		Field: field.Field{Name: name, Doc: doc, Kind: field.Bool, Scope: field.Packet},
		Col: func(b *packet.Batch, in packet.Set, dst *field.Vector) (has packet.Set) {
			for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
				l, marks := &b.Layers[i], b.Records[i].Marks
				if marks&packet.Marked == 0 || l.Proto != protoTCP || !l.Has.Any(packet.HasPorts) {
					continue
				}
				dst.Cells[i] = field.FromBool(marks&m != 0)
				has.Add(i)
			}
			return has
		},
	}
}
