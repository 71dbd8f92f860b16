package pcapfilter

// maxOperators is how many operators one value may have.
const maxOperators = 10000

// pending is an operator that waits for its right operand: a binary one, or the
// sign if neg is set.
type pending struct {
	op  kind
	neg bool
	span
}

// relation parses what may follow a number or a value: operators, and a
// comparison with another value.
func (p *parser) relation(o operand) operand {
	if binds(p.tok.kind) == notOperator && !isRelation(p.tok.kind) {
		return o
	}
	l := p.arithmetic(o.value)
	op := p.tok.kind
	if !isRelation(op) {
		return operand{shape: shapeValue, value: l}
	}
	p.advance()
	r := p.arithmetic(nil)
	if p.err != nil {
		return operand{}
	}
	c := &comparison{span: l.valueAt().to(r.valueAt()), op: op, l: l, r: r}
	return operand{shape: shapeTerm, node: c, q: noQualifiers}
}

func isRelation(k kind) bool {
	switch k {
	case char('>'), char('<'), char('='), tkGreaterEq, tkLessEq, tkNotEq:
		return true
	}
	return false
}

// Binding strengths. The grammar gives none to "%" and "^": they take
// everything to their right, whatever stands there.
const (
	notOperator = -1
	unbound     = 0
	signBinds   = 6
)

// binds returns how strongly a binary operator binds.
func binds(k kind) int {
	switch k {
	case char('|'):
		return 1
	case char('&'):
		return 2
	case tkShiftLeft, tkShiftRight:
		return 3
	case char('+'), char('-'):
		return 4
	case char('*'), char('/'):
		return 5
	case char('%'), char('^'):
		return unbound
	}
	return notOperator
}

// arithmetic parses operands with binary operators between them. left is the
// first operand where it has been read.
func (p *parser) arithmetic(left value) value {
	var values []value
	var ops []pending
	reduce := func() {
		top := ops[len(ops)-1]
		ops = ops[:len(ops)-1]
		r := values[len(values)-1]
		if top.neg {
			values[len(values)-1] = &negative{span: top.to(r.valueAt()), x: r}
			return
		}
		values = values[:len(values)-1]
		l := values[len(values)-1]
		values[len(values)-1] = &operation{span: l.valueAt().to(r.valueAt()), op: top.op, l: l, r: r}
	}
	count := 0
	for {
		if left == nil {
			for p.tok.kind == char('-') && p.err == nil {
				ops = append(ops, pending{neg: true, span: p.tok.span})
				p.advance()
			}
			left = p.atom()
		}
		values = append(values, left)
		left = nil
		next := binds(p.tok.kind)
		if count++; count+len(ops) > maxOperators {
			p.fail(p.tok.span, "can't parse filter expression: memory exhausted")
		}
		if p.err != nil {
			return nil
		}
		for len(ops) > 0 && (next == notOperator || reduces(ops[len(ops)-1], next)) {
			reduce()
		}
		if next == notOperator {
			return values[0]
		}
		ops = append(ops, pending{op: p.tok.kind, span: p.tok.span})
		p.advance()
	}
}

// reduces reports whether an operator takes the operand at its right from one
// that follows with the strength next.
func reduces(top pending, next int) bool {
	strength := signBinds
	if !top.neg {
		strength = binds(top.op)
	}
	return strength != unbound && next != unbound && strength >= next
}

// atom parses a value without operators of its own.
func (p *parser) atom() value {
	start := p.tok
	switch start.kind {
	case tkNumber:
		p.advance()
		return &numeral{start.span, start.value}
	case tkLen:
		p.advance()
		return &frameLen{start.span}
	case tkProto:
		p.advance()
		return p.fetch(start)
	case char('('):
		if !p.enter() {
			return nil
		}
		defer p.leave()
		o := p.parentheses(noQualifiers, false)
		if o.shape == shapeNum || o.shape == shapeValue {
			return o.value
		}
	}
	p.syntax()
	return nil
}

// fetch parses "[index:size]" behind a protocol.
func (p *parser) fetch(protoToken token) value {
	p.expect(char('['))
	index := p.arithmetic(nil)
	size := uint32(1)
	if p.accept(char(':')) {
		size = p.expect(tkNumber).value
	}
	end := p.expect(char(']'))
	return &fetch{protoToken.to(end.span), proto(protoToken.value), index, size}
}
