package filter

import (
	"encoding/binary"
	"math"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"pkt/field"
	"pkt/names"
)

// layouts are how times may be written; those without a zone are UTC.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02",
}

// keysOf returns the keys of values of type t that stand in a relation to a
// constant.
func (c *checker) keysOf(t field.Field, rel relation, k *node) ([]bounds, error) {
	all := space(t.Kind)
	if rel.ordered() && !ordered(t.Kind) {
		return nil, c.errorf(k.at, "%s has no order: there are ==, != and in", nouns[t.Kind])
	}
	if t.Numeric() {
		return c.numberKeys(t, rel, k)
	}
	cell, err := c.literal(t, k)
	if err != nil {
		return nil, err
	}
	return related(all, rel, keyOf(t.Kind, cell)), nil
}

// ordered reports whether values of a kind have an order.
func ordered(k field.Kind) bool {
	switch k {
	case field.Addr, field.Prefix, field.MAC, field.Enum, field.Bool, field.ID:
		return false
	}
	return true
}

// literal returns the cell of a constant of type t, which is no number.
func (c *checker) literal(t field.Field, k *node) (field.Cell, error) {
	if t.Kind == field.Bool && k.typ.Kind == field.Bool {
		return k.cell, nil
	}
	if k.typ.Kind == t.Kind && k.typ.Kind != field.String && k.op == opConst {
		return k.cell, nil
	}
	if k.typ.Kind != field.String || t.Kind == field.Bool {
		return field.Cell{}, c.mismatch(t, k)
	}
	switch t.Kind {
	case field.Addr:
		return c.addrLiteral(k)
	case field.Prefix:
		return c.prefixLiteral(t, k)
	case field.MAC:
		if m, err := net.ParseMAC(k.text); err == nil && len(m) == 6 {
			return field.Cell{Lo: uint64(binary.BigEndian.Uint16(m))<<32 | uint64(binary.BigEndian.Uint32(m[2:]))}, nil
		}
	case field.Enum:
		return c.enumLiteral(t, k)
	case field.Time:
		for _, layout := range layouts {
			if v, err := time.Parse(layout, k.text); err == nil && v.Year() > 1677 && v.Year() < 2262 {
				return field.FromInt(v.UnixNano()), nil
			}
		}
	case field.Port:
		if cell, ok := portLiteral(k.text); ok {
			return cell, nil
		}
	case field.ID:
		if v, err := strconv.ParseUint(k.text, 16, 64); err == nil && len(k.text) == 16 {
			return field.Cell{Lo: v}, nil
		}
	}
	return field.Cell{}, c.errorf(k.at, "%q is not %s: it is written as in %s", k.text, nouns[t.Kind], sample(t))
}

// mismatch is the error of a constant of another type.
func (c *checker) mismatch(t field.Field, k *node) error {
	what := nouns[t.Kind]
	if t.List {
		what = "a list, each value " + what
	}
	return c.errorf(k.at, "%s is compared with %s: it is written as in %s", what, nouns[k.typ.Kind], sample(t))
}

func (c *checker) addrLiteral(k *node) (field.Cell, error) {
	a, err := netip.ParseAddr(k.text)
	switch {
	case err == nil && a.Zone() == "":
		return field.FromAddr(a), nil
	case strings.Contains(k.text, "/"):
		return field.Cell{}, c.errorf(k.at, "%q is a network: write in %q", k.text, k.text)
	}
	return field.Cell{}, c.errorf(k.at, "%q is not an IP address", k.text)
}

// prefixLiteral returns a network of the lengths that t has.
func (c *checker) prefixLiteral(t field.Field, k *node) (field.Cell, error) {
	p, err := netip.ParsePrefix(k.text)
	if err != nil {
		return field.Cell{}, c.errorf(k.at, "%q is not a network such as \"10.0.0.0/8\"", k.text)
	}
	want := int(t.Bits6)
	if p.Addr().Is4() {
		want = int(t.Bits)
	}
	if p.Bits() != want {
		return field.Cell{}, c.errorf(k.at, "networks of /%d are compared with one of /%d", want, p.Bits())
	}
	return field.FromAddr(p.Masked().Addr()), nil
}

func (c *checker) enumLiteral(t field.Field, k *node) (field.Cell, error) {
	best, least := "", 1+len(k.text)/2
	for i, name := range t.Names {
		if name == k.text {
			return field.Cell{Lo: uint64(i)}, nil
		}
		d := field.Distance(strings.ToLower(k.text), strings.ToLower(name))
		if d < least || strings.EqualFold(name, k.text) {
			best, least = name, d
		}
	}
	e := c.errorf(k.at, "there is no %q here", k.text)
	if best != "" {
		e.Use = strconv.Quote(best)
		e.Msg += ", did you mean " + e.Use + "?"
	} else if len(t.Names) <= 16 {
		e.Msg += ": there are " + strings.Join(t.Names, ", ")
	}
	return field.Cell{}, e
}

// portLiteral parses a port with its protocol: "443/tcp".
func portLiteral(s string) (field.Cell, bool) {
	number, proto, found := strings.Cut(s, "/")
	port, err := strconv.ParseUint(number, 10, 16)
	p, ok := names.ProtocolNumber(proto)
	if err != nil || !found || !ok || p > math.MaxUint8 {
		return field.Cell{}, false
	}
	return field.FromPort(uint8(p), uint16(port)), true
}

// prefixRange returns the addresses of a network, or of an address as a
// network of its own. IPv4 addresses are in no IPv6 network.
func (c *checker) prefixRange(k *node) ([]bounds, error) {
	if k.typ.Kind != field.String {
		return nil, c.errorf(k.at, "a network stands in quotes: \"10.0.0.0/8\"")
	}
	p, err := netip.ParsePrefix(k.text)
	if err != nil {
		a, err := netip.ParseAddr(k.text)
		if err != nil || a.Zone() != "" {
			return nil, c.errorf(k.at, "%q is neither an address nor a network such as \"10.0.0.0/8\"", k.text)
		}
		p = netip.PrefixFrom(a, a.BitLen())
	}
	p = p.Masked()
	lo := field.FromAddr(p.Addr())
	hi := lo
	host := p.Addr().BitLen() - p.Bits()
	if host > 64 {
		hi.Hi |= 1<<(host-64) - 1
		hi.Lo = math.MaxUint64
	} else if host > 0 {
		hi.Lo |= ^uint64(0) >> (64 - host)
	}
	r := []bounds{{lo, hi}}
	if p.Addr().Is4() {
		return r, nil
	}
	return intersect(r, complement(space(field.Addr), []bounds{ipv4})), nil
}

// ipv4 are the cells of all IPv4 addresses.
var ipv4 = bounds{field.FromAddr(netip.AddrFrom4([4]byte{})), field.FromAddr(netip.AddrFrom4([4]byte{255, 255, 255, 255}))}

// numberKeys is keysOf of numbers. A constant between two whole numbers is
// compared as it is: len > 99.5 is len >= 100.
func (c *checker) numberKeys(t field.Field, rel relation, k *node) ([]bounds, error) {
	k, err := c.inUnit(t, k)
	if err != nil {
		return nil, err
	}
	all := space(t.Kind)
	if t.Kind == field.Float {
		return related(all, rel, keyOf(t.Kind, field.FromFloat(floatOf(k.typ.Kind, k.cell)))), nil
	}
	floor, exact, outside := wholeNumber(t.Kind, k)
	switch {
	case outside < 0 && (rel == notEqual || rel == greater || rel == greaterEqual),
		outside > 0 && (rel == notEqual || rel == less || rel == lessEqual),
		outside == 0 && !exact && rel == notEqual:
		return []bounds{all}, nil
	case outside != 0, !exact && rel == equal:
		return nil, nil
	case !exact && rel == less:
		rel = lessEqual
	case !exact && rel == greaterEqual:
		rel = greater
	}
	return related(all, rel, keyOf(t.Kind, floor)), nil
}

// wholeNumber returns the largest cell of a kind of whole numbers that is not
// above a constant, whether it is the constant, and whether the constant is
// below (-1) or above (1) all of them.
func wholeNumber(kind field.Kind, k *node) (floor field.Cell, exact bool, outside int) {
	unsigned := kind == field.Uint
	switch k.typ.Kind {
	case field.Uint:
		if !unsigned && k.cell.Lo > math.MaxInt64 {
			return floor, false, 1
		}
		return k.cell, true, 0
	case field.Int, field.Duration:
		if unsigned && k.cell.Int() < 0 {
			return floor, false, -1
		}
		return k.cell, true, 0
	}
	v := k.cell.Float()
	down := math.Floor(v)
	switch low, high := -0x1p63, 0x1p63; {
	case math.IsNaN(v):
		return floor, false, 1
	case unsigned && down < 0, down < low:
		return floor, false, -1
	case unsigned && down >= 2*high, !unsigned && down >= high:
		return floor, false, 1
	case unsigned:
		return field.Cell{Lo: uint64(down)}, down == v, 0
	}
	return field.FromInt(int64(down)), down == v, 0
}

// inUnit returns a numeric constant in the dimension of t: spans of time are
// nanoseconds if t is one, else seconds.
func (c *checker) inUnit(t field.Field, k *node) (*node, error) {
	if !k.numeric() {
		return nil, c.mismatch(t, k)
	}
	out := *k
	out.typ.Unit = t.Unit
	switch {
	case k.typ.Kind == field.Duration && t.Kind == field.Duration:
		return k, nil
	case k.typ.Unit != field.NoUnit && k.typ.Unit != t.Unit:
		return nil, c.errorf(k.at, "a value in %s is compared with one in %s", units[t.Unit], units[k.typ.Unit])
	case k.typ.Kind == field.Duration:
		out.typ.Kind, out.cell = field.Float, field.FromFloat(float64(k.cell.Int())/1e9)
	case t.Kind == field.Duration:
		v := floatOf(k.typ.Kind, k.cell) * 1e9
		out.typ.Kind, out.cell = field.Float, field.FromFloat(math.Round(v*1e3)/1e3)
	}
	return &out, nil
}

// floatOf returns the number in a cell; spans of time in seconds.
func floatOf(kind field.Kind, c field.Cell) float64 {
	switch kind {
	case field.Float:
		return c.Float()
	case field.Int, field.Time:
		return float64(c.Int())
	case field.Duration:
		return float64(c.Int()) / 1e9
	case field.Port:
		return float64(c.Lo & 0xffff)
	}
	return float64(c.Lo)
}
