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
// from 0. It keeps 16 bytes a group, of quantiles and different values 40 and
// what room says.
type Accumulator struct {
	fn       AggregateFunc
	quantile float64
	kind     field.Kind
	shared   *shared

	counts   []uint64 // values of each group
	cells    []field.Cell
	sketches []sketch
	sets     []valueSet
	full     []bool // groups with values that found no room
}

// shared is what the accumulators of one aggregate have together, so that
// groups can go from one to another.
type shared struct {
	room  int               // for values that are kept one by one, and for buckets
	max   int               // of texts
	texts map[string]uint64 // numbers of texts
}

// NewAccumulator returns an accumulator without groups. maxDistinct bounds what
// it and its siblings remember: of "distinct" the different values, of
// quantiles sixteen times as many values and buckets of 8 bytes.
func (a *Aggregate[R]) NewAccumulator(maxDistinct int) *Accumulator {
	s := &shared{room: maxDistinct, max: maxDistinct}
	if a.Func == AggregateQuantile {
		s.room *= 16
	}
	if a.Func == AggregateDistinct && a.Arg.Kind == field.String {
		s.texts = map[string]uint64{}
	}
	return &Accumulator{fn: a.Func, quantile: a.Quantile, kind: a.Arg.Kind, shared: s}
}

// Sibling returns an accumulator of the same aggregate without groups. Both
// share the bound of what they remember.
func (a *Accumulator) Sibling() *Accumulator {
	return &Accumulator{fn: a.fn, quantile: a.quantile, kind: a.kind, shared: a.shared}
}

// Scratch returns an accumulator of the same aggregate without groups, which
// has all the room that it needs. It is for results that are soon forgotten.
func (a *Accumulator) Scratch() *Accumulator {
	s := a.Sibling()
	s.shared = &shared{room: math.MaxInt, max: a.shared.max, texts: a.shared.texts}
	return s
}

// Len is the number of groups that there is room for.
func (a *Accumulator) Len() int { return len(a.counts) }

// Grow makes room for groups below n.
func (a *Accumulator) Grow(n int) {
	if n <= len(a.counts) {
		return
	}
	a.counts = extended(a.counts, n)
	switch a.fn {
	case AggregateCount:
	case AggregateQuantile:
		a.sketches, a.full = extended(a.sketches, n), extended(a.full, n)
	case AggregateDistinct:
		a.sets, a.full = extended(a.sets, n), extended(a.full, n)
	default:
		a.cells = extended(a.cells, n)
	}
}

// extended returns s with n elements.
func extended[T any](s []T, n int) []T { return append(s, make([]T, n-len(s))...) }

// Add counts rows: row at[j] belongs to groups[j], for which there is room. v
// and has are what the column of the argument gave; without an argument, v is
// not looked at and has is the rows themselves. A row may be in several groups.
func (a *Accumulator) Add(at []uint16, groups []uint32, v *field.Vector, has packet.Set) {
	groups = groups[:len(at)]
	switch {
	case a.fn == AggregateQuantile:
		for j, i := range at {
			if has.Has(int(i)) {
				a.addNumber(groups[j], a.number(v.Cells[i]))
			}
		}
	case a.fn == AggregateDistinct:
		for j, i := range at {
			if has.Has(int(i)) {
				a.addDistinct(groups[j], v, int(i))
			}
		}
	case a.fn == AggregateCount:
		for j, i := range at {
			a.counts[groups[j]] += has[i>>6] >> (i & 63) & 1
		}
	case (a.fn == AggregateSum || a.fn == AggregateAvg) && a.kind != field.Float:
		for j, i := range at {
			if has.Has(int(i)) {
				a.cells[groups[j]].Lo += v.Cells[i].Lo
				a.counts[groups[j]]++
			}
		}
	default:
		for j, i := range at {
			if has.Has(int(i)) {
				g := groups[j]
				a.cells[g] = a.join(a.cells[g], v.Cells[i], a.counts[g] == 0)
				a.counts[g]++
			}
		}
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

// addNumber adds a number to a group's distribution, as far as there is room.
func (a *Accumulator) addNumber(g uint32, v float64) {
	switch {
	case math.IsNaN(v): // as good as absent
	case a.sketches[g].add(v, &a.shared.room):
		a.counts[g]++
	default:
		a.full[g] = true
	}
}

// addDistinct notes the value of row i.
func (a *Accumulator) addDistinct(g uint32, v *field.Vector, i int) {
	c := v.Cells[i]
	if a.kind == field.String {
		text := v.TextAt(i)
		id, known := a.shared.texts[string(text)]
		if !known {
			if len(a.shared.texts) >= a.shared.max {
				a.full[g] = true
				return
			}
			id = uint64(len(a.shared.texts))
			a.shared.texts[string(text)] = id
		}
		c = field.Cell{Lo: id}
	}
	a.note(g, c)
}

// note remembers a value of a group, if there is room.
func (a *Accumulator) note(g uint32, c field.Cell) {
	s := &a.sets[g]
	switch {
	case s.has(c):
	case a.shared.room <= 0:
		a.full[g] = true
	default:
		a.shared.room--
		s.add(c)
		a.counts[g]++
	}
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

// Partial reports whether values of a group found no room: a number of
// different values is a lower bound then, a quantile that of the others.
func (a *Accumulator) Partial(group uint32) bool { return a.full != nil && a.full[group] }

// Count adds n rows to a group of a count without an argument.
func (a *Accumulator) Count(group uint32, n uint64) { a.counts[group] += n }

// Take moves what group from of a sibling holds to a group of a, for which
// there is room.
func (a *Accumulator) Take(group uint32, o *Accumulator, from uint32) {
	if a.full == nil || a.counts[group] > 0 || a.full[group] {
		a.Include(group, o, from)
		o.Reset(from)
		return
	}
	a.counts[group], o.counts[from] = o.counts[from], 0
	a.full[group], o.full[from] = o.full[from], false
	if a.fn == AggregateQuantile {
		a.sketches[group], o.sketches[from] = o.sketches[from], a.sketches[group]
	} else {
		a.sets[group], o.sets[from] = o.sets[from], a.sets[group]
	}
}

// Reset forgets what a group holds. The next group of this number uses its
// memory.
func (a *Accumulator) Reset(group uint32) {
	a.counts[group] = 0
	switch a.fn {
	case AggregateCount:
		return
	case AggregateQuantile:
		a.shared.room += a.sketches[group].size()
		a.sketches[group].reset()
	case AggregateDistinct:
		a.shared.room += a.sets[group].len()
		a.sets[group].reset()
	default:
		a.cells[group] = field.Cell{}
		return
	}
	a.full[group] = false
}

// Include adds what group from of another accumulator of the same aggregate
// holds to a group, for which there is room.
func (a *Accumulator) Include(group uint32, o *Accumulator, from uint32) {
	if a.full != nil {
		a.full[group] = a.full[group] || o.full[from]
	}
	n := o.counts[from]
	switch {
	case n == 0:
		return
	case a.fn == AggregateDistinct:
		for c := range o.sets[from].all {
			a.note(group, c)
		}
		return
	case a.fn == AggregateQuantile:
		if !a.sketches[group].merge(&o.sketches[from], &a.shared.room) {
			a.full[group] = true
		}
	case a.fn != AggregateCount:
		a.cells[group] = a.join(a.cells[group], o.cells[from], a.counts[group] == 0)
	}
	a.counts[group] += n
}

// Renumber follows groups that were moved together: what group g held is that
// of group moved[g] from now on, of n groups. Several may be moved to one.
func (a *Accumulator) Renumber(moved []uint32, n int) {
	b := a.Sibling()
	b.Grow(n)
	for g := range a.counts {
		b.Take(moved[g], a, uint32(g))
	}
	*a = *b
}
