package pcapfilter

// registers is what the machine's registers hold; nil if that is not known.
type registers struct{ a, x *expr }

// generator turns blocks into instructions.
type generator struct {
	pool  *pool
	slots [32]uint32 // of variables, in scratch memory
	vars  uint32     // number of slots that variables have
	temps uint32     // number of slots behind them that hold values now

	code  []insn
	now   registers
	short bool // scratch memory did not suffice
}

// generate returns the code of blocks in topological order, block by block. It
// is nil if scratch memory does not suffice.
func generate(p *pool, order []*block) [][]insn {
	g := &generator{pool: p}
	g.assignSlots(order)
	entry := make([]*registers, len(order))
	code := make([][]insn, len(order))
	for i, b := range order {
		g.code = nil
		g.now = registers{}
		if entry[i] != nil {
			g.now = *entry[i]
		}
		g.block(b)
		code[i] = g.code
		for _, next := range [...]*block{b.yes, b.no} {
			if next == nil {
				continue
			}
			if at := &entry[next.order]; *at == nil {
				out := g.now
				*at = &out
			} else {
				(*at).meet(g.now)
			}
		}
	}
	if g.short {
		return nil
	}
	return code
}

// meet forgets what does not hold on another path too.
func (r *registers) meet(other registers) {
	if r.a != other.a {
		r.a = nil
	}
	if r.x != other.x {
		r.x = nil
	}
}

// assignSlots gives a slot to each variable that is used.
func (g *generator) assignSlots(order []*block) {
	used := usedVars(order)
	for v := range uint32(32) {
		if used>>v&1 != 0 {
			g.slots[v] = g.vars
			g.vars++
		}
	}
}

// usedVars returns the variables that blocks read or assign, as bits.
func usedVars(order []*block) uint32 {
	used := uint32(0)
	for _, b := range order {
		switch b.kind {
		case blockTest:
			used |= b.test.a.vars | b.test.b.vars
		case blockSet:
			used |= 1<<b.v | b.expr.vars
		}
	}
	return used
}

func (g *generator) emit(op uint16, k uint32) { g.code = append(g.code, insn{op: op, k: k}) }

// block generates the code of a block.
func (g *generator) block(b *block) {
	switch b.kind {
	case blockTest:
		g.test(b)
	case blockSet:
		g.assign(b)
	case blockWalk:
		g.walk(b)
		g.now = registers{}
	}
}

// assign generates the assignment of a variable.
func (g *generator) assign(b *block) {
	v := g.pool.make(opVar, 0, b.v, nil, nil)
	slot := g.slots[b.v]
	if g.now.x == b.expr && g.now.a != b.expr {
		g.emit(classSTX, slot)
		g.forget(v.vars)
		g.now.x = v
		return
	}
	g.intoA(b.expr)
	g.emit(classST, slot)
	g.forget(v.vars)
	g.now.a = v
}

// forget forgets values that depend on variables.
func (g *generator) forget(vars uint32) {
	if g.now.a != nil && g.now.a.vars&vars != 0 {
		g.now.a = nil
	}
	if g.now.x != nil && g.now.x.vars&vars != 0 {
		g.now.x = nil
	}
}

// test generates a test and its jump.
func (g *generator) test(b *block) {
	t := b.test
	op := classJMP | jumpCode(t.rel)
	if t.b.op == opConst {
		g.intoA(t.a)
		g.code = append(g.code, insn{op: op | srcK, k: t.b.k, yes: b.yes, no: b.no})
		return
	}
	g.intoAX(t.a, t.b, t.rel == relEqual || t.rel == relAnyBit)
	g.code = append(g.code, insn{op: op | srcX, yes: b.yes, no: b.no})
}

// intoA generates code that puts a value into register A.
func (g *generator) intoA(e *expr) {
	if g.now.a == e {
		return
	}
	if g.now.x == e && !isDirect(e) {
		g.emit(classMISC|miscTXA, 0)
		g.now.a = e
		return
	}
	switch e.op {
	case opConst:
		g.emit(classLD|modeIMM, e.k)
	case opLen:
		g.emit(classLD|modeLEN, 0)
	case opVar:
		g.emit(classLD|modeMEM, g.slots[e.k])
	case opExt:
		g.emit(classLD|modeABS|sizeCode(e.size), extBase+e.k)
	case opLoad:
		if e.a == nil {
			g.emit(classLD|modeABS|sizeCode(e.size), e.k)
			break
		}
		g.intoX(e.a)
		g.emit(classLD|modeIND|sizeCode(e.size), e.k)
	case opHeader:
		g.intoX(e)
		g.emit(classMISC|miscTXA, 0)
	case opNeg:
		g.intoA(e.a)
		g.emit(classALU|aluNEG, 0)
	default:
		g.binary(e)
	}
	g.now.a = e
}

// binary generates a binary operation.
func (g *generator) binary(e *expr) {
	code := classALU | aluCode(e.op)
	if e.b.op == opConst && (e.b.k != 0 || e.op != opDiv && e.op != opMod) {
		g.intoA(e.a)
		g.emit(code|srcK, e.b.k)
		return
	}
	g.intoAX(e.a, e.b, e.op == opAdd || e.op == opMul || e.op == opAnd || e.op == opOr || e.op == opXor)
	g.emit(code|srcX, 0)
}

// intoAX generates code that puts a into register A and b into X, or the other
// way round where either will do.
func (g *generator) intoAX(a, b *expr, either bool) {
	if either && (g.now.a == b && isDirect(a) || isDirect(a) && !isDirect(b) || g.now.x == a && !usesX(b)) {
		a, b = b, a
	}
	if isDirect(b) || g.now.x == b && !usesX(a) {
		g.intoA(a)
		g.intoX(b)
		return
	}
	g.intoA(b)
	if !usesX(a) {
		g.emit(classMISC|miscTAX, 0)
		g.now.x = b
		g.intoA(a)
		return
	}
	slot := g.vars + g.temps
	if slot >= scratchWords {
		g.short = true
		return
	}
	g.emit(classST, slot)
	g.temps++
	g.intoA(a)
	g.temps--
	g.emit(classLDX|modeMEM, slot)
	g.now.x = b
}

// intoX generates code that puts a value into register X. It leaves A as it is
// if the value is direct.
func (g *generator) intoX(e *expr) {
	if g.now.x == e {
		return
	}
	switch e.op {
	case opConst:
		g.emit(classLDX|modeIMM, e.k)
	case opLen:
		g.emit(classLDX|modeLEN, 0)
	case opVar:
		if g.now.a == e {
			g.emit(classMISC|miscTAX, 0)
			break
		}
		g.emit(classLDX|modeMEM, g.slots[e.k])
	case opHeader:
		g.emit(classLDX|modeMSH|sizeB, e.k)
	default:
		g.intoA(e)
		g.emit(classMISC|miscTAX, 0)
	}
	g.now.x = e
}

// isDirect reports whether a value can be put into X without A.
func isDirect(e *expr) bool {
	return e.op == opConst || e.op == opLen || e.op == opVar || e.op == opHeader
}

// usesX reports whether putting a value into A needs X.
func usesX(e *expr) bool {
	switch e.op {
	case opHeader:
		return true
	case opLoad:
		return e.a != nil
	case opNeg:
		return usesX(e.a)
	}
	if e.op < opAdd {
		return false
	}
	return e.b.op != opConst || usesX(e.a)
}
