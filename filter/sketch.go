package filter

import (
	"math"
	"slices"
)

const (
	// maxExact is how many values a sketch keeps as they are.
	maxExact = 64
	// maxBuckets bounds a scale: numbers of one sign that span more than 64
	// doublings have neighbouring buckets joined.
	maxBuckets = 64 << sketchBits
	// sketchBits is how many bits of the mantissa name a bucket: its values differ
	// by less than 0.8 %.
	sketchBits = 7
	// nothing is below what counts as another number than 0.
	nothing = 1.0 / (1 << 40)
)

// sketch holds the distribution of numbers: the first ones as they are, and
// when there are more, counts of buckets whose width grows with their values.
// Sketches of the same numbers in any order, and merged in any order, are the
// same, if there was room for all.
type sketch struct {
	exact   []float64
	buckets *buckets // nil while exact holds all
}

// buckets are the counts of the numbers below 0, about 0 and above.
type buckets struct {
	below, above scale
	zero, n      uint64
}

// scale counts numbers by their size. Bucket 0 of counts is number first.
type scale struct {
	counts []uint64
	first  int32
	shift  uint8 // bits of sketchBits that were given up
}

// size is what the sketch takes of the room that sketches share.
func (s *sketch) size() int {
	n := len(s.exact)
	if s.buckets != nil {
		n += len(s.buckets.below.counts) + len(s.buckets.above.counts)
	}
	return n
}

func (s *sketch) reset() { s.exact, s.buckets = s.exact[:0], nil }

// add counts a number, unless that takes more room than there is.
func (s *sketch) add(v float64, room *int) bool {
	switch {
	case s.buckets != nil:
		return s.buckets.add(v, 1, room)
	case len(s.exact) < maxExact:
		if *room <= 0 {
			return false
		}
		*room--
		s.exact = append(s.exact, v)
		return true
	}
	return s.spill(room) && s.buckets.add(v, 1, room)
}

// spill moves the exact values to buckets, if there is room.
func (s *sketch) spill(room *int) bool {
	b := &buckets{}
	for _, v := range s.exact {
		if !b.add(v, 1, room) {
			*room += len(b.below.counts) + len(b.above.counts)
			return false
		}
	}
	*room += len(s.exact)
	s.exact, s.buckets = nil, b
	return true
}

// merge adds what another sketch counted, as far as there is room, and reports
// whether there was.
func (s *sketch) merge(o *sketch, room *int) bool {
	for _, v := range o.exact {
		if !s.add(v, room) {
			return false
		}
	}
	if o.buckets == nil {
		return true
	}
	if s.buckets == nil && !s.spill(room) {
		return false
	}
	b := s.buckets
	b.zero += o.buckets.zero
	b.n += o.buckets.zero
	return b.below.merge(&o.buckets.below, &b.n, room) && b.above.merge(&o.buckets.above, &b.n, room)
}

// quantile returns the smallest value that a part q of the values are not
// above, as far as buckets tell.
func (s *sketch) quantile(q float64) float64 {
	if b := s.buckets; b != nil {
		return b.at(max(uint64(math.Ceil(q*float64(b.n))), 1))
	}
	rank := max(int(math.Ceil(q*float64(len(s.exact)))), 1)
	return slices.Sorted(slices.Values(s.exact))[rank-1]
}

// add counts a number n times, if there is room.
func (b *buckets) add(v float64, n uint64, room *int) bool {
	added := true
	switch {
	case v >= nothing:
		added = b.above.add(bucketOf(v), n, room)
	case v <= -nothing:
		added = b.below.add(bucketOf(-v), n, room)
	default:
		b.zero += n
	}
	if added {
		b.n += n
	}
	return added
}

// at returns the value of a rank, from 1.
func (b *buckets) at(rank uint64) float64 {
	for i := len(b.below.counts) - 1; i >= 0; i-- {
		n := b.below.counts[i]
		if rank <= n {
			return -b.below.value(i)
		}
		rank -= n
	}
	if rank <= b.zero {
		return 0
	}
	rank -= b.zero
	for i, n := range b.above.counts {
		if rank <= n {
			return b.above.value(i)
		}
		rank -= n
	}
	return math.NaN() // not reached: the counts add up to n
}

// add counts a number's bucket n times, if there is room.
func (c *scale) add(bucket int32, n uint64, room *int) bool {
	at := bucket>>c.shift - c.first
	if uint32(at) >= uint32(len(c.counts)) {
		if !c.reach(bucket, room) {
			return false
		}
		at = bucket>>c.shift - c.first
	}
	c.counts[at] += n
	return true
}

// reach makes a bucket exist, if there is room. Buckets come in whole doublings.
func (c *scale) reach(bucket int32, room *int) bool {
	const block = 1 << sketchBits
	for {
		from := bucket >> c.shift &^ (block - 1)
		to := from + block
		if len(c.counts) > 0 {
			from, to = min(from, c.first), max(to, c.first+int32(len(c.counts)))
		}
		if to-from > maxBuckets {
			c.coarsen(room)
			continue
		}
		more := int(to-from) - len(c.counts)
		if more > *room {
			return false
		}
		*room -= more
		counts := make([]uint64, to-from)
		if len(c.counts) > 0 {
			copy(counts[c.first-from:], c.counts)
		}
		c.counts, c.first = counts, from
		return true
	}
}

// coarsen joins each two neighbouring buckets.
func (c *scale) coarsen(room *int) {
	const block = 1 << sketchBits
	first := c.first >> 1 &^ (block - 1)
	last := (c.first+int32(len(c.counts))-1)>>1 | (block - 1)
	joined := make([]uint64, last-first+1)
	for i, n := range c.counts {
		joined[(c.first+int32(i))>>1-first] += n
	}
	*room += len(c.counts) - len(joined)
	c.counts, c.first = joined, first
	c.shift++
}

// merge adds another scale's counts, and what they add up to, to n.
func (c *scale) merge(o *scale, n *uint64, room *int) bool {
	for c.shift < o.shift {
		c.coarsen(room)
	}
	for i, count := range o.counts {
		if count == 0 {
			continue
		}
		if !c.add((o.first+int32(i))<<o.shift, count, room) {
			return false
		}
		*n += count
	}
	return true
}

// value returns the smallest value of bucket i.
func (c *scale) value(i int) float64 {
	return math.Float64frombits(uint64(c.first+int32(i)) << c.shift << (52 - sketchBits))
}

// bucketOf returns the number of the bucket of a positive number, in the order
// of their sizes.
func bucketOf(v float64) int32 { return int32(math.Float64bits(v) >> (52 - sketchBits)) }
