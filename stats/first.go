package stats

import (
	"math/rand/v2"
	"slices"
)

// firstOf orders the first limit elements of s, which it returns; limit 0 orders
// all. Elements behind the limit are only parted from those before it. No two
// may be equal.
func firstOf[T any](s []T, limit int, compare func(a, b T) int) []T {
	if limit == 0 || limit >= len(s) {
		slices.SortFunc(s, compare)
		return s
	}
	for low, high := 0, len(s); high-low > 1; {
		at := low + divide(s[low:high], compare)
		if at == limit {
			break
		}
		if at < limit {
			low = at + 1
		} else {
			high = at
		}
	}
	slices.SortFunc(s[:limit], compare)
	return s[:limit]
}

// divide moves what comes before one of the elements, chosen by chance, to the
// front, and returns the place of that one behind it.
func divide[T any](s []T, compare func(a, b T) int) int {
	last := len(s) - 1
	pivot := rand.IntN(len(s))
	s[pivot], s[last] = s[last], s[pivot]
	at := 0
	for i := range last {
		if compare(s[i], s[last]) < 0 {
			s[i], s[at] = s[at], s[i]
			at++
		}
	}
	s[at], s[last] = s[last], s[at]
	return at
}
