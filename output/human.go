package output

import (
	"math"
	"strconv"

	"pkt/field"
)

// AppendValue appends a value as tables show it: with its unit, counts grouped
// by thousands, times in the reader's place. What is absent is its label, or a
// dash. Text is escaped.
func (o *Options) AppendValue(dst []byte, c *Column, v *Value) []byte {
	switch {
	case !c.has(v) && len(v.Text) > 0:
		return AppendSafe(dst, v.Text, o.ASCII)
	case !c.has(v) || c.List && len(v.List) == 0:
		return append(dst, '-')
	case c.Kind == field.String && !c.List:
		return AppendSafe(dst, v.Text, o.ASCII)
	case c.Key && c.Kind == field.Uint && c.Unit != field.NoUnit:
		// Keys are exact: 1024 bytes and 1025 are two rows. What has no unit, as a pid
		// and a port, is a name rather than a count.
		return AppendCount(dst, v.Lo)
	case !c.List:
		return o.appendCell(dst, &c.Field, v.Cell)
	}
	for i, cell := range v.List {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = o.appendCell(dst, &c.Field, cell)
	}
	return dst
}

// appendCell appends one value that is not a String.
func (o *Options) appendCell(dst []byte, f *field.Field, c field.Cell) []byte {
	switch f.Kind {
	case field.Uint, field.Int, field.Float:
		return o.appendNumber(dst, f, c)
	case field.Bool:
		if c.Lo != 0 {
			return append(dst, "yes"...)
		}
		return append(dst, "no"...)
	case field.Time:
		return AppendLocalTime(dst, c.Int(), o.Time, o.location())
	case field.Duration:
		return AppendDuration(dst, c.Int(), o.ASCII)
	case field.Enum:
		if c.Lo < uint64(len(f.Names)) {
			return AppendSafe(dst, f.Names[c.Lo], o.ASCII)
		}
	}
	return appendRaw(dst, f, c, o.Time)
}

func (o *Options) appendNumber(dst []byte, f *field.Field, c field.Cell) []byte {
	v := number(f, c)
	switch f.Unit {
	case field.Bytes:
		return AppendSize(dst, v, o.Size)
	case field.BitPerSec:
		return AppendRate(dst, v, o.Rate, o.Size)
	case field.PacketsPerSec:
		return AppendPacketRate(dst, v)
	case field.Seconds:
		return AppendDuration(dst, nanos(v), o.ASCII)
	case field.Ratio:
		return AppendPercent(dst, v)
	case field.Percent:
		return AppendPercent(dst, v/100)
	case field.Packets, field.Count:
		return appendGrouped(dst, f, c)
	}
	if f.Kind == field.Float {
		return strconv.AppendFloat(dst, v, 'f', 2, 64)
	}
	return appendRaw(dst, f, c, o.Time)
}

// appendGrouped appends a count; an average of counts keeps one decimal.
func appendGrouped(dst []byte, f *field.Field, c field.Cell) []byte {
	if f.Kind == field.Uint {
		return AppendCount(dst, c.Lo)
	}
	if f.Kind == field.Float && math.Abs(c.Float()) < 1000 {
		return strconv.AppendFloat(dst, c.Float(), 'f', 1, 64)
	}
	n := c.Int()
	if f.Kind == field.Float {
		n = int64(math.Round(c.Float()))
	}
	if n < 0 {
		return AppendCount(append(dst, '-'), -uint64(n))
	}
	return AppendCount(dst, uint64(n))
}

// number returns the value of a Uint, an Int or a Float.
func number(f *field.Field, c field.Cell) float64 {
	switch f.Kind {
	case field.Float:
		return c.Float()
	case field.Int:
		return float64(c.Int())
	}
	return float64(c.Lo)
}

// nanos returns seconds as nanoseconds, at most what an int64 holds.
func nanos(s float64) int64 {
	return int64(min(max(s*second, math.MinInt64/2), math.MaxInt64/2))
}

// share returns the part of the whole that a Ratio or Percent is.
func share(f *field.Field, c field.Cell) float64 {
	if f.Unit == field.Percent {
		return number(f, c) / 100
	}
	return number(f, c)
}
