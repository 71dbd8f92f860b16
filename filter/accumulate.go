package filter

import (
	"math"

	"pkt/field"
	"pkt/packet"
)

// DefaultMaxDistinct is how many different values an accumulator remembers, of
// all its groups together.
const DefaultMaxDistinct = 1 << 20

// Accumulator holds one aggregate of any number of groups, which have numbers
// from 0. It keeps about 16 bytes a group; quantiles up to 100 kB.
type Accumulator struct {
	fn       AggregateFunc
	quantile float64
	kind     field.Kind
	max      int // of distinct values

	counts   []uint64 // values of each group
	cells    []field.Cell
	sketches []sketch

	distinct map[groupValue]struct{}
	texts    map[string]uint64 // numbers of texts; String only
	full     []bool            // groups with values that found no room
}

// groupValue is a value that a group has.
type groupValue struct {
	group uint32
	cell  field.Cell
}

// NewAccumulator returns an accumulator without groups. maxDistinct bounds what
// "distinct" remembers.
func (a *Aggregate[R]) NewAccumulator(maxDistinct int) *Accumulator {
	acc := &Accumulator{fn: a.Func, quantile: a.Quantile, kind: a.Arg.Kind, max: maxDistinct}
	if a.Func == AggregateDistinct {
		acc.distinct, acc.texts = map[groupValue]struct{}{}, map[string]uint64{}
	}
	return acc
}

// Grow makes room for groups below n.
func (a *Accumulator) Grow(n int) {
	grow := n - len(a.counts)
	if grow <= 0 {
		return
	}
	a.counts = append(a.counts, make([]uint64, grow)...)
	switch a.fn {
	case AggregateCount:
	case AggregateQuantile:
		a.sketches = append(a.sketches, make([]sketch, grow)...)
	case AggregateDistinct:
		a.full = append(a.full, make([]bool, grow)...)
	default:
		a.cells = append(a.cells, make([]field.Cell, grow)...)
	}
}

// Add counts rows: row at[j] belongs to groups[j], for which there is room. v
// and has are what the column of the argument gave; without an argument, v is
// not looked at and has is the rows themselves. A row may be in several groups.
func (a *Accumulator) Add(at []uint16, groups []uint32, v *field.Vector, has packet.Set) {
	for j, i := range at {
		if !has.Has(int(i)) {
			continue
		}
		g := groups[j]
		switch a.fn {
		case AggregateCount:
		case AggregateQuantile:
			a.sketches[g].add(a.number(v.Cells[i]))
		case AggregateDistinct:
			a.addDistinct(g, v, int(i))
			continue
		default:
			a.cells[g] = a.join(a.cells[g], v.Cells[i], a.counts[g] == 0)
		}
		a.counts[g]++
	}
}

// number returns a value as the sketches hold it; spans of time in nanoseconds.
func (a *Accumulator) number(c field.Cell) float64 {
	if a.kind == field.Duration {
		return float64(c.Int())
	}
	return floatOf(a.kind, c)
}

// join returns a group's cell with a value added.
func (a *Accumulator) join(have, c field.Cell, first bool) field.Cell {
	switch {
	case first:
		return c
	case a.fn == AggregateMin && below(keyOf(a.kind, c), keyOf(a.kind, have)),
		a.fn == AggregateMax && below(keyOf(a.kind, have), keyOf(a.kind, c)):
		return c
	case a.fn == AggregateMin || a.fn == AggregateMax:
		return have
	case a.kind == field.Float:
		return field.FromFloat(have.Float() + c.Float())
	}
	return field.Cell{Lo: have.Lo + c.Lo}
}

// addDistinct notes the value of row i.
func (a *Accumulator) addDistinct(g uint32, v *field.Vector, i int) {
	c := v.Cells[i]
	if a.kind == field.String {
		text := v.TextAt(i)
		id, known := a.texts[string(text)]
		if !known {
			if len(a.texts) >= a.max {
				a.full[g] = true
				return
			}
			id = uint64(len(a.texts))
			a.texts[string(text)] = id
		}
		c = field.Cell{Lo: id}
	}
	a.note(groupValue{g, c})
}

// note remembers a value of a group.
func (a *Accumulator) note(gv groupValue) {
	if _, known := a.distinct[gv]; known {
		return
	}
	if len(a.distinct) >= a.max {
		a.full[gv.group] = true
		return
	}
	a.distinct[gv] = struct{}{}
	a.counts[gv.group]++
}

// Value returns the result of a group, false if none of its rows had the
// argument.
func (a *Accumulator) Value(group uint32) (field.Cell, bool) {
	n := a.counts[group]
	switch {
	case a.fn == AggregateCount || a.fn == AggregateDistinct:
		return field.Cell{Lo: n}, true
	case n == 0:
		return field.Cell{}, false
	case a.fn == AggregateQuantile:
		return a.result(a.sketches[group].quantile(a.quantile)), true
	case a.fn == AggregateAvg:
		return a.result(a.number(a.cells[group]) / float64(n)), true
	}
	return a.cells[group], true
}

// result returns the cell of a mean or a quantile.
func (a *Accumulator) result(v float64) field.Cell {
	if a.kind == field.Duration {
		return field.FromInt(int64(math.Round(v)))
	}
	return field.FromFloat(v)
}

// Lower reports whether a result is a lower bound: different values found no
// room.
func (a *Accumulator) Lower(group uint32) bool { return a.full != nil && a.full[group] }

// Merge adds what another accumulator of the same aggregate holds: its group g
// goes to group to[g], for which there is room.
func (a *Accumulator) Merge(o *Accumulator, to []uint32) {
	for g, n := range o.counts {
		t := to[g]
		switch {
		case a.fn == AggregateDistinct:
			a.full[t] = a.full[t] || o.full[g]
			continue
		case n == 0:
			continue
		case a.fn == AggregateQuantile:
			a.sketches[t].merge(&o.sketches[g])
		case a.fn != AggregateCount:
			a.cells[t] = a.join(a.cells[t], o.cells[g], a.counts[t] == 0)
		}
		a.counts[t] += n
	}
	a.mergeDistinct(o, to)
}

// mergeDistinct adds the different values of another accumulator.
func (a *Accumulator) mergeDistinct(o *Accumulator, to []uint32) {
	var ids []field.Cell // of the other's texts here
	if o.kind == field.String && o.fn == AggregateDistinct {
		ids = make([]field.Cell, len(o.texts))
		for text, id := range o.texts {
			own, known := a.texts[text]
			if !known {
				own = uint64(len(a.texts))
				a.texts[text] = own
			}
			ids[id] = field.Cell{Lo: own}
		}
	}
	for gv := range o.distinct {
		c := gv.cell
		if ids != nil {
			c = ids[c.Lo]
		}
		a.note(groupValue{to[gv.group], c})
	}
}

// Renumber follows groups that were moved together: what group g held is that
// of group moved[g] from now on, of n groups. Several may be moved to one.
func (a *Accumulator) Renumber(moved []uint32, n int) {
	b := &Accumulator{fn: a.fn, quantile: a.quantile, kind: a.kind, max: a.max}
	if a.distinct != nil {
		b.distinct, b.texts = make(map[groupValue]struct{}, len(a.distinct)), map[string]uint64{}
	}
	b.Grow(n)
	b.Merge(a, moved)
	*a = *b
}
