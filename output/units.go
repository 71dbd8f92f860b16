package output

import (
	"math"
	"strconv"
	"time"
)

// Prefixes of units, from 1000 and from 1024 up.
const (
	siPrefixes  = "kMGTPE"
	iecPrefixes = "KMGTPE"
)

// AppendCount appends n with its digits grouped by thousands: 38,112.
func AppendCount(dst []byte, n uint64) []byte {
	var digits [20]byte
	d := strconv.AppendUint(digits[:0], n, 10)
	for i, c := range d {
		if i > 0 && (len(d)-i)%3 == 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, c)
	}
	return dst
}

// AppendShort appends v with three digits and an SI prefix: 999, 1.00 k,
// 38.1 k, 4.20 M. Below 1000 the number is whole.
func AppendShort(dst []byte, v float64) []byte { return appendScaled(dst, v, SI, "") }

// AppendSize appends a number of bytes: 310 B, 97.0 kB, 36.9 MB; 35.2 MiB in IEC.
func AppendSize(dst []byte, n float64, u SizeUnit) []byte { return appendScaled(dst, n, u, "B") }

// AppendRate appends a rate given in bit/s: 61.2 Mbit/s, or 7.65 MB/s.
func AppendRate(dst []byte, bps float64, r RateUnit, u SizeUnit) []byte {
	if r == ByteRate {
		return appendScaled(dst, bps/8, u, "B/s")
	}
	return appendScaled(dst, bps, SI, "bit/s")
}

// AppendPacketRate appends a rate given in packets/s: 12.4 kpkt/s.
func AppendPacketRate(dst []byte, pps float64) []byte { return appendScaled(dst, pps, SI, "pkt/s") }

// AppendPercent appends a ratio as a percentage with one decimal: 98.7%.
func AppendPercent(dst []byte, ratio float64) []byte {
	return append(strconv.AppendFloat(dst, ratio*100, 'f', 1, 64), '%')
}

// appendScaled appends v with three digits, a prefix and a unit.
func appendScaled(dst []byte, v float64, u SizeUnit, unit string) []byte {
	if v < 0 {
		dst, v = append(dst, '-'), -v
	}
	base, prefixes := 1000.0, siPrefixes
	if u == IEC {
		base, prefixes = 1024, iecPrefixes
	}
	// The limits are those of rounding: 999.95 is 1.00 k, never 1000.
	p := -1
	for v >= base-0.5 && p < len(prefixes)-1 {
		v /= base
		p++
	}
	if p < 0 {
		dst = strconv.AppendUint(dst, uint64(v+0.5), 10)
	} else {
		dst = appendThree(dst, v)
	}
	if p < 0 && unit == "" {
		return dst
	}
	dst = append(dst, ' ')
	if p >= 0 {
		dst = append(dst, prefixes[p])
		if u == IEC {
			dst = append(dst, 'i')
		}
	}
	return append(dst, unit...)
}

// Spans of time in nanoseconds.
const (
	micro  = 1e3
	milli  = 1e6
	second = 1e9
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
)

// AppendDuration appends a span of ns nanoseconds for people: 840 ns, 1.52 ms,
// 12.3 s, 2m 04s, 3h 02m, 4d 03h. With ascii the micro sign is a u.
func AppendDuration(dst []byte, ns int64, ascii bool) []byte {
	if ns == 0 {
		return append(dst, "0 s"...)
	}
	n := uint64(ns)
	if ns < 0 {
		dst, n = append(dst, '-'), -n
	}
	switch micros := "µs"; {
	case n < 1e3:
		return append(strconv.AppendUint(dst, n, 10), " ns"...)
	case n < 999_500:
		if ascii {
			micros = "us"
		}
		return append(append(appendThree(dst, float64(n)/micro), ' '), micros...)
	case n < 999_500_000:
		return append(appendThree(dst, float64(n)/milli), " ms"...)
	case n < 59_950_000_000:
		return append(appendThree(dst, float64(n)/second), " s"...)
	}
	// Rounded to the smaller unit before it is split, so that 59.9 s of
	// seconds never shows as "60s".
	switch s := (n + second/2) / second; {
	case s < 3600:
		return appendPair(dst, s/60, 'm', s%60, 's')
	case s < 86400-30:
		m := (s + 30) / 60
		return appendPair(dst, m/60, 'h', m%60, 'm')
	default:
		h := (s + 1800) / 3600
		return appendPair(dst, h/24, 'd', h%24, 'h')
	}
}

// AppendSpan appends a span of whole seconds with the unit that it is a multiple
// of: 2 s, 90 s, 5 min.
func AppendSpan(dst []byte, d time.Duration) []byte {
	if d >= time.Minute && d%time.Minute == 0 {
		return append(strconv.AppendInt(dst, int64(d/time.Minute), 10), " min"...)
	}
	return append(strconv.AppendInt(dst, int64(d/time.Second), 10), " s"...)
}

// appendThree appends v with three digits, or all those before the point. It
// works on integers: strconv spends half of a table's time on exactness that
// three digits do not show.
func appendThree(dst []byte, v float64) []byte {
	switch {
	case v < 9.995:
		n := uint64(v*100 + 0.5)
		return append2(append(dst, byte('0'+n/100), '.'), int(n%100))
	case v < 99.95:
		n := uint64(v*10 + 0.5)
		return append(append2(dst, int(n/10)), '.', byte('0'+n%10))
	}
	return strconv.AppendUint(dst, uint64(min(v, 1e18)+0.5), 10)
}

// appendPair appends two units, the smaller one with two digits.
func appendPair(dst []byte, a uint64, unitA byte, b uint64, unitB byte) []byte {
	dst = append(strconv.AppendUint(dst, a, 10), unitA, ' ')
	return append(dst, byte('0'+b/10), byte('0'+b%10), unitB)
}

// AppendSeconds appends ns nanoseconds as a decimal number of seconds with all
// digits that matter and no others: 0.00152, 124, 1.000000001.
func AppendSeconds(dst []byte, ns int64) []byte {
	n := uint64(ns)
	if ns < 0 {
		dst, n = append(dst, '-'), -n
	}
	dst = strconv.AppendUint(dst, n/1e9, 10)
	frac := n % 1e9
	if frac == 0 {
		return dst
	}
	dst = appendFraction(append(dst, '.'), frac)
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// appendFraction appends the nine digits of a number below 10^9.
func appendFraction(dst []byte, frac uint64) []byte {
	var d [9]byte
	for i := len(d) - 1; i >= 0; i-- {
		d[i] = byte('0' + frac%10)
		frac /= 10
	}
	return append(dst, d[:]...)
}

// appendFloat appends a finite number the shortest way that reads back as the
// same number, with an exponent only where the digits would be many.
func appendFloat(dst []byte, v float64) []byte {
	format := byte('f')
	if a := math.Abs(v); a != 0 && (a < 1e-9 || a >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(dst, v, format, -1, 64)
}
