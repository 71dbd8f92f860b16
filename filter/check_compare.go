package filter

import (
	"regexp"
	"slices"

	"github.com/expr-lang/expr/ast"
	"pkt/field"
)

// compare checks a comparison. Lists hold if one of their values does, != if
// all do.
func (c *checker) compare(at span, rel relation, l, r *node) (*node, error) {
	switch {
	case l.isConst() && r.isConst():
		return c.compareConst(at, rel, l, r)
	case l.isConst(), r.typ.List && !l.typ.List:
		l, r, rel = r, l, rel.mirrored()
	}
	switch {
	case l.typ.List && r.typ.List:
		return nil, c.errorf(r.at, "a list is compared with a list: write x in list")
	case l.typ.List && rel == notEqual:
		is, err := c.compare(at, equal, l, r)
		if err != nil {
			return nil, err
		}
		return all(at, &node{op: opHas, at: l.at, typ: boolean, kids: []*node{l}}, not(at, is)), nil
	case l.typ.List && !r.isConst():
		return c.compareElements(at, rel, l, r)
	case l.typ.Kind == field.String && r.isConst() && !rel.ordered():
		if r.typ.Kind != field.String {
			return nil, c.mismatch(l.typ, r)
		}
		return textTest(at, l, &textMatch{test: textEqual, negate: rel == notEqual, words: []string{r.text}}), nil
	case l.typ.Kind == field.Port && r.isConst() && r.typ.Kind != field.String:
		l = convert(l, field.Field{Kind: field.Uint})
	}
	if l.typ.Kind == field.String || !r.isConst() {
		return c.compareValues(at, rel, l, r)
	}
	if l.isTest() {
		return equivalent(at, rel, l, r), nil
	}
	ranges, err := c.keysOf(l.typ, rel, r)
	if err != nil {
		return nil, err
	}
	return is(at, l, ranges), nil
}

// equivalent compares a test with true or false.
func equivalent(at span, rel relation, l, r *node) *node {
	if (rel == equal) == (r.cell.Lo != 0) {
		return l
	}
	return not(at, l)
}

// is returns the test that the keys of a value are in ranges.
func is(at span, k *node, ranges []bounds) *node {
	if ranges = union(ranges); len(ranges) == 0 {
		return truth(at, false)
	}
	return &node{op: opIs, at: at, typ: boolean, kids: []*node{k}, ranges: ranges}
}

// compareConst decides a comparison of two constants.
func (c *checker) compareConst(at span, rel relation, l, r *node) (*node, error) {
	switch {
	case l.typ.Kind == field.String && r.typ.Kind == field.String:
		return truth(at, rel.of(compareText(l.text, r.text))), nil
	case l.numeric() && r.numeric():
		ranges, err := c.keysOf(l.typ, rel, r)
		if err != nil {
			return nil, err
		}
		key := keyOf(l.typ.Kind, l.cell)
		return truth(at, len(intersect(ranges, []bounds{{key, key}})) > 0), nil
	case l.typ.Kind == field.Bool && r.typ.Kind == field.Bool && !rel.ordered():
		return equivalent(at, rel, l, r), nil
	}
	return nil, c.errorf(r.at, "%s is compared with %s", describe(l.typ), describe(r.typ))
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// compareValues compares two values that are not known yet.
func (c *checker) compareValues(at span, rel relation, l, r *node) (*node, error) {
	l, r, err := c.unify(at, l, r)
	if err != nil {
		return nil, err
	}
	if rel.ordered() && !ordered(l.typ.Kind) {
		return nil, c.errorf(at, "%s has no order: there are ==, != and in", nouns[l.typ.Kind])
	}
	return &node{op: opCompare, at: at, typ: boolean, rel: rel, kids: []*node{l, r}}, nil
}

// compareElements compares the values of a list with one that is not known yet.
func (c *checker) compareElements(at span, rel relation, l, r *node) (*node, error) {
	one := l.typ
	one.List = false
	if rel != equal || !sameType(one, r.typ) {
		return nil, c.errorf(r.at, "each value of a list, %s, is compared with %s: only == and != of two of the same kind, and constants", nouns[one.Kind], describe(r.typ))
	}
	return &node{op: opCompare, at: at, typ: boolean, rel: equal, kids: []*node{l, r}}, nil
}

// sameType reports whether cells of two types can be compared as they are.
func sameType(a, b field.Field) bool {
	return a.Kind == b.Kind && a.List == b.List && a.Bits == b.Bits && a.Bits6 == b.Bits6 &&
		(a.Kind != field.Enum || slices.Equal(a.Names, b.Names))
}

// in checks "x in y", where y is a list of constants, values and ranges, a
// network, a range, or a field with several values.
func (c *checker) in(n *ast.BinaryNode) (*node, error) {
	at := c.place(n)
	l, err := c.check(n.Left)
	if err != nil {
		return nil, err
	}
	switch r := n.Right.(type) {
	case *ast.ArrayNode:
		return c.inList(at, l, r.Nodes)
	case *ast.BinaryNode:
		if r.Operator == ".." {
			return c.inList(at, l, []ast.Node{r})
		}
	case *ast.StringNode:
		if l.typ.Kind == field.String {
			return nil, c.errorf(c.place(r), "in takes a list: [%q]; a part of text is found by contains", r.Value)
		}
		return c.inList(at, l, []ast.Node{r})
	}
	r, err := c.check(n.Right)
	if err != nil {
		return nil, err
	}
	if !r.typ.List {
		return nil, c.errorf(r.at, "in takes a list, a range such as 1..1023, or a network, not %s", describe(r.typ))
	}
	return c.compare(at, equal, r, l)
}

// inList checks "x in [...]": the alternatives that are constants become one
// test.
func (c *checker) inList(at span, l *node, list []ast.Node) (*node, error) {
	var tests []*node
	for _, e := range list {
		t, err := c.element(at, l, e)
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
	}
	return either(at, merge(tests)...), nil
}

// element checks whether x is one element of a list.
func (c *checker) element(at span, l *node, e ast.Node) (*node, error) {
	if r, ok := e.(*ast.BinaryNode); ok && r.Operator == ".." {
		return c.inRange(at, l, r)
	}
	r, err := c.check(e)
	if err != nil {
		return nil, err
	}
	if isNetwork := l.typ.Kind == field.Addr || l.typ.Kind == field.Prefix; isNetwork && r.op == opConst {
		ranges, err := c.prefixRange(r)
		if err != nil {
			return nil, err
		}
		return is(at, l, ranges), nil
	}
	return c.compare(at, equal, l, r)
}

// inRange checks "x in a..b".
func (c *checker) inRange(at span, l *node, r *ast.BinaryNode) (*node, error) {
	from, errF := c.check(r.Left)
	to, errT := c.check(r.Right)
	if err := worse(errF, errT); err != nil {
		return nil, err
	}
	if !from.isConst() || !to.isConst() {
		return nil, c.errorf(c.place(r), "the ends of a range are constants")
	}
	if l.isConst() {
		return nil, c.errorf(l.at, "a constant is in a range or not: name a field")
	}
	if l.typ.Kind == field.Port {
		l = convert(l, field.Field{Kind: field.Uint})
	}
	low, err := c.keysOf(l.typ, greaterEqual, from)
	if err != nil {
		return nil, err
	}
	high, err := c.keysOf(l.typ, lessEqual, to)
	if err != nil {
		return nil, err
	}
	return is(at, l, intersect(low, high)), nil
}

// merge joins tests of one value against constants, which alternatives are.
func merge(tests []*node) []*node {
	var out []*node
	for _, t := range tests {
		at := slices.IndexFunc(out, func(o *node) bool { return mergeable(o, t) })
		switch {
		case at < 0:
			out = append(out, t)
		case t.op == opIs:
			joined := *out[at]
			joined.ranges = union(append(slices.Clone(joined.ranges), t.ranges...))
			out[at] = &joined
		default:
			joined := *out[at]
			joined.match = &textMatch{test: textEqual, words: append(slices.Clone(joined.match.words), t.match.words...)}
			out[at] = &joined
		}
	}
	return out
}

// mergeable reports whether two tests ask for constants of the same value.
func mergeable(a, b *node) bool {
	if a.op != b.op || a.op != opIs && a.op != opText || !sameValue(a.kids[0], b.kids[0]) {
		return false
	}
	return a.op == opIs || a.match.test == textEqual && b.match.test == textEqual && !a.match.negate && !b.match.negate
}

// sameValue reports whether two nodes are the same field.
func sameValue(a, b *node) bool {
	return a == b || a.op == opField && b.op == opField && a.field == b.field ||
		a.op == opConvert && b.op == opConvert && a.typ.Kind == b.typ.Kind && sameValue(a.kids[0], b.kids[0])
}

// textTest checks contains, startsWith, endsWith and matches.
func (c *checker) textTest(at span, operator string, l, r *node) (*node, error) {
	m := &textMatch{test: map[string]textTestKind{
		"contains": textContains, "startsWith": textPrefix, "endsWith": textSuffix, "matches": textPattern}[operator]}
	if r.op != opConst || r.typ.Kind != field.String {
		if r.isConst() || r.typ.Kind != field.String {
			return nil, c.errorf(r.at, "%s takes text, not %s", operator, describe(r.typ))
		}
		return nil, errVM
	}
	if l.typ.Kind != field.String && l.typ.Kind != field.Enum {
		return nil, c.errorf(l.at, "%s takes text: write string() around %s", operator, describe(l.typ))
	}
	if l.isConst() {
		return nil, errVM
	}
	m.words = []string{r.text}
	if m.test == textPattern {
		re, err := regexp.Compile(r.text)
		if err != nil {
			return nil, c.errorf(r.at, "%v", err)
		}
		m.pattern = re
	}
	return textTest(at, l, m), nil
}

// textTest returns a test of text. Of a name that is one of a table, it is a
// test of its position.
func textTest(at span, l *node, m *textMatch) *node {
	if l.typ.Kind != field.Enum {
		return &node{op: opText, at: at, typ: boolean, kids: []*node{l}, match: m}
	}
	m.prepare()
	var ranges []bounds
	for i, name := range l.typ.Names {
		if m.matches([]byte(name)) {
			ranges = append(ranges, bounds{field.Cell{Lo: uint64(i)}, field.Cell{Lo: uint64(i)}})
		}
	}
	return is(at, l, ranges)
}
