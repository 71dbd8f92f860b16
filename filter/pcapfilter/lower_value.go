package pcapfilter

// number is a lowered value: an expression, and what has to be true of the
// packet for it to mean anything.
type number struct {
	e    *expr
	when *formula // nil: always
}

// comparison lowers a comparison of two values.
func (l *lowerer) comparison(n *comparison) *formula {
	a := l.value(n.l)
	b := l.value(n.r)
	if l.err != nil {
		return nil
	}
	f := l.compare(n.op, a.e, b.e)
	if b.when != nil {
		f = and(b.when, f)
	}
	if a.when != nil {
		f = and(a.when, f)
	}
	return f
}

// compare returns the test that an operator stands for.
func (l *lowerer) compare(op kind, a, b *expr) *formula {
	switch op {
	case char('='):
		return l.test(relEqual, a, b)
	case tkNotEq:
		return not(l.test(relEqual, a, b))
	case char('>'):
		return l.test(relGreater, a, b)
	case tkGreaterEq:
		return l.test(relGreaterEq, a, b)
	case char('<'):
		return not(l.test(relGreaterEq, a, b))
	}
	return not(l.test(relGreater, a, b))
}

// value lowers a value.
func (l *lowerer) value(v value) number {
	if l.err == nil {
		switch v := v.(type) {
		case *numeral:
			return number{e: l.constant(v.n)}
		case *frameLen:
			return number{e: l.make(opLen, 0, 0, nil, nil)}
		case *negative:
			x := l.value(v.x)
			if l.err != nil {
				break
			}
			return number{l.negate(x.e), x.when}
		case *operation:
			return l.operation(v)
		case *fetch:
			return l.fetch(v)
		}
	}
	return number{e: l.constant(0)}
}

// operation lowers an operation of two values. What has to be true for the
// right one is dropped, as libpcap does: "5 + tcp[0]" looks at other packets
// than TCP too.
func (l *lowerer) operation(n *operation) number {
	a := l.value(n.l)
	b := l.value(n.r)
	if l.err != nil {
		return number{e: l.constant(0)}
	}
	if b.e.op == opConst {
		l.checkConstant(n.op, b.e.k, n.r.valueAt())
	}
	return number{l.binary(arithmetic(n.op), a.e, b.e), a.when}
}

// checkConstant notes an error if a constant makes no sense as the right
// operand of an operator.
func (l *lowerer) checkConstant(op kind, k uint32, at span) {
	switch {
	case k == 0 && op == char('/'):
		l.fail(at, "division by zero")
	case k == 0 && op == char('%'):
		l.fail(at, "modulus by zero")
	case k > 31 && (op == tkShiftLeft || op == tkShiftRight):
		l.fail(at, "shift by more than 31 bits")
	}
}

// arithmetic returns the operation of an operator.
func arithmetic(op kind) exprOp {
	switch op {
	case char('+'):
		return opAdd
	case char('-'):
		return opSub
	case char('*'):
		return opMul
	case char('/'):
		return opDiv
	case char('%'):
		return opMod
	case char('&'):
		return opAnd
	case char('|'):
		return opOr
	case char('^'):
		return opXor
	case tkShiftLeft:
		return opShiftLeft
	}
	return opShiftRight
}

// fetch lowers "P[index:size]".
func (l *lowerer) fetch(n *fetch) number {
	if n.size != 1 && n.size != 2 && n.size != 4 {
		l.fail(n.span, "data size must be 1, 2, or 4")
	}
	index := l.value(n.index)
	if l.err != nil {
		return number{e: l.constant(0)}
	}
	size := uint8(n.size)
	from := func(o offset) *expr {
		base := index.e
		if o.base != nil {
			base = l.binary(opAdd, o.base, base)
		}
		return l.load(base, o.k, size)
	}
	both := func(f ...*formula) *formula {
		if index.when != nil {
			f = append([]*formula{index.when}, f...)
		}
		return and(f...)
	}
	switch p := n.proto; p {
	case protoRadio:
		switch l.link.link {
		case linkTypeAVS, linkTypeRadiotap, linkTypePrism:
			return number{from(offset{}), index.when}
		}
		l.fail(n.span, "radio information not present in capture")
	case protoLink:
		return number{from(l.header), index.when}
	case protoIP, protoARP, protoRARP, protoAppleTalk, protoDECnet, protoSCA, protoLAT, protoMOPRC, protoMOPDL, protoIPv6:
		return number{from(l.networkAt(0)), both(l.abbreviation(n.span, p))}
	case protoSCTP, protoTCP, protoUDP, protoICMP, protoIGMP, protoIGRP, protoPIM, protoVRRP, protoCARP:
		when := and(l.linkProto(n.span, etherIP), both(l.abbreviation(n.span, p), l.notLaterFragment()))
		return number{from(l.transport4(0)), when}
	case protoICMPv6:
		when := both(l.linkProto(n.span, etherIPv6), l.equal(l.networkAt(6), 1, ipICMPv6))
		return number{from(l.transport6(0)), when}
	default:
		l.fail(n.span, "unsupported index operation")
	}
	return number{e: l.constant(0)}
}

// byteTest lowers "byte N OP M": "&" and "|" compare the result with 0.
func (l *lowerer) byteTest(n *byteTest) *formula {
	v := l.at(l.header.add(n.index), 1)
	k := l.constant(n.n)
	switch n.op {
	case '<':
		return not(l.test(relGreaterEq, v, k))
	case '>':
		return l.test(relGreater, v, k)
	case '&':
		return l.test(relAnyBit, v, k)
	case '|':
		return not(l.test(relEqual, l.binary(opOr, v, k), l.constant(0)))
	}
	return l.test(relEqual, v, k)
}
