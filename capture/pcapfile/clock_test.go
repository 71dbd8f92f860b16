package pcapfile

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestClock(t *testing.T) {
	const bits = 0x80
	tests := []struct {
		name       string
		resolution byte
		offset     int64
		stamp      uint64
		want       int64
	}{
		{"microseconds", 6, 0, 1_500_000, 1_500_000_000},
		{"nanoseconds", 9, 0, 1_500_000_001, 1_500_000_001},
		{"seconds", 0, 0, 3, 3_000_000_000},
		{"picoseconds are cut", 12, 0, 1_999, 1},
		{"2^-10 s", bits | 10, 0, 1536, 1_500_000_000},
		{"2^-30 s", bits | 30, 0, 3 << 29, 1_500_000_000},
		{"2^-63 s", bits | 63, 0, 1 << 62, 500_000_000},
		{"2^-64 s", bits | 64, 0, 1 << 63, 500_000_000},
		{"2^-100 s", bits | 100, 0, math.MaxUint64, 0},
		{"10^-28 s", 28, 0, math.MaxUint64, 1},
		{"10^-29 s", 29, 0, math.MaxUint64, 0},
		{"10^-127 s", 127, 0, math.MaxUint64, 0},
		{"offset", 6, 1000, 5, 1_000_000_005_000},
		{"negative offset", 6, -1, 5, -999_995_000},
		{"late", 0, 0, math.MaxUint64, math.MaxInt64},
		{"late with offset", 9, 1, math.MaxInt64, math.MaxInt64},
		{"huge offset", 6, math.MaxInt64, 5, math.MaxInt64},
		{"huge negative offset", 9, math.MinInt64, 0, math.MinInt64},
	}
	for _, tt := range tests {
		c := newClock(tt.resolution, tt.offset)
		if got := c.nanos(tt.stamp); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
}

// TestClockAgainstBig compares with arithmetic that has no limits.
func TestClockAgainstBig(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		resolution := byte(rnd.Uint32())
		stamp := rnd.Uint64() >> rnd.UintN(64)
		offset := int64(rnd.Uint64()) >> rnd.UintN(64)
		c := newClock(resolution, offset)
		if got, want := c.nanos(stamp), bigNanos(resolution, offset, stamp); got != want {
			t.Fatalf("resolution %#x, offset %d, stamp %d: got %d, want %d", resolution, offset, stamp, got, want)
		}
	}
}

// bigNanos saturates the offset first and the sum then, as clock does.
func bigNanos(resolution byte, offset int64, stamp uint64) int64 {
	base := int64(10)
	if resolution&0x80 != 0 {
		base = 2
	}
	unit := new(big.Int).Exp(big.NewInt(base), big.NewInt(int64(resolution&0x7f)), nil)
	n := new(big.Int).SetUint64(stamp)
	n.Mul(n, big.NewInt(1e9)).Quo(n, unit)
	off := new(big.Int).Mul(big.NewInt(offset), big.NewInt(1e9))
	return clip(n.Add(clip(n), clip(off))).Int64()
}

// clip returns the nearest value that an int64 holds.
func clip(n *big.Int) *big.Int {
	for _, limit := range []int64{math.MinInt64, math.MaxInt64} {
		if l := big.NewInt(limit); n.Cmp(l) == l.Sign() {
			return l
		}
	}
	return n
}
