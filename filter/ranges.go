package filter

import (
	"math"
	"math/bits"
	"slices"

	"pkt/field"
)

// bounds are the values from lo to hi, both included, in the order of their
// keys: 128 bits for addresses, else the low 64.
type bounds struct{ lo, hi field.Cell }

// Every kind has a key that is in the order of its values.

// keyOf returns the key of a cell.
func keyOf(kind field.Kind, c field.Cell) field.Cell {
	switch kind {
	case field.Addr, field.Prefix:
		return c
	case field.Int, field.Time, field.Duration:
		return field.Cell{Lo: c.Lo ^ 1<<63}
	case field.Float:
		return field.Cell{Lo: floatKey(c.Float())}
	}
	return field.Cell{Lo: c.Lo}
}

// floatKey maps numbers to integers in the same order, and the two zeros to one.
// What is not a number is above all others.
func floatKey(f float64) uint64 {
	b := math.Float64bits(f)
	switch {
	case f == 0:
		return 1 << 63
	case b>>63 != 0:
		return ^b
	}
	return b | 1<<63
}

// space returns all keys of a kind.
func space(kind field.Kind) bounds {
	switch kind {
	case field.Addr, field.Prefix:
		return bounds{hi: field.Cell{Hi: math.MaxUint64, Lo: math.MaxUint64}}
	case field.Float:
		return bounds{field.Cell{Lo: floatKey(math.Inf(-1))}, field.Cell{Lo: floatKey(math.Inf(1))}}
	}
	return bounds{hi: field.Cell{Lo: math.MaxUint64}}
}

// below reports whether a comes before b.
func below(a, b field.Cell) bool { return a.Hi < b.Hi || a.Hi == b.Hi && a.Lo < b.Lo }

// next is the key behind c, previous the one before it. They wrap around.
func next(c field.Cell) field.Cell {
	lo, carry := bits.Add64(c.Lo, 1, 0)
	return field.Cell{Hi: c.Hi + carry, Lo: lo}
}

func previous(c field.Cell) field.Cell {
	lo, borrow := bits.Sub64(c.Lo, 1, 0)
	return field.Cell{Hi: c.Hi - borrow, Lo: lo}
}

// union returns the ranges in ascending order, joined where they touch.
func union(ranges []bounds) []bounds {
	slices.SortFunc(ranges, func(a, b bounds) int {
		switch {
		case below(a.lo, b.lo):
			return -1
		case below(b.lo, a.lo):
			return 1
		}
		return 0
	})
	out := ranges[:0]
	for _, r := range ranges {
		if n := len(out); n > 0 && (!below(out[n-1].hi, r.lo) || next(out[n-1].hi) == r.lo) {
			if below(out[n-1].hi, r.hi) {
				out[n-1].hi = r.hi
			}
			continue
		}
		out = append(out, r)
	}
	return out
}

// complement returns what of all the ranges, which are in order and apart, do
// not hold.
func complement(all bounds, ranges []bounds) []bounds {
	var out []bounds
	from := all.lo
	for _, r := range ranges {
		if below(from, r.lo) {
			out = append(out, bounds{from, previous(r.lo)})
		}
		if r.hi == all.hi {
			return out
		}
		from = next(r.hi)
	}
	return append(out, bounds{from, all.hi})
}

// intersect returns what both have, which are in order and apart.
func intersect(a, b []bounds) []bounds {
	var out []bounds
	for len(a) > 0 && len(b) > 0 {
		r := bounds{a[0].lo, a[0].hi}
		if below(r.lo, b[0].lo) {
			r.lo = b[0].lo
		}
		if below(b[0].hi, r.hi) {
			r.hi = b[0].hi
		}
		if !below(r.hi, r.lo) {
			out = append(out, r)
		}
		if below(a[0].hi, b[0].hi) {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return out
}

// related returns the keys that stand in a relation to key.
func related(all bounds, rel relation, key field.Cell) []bounds {
	is := []bounds{{key, key}}
	switch rel {
	case equal:
		return is
	case notEqual:
		return complement(all, is)
	case less, lessEqual:
		if rel == less {
			if key == all.lo {
				return nil
			}
			key = previous(key)
		}
		return []bounds{{all.lo, key}}
	}
	if rel == greater {
		if key == all.hi {
			return nil
		}
		key = next(key)
	}
	return []bounds{{key, all.hi}}
}
