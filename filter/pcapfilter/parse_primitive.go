package pcapfilter

import "strings"

// primary parses a primitive, or a number or value that may be part of one.
func (p *parser) primary(q qualifiers, idents bool) operand {
	tok := p.tok
	switch tok.kind {
	case tkName, tkIPv4, tkIPv6, tkMAC, tkARCnet:
		if !idents {
			break
		}
		return operand{shape: shapeIdent, node: p.checked(p.ident(q)), q: q}
	case tkNumber:
		p.advance()
		return operand{shape: shapeNum, value: &numeral{tok.span, tok.value}}
	case tkLen:
		p.advance()
		return operand{shape: shapeValue, value: &frameLen{tok.span}}
	case char('-'):
		return operand{shape: shapeValue, value: p.arithmetic(nil)}
	case tkProto:
		p.advance()
		if p.tok.kind == char('[') {
			return operand{shape: shapeValue, value: p.fetch(tok)}
		}
		if o, ok := p.qualified(proto(tok.value), tok.span); ok {
			return o
		}
		return term(&abbreviation{tok.span, proto(tok.value)})
	}
	if o, ok := p.qualified(protoDefault, tok.span); ok {
		return o
	}
	if n := p.other(tok); n != nil {
		return term(n)
	}
	p.syntax()
	return operand{}
}

// term wraps a primitive that leaves no qualifiers.
func term(n node) operand { return operand{shape: shapeTerm, node: n, q: noQualifiers} }

// ident reads an identifier with its mask.
func (p *parser) ident(q qualifiers) *ident {
	tok := p.tok
	p.advance()
	id := &ident{span: tok.span, q: q, text: tok.text}
	switch tok.kind {
	case tkName:
		id.kind = identName
	case tkMAC:
		id.kind = identMAC
	case tkARCnet:
		id.kind = identARCnet
	case tkIPv4:
		id.kind = identIPv4
		if p.tok.kind == tkMask {
			p.advance()
			mask := p.expect(tkIPv4)
			id.mask, id.span = mask.text, id.to(mask.span)
			return id
		}
	case tkIPv6:
		id.kind, id.number = identIPv6, 128
	}
	if (tok.kind == tkIPv4 || tok.kind == tkIPv6) && p.accept(char('/')) {
		length := p.expect(tkNumber)
		id.masked, id.number, id.span = true, length.value, id.to(length.span)
	}
	return id
}

// qualified parses what may follow a protocol: qualifiers and an identifier,
// broadcast or multicast, or an IEEE 802.11 test. ok is false if none does.
func (p *parser) qualified(pr proto, start span) (o operand, ok bool) {
	switch p.tok.kind {
	case tkBroadcast, tkMulticast:
		tok := p.tok
		p.advance()
		return term(&casting{start.to(tok.span), pr, tok.kind == tkMulticast}), true
	case tkType, tkSubtype, tkDir:
		return p.frame(start), true
	}
	q := qualifiers{proto: pr}
	hasDir := p.direction(&q)
	hasAddr := p.addrType(&q, !hasDir)
	if !hasDir && !hasAddr {
		return operand{}, false
	}
	at := p.tok.span
	o = p.operand(q, true)
	if o.shape == shapeNum {
		o = p.asIdent(o, q, true)
	}
	if o.shape != shapeIdent && o.shape != shapeGroup {
		p.fail(at, "%s", syntaxError)
	}
	o.shape = shapeTerm
	return o, true
}

// direction reads a direction qualifier, if there is one.
func (p *parser) direction(q *qualifiers) bool {
	first := p.tok
	switch first.kind {
	case tkAddr:
		p.advance()
		q.dir = direction(first.value)
		return true
	case tkSrc, tkDst:
		p.advance()
	default:
		return false
	}
	q.dir = dirSrc
	other := tkDst
	if first.kind == tkDst {
		q.dir, other = dirDst, tkSrc
	}
	switch p.tok.kind {
	case tkOr:
		q.dir = dirOr
	case tkAnd:
		q.dir = dirAnd
	default:
		return true
	}
	p.advance()
	p.expect(other)
	return true
}

// addrType reads a type qualifier, if there is one. Some do not go with a
// direction.
func (p *parser) addrType(q *qualifiers, all bool) bool {
	switch p.tok.kind {
	case tkHost:
		q.addr = addrHost
	case tkNet:
		q.addr = addrNet
	case tkPort:
		q.addr = addrPort
	case tkPortRange:
		q.addr = addrPortRange
	default:
		if !all {
			return false
		}
		switch p.tok.kind {
		case tkProtoWord:
			q.addr = addrProto
		case tkProtoChain:
			q.addr = addrProtoChain
		case tkGateway:
			q.addr = addrGateway
		default:
			return false
		}
	}
	p.advance()
	return true
}

// other parses the primitives that begin with a word of their own. It returns
// nil if tok, the current token, is none of them.
func (p *parser) other(tok token) node {
	switch tok.kind {
	case tkLess, tkGreater:
		p.advance()
		n := p.expect(tkNumber)
		return &lengthTest{tok.to(n.span), tok.kind == tkGreater, n.value}
	case tkByte:
		return p.byteTest()
	case tkInbound, tkOutbound:
		p.advance()
		return &sideTest{tok.span, tok.kind == tkOutbound}
	case tkIfIndex:
		p.advance()
		n := p.expect(tkNumber)
		return &ifIndexTest{tok.to(n.span), n.value}
	case tkEncap:
		p.advance()
		e := &encapsulation{span: tok.span, encap: tok.value}
		if p.tok.kind == tkNumber || p.tok.kind == char('(') {
			n := p.number()
			e.span, e.number, e.has = tok.to(n.span), n.value, true
		}
		return e
	case tkPPPoED:
		p.advance()
		return &discovery{tok.span}
	case tkLLC:
		return p.llc()
	case tkPF:
		return p.packetFilter()
	case tkATM:
		p.advance()
		return &atmTest{tok.span, tok.value}
	case tkMTP2:
		p.advance()
		return &mtp2Test{tok.span, tok.value}
	case tkATMField, tkMTP3:
		return p.field()
	}
	return nil
}

// number reads a number, perhaps in parentheses.
func (p *parser) number() token {
	open := 0
	for p.tok.kind == char('(') && p.err == nil {
		p.advance()
		open++
	}
	n := p.expect(tkNumber)
	for ; open > 0; open-- {
		p.expect(char(')'))
	}
	return n
}

// byteTest parses "byte N OP M".
func (p *parser) byteTest() node {
	start := p.expect(tkByte)
	index := p.expect(tkNumber)
	op := p.tok
	if !strings.ContainsAny(op.text, "&|<>=") || len(op.text) != 1 {
		p.syntax()
		return nil
	}
	p.advance()
	n := p.expect(tkNumber)
	return &byteTest{start.to(n.span), index.value, n.value, op.text[0]}
}

// llc parses "llc" with a type, which may be the word "rnr" that means
// something else elsewhere.
func (p *parser) llc() node {
	start := p.expect(tkLLC)
	typ := p.tok
	if typ.kind != tkName && !(typ.kind == tkPF && typ.value == pfRulenum) {
		return &llcTest{span: start.span}
	}
	p.advance()
	if typ.kind == tkPF {
		typ.text = "rnr"
	}
	return &llcTest{start.to(typ.span), typ.text}
}

// packetFilter parses a test of OpenBSD's packet filter log.
func (p *parser) packetFilter() node {
	start := p.expect(tkPF)
	arg := p.tok
	test := &pfTest{span: start.to(arg.span), field: start.value, text: arg.text, number: arg.value}
	switch start.value {
	case pfIfname, pfRuleset:
		p.expect(tkName)
	case pfRulenum, pfSubrulenum:
		p.expect(tkNumber)
	case pfReason:
		if arg.kind == tkName {
			code, ok := indexOf(pfReasonNames[:], strings.ToLower(arg.text))
			if !ok {
				p.fail(arg.span, "unknown PF reason %q", arg.text)
			}
			test.number = code
			p.advance()
			break
		}
		p.expect(tkNumber)
	case pfAction:
		code, ok := pfActionCode(arg.text)
		if arg.kind == tkName && !ok {
			p.fail(arg.span, "unknown PF action %q", arg.text)
		}
		test.number = code
		p.expect(tkName)
	}
	return test
}

// field parses a field of ATM or MTP3: "vpi 1", "opc >= 5", "sls (1 or 2)".
func (p *parser) field() node {
	start := p.tok
	p.advance()
	f := &fieldTest{span: start.span, mtp3: start.kind == tkMTP3, field: start.value, op: char('=')}
	if p.accept(char('(')) {
		f.values = append(f.values, p.expect(tkNumber).value)
		for p.accept(tkOr) {
			f.values = append(f.values, p.expect(tkNumber).value)
		}
		f.span = start.to(p.expect(char(')')).span)
		return f
	}
	if isRelation(p.tok.kind) {
		f.op = p.tok.kind
		p.advance()
	}
	n := p.expect(tkNumber)
	f.values, f.span = append(f.values, n.value), start.to(n.span)
	return f
}
