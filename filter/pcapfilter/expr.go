package pcapfilter

// exprOp is what an expression computes.
type exprOp uint8

// Expressions. All are 32 bits wide and unsigned, as in the machine.
const (
	opConst  exprOp = iota // k
	opLoad                 // size bytes of the packet at a+k, or at k where a is nil
	opHeader               // 4*(byte at k & 0xf): the length of an IPv4 header there
	opLen                  // length of the packet on the wire
	opExt                  // what the kernel knows of the packet: k is the SKF_AD_ offset
	opVar                  // variable k
	opNeg                  // -a
	opAdd                  // a+b, and so on
	opSub
	opMul
	opDiv
	opMod
	opAnd
	opOr
	opXor
	opShiftLeft
	opShiftRight
)

// expr is a value that a packet has. Expressions are shared: two of one pool
// are equal exactly if they are the same pointer. Evaluating one rejects the
// packet if it reads beyond the captured bytes or divides by zero; nothing
// else happens, so that order and number of evaluations do not matter.
type expr struct {
	op   exprOp
	size uint8 // of a load and of opExt: 1, 2 or 4
	k    uint32
	a, b *expr
	id   int
	vars uint32 // the variables that the value depends on, as bits
	may  bool   // evaluating it may reject the packet
}

// exprKey is what makes two expressions equal.
type exprKey struct {
	op   exprOp
	size uint8
	k    uint32
	a, b int
}

// pool holds the expressions of one program.
type pool struct {
	byKey map[exprKey]*expr
}

// make returns the expression of an operation, which is not folded.
func (p *pool) make(op exprOp, size uint8, k uint32, a, b *expr) *expr {
	key := exprKey{op, size, k, -1, -1}
	if a != nil {
		key.a = a.id
	}
	if b != nil {
		key.b = b.id
	}
	if e := p.byKey[key]; e != nil {
		return e
	}
	if p.byKey == nil {
		p.byKey = map[exprKey]*expr{}
	}
	e := &expr{op: op, size: size, k: k, a: a, b: b, id: len(p.byKey)}
	if op == opVar {
		e.vars = 1 << k
	}
	e.may = op == opLoad || op == opHeader
	if a != nil {
		e.vars |= a.vars
		e.may = e.may || a.may
	}
	if b != nil {
		e.vars |= b.vars
		e.may = e.may || b.may || (op == opDiv || op == opMod) && (b.op != opConst || b.k == 0)
	}
	p.byKey[key] = e
	return e
}

func (p *pool) constant(v uint32) *expr { return p.make(opConst, 0, v, nil, nil) }

// load returns size bytes of the packet at base+k; base may be nil. A constant
// base is folded into k, a constant that is added to it too.
func (p *pool) load(base *expr, k uint32, size uint8) *expr {
	for base != nil {
		switch {
		case base.op == opConst:
			k += base.k
			base = nil
		case base.op == opAdd && base.b.op == opConst && foldsIntoLoad(base, k):
			k += base.b.k
			base = base.a
		default:
			return p.make(opLoad, size, k, base, nil)
		}
	}
	if k >= beyond {
		return p.fails()
	}
	return p.make(opLoad, size, k, nil, nil)
}

// header returns the length of the IPv4 header at k.
func (p *pool) header(k uint32) *expr {
	if k >= beyond {
		return p.fails()
	}
	return p.make(opHeader, 0, k, nil, nil)
}

// beyond is further than any packet reaches. The kernel takes loads from there
// for something else.
const beyond = 1 << 31

// fails returns an expression that rejects every packet.
func (p *pool) fails() *expr { return p.make(opDiv, 0, 0, p.constant(1), p.constant(0)) }

// foldsIntoLoad reports whether the constant of an addition can join the
// constant k of a load. An addition wraps around and the sum of an indirect
// load does not, so only sums that surely stay small are folded.
func foldsIntoLoad(add *expr, k uint32) bool {
	return limit(add.a)+uint64(add.b.k)+uint64(k) < 1<<31
}

// limit returns a number that an expression is never greater than.
func limit(e *expr) uint64 {
	const most = 1<<32 - 1
	switch e.op {
	case opConst:
		return uint64(e.k)
	case opLoad, opExt:
		return 1<<(8*e.size) - 1
	case opHeader:
		return 60
	case opVar, opLen:
		// Offsets within a packet and lengths: no packet is longer.
		return 1 << 30
	case opAnd:
		return min(limit(e.a), limit(e.b))
	case opAdd:
		return min(most, limit(e.a)+limit(e.b))
	case opMul:
		return min(most, limit(e.a)*limit(e.b))
	case opShiftLeft:
		if e.b.op == opConst && e.b.k < 32 {
			return min(most, limit(e.a)<<e.b.k)
		}
	case opShiftRight, opDiv:
		return limit(e.a)
	}
	return most
}

// binary returns the expression of a binary operation, simplified.
func (p *pool) binary(op exprOp, a, b *expr) *expr {
	if a.op == opConst && b.op == opConst {
		if v, ok := compute(op, a.k, b.k); ok {
			return p.constant(v)
		}
	}
	switch op {
	case opAdd, opMul, opAnd, opOr, opXor:
		if a.op == opConst {
			a, b = b, a
		}
	case opSub:
		if b.op == opConst {
			op, b = opAdd, p.constant(-b.k)
		}
	}
	if b.op == opConst {
		if e := p.identity(op, a, b.k); e != nil {
			return e
		}
	}
	return p.make(op, 0, 0, a, b)
}

// identity returns a simpler form of "a op k", nil if there is none. It never
// drops a load that could reject the packet.
func (p *pool) identity(op exprOp, a *expr, k uint32) *expr {
	switch {
	case k == 0 && (op == opAdd || op == opOr || op == opXor || op == opShiftLeft || op == opShiftRight),
		k == 1 && (op == opMul || op == opDiv),
		k == 0xffffffff && op == opAnd,
		k == 0xff && op == opAnd && a.op == opLoad && a.size == 1,
		k == 0xffff && op == opAnd && a.op == opLoad && a.size <= 2:
		return a
	case k == 0 && (op == opMul || op == opAnd) && !a.may:
		return p.constant(0)
	case op == a.op && a.b != nil && a.b.op == opConst:
		switch op {
		case opAdd, opMul, opAnd, opOr, opXor:
			v, _ := compute(op, a.b.k, k)
			return p.binary(op, a.a, p.constant(v))
		}
	}
	return nil
}

// negate returns -a.
func (p *pool) negate(a *expr) *expr {
	if a.op == opConst {
		return p.constant(-a.k)
	}
	return p.make(opNeg, 0, 0, a, nil)
}

// compute returns the result of a binary operation. ok is false if it divides
// by zero. Shifts by more than 31 bits give 0, as in the kernel's compiler.
func compute(op exprOp, a, b uint32) (v uint32, ok bool) {
	switch op {
	case opAdd:
		return a + b, true
	case opSub:
		return a - b, true
	case opMul:
		return a * b, true
	case opDiv:
		if b == 0 {
			return 0, false
		}
		return a / b, true
	case opMod:
		if b == 0 {
			return 0, false
		}
		return a % b, true
	case opAnd:
		return a & b, true
	case opOr:
		return a | b, true
	case opXor:
		return a ^ b, true
	case opShiftLeft:
		return a << b, true
	case opShiftRight:
		return a >> b, true
	}
	return 0, false
}
