package stats

import "math/bits"

// subBits is the precision of a histogram: 64 steps per power of two, so that a
// quantile is at most 1.6 % too low.
const subBits = 6

// histogram counts non-negative durations in buckets whose width grows with
// them. Its memory is fixed: 29 KB.
type histogram struct {
	counts [(64 - subBits) << subBits]uint64
	total  uint64
	max    int64
}

// add counts a value; negative ones count as 0.
func (h *histogram) add(v int64) {
	v = max(v, 0)
	h.counts[step(uint64(v))]++
	h.total++
	h.max = max(h.max, v)
}

// step is the bucket of a value, which is below 1<<63.
func step(v uint64) int {
	if v < 1<<subBits {
		return int(v)
	}
	exp := bits.Len64(v) - subBits - 1
	return exp<<subBits + int(v>>exp)
}

// low is the smallest value of a bucket.
func low(step int) int64 {
	if step < 2<<subBits {
		return int64(step)
	}
	exp := step>>subBits - 1
	return int64(step-exp<<subBits) << exp
}

// at returns the value that a share q of all values does not exceed, or 0 if
// there are none.
func (h *histogram) at(q float64) int64 {
	rank := uint64(q * float64(h.total))
	if rank >= h.total {
		return h.max
	}
	for i, n := range h.counts {
		if rank < n {
			if i == step(uint64(h.max)) {
				return h.max // exact, where one bucket has all
			}
			return low(i)
		}
		rank -= n
	}
	return h.max
}
