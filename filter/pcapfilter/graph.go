package pcapfilter

// blockKind is what a block does.
type blockKind uint8

// Kinds of blocks.
const (
	blockReturn blockKind = iota // accepts or rejects the packet
	blockTest                    // goes to yes or no
	blockSet                     // assigns a variable and goes to yes
	blockWalk                    // looks for a protocol and goes to yes or no
)

// block is a node of a program's graph, which has no cycles.
type block struct {
	kind    blockKind
	accept  bool
	test    test
	v       uint32
	expr    *expr
	walk    *walk
	yes, no *block

	id    int
	order int // position in the order of the last traversal; -1 before it
}

// blockKey is what makes two blocks do the same.
type blockKey struct {
	kind    blockKind
	rel     relation
	v       uint32
	a, b    int
	walk    *walk
	yes, no int
}

// graph holds the blocks of a program. Blocks that do the same are one.
type graph struct {
	byKey          map[blockKey]*block
	accept, reject *block
	blocks         int
	tooMany        bool
}

// maxBlocks is how many blocks a program may have.
const maxBlocks = 1 << 16

// newGraph returns a graph with the two blocks that programs end with.
func newGraph() *graph {
	return &graph{
		byKey:  map[blockKey]*block{},
		accept: &block{kind: blockReturn, accept: true, id: 0},
		reject: &block{kind: blockReturn, id: 1},
		blocks: 2,
	}
}

// block returns the block that does what b does.
func (g *graph) block(b block) *block {
	key := blockKey{kind: b.kind, rel: b.test.rel, v: b.v, walk: b.walk, yes: b.yes.id, no: -1}
	switch b.kind {
	case blockTest:
		key.a, key.b, key.no = b.test.a.id, b.test.b.id, b.no.id
	case blockSet:
		key.a = b.expr.id
	case blockWalk:
		key.no = b.no.id
	}
	if old := g.byKey[key]; old != nil {
		return old
	}
	if g.blocks == maxBlocks {
		g.tooMany = true
		return g.reject
	}
	b.id = g.blocks
	g.blocks++
	g.byKey[key] = &b
	return &b
}

// end returns the block that accepts or rejects.
func (g *graph) end(accept bool) *block {
	if accept {
		return g.accept
	}
	return g.reject
}

// build returns the first block of a formula that goes on to yes or no.
func (g *graph) build(f *formula, yes, no *block) *block {
	if g.tooMany {
		return g.reject
	}
	switch f.kind {
	case fConst:
		if f.value {
			return yes
		}
		return no
	case fTest:
		return g.block(block{kind: blockTest, test: f.test, yes: yes, no: no})
	case fSet:
		return g.block(block{kind: blockSet, v: f.v, expr: f.expr, yes: yes})
	case fWalk:
		return g.block(block{kind: blockWalk, walk: f.walk, yes: yes, no: no})
	case fNot:
		return g.build(f.parts[0], no, yes)
	}
	for i := len(f.parts) - 1; i >= 0; i-- {
		first := g.build(f.parts[i], yes, no)
		if f.kind == fAnd {
			yes = first
		} else {
			no = first
		}
	}
	if f.kind == fAnd {
		return yes
	}
	return no
}

// sorted returns the blocks that can be reached from root, every block before
// those it goes to, and what a test goes to if it holds right behind it where
// that is possible. Block.order is set.
func sorted(root *block) []*block {
	// Post-order on a stack of its own: expressions can be long.
	type visit struct {
		b    *block
		done bool
	}
	seen := map[*block]bool{}
	var post []*block
	stack := []visit{{b: root}}
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		b := top.b
		if top.done || seen[b] {
			if top.done {
				post = append(post, b)
			}
			stack = stack[:len(stack)-1]
			continue
		}
		seen[b] = true
		top.done = true
		for _, next := range [...]*block{b.yes, b.no} {
			if next != nil && !seen[next] {
				stack = append(stack, visit{b: next})
			}
		}
	}
	out := make([]*block, 0, len(post))
	for i := len(post) - 1; i >= 0; i-- {
		if post[i].kind != blockReturn {
			out = append(out, post[i])
		}
	}
	// Programs end with accepting and then with rejecting.
	for _, accept := range [...]bool{true, false} {
		for _, b := range post {
			if b.kind == blockReturn && b.accept == accept {
				out = append(out, b)
			}
		}
	}
	for i, b := range out {
		b.order = i
	}
	return out
}
