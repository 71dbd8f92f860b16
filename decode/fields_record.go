package decode

import (
	"math/bits"

	"pkt/capture"
	"pkt/field"
	"pkt/packet"
)

// dirNames are the spellings of packet.Dir.
var dirNames = []string{"unknown", "in", "out", "both"}

// problemNames are the spellings of packet.Problem.
var problemNames = []string{"none", "unknown_link", "truncated", "bad_length", "bad_version", "bad_offset", "too_deep"}

// ProblemName returns the spelling of trouble with a packet.
func ProblemName(p packet.Problem) string { return problemNames[p] }

// recordFields are what a captured frame has before it is decoded.
func recordFields() []entry {
	return []entry{
		uintField("num", "number of the packet in its file, from 1", field.NoUnit,
			func(b *packet.Batch, in packet.Set, dst *field.Vector) packet.Set {
				for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
					dst.Cells[i] = field.Cell{Lo: b.Num(i)}
				}
				return in
			}),
		kindField("ts", "time of capture", field.Time, ofRecord(func(r *packet.Record) uint64 { return uint64(r.Nanos) })),
		kindField("iface", "interface that the packet was captured on", field.String,
			ofIface(func(f *packet.Iface) string { return f.Name })),
		kindField("file", "capture file that the packet is from", field.String,
			ofIface(func(f *packet.Iface) string { return f.File })),
		enumField("dir", "direction, seen from the capturing host", dirNames, dirColumn),
		uintField("len", "length of the frame on the wire", field.Bytes, lenColumn),
		uintField("caplen", "captured length of the frame", field.Bytes,
			ofRecord(func(r *packet.Record) uint64 { return uint64(r.CapLen) })),
		kindField("link", "type of the link-layer header", field.String, linkColumn),
	}
}

// ofRecord returns a column of a value that all records have.
func ofRecord(read func(r *packet.Record) uint64) field.Column[*packet.Batch] {
	return func(b *packet.Batch, in packet.Set, dst *field.Vector) packet.Set {
		for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
			dst.Cells[i] = field.Cell{Lo: read(&b.Records[i])}
		}
		return in
	}
}

func lenColumn(b *packet.Batch, in packet.Set, dst *field.Vector) packet.Set {
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			i := word<<6 + bits.TrailingZeros64(set)
			dst.Cells[i] = field.Cell{Lo: uint64(b.Records[i].WireLen)}
		}
	}
	return in
}

func dirColumn(b *packet.Batch, in packet.Set, dst *field.Vector) (has packet.Set) {
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		if d := b.Records[i].Dir; d != packet.DirUnknown {
			dst.Cells[i] = field.Cell{Lo: uint64(d)}
			has.Add(i)
		}
	}
	return has
}

// ofIface returns a column of a name of the packets' interfaces, which
// neighbours share: so do their cells.
func ofIface(name func(f *packet.Iface) string) field.Column[*packet.Batch] {
	return func(b *packet.Batch, in packet.Set, dst *field.Vector) (has packet.Set) {
		dst.Text = dst.Text[:0]
		last, known := -1, false
		for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
			iface := b.Records[i].Iface
			switch {
			case uint64(iface) >= uint64(len(b.Ifaces)):
				continue
			case last >= 0 && b.Records[last].Iface == iface:
				dst.Cells[i] = dst.Cells[last]
			default:
				s := name(&b.Ifaces[iface])
				dst.SetText(i, s)
				last, known = i, s != ""
			}
			if known {
				has.Add(i)
			}
		}
		return has
	}
}

// linkColumn names link types, likewise.
func linkColumn(b *packet.Batch, in packet.Set, dst *field.Vector) packet.Set {
	dst.Text = dst.Text[:0]
	last := -1
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		if last >= 0 && b.Records[last].Link == b.Records[i].Link {
			dst.Cells[i] = dst.Cells[last]
			continue
		}
		dst.SetText(i, capture.LinkName(b.Records[i].Link))
		last = i
	}
	return in
}

// noteFields are trouble with a packet, and what its capture says about it.
func noteFields() []entry {
	problems := listField("problems", "what is wrong with the packet, as far as decoding saw", field.Enum,
		func(b *packet.Batch, i int, dst []field.Cell) []field.Cell {
			if p := b.Layers[i].Problem; p != packet.ProblemNone {
				dst = append(dst, field.Cell{Lo: uint64(p)})
			}
			return dst
		})
	problems.Names = problemNames
	return []entry{problems, kindField("comment", "comment on the packet in the capture file", field.String, commentColumn)}
}

// commentColumn reads comments; several of one packet stand on lines of their own.
func commentColumn(b *packet.Batch, in packet.Set, dst *field.Vector) (has packet.Set) {
	dst.Text = dst.Text[:0]
	for _, n := range b.Notes {
		switch i := n.Packet; {
		case n.Kind != packet.NoteComment || !in.Has(i):
		case has.Has(i): // the notes of a packet follow each other, and so does their text
			dst.Text = append(append(dst.Text, '\n'), n.Text...)
			dst.Cells[i].Lo += uint64(len(n.Text)) + 1
		default:
			dst.SetText(i, n.Text)
			has.Add(i)
		}
	}
	return has
}
