package pcapfilter

// cut finds a minimum cut of a program by maximum flow (Ford and Fulkerson).
// Nodes are steps; the last node stands for every return that matches.
type cut struct {
	code      []step
	questions []question // by step: what it compares; of unknown origin elsewhere
	// Flow over the two edges of every step, and what each can still take.
	edges [][2]edge
	into  [][]ref // edges that enter a node
	seen  []bool
}

type edge struct {
	to         int // -1: a packet that goes this way does not match
	room, flow int
}

// ref names an edge: one of the two of a step.
type ref struct{ from, which int }

func newCut(code []step) *cut {
	n := len(code)
	g := &cut{
		code: code, questions: originsOf(code),
		edges: make([][2]edge, n), into: make([][]ref, n+1), seen: make([]bool, n+1),
	}
	for i := range code {
		s := &code[i]
		g.edges[i] = [2]edge{{to: -1}, {to: -1}}
		switch {
		case s.op == stepReturn && s.equals != 0:
			g.join(i, 0, n, priceless)
		case s.op == stepReturn:
		case s.op.compares():
			g.join(i, 0, int(s.yes), g.questions[i].price())
			g.join(i, 1, int(s.no), priceless)
		default:
			g.join(i, 1, int(s.no), priceless)
		}
	}
	return g
}

func (g *cut) join(from, which, to, room int) {
	if to > len(g.code) || to == len(g.code) && g.code[from].op != stepReturn {
		return // beyond the end: no match
	}
	g.edges[from][which] = edge{to: to, room: room}
	g.into[to] = append(g.into[to], ref{from, which})
}

// cheapest returns the steps whose equality a match has to pass, nil if that
// would cost more than a limit.
func (g *cut) cheapest(limit int) (steps []int) {
	for total := 0; ; {
		clear(g.seen)
		got := g.push(0, priceless)
		if got == 0 {
			break
		}
		if total += got; total > limit {
			return nil
		}
	}
	// What the beginning can still reach lies on its side of the cut.
	for i := range g.edges {
		for _, e := range g.edges[i] {
			if g.seen[i] && e.to >= 0 && !g.seen[e.to] {
				steps = append(steps, i)
			}
		}
	}
	return steps
}

// push sends at most room of flow from a node to the end and returns how much
// has arrived.
func (g *cut) push(node, room int) int {
	if node == len(g.code) {
		return room
	}
	g.seen[node] = true
	for which := range g.edges[node] {
		e := &g.edges[node][which]
		if e.to < 0 || g.seen[e.to] || e.room == e.flow {
			continue
		}
		if got := g.push(e.to, min(room, e.room-e.flow)); got > 0 {
			e.flow += got
			return got
		}
	}
	for _, r := range g.into[node] { // take flow back
		e := &g.edges[r.from][r.which]
		if g.seen[r.from] || e.flow == 0 {
			continue
		}
		if got := g.push(r.from, min(room, e.flow)); got > 0 {
			e.flow -= got
			return got
		}
	}
	return 0
}

// compares reports whether a step that is not fused has two ways out.
func (op stepOp) compares() bool {
	switch op {
	case stepEq, stepGt, stepGe, stepBit, stepEqX, stepGtX, stepGeX, stepBitX:
		return true
	}
	return false
}

// origins are what is known of A and X before a step.
type origins struct {
	reached bool
	a       loaded
	x       loaded // a header: only behind and header are valid
}

// originsOf returns, for every comparison with a constant, what it compares,
// where that is the same on every way to it. Programs only jump forward.
func originsOf(code []step) []question {
	questions := make([]question, len(code))
	before := make([]origins, len(code))
	if len(code) > 0 {
		before[0].reached = true
	}
	for i := range code {
		s, now := &code[i], before[i]
		if !now.reached || s.op == stepReturn {
			continue
		}
		if s.op == stepEq {
			questions[i] = question{loaded: now.a, value: s.equals}
		}
		now.step(s)
		ways := []uint16{s.no}
		if s.op.compares() {
			ways = append(ways, s.yes)
		}
		for _, to := range ways {
			if int(to) >= len(code) {
				continue
			}
			b := &before[to]
			if !b.reached {
				*b = now
			}
			if b.a != now.a {
				b.a = loaded{}
			}
			if b.x != now.x {
				b.x = loaded{}
			}
		}
	}
	return questions
}

// step follows a step that is not fused.
func (r *origins) step(s *step) {
	load := func(size uint32) loaded {
		return loaded{known: true, at: s.k, size: size, mask: uint32(1<<(8*size) - 1)}
	}
	behind := func(size uint32) loaded {
		l := load(size)
		l.known, l.behind, l.header = r.x.behind, true, r.x.header
		return l
	}
	switch s.op {
	case stepLoadB:
		r.a = load(1)
	case stepLoadH:
		r.a = load(2)
	case stepLoadW:
		r.a = load(4)
	case stepIndB:
		r.a = behind(1)
	case stepIndH:
		r.a = behind(2)
	case stepIndW:
		r.a = behind(4)
	case stepHeader:
		r.x = loaded{behind: true, header: s.k}
	case stepALU:
		if exprOp(s.yes) == opAnd {
			r.a.mask &= s.k
		} else {
			r.a = loaded{}
		}
	case stepImmA, stepMemA, stepLenA, stepOutgoing, stepALUX, stepNeg, stepTXA:
		r.a = loaded{}
	case stepImmX, stepMemX, stepLenX, stepTAX:
		r.x = loaded{}
	}
}
