package filter

import (
	"pkt/packet"
)

// Predicate is a compiled expression that is true or false for every row. It
// keeps what it works with, and so serves one goroutine: see Clone.
type Predicate[R any] struct {
	schema  Schema[R]
	root    *node
	parts   []Part
	tests   []test // one for each part, in the order of parts
	machine *machine[R]
}

// Part is one of the expressions that have to hold together, in the order in
// which they are asked.
type Part struct {
	Text string
	VM   bool // a part of it runs on expr's VM
	// In and Out count the rows that were asked about and those for which the
	// part held.
	In, Out uint64

	n *node
}

// Compile compiles an expression over the fields of a schema. Errors are of
// type *Error.
func Compile[R any](text string, schema Schema[R]) (*Predicate[R], error) {
	c, tree, err := newChecker(&source{text: text, to: len(text)}, schema.scope())
	if err != nil {
		return nil, err
	}
	root, err := c.predicate(tree)
	if err != nil {
		return nil, err
	}
	return newPredicate(schema, root, text), nil
}

// newPredicate lowers a test.
func newPredicate[R any](schema Schema[R], root *node, text string) *Predicate[R] {
	p := &Predicate[R]{schema: schema, root: root, machine: &machine[R]{entries: schema.Entries}}
	p.parts = partsOf(root, text)
	l := lowerer{columns: p.machine, values: map[*node]value{}}
	for i := range p.parts {
		p.tests = append(p.tests, l.test(p.parts[i].n))
	}
	return p
}

// Filter returns the rows of a set for which the expression is true. There are
// at most packet.BatchLen rows. It allocates nothing once its buffers have
// grown, but for what expr's VM allocates.
func (p *Predicate[R]) Filter(rows R, in packet.Set) packet.Set {
	p.machine.begin(rows)
	for i, t := range p.tests {
		if in.Empty() {
			break
		}
		p.parts[i].In += uint64(in.Len())
		in = t.filter(in)
		p.parts[i].Out += uint64(in.Len())
	}
	p.machine.end()
	return in
}

// Clone returns a predicate of the same expression for another goroutine, with
// counters of its own.
func (p *Predicate[R]) Clone() *Predicate[R] {
	q := &Predicate[R]{schema: p.schema, root: p.root, machine: &machine[R]{entries: p.schema.Entries}}
	l := lowerer{columns: q.machine, values: map[*node]value{}}
	for _, part := range p.parts {
		part.In, part.Out = 0, 0
		q.parts = append(q.parts, part)
		q.tests = append(q.tests, l.test(part.n))
	}
	return q
}

// Parts returns what the expression is made of, with the counters.
func (p *Predicate[R]) Parts() []Part { return append([]Part(nil), p.parts...) }
