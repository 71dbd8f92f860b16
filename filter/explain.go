package filter

import (
	"cmp"
	"fmt"
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

// AppendEarly appends the pcap-filter that may run before decoding packets of a
// link type, with its program as tcpdump -d prints it, for a person to read.
func (p *Predicate[R]) AppendEarly(dst []byte, link uint16) []byte {
	prog, text, ok := p.Pushdown(link)
	if !ok {
		return append(dst, "before decoding: nothing\n"...)
	}
	dst = append(dst, "before decoding: "+text+"\n"...)
	for line := range strings.Lines(string(prog.Append(nil))) {
		dst = append(dst, "  "+line...)
	}
	return dst
}

// AppendParts appends how the parts of the expression are computed, in the order
// in which they are asked, for a person to read. With counts, each part says how
// many rows it was asked about and how many it let through.
func (p *Predicate[R]) AppendParts(dst []byte, counts bool) []byte {
	for i := range p.parts {
		part := &p.parts[i]
		how := "kernel: "
		if part.VM {
			how = "VM:     "
		}
		dst = append(dst, how+flat(part.Text)...)
		if counts {
			dst = fmt.Appendf(dst, "  (%d of %d)", part.Out, part.In)
		}
		dst = append(dst, '\n')
	}
	return dst
}
