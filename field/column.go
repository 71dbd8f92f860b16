package field

import "pkt/packet"

// Vector is where a column puts the values of up to packet.BatchLen rows.
type Vector struct {
	Cells [packet.BatchLen]Cell
	// Text holds the bytes of String cells. A column that writes strings
	// truncates it first.
	Text []byte
}

// SetText makes row i the string s.
func (v *Vector) SetText(i int, s string) {
	v.Cells[i].Lo = uint64(len(v.Text))<<32 | uint64(len(s))
	v.Text = append(v.Text, s...)
}

// TextAt returns the string of row i: a view that the next column overwrites.
func (v *Vector) TextAt(i int) []byte {
	lo := v.Cells[i].Lo
	off, n := lo>>32, lo&0xffffffff
	return v.Text[off : off+n]
}

// Column reads a field of the rows in the set. It returns the rows that have
// the field; cells of other rows are left as they were. It allocates nothing
// once dst.Text has grown to the size of a batch.
type Column[R any] func(rows R, in packet.Set, dst *Vector) (has packet.Set)

// ListColumn reads a field with several values a row: it appends those of one
// row to dst.
type ListColumn[R any] func(rows R, i int, dst []Cell) []Cell

// Entry is a field together with what reads it. Exactly one of Col and List is
// set, List where Field.List is.
type Entry[R any] struct {
	Field
	Col     Column[R]
	ListCol ListColumn[R]
}
