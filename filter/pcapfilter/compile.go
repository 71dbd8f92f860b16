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
	root = optimize(g, root, l.keepTests)
	if !l.keepTests {
		root = optimize(g, regroup(g, root), false)
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

// maxProgram is how many instructions a program may have. The kernel takes 4096.
const maxProgram = 1<<16 - 1

const tooComplex = "filter is too complex to optimize"

// assemble returns the graph of a formula with what has to come before it.
func (l *lowerer) assemble(g *graph, f *formula) *block {
	// What the formula is made of tells which lengths have to be computed.
	used := usedVars(sorted(g.build(f, g.accept, g.reject)))
	parts := []*formula{l.prologue(used), f}
	if l.opt.Link == linkTypePPI {
		// The type of what follows the header, in little-endian order.
		parts = append([]*formula{l.equal(offset{k: 4}, 4, linkTypeWLAN<<24)}, parts...)
	}
	return g.build(and(parts...), g.accept, g.reject)
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

// AcceptsAll reports whether every packet matches.
func (p *Program) AcceptsAll() bool {
	return len(p.raw) == 1 && p.raw[0].K != 0
}
