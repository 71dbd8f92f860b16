package filter

import (
	"cmp"
	"slices"
	"strings"
)

// partsOf returns the conjuncts of a test, the cheapest first.
func partsOf(root *node, text string) []Part {
	kids := []*node{root}
	if root.op == opAnd {
		kids = slices.Clone(root.kids)
	}
	slices.SortStableFunc(kids, func(a, b *node) int { return cmp.Compare(cost(a), cost(b)) })
	var parts []Part
	for _, k := range kids {
		parts = append(parts, Part{Text: excerpt(text, k.at), VM: usesVM(k), n: k})
	}
	return parts
}

// usesVM reports whether a part of a node runs on expr's VM.
func usesVM(n *node) bool {
	return n.op == opVM || slices.ContainsFunc(n.kids, usesVM)
}

// excerpt returns a stretch of the text with the brackets that close what it
// opens.
func excerpt(text string, at span) string {
	closes := map[byte]byte{'(': ')', '[': ']', '{': '}'}
	var open []byte
	for i := at.from; i < at.to; i++ {
		switch c := text[i]; c {
		case '"', '\'', '`':
			if n := quoted(text[i:]); n > 0 {
				i += n - 1
			}
		case '(', '[', '{':
			open = append(open, closes[c])
		case ')', ']', '}':
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
	}
	to := max(at.to, at.from)
	for len(open) > 0 && to < len(text) {
		if text[to] == open[len(open)-1] {
			open = open[:len(open)-1]
		}
		to++
	}
	return strings.TrimSpace(text[at.from:to])
}
