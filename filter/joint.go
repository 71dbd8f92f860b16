package filter

import (
	"slices"

	"pkt/field"
)

// CompileJoint compiles an expression over rows and, under the prefix of the
// other schema, over what each row belongs to: packets and their flows. Both
// predicates have to hold; one is nil where nothing asks for its fields. Parts
// that are joined by && have fields of one of them each. Errors are of type
// *Error.
func CompileJoint[R, O any](text string, schema Schema[R], other Schema[O]) (*Predicate[R], *Predicate[O], error) {
	sc := schema.scope()
	own := len(sc.fields)
	// The fields of both stand in one list, whose parts the two predicates read.
	wide := Schema[O]{Scope: other.Scope, Entries: make([]field.Entry[O], own)}
	for _, e := range other.Entries {
		e.Name = other.Prefix + e.Name
		wide.Entries = append(wide.Entries, e)
		sc.fields = append(sc.fields, e.Field)
	}
	c, tree, err := newChecker(&source{text: text, to: len(text)}, sc)
	if err != nil {
		return nil, nil, err
	}
	root, err := c.predicate(tree)
	if err != nil {
		return nil, nil, err
	}
	kids := []*node{root}
	if root.op == opAnd {
		kids = root.kids
	}
	var rows, others []*node
	for _, k := range kids {
		named := fieldNodes(nil, k)
		isOther := func(n *node) bool { return n.field >= own }
		switch first := slices.IndexFunc(named, isOther); {
		case first < 0:
			rows = append(rows, k)
		case slices.ContainsFunc(named, func(n *node) bool { return !isOther(n) }):
			mixed := slices.IndexFunc(named, func(n *node) bool { return !isOther(n) })
			return nil, nil, c.errorf(named[mixed].at, "%q is a field of %s and stands with %s, one of %s: only && joins parts with fields of both",
				sc.fields[named[mixed].field].Name, schema.Scope.Rows(), sc.fields[named[first].field].Name, other.Scope.Rows())
		default:
			others = append(others, k)
		}
	}
	var p *Predicate[R]
	var o *Predicate[O]
	if len(rows) > 0 {
		p = newPredicate(schema, all(root.at, rows...), text)
	}
	if len(others) > 0 {
		o = newPredicate(wide, all(root.at, others...), text)
	}
	return p, o, nil
}

// fieldNodes appends the nodes that read fields.
func fieldNodes(dst []*node, n *node) []*node {
	if n.op == opField {
		dst = append(dst, n)
	}
	for _, k := range n.kids {
		dst = fieldNodes(dst, k)
	}
	if n.vm != nil {
		for _, k := range n.vm.leaves {
			dst = fieldNodes(dst, k)
		}
	}
	return dst
}
