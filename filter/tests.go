package filter

import (
	"bytes"
	"cmp"

	"pkt/field"
	"pkt/packet"
)

// constTest holds for all rows or for none.
type constTest bool

func (t constTest) filter(in packet.Set) packet.Set {
	if t {
		return in
	}
	return packet.Set{}
}

// andTest holds where all hold. Each looks only at what the ones before let
// through.
type andTest struct{ kids []test }

func (t *andTest) filter(in packet.Set) packet.Set {
	for _, k := range t.kids {
		if in = k.filter(in); in.Empty() {
			break
		}
	}
	return in
}

// orTest holds where one holds. Each looks only at what is still undecided.
type orTest struct{ kids []test }

func (t *orTest) filter(in packet.Set) (out packet.Set) {
	for _, k := range t.kids {
		out = out.Or(k.filter(in))
		if in = in.AndNot(out); in.Empty() {
			break
		}
	}
	return out
}

type notTest struct{ kid test }

func (t *notTest) filter(in packet.Set) packet.Set { return in.AndNot(t.kid.filter(in)) }

// condTest is "a ? b : c".
type condTest struct{ cond, yes, no test }

func (t *condTest) filter(in packet.Set) packet.Set {
	c := t.cond.filter(in)
	return t.yes.filter(c).Or(t.no.filter(in.AndNot(c)))
}

// hasTest holds for rows that have the value.
type hasTest struct{ x value }

func (t *hasTest) filter(in packet.Set) packet.Set {
	_, has := t.x.load(in)
	return has
}

// The loops below are written out: a call for each row would cost more than
// what it does. They look at all 64 rows of a word of the set, and drop those
// that are not in it afterwards: cells that nobody has written compare as well
// as others, and a loop from one bit of the set to the next would wait for
// each row before it begins with another.

// bit returns 1 for true, without a branch.
func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// word returns the cells of the rows that a word of a set stands for.
func word(v *field.Vector, w int) *[64]field.Cell { return (*[64]field.Cell)(v.Cells[w<<6:]) }

// spanTest compares whole numbers with one range.
type spanTest struct {
	x value
	spanMatch
}

func (t *spanTest) filter(in packet.Set) (out packet.Set) {
	v, has := t.x.load(in)
	m := t.spanMatch
	for w, set := range has {
		if set == 0 {
			continue
		}
		var hits uint64
		cells := word(v, w)
		for i := range cells {
			hits = hits>>1 | bit((cells[i].Lo&m.mask^m.flip)-m.lo <= m.width)<<63
		}
		out[w] = hits & set
	}
	return out
}

// bitmapTest looks whole numbers up.
type bitmapTest struct {
	x value
	*bitmapMatch
}

func (t *bitmapTest) filter(in packet.Set) (out packet.Set) {
	v, has := t.x.load(in)
	above := bit(t.above)
	for w, set := range has {
		if set == 0 {
			continue
		}
		var hits uint64
		cells := word(v, w)
		for i := range cells {
			c := cells[i].Lo & t.mask
			hit := t.words[c%bitmapLen>>6] >> (c & 63) & 1
			if c >= bitmapLen {
				hit = above
			}
			hits = hits>>1 | hit<<63
		}
		out[w] = hits & set
	}
	return out
}

// addrTest compares addresses with one range.
type addrTest struct {
	x value
	addrMatch
}

func (t *addrTest) filter(in packet.Set) (out packet.Set) {
	v, has := t.x.load(in)
	m := t.addrMatch
	for w, set := range has {
		if set == 0 {
			continue
		}
		var hits uint64
		cells := word(v, w)
		for i := range cells {
			hits = hits>>1 | bit(cells[i].Hi == m.hi)&bit(cells[i].Lo-m.lo <= m.width)<<63
		}
		out[w] = hits & set
	}
	return out
}

// cellTest asks a matcher about every value.
type cellTest struct {
	x value
	m matcher
}

func (t *cellTest) filter(in packet.Set) (out packet.Set) {
	v, has := t.x.load(in)
	for i := has.Next(0); i >= 0; i = has.Next(i + 1) {
		if t.m.match(v.Cells[i]) {
			out.Add(i)
		}
	}
	return out
}

// listTest holds where one value of a list passes.
type listTest struct {
	x     list
	match matcher
	buf   []field.Cell
}

func (t *listTest) filter(in packet.Set) (out packet.Set) {
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		t.buf = t.x.cells(i, t.buf[:0])
		for _, c := range t.buf {
			if t.match.match(c) {
				out.Add(i)
				break
			}
		}
	}
	return out
}

// elementTest holds where a list has a value.
type elementTest struct {
	x   list
	y   value
	buf []field.Cell
}

func (t *elementTest) filter(in packet.Set) (out packet.Set) {
	v, has := t.y.load(in)
	for i := has.Next(0); i >= 0; i = has.Next(i + 1) {
		t.buf = t.x.cells(i, t.buf[:0])
		for _, c := range t.buf {
			if c == v.Cells[i] {
				out.Add(i)
				break
			}
		}
	}
	return out
}

// compareTest compares two whole numbers of the same kind, addresses or numbers
// with a fraction.
type compareTest struct {
	x, y value
	kind field.Kind
	rel  relation
}

func (t *compareTest) filter(in packet.Set) (out packet.Set) {
	x, has := t.x.load(in)
	y, has := t.y.load(has)
	switch t.kind {
	case field.Addr, field.Prefix, field.Float:
		for i := has.Next(0); i >= 0; i = has.Next(i + 1) {
			a, b := keyOf(t.kind, x.Cells[i]), keyOf(t.kind, y.Cells[i])
			if t.rel.of(cmp.Or(cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Lo, b.Lo))) {
				out.Add(i)
			}
		}
		return out
	}
	flip := keyOf(t.kind, field.Cell{}).Lo
	below, same, above := bit(t.rel.of(-1)), bit(t.rel.of(0)), bit(t.rel.of(1))
	for w, set := range has {
		if set == 0 {
			continue
		}
		var hits uint64
		left, right := word(x, w), word(y, w)
		for i := range left {
			a, b := left[i].Lo^flip, right[i].Lo^flip
			hits = hits>>1 | (bit(a < b)&below|bit(a == b)&same|bit(a > b)&above)<<63
		}
		out[w] = hits & set
	}
	return out
}

// textCompareTest compares two texts.
type textCompareTest struct {
	x, y value
	rel  relation
}

func (t *textCompareTest) filter(in packet.Set) (out packet.Set) {
	x, has := t.x.load(in)
	y, has := t.y.load(has)
	for i := has.Next(0); i >= 0; i = has.Next(i + 1) {
		if t.rel.of(bytes.Compare(x.TextAt(i), y.TextAt(i))) {
			out.Add(i)
		}
	}
	return out
}

// matchTest matches text against constants. Neighbours often share their text:
// it is looked at once.
type matchTest struct {
	x     value
	match *textMatch
}

func (t *matchTest) filter(in packet.Set) (out packet.Set) {
	v, has := t.x.load(in)
	last, passed := field.Cell{}, false
	first := true
	for i := has.Next(0); i >= 0; i = has.Next(i + 1) {
		if c := v.Cells[i]; first || c.Lo != last.Lo {
			first, last, passed = false, c, t.match.matches(v.TextAt(i))
		}
		if passed {
			out.Add(i)
		}
	}
	return out
}
