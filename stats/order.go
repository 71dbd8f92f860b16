package stats

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"pkt/field"
	"pkt/packet"
)

// Rows says what a result lists.
type Rows struct {
	// Sort is what rows are ordered by; without any, the most bytes come first,
	// live those of the main window, else those of the interval where there is
	// one. Rows that lack a value come last, equal ones in the order in which they
	// first appeared.
	Sort  []Sort
	Limit int // rows at most; 0: all
	// Quiet lists live groups that have had no packets for the widest window too.
	Quiet bool
}

// Sort is one column to order rows by.
type Sort struct {
	Entry field.Entry[[]Row] // of Ranking.Fields, with one value a row
	Desc  bool
}

// listed returns the groups of a result in their order: those with packets, in
// the interval where there is one, live in the widest window. It notes how many
// there are before the limit.
func (r *Ranking) listed(res *Result, rows Rows) []uint32 {
	var order []weighed
	since := int64(math.MinInt64)
	if r.cfg.Live && !rows.Quiet && len(r.cfg.Windows) > 0 {
		since = res.at - int64(r.cfg.Windows[len(r.cfg.Windows)-1])
	}
	byInterval := res.Interval > 0 && !r.cfg.Live
	for i := 1; i < len(r.groups.hot); i++ {
		c, group := &r.groups.hot[i], uint32(i)
		switch {
		case c.packets == 0 || c.last < since:
		case byInterval && c.packets == r.groups.side[i].mark.packets:
		case len(r.cfg.Within) > 0 && !r.within(group):
		default:
			order = append(order, weighed{group: group})
		}
	}
	res.Groups = len(order)
	if len(rows.Sort) > 0 {
		return r.sort(res, numbers(order), rows)
	}
	r.weigh(res, order)
	return numbers(firstOf(order, rows.Limit, func(a, b weighed) int {
		return cmp.Or(cmp.Compare(b.main, a.main), cmp.Compare(b.bytes, a.bytes), r.appeared(a.group, b.group))
	}))
}

// weighed is a group with what it is ordered by where nothing else is asked for.
type weighed struct {
	main  float64 // bytes in the main window; live only
	bytes uint64
	group uint32
}

func numbers(order []weighed) []uint32 {
	out := make([]uint32, len(order))
	for i := range order {
		out[i] = order[i].group
	}
	return out
}

// weigh fills in what groups are ordered by.
func (r *Ranking) weigh(res *Result, order []weighed) {
	main := r.cfg.MainWindow()
	for i := range order {
		w := &order[i]
		c := &r.groups.hot[w.group]
		w.bytes = c.bytes
		if res.Interval > 0 {
			w.bytes -= r.groups.side[w.group].mark.bytes
		}
		if !r.cfg.Live || main < 0 {
			continue
		}
		if s := r.window(r.cfg.Windows[main], res.at); c.tick >= r.clock.tickAt(s.from) {
			w.main, _, _ = r.amounts(r.groups, w.group, s)
		}
	}
}

// appeared orders groups by their first packets. Numbers alone do not: those of
// groups that all flows have left are used again.
func (r *Ranking) appeared(a, b uint32) int {
	return cmp.Or(cmp.Compare(r.groups.hot[a].first, r.groups.hot[b].first), cmp.Compare(a, b))
}

// sortValue is a group's value of a column.
type sortValue struct {
	cell field.Cell
	text []byte
	has  bool
}

// sort orders groups by the columns that were asked for.
func (r *Ranking) sort(res *Result, order []uint32, rows Rows) []uint32 {
	columns := rows.Sort
	values := make([]sortValue, len(r.groups.hot)*len(columns))
	vec := new(field.Vector)
	page := make([]Row, 0, packet.BatchLen)
	aggregates := make([]aggregateValue, packet.BatchLen*len(r.agg.all))
	for chunk := range slices.Chunk(order, packet.BatchLen) {
		page = page[:0]
		for i, group := range chunk {
			row := r.row(res, r.groups, group)
			row.key = r.groups.key(group)
			res.sums.fill(&row, group, aggregates[i*len(r.agg.all):])
			page = append(page, row)
		}
		for n := range columns {
			e := &columns[n].Entry
			has := e.Col(page, packet.FirstN(len(page)), vec)
			for i, group := range chunk {
				v := sortValue{cell: vec.Cells[i], has: has.Has(i)}
				if v.has && e.Kind == field.String {
					v.text = bytes.Clone(vec.TextAt(i))
				}
				values[int(group)*len(columns)+n] = v
			}
		}
	}
	return firstOf(order, rows.Limit, func(a, b uint32) int {
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
