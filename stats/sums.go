package stats

import (
	"pkt/field"
	"pkt/filter"
	"pkt/flow"
	"pkt/packet"
)

// aggregateValue is what an aggregate comes to in a row.
type aggregateValue struct {
	cell field.Cell
	has  bool
}

// sums are what the aggregates hold at one time, with what has not come to its
// group for good: contributions that may move, and flows that go on.
type sums struct {
	of     []aggregate
	groups []*filter.Accumulator
	total  []*filter.Accumulator
}

// sums returns the sums. They are void when anything more is counted.
func (r *Ranking) sums() *sums {
	if len(r.agg.all) == 0 {
		return nil
	}
	v := &sums{of: r.agg.all}
	for k := range v.of {
		a := &v.of[k]
		a.to[toGroup].Grow(len(r.groups.hot))
		v.groups, v.total = append(v.groups, a.to[toGroup]), append(v.total, a.total)
	}
	if !r.over {
		v.addParts(r)
		v.addFlows(r)
	}
	return v
}

// own makes the accumulators of aggregate k ones that only the sums have.
func (v *sums) own(k int) {
	own := func(a *filter.Accumulator) *filter.Accumulator {
		if a == nil {
			return nil
		}
		s := a.Scratch()
		s.Grow(a.Len())
		for g := range uint32(a.Len()) {
			s.Include(g, a, g)
		}
		return s
	}
	v.groups[k], v.total[k] = own(v.groups[k]), own(v.total[k])
}

// addParts adds what packets of flows have brought to groups that these may
// still leave.
func (v *sums) addParts(r *Ranking) {
	var parts places
	r.counter.parts(func(part, group uint32) {
		parts.to = append(parts.to, part, group)
	})
	for k := range v.of {
		if v.of[k].Packets == nil || len(parts.to) == 0 {
			continue
		}
		total := v.total[k]
		v.own(k)
		v.total[k] = total // packets are in it when they come
		for i := 0; i < len(parts.to); i += 2 {
			v.groups[k].Include(parts.to[i+1], v.of[k].to[toPart], parts.to[i])
		}
	}
}

// addFlows adds the flows that go on, as they are now.
func (v *sums) addFlows(r *Ranking) {
	if !r.agg.ofFlows {
		return
	}
	for k := range v.of {
		if v.of[k].Flows != nil {
			v.own(k)
		}
	}
	rows := make([]flow.Row, 0, rowsAtOnce)
	var to places
	add := func() {
		for k := range v.of {
			if a := &v.of[k]; a.Flows != nil {
				a.addFlows(v.groups[k], v.total[k], rows, packet.FirstN(len(rows)), &to)
			}
		}
		rows = rows[:0]
		to.reset()
	}
	r.counter.flows(func(h flow.Handle) {
		if src, dst := r.table.Counters(h); src.Packets+dst.Packets == 0 {
			return // the active timeout closed its record, and nothing came since
		}
		r.agg.groups = r.counter.groupsOf(h, r.agg.groups[:0])
		if len(r.agg.groups) == 0 {
			return
		}
		for _, group := range r.agg.groups {
			to.add(len(rows), group)
		}
		rows = rows[:len(rows)+1]
		if r.table.Row(h, &rows[len(rows)-1]); len(rows) == rowsAtOnce {
			add()
		}
	})
	add()
}

// fill sets the values of a group's row. They are written to dst, which has
// room for them.
func (v *sums) fill(row *Row, group uint32, dst []aggregateValue) {
	if v == nil {
		return
	}
	row.aggregates = dst
	for k := range v.of {
		dst[k].cell, dst[k].has = v.groups[k].Value(group)
		row.Partial = row.Partial || v.groups[k].Partial(group)
	}
}

// fillOther sets the values of the total, and of the row of what is not listed,
// where the groups make up the total. Where results are restricted to some
// groups, so is the total.
func (v *sums) fillOther(r *Ranking, res *Result, listed []uint32) {
	if v == nil {
		return
	}
	res.Total.aggregates = make([]aggregateValue, len(v.of))
	res.Other.aggregates = make([]aggregateValue, len(v.of))
	part := len(r.cfg.Within) > 0
	shown := make([]bool, len(r.groups.hot))
	for _, group := range listed {
		shown[group] = true
	}
	for k, total := range v.total {
		if total != nil {
			if !part {
				res.Total.set(k, total)
			}
			continue
		}
		all, other := v.groups[k].Scratch(), v.groups[k].Scratch()
		all.Grow(1)
		other.Grow(1)
		for group := range uint32(len(shown)) {
			if part && (group == rest || !r.within(group)) {
				continue
			}
			if all.Include(0, v.groups[k], group); !shown[group] {
				other.Include(0, v.groups[k], group)
			}
		}
		res.Total.set(k, all)
		res.Other.set(k, other)
	}
}

// set sets the value of aggregate k to that of group 0.
func (r *Row) set(k int, a *filter.Accumulator) {
	r.aggregates[k].cell, r.aggregates[k].has = a.Value(0)
	r.Partial = r.Partial || a.Partial(0)
}

// aggregateColumn reads aggregate k.
func aggregateColumn(k int) field.Column[[]Row] {
	return func(rows []Row, in packet.Set, dst *field.Vector) (has packet.Set) {
		for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
			if a := rows[i].aggregates; a != nil && a[k].has {
				dst.Cells[i] = a[k].cell
				has.Add(i)
			}
		}
		return has
	}
}
