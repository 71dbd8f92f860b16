package stats

import (
	"bytes"
	"cmp"
	"slices"

	"pkt/field"
	"pkt/packet"
)

// Rows says what a result lists.
type Rows struct {
	// Sort is what rows are ordered by; without any, the most bytes come first,
	// those of the interval where there is one. Rows that lack a value come last,
	// equal ones in the order in which they first appeared.
	Sort  []Sort
	Limit int // rows at most; 0: all
}

// Sort is one column to order rows by.
type Sort struct {
	Entry field.Entry[[]Row] // of Ranking.Fields, with one value a row
	Desc  bool
}

// listed returns the groups of a result in their order: those with packets, in
// the interval where there is one.
func (r *Ranking) listed(res *Result) []uint32 {
	var order []uint32
	for i := 1; i < len(r.groups.hot); i++ {
		seen := r.groups.hot[i].packets
		if res.Interval > 0 {
			seen -= r.groups.side[i].mark.packets
		}
		if seen > 0 {
			order = append(order, uint32(i))
		}
	}
	if len(r.cfg.Rows.Sort) > 0 {
		r.sort(res, order)
		return order
	}
	slices.SortFunc(order, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(r.weight(res, b), r.weight(res, a)), r.appeared(a, b))
	})
	return order
}

// appeared orders groups by their first packets. Numbers alone do not: those of
// groups that all flows have left are used again.
func (r *Ranking) appeared(a, b uint32) int {
	return cmp.Or(cmp.Compare(r.groups.hot[a].first, r.groups.hot[b].first), cmp.Compare(a, b))
}

// weight is what rows are ordered by where nothing else is asked for.
func (r *Ranking) weight(res *Result, group uint32) uint64 {
	if res.Interval > 0 {
		return r.groups.hot[group].bytes - r.groups.side[group].mark.bytes
	}
	return r.groups.hot[group].bytes
}

// sortValue is a group's value of a column.
type sortValue struct {
	cell field.Cell
	text []byte
	has  bool
}

// sort orders groups by the columns that were asked for.
func (r *Ranking) sort(res *Result, order []uint32) {
	columns := r.cfg.Rows.Sort
	values := make([]sortValue, len(r.groups.hot)*len(columns))
	vec := new(field.Vector)
	rows := make([]Row, 0, packet.BatchLen)
	for chunk := range slices.Chunk(order, packet.BatchLen) {
		rows = rows[:0]
		for _, group := range chunk {
			row := r.row(res, r.groups, group)
			row.key = r.groups.key(group)
			rows = append(rows, row)
		}
		for n := range columns {
			e := &columns[n].Entry
			has := e.Col(rows, packet.FirstN(len(rows)), vec)
			for i, group := range chunk {
				v := sortValue{cell: vec.Cells[i], has: has.Has(i)}
				if v.has && e.Kind == field.String {
					v.text = bytes.Clone(vec.TextAt(i))
				}
				values[int(group)*len(columns)+n] = v
			}
		}
	}
	slices.SortFunc(order, func(a, b uint32) int {
		for n := range columns {
			x, y := &values[int(a)*len(columns)+n], &values[int(b)*len(columns)+n]
			if c := compare(&columns[n], x, y); c != 0 {
				return c
			}
		}
		return r.appeared(a, b)
	})
}

// compare orders two values of a column.
func compare(s *Sort, x, y *sortValue) int {
	if x.has != y.has {
		if x.has {
			return -1
		}
		return 1
	}
	if !x.has {
		return 0
	}
	var c int
	switch s.Entry.Kind {
	case field.Float:
		c = cmp.Compare(x.cell.Float(), y.cell.Float())
	case field.Int, field.Time, field.Duration:
		c = cmp.Compare(x.cell.Int(), y.cell.Int())
	case field.String:
		c = bytes.Compare(x.text, y.text)
	default:
		c = cmp.Or(cmp.Compare(x.cell.Hi, y.cell.Hi), cmp.Compare(x.cell.Lo, y.cell.Lo))
	}
	if s.Desc {
		return -c
	}
	return c
}
