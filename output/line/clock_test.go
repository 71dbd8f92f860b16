package line

import (
	"testing"
	"time"

	"pkt/output"
)

func TestClock(t *testing.T) {
	const at = int64(1750064400_300000123) // 2025-06-16 09:00:00
	tokyo := time.FixedZone("", 9*3600)
	tests := []struct {
		clock Clock
		times []int64
		want  string
	}{
		{NewClock(StampTime, time.UTC, false), []int64{at, at + 61e9}, "09:00:00.300000 09:01:01.300000 "},
		{NewClock(StampTime, time.UTC, true), []int64{at}, "09:00:00.300000123 "},
		{NewClock(StampTime, tokyo, false), []int64{at}, "18:00:00.300000 "},
		{NewClock(StampTime, time.UTC, false), []int64{-1, -60e9, 0}, "23:59:59.999999 23:59:00.000000 00:00:00.000000 "},
		{NewClock(StampNone, time.UTC, false), []int64{at}, ""},
		{NewClock(StampEpoch, time.UTC, false), []int64{at, 0, -1_500_000_000}, "1750064400.300000 0.000000 -1.500000 "},
		{NewClock(StampEpoch, time.UTC, false), []int64{-1 << 63}, "-9223372036.854775 "},
		{NewClock(StampDelta, time.UTC, false), []int64{at, at + 1500e6, at + 1000e6}, " 00:00:00.000000  00:00:01.500000 -00:00:00.500000 "},
		{NewClock(StampFirst, time.UTC, false), []int64{at, at + 1e9, at + 360000e9}, " 00:00:00.000000  00:00:01.000000  100:00:00.000000 "},
		{NewClock(StampDate, time.UTC, false), []int64{at}, "2025-06-16 09:00:00.300000 "},
		{NewLayoutClock(output.EpochMillis, time.UTC), []int64{at}, "1750064400300 "},
	}
	for i := range tests {
		test := &tests[i]
		var got []byte
		for _, nanos := range test.times {
			got = test.clock.Append(got, nanos)
		}
		if string(got) != test.want {
			t.Errorf("%d: %q, want %q", i, got, test.want)
		}
	}
}
