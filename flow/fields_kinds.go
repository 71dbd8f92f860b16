package flow

import (
	"pkt/field"
	"pkt/packet"
)

// fixed returns a field whose values a reader makes, row by row.
func fixed(name, doc string, kind field.Kind, unit field.Unit, read func(*Row) (field.Cell, bool)) entry {
	return entry{
		Field: field.Field{Name: name, Doc: doc, Kind: kind, Unit: unit, Scope: field.Flow},
		Col: func(rows []Row, in packet.Set, dst *field.Vector) (has packet.Set) {
			for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
				if c, ok := read(&rows[i]); ok {
					dst.Cells[i] = c
					has.Add(i)
				}
			}
			return has
		},
	}
}

// number returns a field of numbers.
func number(name, doc string, unit field.Unit, read func(*Row) (uint64, bool)) entry {
	return fixed(name, doc, field.Uint, unit, func(r *Row) (field.Cell, bool) {
		v, ok := read(r)
		return field.Cell{Lo: v}, ok
	})
}

// sum marks a field whose values may be added up.
func sum(e entry) entry {
	e.Sum = true
	return e
}

// named returns a field of named values.
func named(name, doc string, names []string, read func(*Row) (uint64, bool)) entry {
	e := number(name, doc, field.NoUnit, read)
	e.Kind, e.Names = field.Enum, names
	return e
}

// text returns a field of strings. A reader that appends nothing says that the
// row lacks the field.
func text(name, doc string, read func(r *Row, dst []byte) []byte) entry {
	return entry{
		Field: field.Field{Name: name, Doc: doc, Kind: field.String, Scope: field.Flow},
		Col: func(rows []Row, in packet.Set, dst *field.Vector) (has packet.Set) {
			dst.Text = dst.Text[:0]
			for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
				start := len(dst.Text)
				dst.Text = read(&rows[i], dst.Text)
				if n := len(dst.Text) - start; n > 0 {
					dst.Cells[i] = field.Cell{Lo: uint64(start)<<32 | uint64(n)}
					has.Add(i)
				}
			}
			return has
		},
	}
}

// both returns a field that counts what both sides have sent.
func both(name, doc string, unit field.Unit, read func(*Counters) uint64) entry {
	return sum(number(name, doc, unit, func(r *Row) (uint64, bool) {
		return read(&r.SrcSent) + read(&r.DstSent), true
	}))
}

// sides returns two fields that count what each side has sent.
func sides(name, doc string, unit field.Unit, read func(*Counters) uint64) []entry {
	return []entry{
		sum(number("src_"+name, doc+" that the originator has sent", unit,
			func(r *Row) (uint64, bool) { return read(&r.SrcSent), true })),
		sum(number("dst_"+name, doc+" that the responder has sent", unit,
			func(r *Row) (uint64, bool) { return read(&r.DstSent), true })),
	}
}

// rate returns a field that divides a count by the flow's duration, where it has
// one.
func rate(name, doc string, unit field.Unit, read func(*Row) uint64) entry {
	return fixed(name, doc, field.Float, unit, func(r *Row) (field.Cell, bool) {
		d := r.duration()
		if d == 0 {
			return field.Cell{}, false
		}
		return field.FromFloat(float64(read(r)) / (float64(d) / 1e9)), true
	})
}
