package filter

import (
	"pkt/field"
	"pkt/packet"
)

// value is a kernel that computes a value of the rows in a set. The vector
// lasts until the kernel is asked for other rows.
type value interface {
	load(in packet.Set) (v *field.Vector, has packet.Set)
}

// list is a kernel that appends the values that one row has.
type list interface {
	cells(i int, dst []field.Cell) []field.Cell
}

// test is a kernel that returns the rows in a set for which something holds.
type test interface {
	filter(in packet.Set) packet.Set
}

// machine holds the columns that an expression reads. It serves one goroutine.
type machine[R any] struct {
	entries []field.Entry[R]
	rows    R
	columns []*column[R]
}

// begin makes rows the ones that the kernels read.
func (m *machine[R]) begin(rows R) {
	m.rows = rows
	for _, c := range m.columns {
		c.known = packet.Set{}
		c.has = packet.Set{}
	}
}

// end lets go of the rows.
func (m *machine[R]) end() {
	var none R
	m.rows = none
}

// source gives the lowerer the kernels that read fields, of whatever rows.
type columns interface {
	value(field int) value
	list(field int) list
}

// value implements columns: all kernels share the one column of a field.
func (m *machine[R]) value(f int) value {
	for _, c := range m.columns {
		if c.field == f {
			return c
		}
	}
	e := &m.entries[f]
	c := &column[R]{machine: m, field: f, read: e.Col, text: e.Kind == field.String}
	m.columns = append(m.columns, c)
	return c
}

// list implements columns.
func (m *machine[R]) list(f int) list { return &listColumn[R]{m, m.entries[f].ListCol} }

// column reads a field once for every row that is asked for.
type column[R any] struct {
	machine    *machine[R]
	field      int
	read       field.Column[R]
	text       bool
	known, has packet.Set // rows that were read, and those that have the field
	vec        field.Vector
}

func (c *column[R]) load(in packet.Set) (*field.Vector, packet.Set) {
	if more := in.AndNot(c.known); !more.Empty() {
		if c.text {
			more = in.Or(c.known) // a column of text begins its text anew
			c.has = packet.Set{}
		}
		c.has = c.has.Or(c.read(c.machine.rows, more, &c.vec))
		c.known = c.known.Or(more)
	}
	return &c.vec, c.has.And(in)
}

// listColumn reads a field with several values.
type listColumn[R any] struct {
	machine *machine[R]
	read    field.ListColumn[R]
}

func (c *listColumn[R]) cells(i int, dst []field.Cell) []field.Cell {
	return c.read(c.machine.rows, i, dst)
}
