package output

import (
	"math"
	"strconv"
	"testing"
	"time"
)

func TestAppendCount(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0", 999: "999", 1000: "1,000", 38112: "38,112", 100000: "100,000", 1234567: "1,234,567",
		math.MaxUint64: "18,446,744,073,709,551,615",
	} {
		if got := string(AppendCount(nil, n)); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestScaled(t *testing.T) {
	for _, c := range []struct {
		got  []byte
		want string
	}{
		{AppendSize(nil, 0, SI), "0 B"},
		{AppendSize(nil, 999, SI), "999 B"},
		{AppendSize(nil, 1000, SI), "1.00 kB"},
		{AppendSize(nil, 9994, SI), "9.99 kB"},
		{AppendSize(nil, 9995, SI), "10.0 kB"},
		{AppendSize(nil, 99949, SI), "99.9 kB"},
		{AppendSize(nil, 99950, SI), "100 kB"},
		{AppendSize(nil, 999499, SI), "999 kB"},
		{AppendSize(nil, 999500, SI), "1.00 MB"},
		{AppendSize(nil, 36901000, SI), "36.9 MB"},
		{AppendSize(nil, math.MaxUint64, SI), "18.4 EB"},
		{AppendSize(nil, 1023, IEC), "1023 B"},
		{AppendSize(nil, 1024, IEC), "1.00 KiB"},
		{AppendSize(nil, 1023*1024, IEC), "1023 KiB"},
		{AppendSize(nil, 1<<20-1, IEC), "1.00 MiB"},
		{AppendSize(nil, math.MaxUint64, IEC), "16.0 EiB"},
		{AppendShort(nil, 0), "0"},
		{AppendShort(nil, 999.4), "999"},
		{AppendShort(nil, 999.95), "1.00 k"},
		{AppendShort(nil, -38112), "-38.1 k"},
		{AppendRate(nil, 0, BitRate, SI), "0 bit/s"},
		{AppendRate(nil, 61.2e6, BitRate, IEC), "61.2 Mbit/s"},
		{AppendRate(nil, 61.2e6, ByteRate, SI), "7.65 MB/s"},
		{AppendRate(nil, 8192, ByteRate, IEC), "1.00 KiB/s"},
		{AppendPacketRate(nil, 12400), "12.4 kpkt/s"},
		{AppendPercent(nil, 0.98665), "98.7%"},
		{AppendPercent(nil, 0), "0.0%"},
		{AppendPercent(nil, 1), "100.0%"},
	} {
		if string(c.got) != c.want {
			t.Errorf("%s, want %s", c.got, c.want)
		}
	}
}

func TestAppendDuration(t *testing.T) {
	for ns, want := range map[int64]string{
		0: "0 s", 1: "1 ns", 999: "999 ns", 1000: "1.00 µs", 999_499: "999 µs", 999_500: "1.00 ms",
		1_520_000: "1.52 ms", 999_499_999: "999 ms", 999_500_000: "1.00 s", 12_345_678_901: "12.3 s",
		59_949_999_999: "59.9 s", 59_950_000_000: "1m 00s", 124 * second: "2m 04s", 3599_400_000_000: "59m 59s",
		3599_500_000_000: "1h 00m", 3*hour + 2*minute: "3h 02m", 86369 * second: "23h 59m", 86370 * second: "1d 00h",
		4*day + 3*hour: "4d 03h", -1_520_000: "-1.52 ms", math.MinInt64: "-106752d 00h", math.MaxInt64: "106752d 00h",
	} {
		if got := string(AppendDuration(nil, ns, false)); got != want {
			t.Errorf("%d: %s, want %s", ns, got, want)
		}
	}
	if got := string(AppendDuration(nil, 1500, true)); got != "1.50 us" {
		t.Errorf("ASCII: %s", got)
	}
}

func TestAppendSeconds(t *testing.T) {
	for ns, want := range map[int64]string{
		0: "0", 1: "0.000000001", 1_520_000: "0.00152", 124 * second: "124", 124_000_000_001: "124.000000001",
		-1: "-0.000000001", math.MaxInt64: "9223372036.854775807", math.MinInt64: "-9223372036.854775808",
	} {
		if got := string(AppendSeconds(nil, ns)); got != want {
			t.Errorf("%d: %s, want %s", ns, got, want)
		}
	}
}

func TestAppendTime(t *testing.T) {
	for layout, want := range map[TimeLayout]string{
		TimeDefault: "2026-11-23T14:02:11.250000000Z", RFC3339: "2026-11-23T14:02:11.250000000Z",
		RFC3339Secs: "2026-11-23T14:02:11Z", EpochSeconds: "1795442531.25",
		EpochMillis: "1795442531250", EpochNanos: "1795442531250000000",
	} {
		if got := string(AppendTime(nil, start, layout)); got != want {
			t.Errorf("layout %d: %s, want %s", layout, got, want)
		}
	}
	// Against the standard library over the whole range, both ends included.
	for _, ns := range []int64{math.MinInt64, -1, 0, 1, math.MaxInt64} {
		sameTime(t, ns)
	}
	for ns := int64(math.MinInt64); ns < math.MaxInt64-37*day; ns += 36*day + 12345678901 {
		sameTime(t, ns)
	}
}

func sameTime(t *testing.T, ns int64) {
	t.Helper()
	want := time.Unix(0, ns).UTC().Format("2006-01-02T15:04:05.000000000Z")
	if got := string(AppendTime(nil, ns, RFC3339)); got != want {
		t.Errorf("%d: %s, want %s", ns, got, want)
	}
}

func TestAppendFloat(t *testing.T) {
	for _, v := range []float64{0, 1, -1, 0.1, 1e-9, 1e-10, 1.0 / 3, 2380709.677, 1e20, 1e21, math.MaxFloat64, math.SmallestNonzeroFloat64} {
		got, err := strconv.ParseFloat(string(appendFloat(nil, v)), 64)
		if err != nil || got != v {
			t.Errorf("%g reads back as %g, %v", v, got, err)
		}
	}
}

func TestUnitsAllocate(t *testing.T) {
	dst := make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(100, func() {
		b := AppendSize(dst, 36.9e6, SI)
		b = AppendRate(b, 61.2e6, BitRate, SI)
		b = AppendDuration(b, 124*second, false)
		b = AppendTime(b, start, RFC3339)
		b = AppendLocalTime(b, start, TimeDefault, time.UTC)
		b = AppendBar(b, 0.7, 20, false)
		_ = AppendCount(b, math.MaxUint64)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
