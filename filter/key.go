package filter

import (
	"slices"

	"pkt/field"
	"pkt/packet"
)

// Key is a compiled expression with a value: something to group or count by.
type Key[R any] struct {
	// Entry reads the value as a field would be read. Its columns keep what they
	// work with, and so serve one goroutine.
	field.Entry[R]
	// Uses are the positions in the schema of the fields that the value is made
	// of, in ascending order.
	Uses []int
	// VM says that a part of it runs on expr's VM.
	VM bool
}

// CompileKey compiles an expression with a value. Of a field that has several
// values a row, only the field itself, its buckets and its networks are keys,
// with several values too. Errors are of type *Error.
func CompileKey[R any](it Item, schema Schema[R]) (Key[R], error) {
	c, tree, err := newChecker(it.source(), schema.scope())
	if err != nil {
		return Key[R]{}, err
	}
	root, err := c.root(tree)
	if err != nil {
		return Key[R]{}, err
	}
	var uses []int
	for _, n := range fieldNodes(nil, root) {
		uses = append(uses, n.field)
	}
	slices.Sort(uses)
	k := Key[R]{Uses: slices.Compact(uses), VM: usesVM(root)}
	switch {
	case root.op == opField:
		k.Entry = schema.Entries[root.field]
	case root.isConst() || len(uses) == 0:
		return Key[R]{}, c.errorf(c.place(tree), "the expression has the same value for all rows: name a field")
	case root.typ.List:
		k.Entry = field.Entry[R]{Field: root.typ, ListCol: newList(schema, root)}
		k.Doc, k.Scope = it.Expr, schema.Scope
	default:
		k.Entry = field.Entry[R]{Field: root.typ, Col: newColumn(schema, root)}
		k.Doc, k.Scope = it.Expr, schema.Scope
	}
	k.Name = it.Name()
	return k, nil
}

// newColumn returns the column of an expression.
func newColumn[R any](schema Schema[R], root *node) field.Column[R] {
	m := &machine[R]{entries: schema.Entries}
	l := lowerer{columns: m, values: map[*node]value{}}
	v := l.value(root)
	text := root.typ.Kind == field.String
	return func(rows R, in packet.Set, dst *field.Vector) packet.Set {
		m.begin(rows)
		x, has := v.load(in)
		if text {
			dst.Text = dst.Text[:0]
		}
		put(dst, x, has, text)
		m.end()
		return has
	}
}

// newList returns the column of an expression with several values a row.
func newList[R any](schema Schema[R], root *node) field.ListColumn[R] {
	m := &machine[R]{entries: schema.Entries}
	l := lowerer{columns: m, values: map[*node]value{}}
	x := l.list(root)
	return func(rows R, i int, dst []field.Cell) []field.Cell {
		m.rows = rows
		dst = x.cells(i, dst)
		m.end()
		return dst
	}
}
