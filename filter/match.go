package filter

import (
	"sort"

	"pkt/field"
)

// matcher tells whether one value passes.
type matcher interface {
	match(c field.Cell) bool
}

// anyCell passes every value.
type anyCell struct{}

func (anyCell) match(field.Cell) bool { return true }

// spanMatch passes whole numbers of one range. Signed ones have their sign bit
// in flip, so that they are in the order of unsigned ones; mask takes the
// number out of a Port.
type spanMatch struct{ mask, flip, lo, width uint64 }

func (m spanMatch) match(c field.Cell) bool { return (c.Lo&m.mask^m.flip)-m.lo <= m.width }

// spansMatch passes whole numbers of several ranges, which are in order.
type spansMatch []spanMatch

func (m spansMatch) match(c field.Cell) bool {
	key := c.Lo&m[0].mask ^ m[0].flip
	i := sort.Search(len(m), func(i int) bool { return m[i].lo > key })
	return i > 0 && key-m[i-1].lo <= m[i-1].width
}

// bitmapLen is how many numbers a bitmap holds: all ports.
const bitmapLen = 1 << 16

// bitmapMatch passes numbers of several ranges below bitmapLen, and perhaps all
// above it.
type bitmapMatch struct {
	mask  uint64
	above bool
	words [bitmapLen / 64]uint64
}

// newBitmap returns the matcher of ranges, of which last is the end and only
// the last one may reach beyond the bitmap, if so without end.
func newBitmap(mask uint64, ranges []bounds, last uint64) matcher {
	m := &bitmapMatch{mask: mask, above: last == ^uint64(0)}
	if last >= bitmapLen && !m.above {
		spans := make(spansMatch, len(ranges))
		for i, r := range ranges {
			spans[i] = spanMatch{mask: mask, lo: r.lo.Lo, width: r.hi.Lo - r.lo.Lo}
		}
		return spans
	}
	for _, r := range ranges {
		for v := r.lo.Lo; v <= min(r.hi.Lo, bitmapLen-1); v++ {
			m.words[v>>6] |= 1 << (v & 63)
		}
	}
	return m
}

func (m *bitmapMatch) match(c field.Cell) bool {
	v := c.Lo & m.mask
	if v >= bitmapLen {
		return m.above
	}
	return m.words[v>>6]>>(v&63)&1 != 0
}

// addrMatch passes addresses of one range that differ in their low half only:
// an address, an IPv4 network, an IPv6 network of 64 bits and more.
type addrMatch struct{ hi, lo, width uint64 }

func (m addrMatch) match(c field.Cell) bool { return c.Hi == m.hi && c.Lo-m.lo <= m.width }

// rangesMatch passes addresses of any ranges, which are in order.
type rangesMatch []bounds

func (m rangesMatch) match(c field.Cell) bool {
	i := sort.Search(len(m), func(i int) bool { return below(c, m[i].lo) })
	return i > 0 && !below(m[i-1].hi, c)
}

// floatMatch passes numbers with a fraction of any ranges of their keys.
type floatMatch []bounds

func (m floatMatch) match(c field.Cell) bool {
	key := floatKey(c.Float())
	for _, r := range m {
		if key-r.lo.Lo <= r.hi.Lo-r.lo.Lo {
			return true
		}
	}
	return false
}
