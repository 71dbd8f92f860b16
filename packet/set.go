package packet

import "math/bits"

// BatchLen is the number of frames that a Batch can hold.
const BatchLen = 512

// Set is a set of packet positions in a batch, one bit each. It is passed by
// value: a pointer handed to a func value would escape to the heap.
type Set [BatchLen / 64]uint64

// FirstN returns the set of the positions 0 to n-1.
func FirstN(n int) (s Set) {
	for w := 0; n > 0; w, n = w+1, n-64 {
		if n >= 64 {
			s[w] = ^uint64(0)
		} else {
			s[w] = 1<<uint(n) - 1
		}
	}
	return s
}

// Has reports whether position i is in the set.
func (s *Set) Has(i int) bool { return s[i>>6]>>(uint(i)&63)&1 != 0 }

// Add puts position i into the set.
func (s *Set) Add(i int) { s[i>>6] |= 1 << (uint(i) & 63) }

// Remove takes position i out of the set.
func (s *Set) Remove(i int) { s[i>>6] &^= 1 << (uint(i) & 63) }

// Len returns the number of positions in the set.
func (s *Set) Len() (n int) {
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// Empty reports whether the set holds nothing.
func (s *Set) Empty() bool {
	var or uint64
	for _, w := range s {
		or |= w
	}
	return or == 0
}

// And returns the positions that are in both sets.
func (s Set) And(t Set) Set {
	for w := range s {
		s[w] &= t[w]
	}
	return s
}

// Or returns the positions that are in either set.
func (s Set) Or(t Set) Set {
	for w := range s {
		s[w] |= t[w]
	}
	return s
}

// AndNot returns the positions of s that are not in t.
func (s Set) AndNot(t Set) Set {
	for w := range s {
		s[w] &^= t[w]
	}
	return s
}

// Next returns the smallest position in the set that is >= i, or -1. The usual
// loop is: for i := s.Next(0); i >= 0; i = s.Next(i + 1) { … }
func (s *Set) Next(i int) int {
	if i >= BatchLen {
		return -1
	}
	w := i >> 6
	rest := s[w] >> (uint(i) & 63)
	if rest != 0 {
		return i + bits.TrailingZeros64(rest)
	}
	for w++; w < len(s); w++ {
		if s[w] != 0 {
			return w<<6 + bits.TrailingZeros64(s[w])
		}
	}
	return -1
}
