package output

import (
	"pkt/field"
	"pkt/packet"
)

// Rows reads field entries of rows into Values, each column once for up to
// packet.BatchLen rows. It holds a Vector per entry (8 kB) and allocates
// nothing once texts and lists have grown. R is what the entries' columns read:
// a batch of packets, a slice of flows.
type Rows[R any] struct {
	entries []field.Entry[R]
	vectors []field.Vector
	has     []packet.Set
	values  []Value
	lists   [][]field.Cell
	rows    R
}

// NewRows returns a reader of the given entries.
func NewRows[R any](entries []field.Entry[R]) *Rows[R] {
	return &Rows[R]{
		entries: entries,
		vectors: make([]field.Vector, len(entries)),
		has:     make([]packet.Set, len(entries)),
		values:  make([]Value, len(entries)),
		lists:   make([][]field.Cell, len(entries)),
	}
}

// Read reads all columns of the rows in the set.
func (r *Rows[R]) Read(rows R, in packet.Set) {
	r.rows = rows
	for i := range r.entries {
		if e := &r.entries[i]; e.Col != nil {
			r.has[i] = e.Col(rows, in, &r.vectors[i])
		}
	}
}

// At returns the values of row i, which must be in the set that was read. They
// are valid until the next call.
func (r *Rows[R]) At(i int) []Value {
	for k := range r.entries {
		e, v := &r.entries[k], &r.values[k]
		if e.List {
			r.lists[k] = e.ListCol(r.rows, i, r.lists[k][:0])
			v.List = r.lists[k]
			v.Has = len(v.List) > 0
			continue
		}
		vec := &r.vectors[k]
		v.Has = r.has[k].Has(i)
		if !v.Has {
			v.Text = nil
			continue
		}
		v.Cell = vec.Cells[i]
		if e.Kind == field.String {
			v.Text = vec.TextAt(i)
		}
	}
	return r.values
}

// Write reads the rows in the set and writes them as items, in order. The
// columns of w must be those of the entries.
func (r *Rows[R]) Write(rows R, in packet.Set, w Writer) error {
	r.Read(rows, in)
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		if err := w.Row(Item, r.At(i)); err != nil {
			return err
		}
	}
	return nil
}

// Columns returns plain columns for the entries' fields.
func Columns[R any](entries []field.Entry[R]) []Column {
	cols := make([]Column, len(entries))
	for i := range entries {
		cols[i].Field = entries[i].Field
	}
	return cols
}
