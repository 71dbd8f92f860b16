package filter

import (
	"math/big"
	"strings"

	"pkt/field"
)

// scales are the prefixes of units.
var scales = map[string]int64{
	"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40,
}

// spans are the units of time, in nanoseconds.
var spans = map[string]int64{
	"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9, "d": 86400e9,
}

// quantity returns the constant that a number with a unit stands for: whole
// nanoseconds, whole or fractional bytes and bit/s. A mere k or M has no
// dimension.
func quantity(number, unit string) (*node, bool) {
	if ns, ok := spans[unit]; ok {
		v, ok := scaled(number, ns)
		if !ok || v.Num().BitLen() > 62 {
			return nil, false
		}
		whole := new(big.Int).Quo(v.Num(), v.Denom())
		return &node{op: opConst, typ: field.Field{Kind: field.Duration, Unit: field.Seconds}, cell: field.FromInt(whole.Int64())}, true
	}
	dimension := field.NoUnit
	prefix := unit
	for suffix, u := range map[string]field.Unit{"B": field.Bytes, "bit/s": field.BitPerSec} {
		if p, ok := strings.CutSuffix(unit, suffix); ok {
			prefix, dimension = p, u
		}
	}
	scale, ok := scales[prefix]
	if !ok {
		return nil, false
	}
	v, ok := scaled(number, scale)
	if !ok {
		return nil, false
	}
	n := &node{op: opConst, typ: field.Field{Kind: field.Uint, Unit: dimension}}
	if v.IsInt() && v.Num().IsUint64() {
		n.cell.Lo = v.Num().Uint64()
		return n, true
	}
	f, _ := v.Float64()
	n.typ.Kind, n.cell = field.Float, field.FromFloat(f)
	return n, true
}

// scaled returns a number, as it was written, times a scale.
func scaled(number string, scale int64) (*big.Rat, bool) {
	number = strings.ReplaceAll(number, "_", "")
	if len(number) > 40 || strings.ContainsAny(number, "eExXbBoO") {
		return nil, false
	}
	v, ok := new(big.Rat).SetString(number)
	if !ok {
		return nil, false
	}
	return v.Mul(v, new(big.Rat).SetInt64(scale)), true
}
