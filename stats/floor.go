package stats

// floor rounds v down to a multiple of width.
func floor(v, width uint64, signed bool) uint64 {
	if !signed || int64(v) >= 0 {
		return v - v%width
	}
	over := int64(v) % int64(width) // negative, or 0
	if over < 0 {
		over += int64(width)
	}
	return v - uint64(over)
}
