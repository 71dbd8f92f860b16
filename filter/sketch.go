package filter

import (
	"math"
	"slices"
)

const (
	// maxExact is how many values a sketch keeps as they are.
	maxExact = 64
	// maxBuckets bounds a sketch: values that span more than 32 doublings have
	// neighbouring buckets joined.
	maxBuckets = 4096
	// sketchBits is how many bits of the mantissa name a bucket: its values differ
	// by less than 0.8 %.
	sketchBits = 7
)

// sketch holds the distribution of numbers: the first ones as they are, and
// when there are more, counts of buckets whose width grows with their values.
// Sketches of the same numbers in any order, and merged in any order, are the
// same.
type sketch struct {
	exact   []float64
	buckets map[int32]uint64 // nil while exact holds all
	shift   uint8            // bits of sketchBits that were given up
	n       uint64
}

// add counts a number.
func (s *sketch) add(v float64) {
	s.n++
	if s.buckets == nil {
		if len(s.exact) < maxExact {
			s.exact = append(s.exact, v)
			return
		}
		s.spill()
	}
	s.count(bucketOf(v)>>s.shift, 1)
}

// spill moves the exact values to buckets.
func (s *sketch) spill() {
	s.buckets = map[int32]uint64{}
	for _, v := range s.exact {
		s.count(bucketOf(v)>>s.shift, 1)
	}
	s.exact = nil
}

// count adds to a bucket, joining buckets where there are too many.
func (s *sketch) count(bucket int32, n uint64) {
	s.buckets[bucket] += n
	for len(s.buckets) > maxBuckets {
		s.coarsen()
	}
}

// coarsen joins each two neighbouring buckets.
func (s *sketch) coarsen() {
	s.shift++
	joined := make(map[int32]uint64, len(s.buckets)/2+1)
	for b, n := range s.buckets {
		joined[b>>1] += n
	}
	s.buckets = joined
}

// merge adds what another sketch counted.
func (s *sketch) merge(o *sketch) {
	for _, v := range o.exact {
		s.add(v)
	}
	if o.buckets == nil {
		return
	}
	if s.buckets == nil {
		s.spill()
	}
	s.n += o.n
	for s.shift < o.shift {
		s.coarsen()
	}
	for b, n := range o.buckets {
		// The shift may grow on the way.
		s.count(b>>(s.shift-o.shift), n)
	}
}

// quantile returns the smallest value that a part q of the values are not
// above, as far as buckets tell.
func (s *sketch) quantile(q float64) float64 {
	rank := max(uint64(math.Ceil(q*float64(s.n))), 1)
	if s.buckets == nil {
		sorted := slices.Sorted(slices.Values(s.exact))
		return sorted[rank-1]
	}
	var order []int32
	for b := range s.buckets {
		order = append(order, b)
	}
	slices.Sort(order)
	for _, b := range order {
		if n := s.buckets[b]; rank > n {
			rank -= n
			continue
		}
		return valueOf(b, s.shift)
	}
	return math.NaN() // not reached: the counts add up to n
}

// bucketOf returns the number of the bucket that holds v, in the order of the
// values.
func bucketOf(v float64) int32 {
	return int32(int64(floatKey(v)>>(52-sketchBits)) - 1<<(63-52+sketchBits))
}

// valueOf returns the value of a bucket that is nearest to 0, which is right for
// small whole numbers.
func valueOf(b int32, shift uint8) float64 {
	if b < 0 {
		key := uint64(int64(b+1)<<shift+1<<(63-52+sketchBits))<<(52-sketchBits) - 1
		return math.Float64frombits(^key)
	}
	key := uint64(int64(b)<<shift+1<<(63-52+sketchBits)) << (52 - sketchBits)
	return math.Float64frombits(key &^ (1 << 63))
}
