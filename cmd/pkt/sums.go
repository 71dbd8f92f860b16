package main

import (
	"pkt/field"
	"pkt/output"
	"pkt/packet"
)

// sums adds up the columns of a table whose values may be added, so that its
// last lines say what all rows come to, and those that are not listed.
type sums[R any] struct {
	columns    []field.Entry[R]
	vec        field.Vector
	rows       uint64
	all, shown []uint64
	values     []output.Value
	label      int // the column that holds the label; -1: none has room
}

// newSums returns sums of the columns. The label of a line goes to the first
// column that stays in narrow tables and does not add up.
func newSums[R any](columns []field.Entry[R], looks map[string]look) *sums[R] {
	label := -1
	for i, c := range columns {
		if l, ok := looks[c.Name]; !c.Sum && (label < 0 || ok && l.priority == 0) {
			label = i
			if ok && l.priority == 0 {
				break
			}
		}
	}
	return &sums[R]{
		label:   label,
		columns: columns,
		all:     make([]uint64, len(columns)),
		shown:   make([]uint64, len(columns)),
		values:  make([]output.Value, len(columns)),
	}
}

// count adds n rows to all of them.
func (s *sums[R]) count(rows R, n int) {
	s.rows += uint64(n)
	s.add(s.all, rows, n)
}

// list adds n rows to those that are listed.
func (s *sums[R]) list(rows R, n int) { s.add(s.shown, rows, n) }

func (s *sums[R]) add(to []uint64, rows R, n int) {
	for k := range s.columns {
		if c := &s.columns[k]; c.Sum {
			has := c.Col(rows, packet.FirstN(n), &s.vec)
			for i := has.Next(0); i >= 0; i = has.Next(i + 1) {
				to[k] += s.vec.Cells[i].Lo
			}
		}
	}
}

// other returns the values of the row for what is not listed.
func (s *sums[R]) other(label string) []output.Value {
	return s.line(label, func(k int) uint64 { return s.all[k] - s.shown[k] })
}

// total returns the values of the row for all rows.
func (s *sums[R]) total(label string) []output.Value {
	return s.line(label, func(k int) uint64 { return s.all[k] })
}

func (s *sums[R]) line(label string, value func(k int) uint64) []output.Value {
	for k := range s.values {
		v := output.Value{Has: s.columns[k].Sum}
		if v.Has {
			v.Lo = value(k)
		}
		s.values[k] = v
	}
	if s.label >= 0 {
		s.values[s.label].Text = []byte(label)
	}
	return s.values
}
