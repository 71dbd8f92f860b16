package pcapfilter

// The optimizer's work is bounded, in passes over the graph and in tests that
// it tries to decide: what comes out when it stops is longer and right all the
// same. Few programs need more than five passes and a thousand tests.
const (
	maxPasses = 40
	maxTests  = 1 << 22
)

// optimize simplifies a graph until nothing changes:
//
//   - a jump to a test that the path to it has decided goes to where the test
//     would go (jump threading);
//   - a test that leads to the same place either way is left out, unless it
//     could reject the packet and keepTests is set; so is a variable that
//     nothing reads;
//   - blocks that do the same become one.
func optimize(root *block, keepTests bool) *block {
	tests := maxTests
	for range maxPasses {
		order := sorted(root)
		t := newThreader(order)
		t.tests = tests
		t.known.dropLoads = !keepTests
		root = t.run(order, keepTests)
		if tests = t.tests; !t.changed || tests <= 0 {
			break
		}
	}
	return root
}

// domNode is a node of the dominator tree of blocks and the jumps between
// them: all paths to it go through its parent.
type domNode struct {
	parent, jump *domNode // jump leads further up, for searches in logarithmic time
	depth        int
	children     []*domNode
	block        *block // the block, or the block that jumps
	isJump       bool
	side         int // of a jump: 0 if the test held, else 1
}

// newDomNode hangs a node below its parent.
func newDomNode(parent *domNode, b *block) *domNode {
	n := &domNode{parent: parent, block: b}
	if parent == nil {
		n.parent, n.jump = n, n
		return n
	}
	n.depth = parent.depth + 1
	n.jump = parent
	if parent.depth-parent.jump.depth == parent.jump.depth-parent.jump.jump.depth {
		n.jump = parent.jump.jump
	}
	parent.children = append(parent.children, n)
	return n
}

// common returns the lowest node above both a and b.
func common(a, b *domNode) *domNode {
	for a != b {
		if a.depth < b.depth {
			a, b = b, a
		}
		switch {
		case a.depth == b.depth && a.jump != b.jump:
			a, b = a.jump, b.jump
		case a.depth > b.depth && a.jump.depth >= b.depth:
			a = a.jump
		default:
			if a.depth == b.depth {
				b = b.parent
			}
			a = a.parent
		}
	}
	return a
}

// threader finds out what is known at each jump of a graph.
type threader struct {
	root *domNode
	// later are the variables that may be assigned at a block or after it:
	// nothing about them is remembered before.
	later []uint32
	known *facts
	// read are the variables that some block reads.
	read uint32
	// to are the new targets of the jumps of each block.
	to      [][2]*block
	changed bool
	tests   int // that may still be tried
}

// newThreader builds the dominator tree of blocks in topological order.
func newThreader(order []*block) *threader {
	t := &threader{later: make([]uint32, len(order)), to: make([][2]*block, len(order)), known: newFacts()}
	above := make([]*domNode, len(order))
	enter := func(b *block, via *domNode) {
		if above[b.order] == nil {
			above[b.order] = via
		} else {
			above[b.order] = common(above[b.order], via)
		}
	}
	for _, b := range order {
		n := newDomNode(above[b.order], b)
		if t.root == nil {
			t.root = n
		}
		if b.kind == blockReturn {
			continue
		}
		for side, next := range [...]*block{b.yes, b.no} {
			if next == nil {
				continue
			}
			t.to[b.order][side] = next
			j := newDomNode(n, b)
			j.isJump, j.side = true, side
			enter(next, j)
		}
	}
	for i := len(order) - 1; i >= 0; i-- {
		b := order[i]
		for _, next := range [...]*block{b.yes, b.no} {
			if next != nil {
				t.later[i] |= t.later[next.order]
			}
		}
		switch b.kind {
		case blockSet:
			t.later[i] |= 1 << b.v
			t.read |= b.expr.vars
		case blockTest:
			t.read |= b.test.a.vars | b.test.b.vars
		}
	}
	return t
}

// run threads all jumps and returns the root of a new graph.
func (t *threader) run(order []*block, keepTests bool) *block {
	t.walk()
	g := newGraph()
	replaced := make([]*block, len(order))
	for i := len(order) - 1; i >= 0; i-- {
		b := *order[i]
		if b.kind == blockReturn {
			replaced[i] = g.end(b.accept)
			continue
		}
		yes, no := t.to[i][0], t.to[i][1]
		t.changed = t.changed || yes != b.yes || no != b.no
		b.yes = replaced[yes.order]
		if no != nil {
			b.no = replaced[no.order]
		}
		if t.useless(&b, keepTests) {
			t.changed = true
			replaced[i] = b.yes
			continue
		}
		replaced[i] = g.block(b)
	}
	return replaced[t.skip(order[0]).order]
}

// useless reports whether a block can be left out.
func (t *threader) useless(b *block, keepTests bool) bool {
	switch b.kind {
	case blockTest:
		return b.yes == b.no && !(keepTests && (b.test.a.may || b.test.b.may))
	case blockSet:
		return t.read>>b.v&1 == 0 && !(keepTests && b.expr.may)
	}
	return false
}

// walk visits the dominator tree, remembering on the way down what the jumps
// tell, and redirects jumps to tests that are decided on the way up: what lies
// behind has been redirected then, and long ways are short already.
func (t *threader) walk() {
	type visit struct {
		n    *domNode
		left int // children still to visit, the last one first
		mark int // of the facts
	}
	enter := func(n *domNode) visit {
		v := visit{n: n, left: len(n.children), mark: t.known.mark()}
		if n.isJump {
			t.learn(n)
		}
		return v
	}
	stack := []visit{enter(t.root)}
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if top.left > 0 {
			top.left--
			stack = append(stack, enter(top.n.children[top.left]))
			continue
		}
		if n := top.n; n.isJump {
			to := &t.to[n.block.order][n.side]
			*to = t.skip(*to)
		}
		t.known.undo(top.mark)
		stack = stack[:len(stack)-1]
	}
}

// learn adds what a jump tells to the facts.
func (t *threader) learn(n *domNode) {
	b := n.block
	target := t.to[b.order][n.side]
	if b.kind == blockTest && (b.test.a.vars|b.test.b.vars)&t.later[target.order] == 0 {
		t.known.learn(b.test, n.side == 0)
	}
}

// skip returns the first block from b on that is no decided test.
func (t *threader) skip(b *block) *block {
	for b.kind == blockTest && t.tests > 0 {
		t.tests--
		holds, decided := t.known.decide(b.test)
		if !decided {
			break
		}
		side := 1
		if holds {
			side = 0
		}
		b = t.to[b.order][side]
	}
	return b
}
