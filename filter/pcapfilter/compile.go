package pcapfilter

import "golang.org/x/net/bpf"

// Program is a compiled expression.
type Program struct {
	raw  []bpf.RawInstruction
	link uint16
	live bool
}

// Compile compiles an expression. An empty one matches every packet. An error
// is an *Error.
func Compile(expr string, opt Options) (*Program, error) {
	tree, err := parse(expr)
	if err != nil {
		return nil, err
	}
	l := newLowerer(expr, &opt)
	f := constantFormula(true)
	if tree != nil {
		f = l.formula(tree)
	}
	if l.err != nil {
		return nil, l.err
	}
	whole := func(msg string) *Error { return &Error{Expr: expr, End: len(expr), Msg: msg} }
	g := newGraph()
	root := l.assemble(g, f)
	if g.tooMany {
		return nil, whole(tooComplex)
	}
	root = optimize(root, l.keepTests)
	if !l.keepTests {
		root = optimize(regroup(root), false)
	}
	order := sorted(root)
	code := generate(&l.pool, order)
	if code == nil {
		return nil, whole(tooManyRegisters)
	}
	snapLen := opt.SnapLen
	if snapLen == 0 {
		snapLen = defaultSnapLen
	}
	p := &Program{raw: linearize(order, code, snapLen), link: opt.Link, live: opt.Live}
	if len(p.raw) > maxProgram {
		return nil, whole(tooComplex)
	}
	return p, nil
}

// maxProgram is how many instructions a program may have.
const maxProgram = 1<<16 - 1

// kernelInstructions is how many the kernel takes (BPF_MAXINSNS).
const kernelInstructions = 4096

const tooComplex = "filter is too complex to optimize"

// assemble returns the graph of a formula with what has to come before it.
func (l *lowerer) assemble(g *graph, f *formula) *block {
	// What the formula is made of tells which lengths have to be computed.
	used := usedVars(sorted(g.build(f, g.accept, g.reject)))
	parts := []*formula{l.prologue(used), f}
	root := g.build(and(parts...), g.accept, g.reject)
	if unset := unsetVars(sorted(root)); unset != 0 {
		parts = append([]*formula{l.clear(unset)}, parts...)
	}
	if l.opt.Link == linkTypePPI {
		// The type of what follows the header, in little-endian order.
		parts = append([]*formula{l.equal(offset{k: 4}, 4, linkTypeWLAN<<24)}, parts...)
	}
	return g.build(and(parts...), g.accept, g.reject)
}

// clear sets variables to 0.
func (l *lowerer) clear(vars uint32) *formula {
	var f []*formula
	for v := range l.varsUsed {
		if vars>>v&1 != 0 {
			f = append(f, set(l.make(opVar, 0, v, nil, nil), l.constant(0)))
		}
	}
	return and(f...)
}

// unsetVars returns the variables that may be read before they are assigned:
// in "geneve or tcp", the second test is reached by packets without Geneve. The
// kernel refuses programs that read scratch memory so.
func unsetVars(order []*block) uint32 {
	const all = ^uint32(0)
	assigned := make([]uint32, len(order))
	for i := range assigned[1:] {
		assigned[i+1] = all
	}
	unset := uint32(0)
	for i, b := range order {
		now := assigned[i]
		switch b.kind {
		case blockTest:
			unset |= (b.test.a.vars | b.test.b.vars) &^ now
		case blockSet:
			unset |= b.expr.vars &^ now
			now |= 1 << b.v
		}
		for _, next := range [...]*block{b.yes, b.no} {
			if next != nil {
				assigned[next.order] &= now
			}
		}
	}
	return unset
}

// Raw returns the instructions, which must not be changed.
func (p *Program) Raw() []bpf.RawInstruction { return p.raw }

// Link returns the LINKTYPE_ value that the program is for.
func (p *Program) Link() uint16 { return p.link }

// RejectsAll reports whether no packet can match: libpcap calls that an error,
// "expression rejects all packets".
func (p *Program) RejectsAll() bool {
	return len(p.raw) == 1 && p.raw[0].K == 0
}

// UserSpaceOnly reports whether no kernel takes the program: it jumps backwards
// ("protochain"), or is longer than 4096 instructions.
func (p *Program) UserSpaceOnly() bool {
	if len(p.raw) > kernelInstructions {
		return true
	}
	for _, in := range p.raw {
		if in.Op == classJMP|jmpJA && int32(in.K) < 0 {
			return true
		}
	}
	return false
}

// AcceptsAll reports whether every packet matches.
func (p *Program) AcceptsAll() bool {
	return len(p.raw) == 1 && p.raw[0].K != 0
}
