package pcapfile

import (
	"math"
	"math/bits"
)

// clock turns the time stamps of an interface into nanoseconds since 1970. A
// stamp counts units of 10^-n or 2^-n seconds. Times that 64 bits of
// nanoseconds cannot hold become the nearest ones that they can.
type clock struct {
	mul    uint64 // nanoseconds are stamp * mul >> shift / div + offset
	div    uint64
	shift  uint
	offset int64
	// easy is the largest stamp whose product with mul fits; 0 unless shift
	// and div are trivial.
	easy uint64
}

// newClock returns the clock of if_tsresol and if_tsoffset, the latter in
// seconds (draft-ietf-opsawg-pcapng, section 4.2).
func newClock(resolution byte, offset int64) clock {
	const second int64 = 1e9
	c := clock{mul: uint64(second), div: 1}
	n := uint(resolution & 0x7f)
	switch {
	case resolution&0x80 != 0:
		c.shift = n
	case n <= 9:
		c.mul = uint64(second) / pow10(n)
	case n-9 <= 19:
		c.mul, c.div = 1, pow10(n-9)
	default: // finer than any stamp of 64 bits can count to
		c.mul = 0
	}
	switch {
	case offset > math.MaxInt64/second:
		c.offset = math.MaxInt64
	case offset < math.MinInt64/second:
		c.offset = math.MinInt64
	default:
		c.offset = offset * second
	}
	if c.shift == 0 && c.div == 1 && c.mul != 0 {
		c.easy = uint64(math.MaxInt64-max(c.offset, 0)) / c.mul
	}
	return c
}

func pow10(n uint) uint64 {
	p := uint64(1)
	for ; n > 0; n-- {
		p *= 10
	}
	return p
}

// nanos returns the time of a stamp.
func (c *clock) nanos(stamp uint64) int64 {
	if stamp <= c.easy {
		return int64(stamp*c.mul) + c.offset
	}
	return c.slow(stamp)
}

func (c *clock) slow(stamp uint64) int64 {
	hi, lo := bits.Mul64(stamp, c.mul)
	if c.shift >= 64 {
		hi, lo = 0, hi>>(c.shift-64)
	} else if c.shift > 0 {
		hi, lo = hi>>c.shift, hi<<(64-c.shift)|lo>>c.shift
	}
	t := int64(math.MaxInt64)
	if hi == 0 && lo/c.div <= math.MaxInt64 {
		t = int64(lo / c.div)
	}
	if c.offset > 0 && t > math.MaxInt64-c.offset {
		return math.MaxInt64
	}
	return t + c.offset
}
