package pcapfilter

// regroup brings together tests of one value: in "src port 80 or dst port 80 or
// src port 443", which goes on to the same place as soon as one test holds, the
// third test moves behind the first, where the port is still in the register.
// It does the same for tests that all have to hold.
func regroup(root *block) *block {
	order := sorted(root)
	heads, inside := findRuns(order)
	if len(heads) == 0 {
		return root
	}
	g := newGraph()
	replaced := make([]*block, len(order))
	for i := len(order) - 1; i >= 0; i-- {
		b := order[i]
		switch {
		case b.kind == blockReturn:
			replaced[i] = g.end(b.accept)
		case heads[b] != nil:
			replaced[i] = rebuild(g, heads[b], replaced)
		case !inside[i]:
			c := *b
			c.yes = replaced[b.yes.order]
			if b.no != nil {
				c.no = replaced[b.no.order]
			}
			replaced[i] = g.block(c)
		}
	}
	return replaced[0]
}

// findRuns returns the runs of tests worth regrouping by their first block, and
// which blocks are part of one.
func findRuns(order []*block) (heads map[*block][]*block, inside []bool) {
	entries := make([]int, len(order))
	entries[0]++
	for _, b := range order {
		for _, next := range [...]*block{b.yes, b.no} {
			if next != nil {
				entries[next.order]++
			}
		}
	}
	heads = map[*block][]*block{}
	inside = make([]bool, len(order))
	for _, b := range order {
		for _, sense := range [...]bool{false, true} {
			if inside[b.order] {
				break
			}
			if r := runFrom(b, sense, entries); len(r) > 2 && scattered(r) {
				heads[b] = r
				for _, m := range r {
					inside[m.order] = true
				}
			}
		}
	}
	return heads, inside
}

// runFrom returns the blocks from b on that are tried one after the other: all
// tests with a constant that share the target of one sense, each entered from
// the one before only. sense is which way leads to the next.
func runFrom(b *block, sense bool, entries []int) []*block {
	var r []*block
	var target *block
	for b.kind == blockTest && b.test.b.op == opConst {
		next, out := b.no, b.yes
		if sense {
			next, out = out, next
		}
		if target == nil {
			target = out
		}
		if out != target {
			break
		}
		r = append(r, b)
		if entries[next.order] != 1 {
			break
		}
		b = next
	}
	return r
}

// scattered reports whether tests of one value are not all side by side.
func scattered(r []*block) bool {
	last := map[*expr]int{}
	for i, b := range r {
		if at, seen := last[b.test.a]; seen && at != i-1 {
			return true
		}
		last[b.test.a] = i
	}
	return false
}

// rebuild makes new blocks for a run, with tests of one value side by side in
// the order of their first test.
func rebuild(g *graph, r []*block, replaced []*block) *block {
	groups := map[*expr][]*block{}
	var values []*expr
	for _, b := range r {
		if groups[b.test.a] == nil {
			values = append(values, b.test.a)
		}
		groups[b.test.a] = append(groups[b.test.a], b)
	}
	last := r[len(r)-1]
	sense := r[0].yes == r[1]
	next, out := last.no, last.yes
	if sense {
		next, out = out, next
	}
	next, out = replaced[next.order], replaced[out.order]
	for i := len(values) - 1; i >= 0; i-- {
		group := groups[values[i]]
		for j := len(group) - 1; j >= 0; j-- {
			b := block{kind: blockTest, test: group[j].test, yes: out, no: next}
			if sense {
				b.yes, b.no = next, out
			}
			next = g.block(b)
		}
	}
	return next
}
