package filter

import (
	"cmp"
	"slices"

	"pkt/field"
)

// lowerer makes kernels of nodes. Nodes that are the same value share one.
type lowerer struct {
	columns columns
	values  map[*node]value
}

// test returns the kernel of a test.
func (l *lowerer) test(n *node) test {
	switch n.op {
	case opTrue:
		return constTest(n.cell.Lo != 0)
	case opAnd:
		return &andTest{l.tests(n.kids)}
	case opOr:
		return &orTest{l.tests(n.kids)}
	case opNot:
		return &notTest{l.test(n.kids[0])}
	case opCond:
		return &condTest{l.test(n.kids[0]), l.test(n.kids[1]), l.test(n.kids[2])}
	case opIs:
		return l.is(n)
	case opText:
		match := *n.match // clones share nodes, and may be made while others run
		match.prepare()
		return &matchTest{x: l.value(n.kids[0]), match: &match}
	case opHas:
		if k := n.kids[0]; k.typ.List {
			return &listTest{x: l.list(k), match: anyCell{}}
		}
		return &hasTest{l.value(n.kids[0])}
	}
	a, b := n.kids[0], n.kids[1]
	switch {
	case a.typ.List:
		return &elementTest{x: l.list(a), y: l.value(b)}
	case a.typ.Kind == field.String:
		return &textCompareTest{x: l.value(a), y: l.value(b), rel: n.rel}
	}
	return &compareTest{x: l.value(a), y: l.value(b), kind: a.typ.Kind, rel: n.rel}
}

// tests returns kernels, the cheapest first: the ones behind it have fewer rows
// to look at.
func (l *lowerer) tests(nodes []*node) []test {
	nodes = slices.Clone(nodes)
	slices.SortStableFunc(nodes, func(a, b *node) int { return cmp.Compare(cost(a), cost(b)) })
	out := make([]test, len(nodes))
	for i, n := range nodes {
		out[i] = l.test(n)
	}
	return out
}

// cost ranks nodes by what a row costs, roughly in ns.
func cost(n *node) int {
	sum := 1
	switch n.op {
	case opField:
		sum = 3
		if n.typ.List {
			sum = 30
		} else if n.typ.Kind == field.String {
			sum = 10
		}
	case opText:
		sum = 5
		if n.match.test == textPattern {
			sum = 100
		}
	case opString, opConcat:
		sum = 50
	case opVM:
		sum = 500
		for _, k := range n.vm.leaves {
			sum += cost(k)
		}
	}
	for _, k := range n.kids {
		sum += cost(k)
	}
	return sum
}

// is returns the kernel of a test against constants.
func (l *lowerer) is(n *node) test {
	k := n.kids[0]
	mask := ^uint64(0)
	if k.op == opConvert && k.typ.Kind == field.Uint && k.kids[0].typ.Kind == field.Port {
		k, mask = k.kids[0], 0xffff
	}
	match := matcherOf(n.kids[0].typ.Kind, mask, n.ranges)
	if k.typ.List {
		return &listTest{x: l.list(k), match: match}
	}
	switch m := match.(type) {
	case spanMatch:
		return &spanTest{l.value(k), m}
	case *bitmapMatch:
		return &bitmapTest{l.value(k), m}
	case addrMatch:
		return &addrTest{l.value(k), m}
	}
	return &cellTest{l.value(k), match}
}

// matcherOf returns what tells whether keys are in ranges.
func matcherOf(kind field.Kind, mask uint64, ranges []bounds) matcher {
	if kind == field.Addr || kind == field.Prefix {
		if len(ranges) == 1 && ranges[0].lo.Hi == ranges[0].hi.Hi {
			r := ranges[0]
			return addrMatch{hi: r.lo.Hi, lo: r.lo.Lo, width: r.hi.Lo - r.lo.Lo}
		}
		return rangesMatch(ranges)
	}
	spans := make([]spanMatch, len(ranges))
	flip := keyOf(kind, field.Cell{}).Lo
	if kind == field.Float {
		flip = 0
	}
	for i, r := range ranges {
		spans[i] = spanMatch{mask: mask, flip: flip, lo: r.lo.Lo, width: r.hi.Lo - r.lo.Lo}
	}
	switch last := ranges[len(ranges)-1].hi.Lo; {
	case kind == field.Float:
		return floatMatch(ranges)
	case len(spans) == 1:
		return spans[0]
	case flip == 0 && ranges[len(ranges)-1].lo.Lo < bitmapLen:
		return newBitmap(mask, ranges, last)
	}
	return spansMatch(spans)
}

// list returns the kernel of a list.
func (l *lowerer) list(n *node) list {
	switch n.op {
	case opConvert:
		return l.list(n.kids[0])
	case opBucket:
		return &bucketList{l.list(n.kids[0]), n.typ.Kind, n.cell}
	case opNet:
		return &netList{l.list(n.kids[0]), n.typ.Bits, n.typ.Bits6}
	}
	return l.columns.list(n.field)
}

// value returns the kernel of a value.
func (l *lowerer) value(n *node) value {
	if n.op == opField {
		return l.columns.value(n.field)
	}
	if v := l.values[n]; v != nil {
		return v
	}
	v := l.newValue(n)
	l.values[n] = v
	return v
}

func (l *lowerer) newValue(n *node) value {
	if n.isTest() {
		return &testValue{x: l.test(n)}
	}
	switch n.op {
	case opConst:
		return newConst(n)
	case opConvert:
		if n.typ.Kind != field.Float && n.kids[0].typ.Kind != field.Port {
			return l.value(n.kids[0]) // the same 64 bits
		}
		return &convertValue{x: l.value(n.kids[0]), from: n.kids[0].typ.Kind, to: n.typ.Kind}
	case opChoose:
		return &chooseValue{cond: l.test(n.kids[0]), yes: l.value(n.kids[1]), no: l.value(n.kids[2]), text: n.typ.Kind == field.String}
	case opCoalesce:
		return &coalesceValue{x: l.value(n.kids[0]), y: l.value(n.kids[1]), text: n.typ.Kind == field.String}
	case opArith:
		v := &arithValue{x: l.value(n.kids[0]), op: n.arith, kind: n.typ.Kind}
		if len(n.kids) > 1 {
			v.y = l.value(n.kids[1])
		}
		return v
	case opBucket:
		return &bucketValue{x: l.value(n.kids[0]), kind: n.typ.Kind, width: n.cell}
	case opNet:
		return &netValue{x: l.value(n.kids[0]), bits4: n.typ.Bits, bits6: n.typ.Bits6}
	case opString:
		return &stringValue{x: l.value(n.kids[0]), typ: n.kids[0].typ}
	case opConcat:
		return &concatValue{x: l.value(n.kids[0]), y: l.value(n.kids[1])}
	case opLen:
		if k := n.kids[0]; k.typ.List {
			return &countValue{x: l.list(k)}
		}
		return &lenValue{x: l.value(n.kids[0])}
	}
	return l.newVM(n)
}

// newVM returns the kernel of what expr's VM computes.
func (l *lowerer) newVM(n *node) value {
	v := &vmValue{program: n.vm.program, kind: n.typ.Kind, env: map[string]any{}, memo: map[string]result{}}
	for i, k := range n.vm.leaves {
		leaf := vmLeaf{name: leafName(i), typ: k.typ}
		if k.typ.List {
			leaf.list = l.list(k)
		} else {
			leaf.value = l.value(k)
		}
		v.leaves = append(v.leaves, leaf)
	}
	return v
}
