package decode

import (
	"math/bits"
	"slices"

	"pkt/field"
	"pkt/packet"
)

// entry is a field of packets with what reads it.
type entry = field.Entry[*packet.Batch]

// Fields returns the fields that decoding gives a packet, with their columns.
// A column reads batches that were decoded.
//
// ARP's addresses are fields of their own (arp.sender_ip, arp.target_ip) and
// not src_ip and dst_ip: those belong to packets, and a host that is merely
// asked for, as all of a network are by a scan, has sent and received nothing.
func Fields() []entry {
	return slices.Concat(
		recordFields(),
		linkFields(),
		ipFields(),
		portFields(),
		tcpFields(),
		messageFields(),
		tunnelFields(),
		noteFields(),
	)
}

// uintField returns a field of numbers.
func uintField(name, doc string, unit field.Unit, col field.Column[*packet.Batch]) entry {
	return entry{Field: field.Field{Name: name, Doc: doc, Kind: field.Uint, Unit: unit, Scope: field.Packet}, Col: col}
}

// kindField returns a field of a kind that needs nothing more.
func kindField(name, doc string, kind field.Kind, col field.Column[*packet.Batch]) entry {
	return entry{Field: field.Field{Name: name, Doc: doc, Kind: kind, Scope: field.Packet}, Col: col}
}

// enumField returns a field of named values.
func enumField(name, doc string, names []string, col field.Column[*packet.Batch]) entry {
	return entry{Field: field.Field{Name: name, Doc: doc, Kind: field.Enum, Names: names, Scope: field.Packet}, Col: col}
}

// listField returns a field with several values a packet.
func listField(name, doc string, kind field.Kind, col field.ListColumn[*packet.Batch]) entry {
	return entry{Field: field.Field{Name: name, Doc: doc, Kind: kind, List: true, Scope: field.Packet}, ListCol: col}
}

// column returns a column of the packets that have one of the facts need.
func column(need packet.Has, read func(frame []byte, l *packet.Layers) uint64) field.Column[*packet.Batch] {
	return optional(need, func(frame []byte, l *packet.Layers) (uint64, bool) { return read(frame, l), true })
}

// optional is column for values that a packet with these facts may lack.
func optional(need packet.Has, read func(frame []byte, l *packet.Layers) (uint64, bool)) field.Column[*packet.Batch] {
	return func(b *packet.Batch, in packet.Set, dst *field.Vector) (has packet.Set) {
		for word, set := range in {
			for ; set != 0; set &= set - 1 {
				i := word<<6 + bits.TrailingZeros64(set)
				l := &b.Layers[i]
				if l.Has&need == 0 {
					continue
				}
				if v, ok := read(b.Frame(i), l); ok {
					dst.Cells[i] = field.Cell{Lo: v}
					has[word] |= set & -set
				}
			}
		}
		return has
	}
}

// traced returns a column that walks through the packets that have one of the
// facts need once more.
func traced(need packet.Has, read func(t trace) (uint64, bool)) field.Column[*packet.Batch] {
	return func(b *packet.Batch, in packet.Set, dst *field.Vector) (has packet.Set) {
		for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
			if b.Layers[i].Has&need == 0 {
				continue
			}
			var t trace
			walk(b, i, &t)
			if v, ok := read(t); ok {
				dst.Cells[i] = field.Cell{Lo: v}
				has.Add(i)
			}
		}
		return has
	}
}

// walk decodes packet i once more, taking notes.
func walk(b *packet.Batch, i int, t *trace) (l packet.Layers) {
	r := &b.Records[i]
	general(r.Link, b.Frame(i), r.WireLen, bigEndian(b, r.Iface), &l, t)
	return l
}
