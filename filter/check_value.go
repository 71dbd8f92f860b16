package filter

import (
	"slices"
	"time"

	"github.com/expr-lang/expr/ast"
	"pkt/field"
)

// defaultBits6 is the length of IPv6 prefixes where net() is given only one:
// the size of a site's network.
const defaultBits6 = 64

// unify returns two values as ones of the same type: numbers as numbers, names
// as text, constants as what they are next to.
func (c *checker) unify(at span, l, r *node) (a, b *node, err error) {
	switch {
	case l.typ.List || r.typ.List:
		return nil, nil, c.errorf(at, "a list is no single value: ask with ==, in or len()")
	case sameType(l.typ, r.typ) && c.sameUnit(l, r):
		return l, r, nil
	case l.isConst() && !r.isConst() && !l.numeric():
		b, a, err = c.unify(at, r, l)
		return a, b, err
	case r.op == opConst && !l.numeric() && l.typ.Kind != field.String && l.typ.Kind != field.Enum:
		cell, err := c.literal(l.typ, r)
		if err != nil {
			return nil, nil, err
		}
		return l, &node{op: opConst, at: r.at, typ: l.typ, cell: cell}, nil
	case isText(l) && isText(r):
		return asText(l), asText(r), nil
	case l.numeric() && r.numeric():
		if !c.sameUnit(l, r) {
			return nil, nil, c.errorf(at, "a value in %s meets one in %s", units[l.typ.Unit], units[r.typ.Unit])
		}
		t := commonNumber(l.typ, r.typ)
		return convert(l, t), convert(r, t), nil
	}
	return nil, nil, c.errorf(at, "%s meets %s: string() makes text of both", describe(l.typ), describe(r.typ))
}

// sameUnit reports whether two values have one dimension, or one of them has
// none.
func (c *checker) sameUnit(l, r *node) bool {
	return l.typ.Unit == r.typ.Unit || l.typ.Unit == field.NoUnit || r.typ.Unit == field.NoUnit
}

// commonNumber returns the type that holds the numbers of two.
func commonNumber(a, b field.Field) field.Field {
	t := field.Field{Kind: field.Float, Unit: max(a.Unit, b.Unit)}
	whole := func(f field.Field) bool { return f.Kind == field.Uint || f.Kind == field.Int || f.Kind == field.Port }
	switch {
	case a.Kind == b.Kind && a.Kind != field.Port:
		t.Kind = a.Kind
	case a.Kind == field.Int && whole(b), b.Kind == field.Int && whole(a):
		t.Kind = field.Int
	case whole(a) && whole(b):
		t.Kind = field.Uint
	}
	return t
}

// convert returns a number as one of another kind.
func convert(k *node, t field.Field) *node {
	if k.typ.Kind == t.Kind {
		return k
	}
	n := &node{op: opConvert, at: k.at, typ: t, kids: []*node{k}}
	if k.op == opConst {
		return &node{op: opConst, at: k.at, typ: t, cell: converted(k.typ.Kind, t.Kind, k.cell)}
	}
	n.typ.List = k.typ.List
	return n
}

// converted returns a number as a cell of another kind.
func converted(from, to field.Kind, c field.Cell) field.Cell {
	switch {
	case from == field.Port && to != field.Float:
		return field.Cell{Lo: c.Lo & 0xffff}
	case to == field.Float:
		return field.FromFloat(floatOf(from, c))
	}
	return c
}

func isText(n *node) bool {
	return !n.typ.List && (n.typ.Kind == field.String || n.typ.Kind == field.Enum)
}

// asText returns a value as text.
func asText(k *node) *node {
	if k.typ.Kind == field.String {
		return k
	}
	if k.isConst() {
		return &node{op: opConst, at: k.at, typ: field.Field{Kind: field.String}, text: string(appendText(nil, &k.typ, k.cell))}
	}
	return &node{op: opString, at: k.at, typ: field.Field{Kind: field.String}, kids: []*node{k}}
}

// negative checks "-x".
func (c *checker) negative(at span, k *node) (*node, error) {
	if !k.numeric() || k.typ.Kind == field.Port {
		return nil, c.errorf(k.at, "- takes a number, not %s", describe(k.typ))
	}
	t := k.typ
	if t.Kind == field.Uint {
		t.Kind = field.Int
	}
	return fold(&node{op: opArith, at: at, typ: t, arith: arithNegate, kids: []*node{convert(k, t)}}), nil
}

// arithmetic checks "x + y" and the like.
func (c *checker) arithmetic(at span, operator string, l, r *node) (*node, error) {
	if operator == "+" && (isText(l) || isText(r)) {
		return c.concat(at, l, r)
	}
	if l.typ.Kind == field.Time || r.typ.Kind == field.Time {
		return c.timeArithmetic(at, operator, l, r)
	}
	for _, k := range []*node{l, r} {
		if !k.numeric() {
			return nil, c.errorf(k.at, "%s takes numbers, not %s", operator, describe(k.typ))
		}
	}
	t := commonNumber(l.typ, r.typ)
	a := ariths[operator]
	switch a {
	case arithAdd, arithSubtract:
		if !c.sameUnit(l, r) {
			return nil, c.errorf(at, "%s joins a value in %s with one in %s", operator, units[l.typ.Unit], units[r.typ.Unit])
		}
		if a == arithSubtract && t.Kind == field.Uint {
			t.Kind = field.Int
		}
	case arithDivide, arithPower:
		t.Kind, t.Unit = field.Float, field.NoUnit
		if a == arithDivide && countable(r.typ.Unit) && l.typ.Unit != r.typ.Unit {
			t.Unit = l.typ.Unit // bytes a packet are bytes
		}
	case arithMultiply:
		if l.typ.Unit != field.NoUnit && r.typ.Unit != field.NoUnit {
			t.Unit = field.NoUnit
		}
		if t.Kind == field.Duration {
			t.Kind = field.Float
		}
	case arithModulo:
		if t.Kind == field.Float {
			return nil, c.errorf(at, "%% takes whole numbers")
		}
	}
	return fold(&node{op: opArith, at: at, typ: t, arith: a, kids: []*node{convert(l, t), convert(r, t)}}), nil
}

// countable reports whether a dimension is a mere number of things.
func countable(u field.Unit) bool {
	return u == field.NoUnit || u == field.Packets || u == field.Count
}

// concat checks "x + y" of text.
func (c *checker) concat(at span, l, r *node) (*node, error) {
	for _, k := range []*node{l, r} {
		if !isText(k) {
			return nil, c.errorf(k.at, "+ joins text with text: write string() around %s", describe(k.typ))
		}
	}
	l, r = asText(l), asText(r)
	if l.op == opConst && r.op == opConst {
		return &node{op: opConst, at: at, typ: l.typ, text: l.text + r.text}, nil
	}
	return &node{op: opConcat, at: at, typ: field.Field{Kind: field.String}, kids: []*node{l, r}}, nil
}

// timeArithmetic checks the difference of two times, and a time and a span.
func (c *checker) timeArithmetic(at span, operator string, l, r *node) (*node, error) {
	span, point := field.Field{Kind: field.Duration, Unit: field.Seconds}, field.Field{Kind: field.Time}
	n := &node{op: opArith, at: at, arith: ariths[operator], kids: []*node{l, r}}
	var err error
	switch {
	case operator == "-" && r.typ.Kind != field.Duration:
		n.typ = span
		n.kids[0], n.kids[1], err = c.unify(at, l, r)
	case operator == "-" && l.typ.Kind == field.Time, operator == "+" && r.typ.Kind == field.Duration:
		n.typ = point
	case operator == "+" && l.typ.Kind == field.Duration:
		n.typ = point
	default:
		return nil, c.errorf(at, "of times there are differences, and a time plus or minus a span such as 30s")
	}
	return n, err
}

// fold computes what is known before the first row.
func fold(n *node) *node {
	a := n.kids[0]
	b := a
	if len(n.kids) > 1 {
		b = n.kids[1]
	}
	if a.op != opConst || b.op != opConst {
		return n
	}
	cell, ok := n.arith.of(n.typ.Kind, a.cell, b.cell)
	if !ok {
		return n
	}
	return &node{op: opConst, at: n.at, typ: n.typ, cell: cell}
}

// periods are the functions that round times down. Their days begin at midnight
// UTC.
var periods = map[string]time.Duration{
	"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour,
}

// Functions returns the names of the functions that are not expr's own.
func Functions() []string {
	return []string{"bucket", "day", "has", "hour", "minute", "net", "second"}
}

// call checks a function. Those that only expr knows run on its VM.
func (c *checker) call(name string, at span, args []ast.Node) (*node, error) {
	known := map[string]struct{ least, most int }{
		"has": {1, 1}, "bucket": {2, 2}, "net": {2, 3}, "second": {1, 1}, "minute": {1, 1}, "hour": {1, 1}, "day": {1, 1},
		"string": {1, 1}, "len": {1, 1}, "abs": {1, 1}, "min": {1, 64}, "max": {1, 64},
	}
	want, ok := known[name]
	if !ok {
		return nil, errVM
	}
	if len(args) < want.least {
		return nil, c.errorf(at, "%s() lacks an argument", name)
	}
	if len(args) > want.most {
		return nil, c.errorf(c.place(args[want.most]), "%s() takes no further argument", name)
	}
	kids := make([]*node, len(args))
	var err error
	whole := at
	for i, a := range args {
		var e error
		kids[i], e = c.check(a)
		err = worse(err, e)
		whole = whole.with(c.place(a))
	}
	if err != nil {
		return nil, err
	}
	n, err := c.apply(name, whole, kids)
	if err == nil && n.at == (span{}) {
		n.at = whole
	}
	return n, err
}

// apply checks the arguments of a function that is known here.
func (c *checker) apply(name string, at span, k []*node) (*node, error) {
	x := k[0]
	switch name {
	case "has":
		if x.isTest() || x.isConst() {
			return nil, c.errorf(x.at, "has() takes a field, such as src_port")
		}
		return &node{op: opHas, at: at, typ: boolean, kids: k}, nil
	case "len":
		if !x.typ.List && x.typ.Kind != field.String {
			return nil, c.errorf(x.at, "len() takes text or a list, not %s; the field len has no brackets", describe(x.typ))
		}
		return &node{op: opLen, at: at, typ: field.Field{Kind: field.Uint}, kids: k}, nil
	case "bucket":
		return c.bucket(at, x, k[1])
	case "net":
		return c.net(at, k)
	case "min", "max", "abs":
		return c.extreme(name, at, k)
	case "string":
		if x.typ.List {
			return nil, errVM
		}
		return asText(x), nil
	}
	if x.typ.Kind != field.Time {
		return nil, c.errorf(x.at, "%s() takes a time, such as ts, not %s", name, describe(x.typ))
	}
	return &node{op: opBucket, at: at, typ: x.typ, kids: k, cell: field.FromInt(int64(periods[name]))}, nil
}

// bucket checks bucket(x, width): x rounded down to a multiple of width.
func (c *checker) bucket(at span, x, width *node) (*node, error) {
	switch x.typ.Kind {
	case field.Uint, field.Int, field.Time, field.Duration, field.Float:
	default:
		return nil, c.errorf(x.at, "bucket() takes a number, such as len, not %s", describe(x.typ))
	}
	if !width.isConst() || !width.numeric() {
		return nil, c.errorf(width.at, "the width of a bucket is a number")
	}
	t := x.typ
	t.List = false
	if t.Kind == field.Time {
		t.Kind, t.Unit = field.Duration, field.Seconds
	}
	w, err := c.inUnit(t, width)
	if err != nil {
		return nil, err
	}
	cell, exact, outside := wholeNumber(field.Int, w)
	switch {
	case t.Kind == field.Float:
		cell = field.FromFloat(floatOf(w.typ.Kind, w.cell))
	case !exact || outside != 0:
		return nil, c.errorf(width.at, "the width of this bucket is a whole number")
	}
	if t.Kind == field.Float && cell.Float() <= 0 || t.Kind != field.Float && cell.Int() <= 0 {
		return nil, c.errorf(width.at, "the width of a bucket is above 0")
	}
	return &node{op: opBucket, at: at, typ: x.typ, kids: []*node{x}, cell: cell}, nil
}

// net checks net(address, bits) and net(address, bits, bits6).
func (c *checker) net(at span, k []*node) (*node, error) {
	if k[0].typ.Kind != field.Addr {
		return nil, c.errorf(k[0].at, "net() takes an address, such as src_ip, not %s", describe(k[0].typ))
	}
	lens := []uint64{0, defaultBits6}
	for i, most := range []uint64{32, 128}[:len(k)-1] {
		n := k[i+1]
		if n.op != opConst || n.typ.Kind != field.Uint || n.cell.Lo > most {
			return nil, c.errorf(n.at, "the length of a prefix is a number from 0 to %d", most)
		}
		lens[i] = n.cell.Lo
	}
	t := field.Field{Kind: field.Prefix, List: k[0].typ.List, Bits: uint8(lens[0]), Bits6: uint8(lens[1])}
	return &node{op: opNet, at: at, typ: t, kids: k[:1]}, nil
}

// extreme checks min(x, y), max(x, y) and abs(x).
func (c *checker) extreme(name string, at span, k []*node) (*node, error) {
	if slices.ContainsFunc(k, func(n *node) bool { return n.typ.List }) {
		return nil, errVM
	}
	for _, n := range k {
		if !n.numeric() && n.typ.Kind != field.Time || n.typ.Kind == field.Port {
			return nil, c.errorf(n.at, "%s() takes numbers, not %s", name, describe(n.typ))
		}
	}
	out := k[0]
	if name == "abs" {
		return fold(&node{op: opArith, at: at, typ: out.typ, arith: arithAbs, kids: k}), nil
	}
	a := arithMin
	if name == "max" {
		a = arithMax
	}
	for _, n := range k[1:] {
		l, r, err := c.unify(at, out, n)
		if err != nil {
			return nil, err
		}
		t := l.typ
		t.Unit = max(l.typ.Unit, r.typ.Unit)
		out = fold(&node{op: opArith, at: at, typ: t, arith: a, kids: []*node{l, r}})
	}
	return out, nil
}
