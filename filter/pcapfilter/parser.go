package pcapfilter

// maxDepth is how deep parentheses and negations may be nested. It keeps the
// stack small whatever the text is.
const maxDepth = 1000

// parser turns tokens into the syntax tree.
//
// The grammar is not regular about what "(" opens: an expression, a list of
// identifiers that share qualifiers ("port (80 or 443)"), or a value. An
// operand is therefore parsed first and judged by its shape after.
type parser struct {
	lex   lexer
	tok   token
	depth int
	err   *Error // the first error; parsing goes on to the end of its function
}

// shape is what an operand turned out to be.
type shape uint8

// Shapes.
const (
	shapeTerm  shape = iota // stands for itself
	shapeIdent              // needs qualifiers, and was given those at hand
	shapeList               // identifiers with "and" and "or" between them
	shapeGroup              // identifiers in parentheses
	shapeNum                // a number: an identifier or a value
	shapeValue              // arithmetic
)

// operand is a parsed operand.
type operand struct {
	shape shape
	node  node       // of a term, an identifier and a list
	value value      // of a number and a value
	q     qualifiers // what its successors inherit
}

// parse returns the syntax tree of an expression, nil for an empty one, which
// all packets match.
func parse(expr string) (node, *Error) {
	p := &parser{lex: lexer{expr: expr}}
	p.advance()
	if p.err != nil {
		return nil, p.err
	}
	if p.tok.kind == tkEnd {
		return nil, nil
	}
	op := p.chain(noQualifiers, false)
	if op.shape != shapeTerm || p.tok.kind != tkEnd {
		p.syntax()
	}
	if p.err != nil {
		return nil, p.err
	}
	return op.node, nil
}

// advance reads the next token. After an error there are no more.
func (p *parser) advance() {
	if p.err != nil {
		p.tok.kind = tkEnd
		return
	}
	tok, err := p.lex.next()
	if err != nil {
		p.err = err
		tok.kind = tkEnd
	}
	p.tok = tok
}

// fail notes an error about a stretch of the expression, if it is the first.
func (p *parser) fail(at span, format string, args ...any) {
	if p.err == nil {
		p.err = p.lex.errorf(at, format, args...)
		p.tok.kind = tkEnd
	}
}

// syntax notes that the current token does not fit.
func (p *parser) syntax() { p.fail(p.tok.span, "%s", syntaxError) }

// accept skips the current token if it is of a kind.
func (p *parser) accept(k kind) bool {
	if p.tok.kind != k {
		return false
	}
	p.advance()
	return true
}

// expect skips a token of a kind, or notes an error. It returns the token.
func (p *parser) expect(k kind) token {
	tok := p.tok
	if tok.kind != k {
		p.syntax()
	} else {
		p.advance()
	}
	return tok
}

// enter counts a level of nesting; leave is called at its end.
func (p *parser) enter() bool {
	p.depth++
	if p.depth > maxDepth {
		p.fail(p.tok.span, "can't parse filter expression: memory exhausted")
		return false
	}
	return true
}

func (p *parser) leave() { p.depth-- }

// chain parses operands with "and" and "or" between them. q is what the first
// inherits; idents says whether it may be an identifier without qualifiers of
// its own.
func (p *parser) chain(q qualifiers, idents bool) operand {
	first := p.operand(q, idents)
	if p.tok.kind != tkAnd && p.tok.kind != tkOr {
		return first
	}
	list := false
	switch first.shape {
	case shapeIdent:
		list = true
	case shapeNum:
		list = true
		first = p.asIdent(first, q, idents)
	}
	if first.shape != shapeTerm && !list {
		p.syntax()
	}
	c := &chain{operands: []node{first.node}}
	last := first
	for p.tok.kind == tkAnd || p.tok.kind == tkOr {
		op := p.tok.kind
		p.advance()
		last = p.link(last.q, list)
		c.ops = append(c.ops, op)
		c.operands = append(c.operands, last.node)
	}
	if p.err != nil {
		return operand{}
	}
	c.span = first.node.at().to(last.node.at())
	if list {
		return operand{shape: shapeList, node: c, q: last.q}
	}
	return operand{shape: shapeTerm, node: c, q: last.q}
}

// link parses an operand of a chain behind its "and" or "or". In a list it has
// to be an identifier, which inherits q.
func (p *parser) link(q qualifiers, list bool) operand {
	at := p.tok.span
	o := p.operand(q, true)
	if o.shape == shapeNum {
		o = p.asIdent(o, q, true)
	}
	if o.shape == shapeValue || list && o.shape == shapeTerm {
		p.fail(at, "%s", syntaxError)
	}
	return o
}

// asIdent makes an identifier of a number.
func (p *parser) asIdent(o operand, q qualifiers, idents bool) operand {
	if !idents {
		p.syntax()
		return operand{}
	}
	n := o.value.(*numeral)
	id := &ident{span: n.span, q: q, kind: identNumber, number: n.n}
	return operand{shape: shapeIdent, node: p.checked(id), q: q}
}

// checked notes an error if an identifier has no qualifiers to inherit.
func (p *parser) checked(id *ident) node {
	if id.q == noQualifiers {
		p.fail(id.span, "syntax error in filter expression")
	}
	return id
}

// operand parses one operand of a chain, with its negations.
func (p *parser) operand(q qualifiers, idents bool) operand {
	if !p.enter() {
		return operand{}
	}
	defer p.leave()
	start := p.tok.span
	if p.accept(tkNot) {
		o := p.operand(q, idents)
		switch o.shape {
		case shapeNum:
			o = p.asIdent(o, q, idents)
		case shapeGroup:
			o.shape = shapeIdent
		case shapeValue:
			p.syntax()
		}
		if p.err != nil {
			return operand{}
		}
		o.node = &negation{span: start.to(o.node.at()), x: o.node}
		return o
	}
	var o operand
	if p.tok.kind == char('(') {
		o = p.parentheses(q, idents)
	} else {
		o = p.primary(q, idents)
	}
	if (o.shape == shapeNum || o.shape == shapeValue) && p.err == nil {
		return p.relation(o)
	}
	return o
}

// parentheses parses what stands between "(" and ")".
func (p *parser) parentheses(q qualifiers, idents bool) operand {
	open := p.expect(char('('))
	o := p.chain(q, idents)
	end := p.expect(char(')'))
	switch o.shape {
	case shapeTerm:
		// What follows inherits from what came before the parentheses.
		o.q = q
	case shapeIdent, shapeList:
		o.shape = shapeGroup
	case shapeGroup:
		p.fail(open.to(end.span), "%s", syntaxError)
	}
	return o
}
