package pcapfilter

// bounds are the least and greatest value that an expression can have.
type bounds struct{ low, high uint32 }

// factKey is a test with a result, in one word: facts are looked up a lot.
type factKey uint64

// keyOf returns the key of a test.
func keyOf(t test) factKey {
	return factKey(t.rel)<<60 | factKey(t.a.id)<<30 | factKey(t.b.id)
}

// facts is what is known about expressions on a path. Facts are taken back in
// the order opposite to that in which they were learnt.
type facts struct {
	bounds  map[int]bounds
	results map[factKey]bool
	trail   []undo
	// dropLoads allows to decide a test without a load that it has.
	dropLoads bool
}

// undo is how to take back a fact.
type undo struct {
	expr   int
	before bounds
	had    bool
	result factKey
	bound  bool
}

func newFacts() *facts {
	return &facts{bounds: map[int]bounds{}, results: map[factKey]bool{}}
}

// mark returns a point to go back to.
func (f *facts) mark() int { return len(f.trail) }

// undo forgets what was learnt since a mark.
func (f *facts) undo(mark int) {
	for len(f.trail) > mark {
		u := f.trail[len(f.trail)-1]
		f.trail = f.trail[:len(f.trail)-1]
		switch {
		case !u.bound:
			delete(f.results, u.result)
		case u.had:
			f.bounds[u.expr] = u.before
		default:
			delete(f.bounds, u.expr)
		}
	}
}

// of returns the bounds of an expression.
func (f *facts) of(e *expr) bounds {
	if e.op == opConst {
		return bounds{e.k, e.k}
	}
	if b, ok := f.bounds[e.id]; ok {
		return b
	}
	b := bounds{0, ^uint32(0)}
	if e.op == opLoad && e.size < 4 {
		b.high = 1<<(8*e.size) - 1
	}
	return b
}

// limit notes that an expression has bounds.
func (f *facts) limit(e *expr, b bounds) {
	before, had := f.bounds[e.id]
	f.trail = append(f.trail, undo{expr: e.id, before: before, had: had, bound: true})
	f.bounds[e.id] = b
}

// learn notes the result of a test.
func (f *facts) learn(t test, holds bool) {
	key := keyOf(t)
	if _, known := f.results[key]; !known {
		f.results[key] = holds
		f.trail = append(f.trail, undo{result: key})
	}
	if t.b.op != opConst || t.a.op == opConst {
		return
	}
	b, k := f.of(t.a), t.b.k
	switch {
	case t.rel == relEqual && holds:
		b = bounds{k, k}
	case t.rel == relEqual && b.low == k && k < b.high:
		b.low = k + 1
	case t.rel == relEqual && b.high == k && k > b.low:
		b.high = k - 1
	case t.rel == relGreater && holds && k < ^uint32(0):
		b.low = max(b.low, k+1)
	case t.rel == relGreater && !holds:
		b.high = min(b.high, k)
	case t.rel == relGreaterEq && holds:
		b.low = max(b.low, k)
	case t.rel == relGreaterEq && !holds && k > 0:
		b.high = min(b.high, k-1)
	}
	f.limit(t.a, b)
}

// decide returns the result of a test, if what is known tells.
func (f *facts) decide(t test) (result, decided bool) {
	if r, ok := f.results[keyOf(t)]; ok {
		return r, true
	}
	a, okA := f.value(t.a, 0)
	b, okB := f.value(t.b, 0)
	if okA && okB {
		return holds(t.rel, a, b), true
	}
	if !okB {
		return false, false
	}
	if t.rel == relAnyBit && b == 0 && f.dropLoads {
		return false, true
	}
	// What was not evaluated yet may still reject the packet.
	if _, evaluated := f.bounds[t.a.id]; !evaluated && t.a.may {
		return false, false
	}
	in := f.of(t.a)
	switch t.rel {
	case relEqual:
		return false, b < in.low || b > in.high
	case relGreater:
		return in.low > b, in.low > b || in.high <= b
	case relGreaterEq:
		return in.low >= b, in.low >= b || in.high < b
	}
	return false, b == 0
}

// maxSearch is how deep value looks into an expression.
const maxSearch = 4

// value returns the value of an expression, if it is known.
func (f *facts) value(e *expr, depth int) (v uint32, ok bool) {
	if b := f.of(e); b.low == b.high {
		return b.low, true
	}
	if depth == maxSearch || e.op < opAdd {
		return 0, false
	}
	if f.dropLoads && (e.op == opAnd || e.op == opMul) && e.b.op == opConst && e.b.k == 0 {
		return 0, true
	}
	a, ok := f.value(e.a, depth+1)
	if !ok {
		return 0, false
	}
	b, ok := f.value(e.b, depth+1)
	if !ok {
		return 0, false
	}
	return compute(e.op, a, b)
}
