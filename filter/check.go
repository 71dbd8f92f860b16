package filter

import (
	"errors"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"pkt/field"
)

// checker turns the syntax tree that expr's parser made into one of typed
// nodes.
type checker struct {
	src   *source
	scope scope
	seen  map[ast.Node]checked
	at    map[ast.Node]span
	lets  []string // variables that let has made, innermost last
}

// checked is what a part of the syntax tree turned out to be.
type checked struct {
	n   *node
	err error
}

func (c *checker) errorf(at span, format string, args ...any) *Error {
	return c.src.errorf(at, format, args...)
}

// newChecker parses an expression.
func newChecker(src *source, sc scope) (*checker, ast.Node, error) {
	src.fields = sc.fields
	tree, err := src.parse()
	if err != nil {
		return nil, nil, err
	}
	return &checker{src: src, scope: sc, seen: map[ast.Node]checked{}, at: map[ast.Node]span{}}, tree, nil
}

// predicate checks a whole expression that has to be true or false.
func (c *checker) predicate(tree ast.Node) (*node, error) {
	n, err := c.root(tree)
	if err != nil {
		return nil, err
	}
	if n.typ.Kind != field.Bool || n.typ.List {
		return nil, c.errorf(c.place(tree), "the expression is %s, not true or false", describe(n.typ))
	}
	return c.test(n)
}

// root checks a whole expression.
func (c *checker) root(tree ast.Node) (*node, error) {
	n, err := c.check(tree)
	if errors.Is(err, errVM) {
		return nil, c.errorf(c.place(tree), "the expression has no value of one kind: it is a list, or int(), float() or string() around it is missing")
	}
	return n, err
}

// check returns the node of a part of the syntax tree. What is not known here
// runs on expr's VM. The error is errVM if the part has no value of its own.
func (c *checker) check(n ast.Node) (*node, error) {
	if known, ok := c.seen[n]; ok {
		return known.n, known.err
	}
	out, err := c.native(n)
	if errors.Is(err, errVM) {
		out, err = c.foreign(n)
	}
	if err == nil && out.at == (span{}) {
		out.at = c.place(n)
	}
	c.seen[n] = checked{out, err}
	return out, err
}

// native checks what is known without expr's VM.
func (c *checker) native(n ast.Node) (*node, error) {
	at := c.src.span(n.Location())
	switch n := n.(type) {
	case *ast.IdentifierNode, *ast.MemberNode:
		return c.name(n)
	case *ast.IntegerNode:
		if n.Value < 0 {
			return &node{op: opConst, at: at, typ: field.Field{Kind: field.Int}, cell: field.FromInt(int64(n.Value))}, nil
		}
		return &node{op: opConst, at: at, typ: field.Field{Kind: field.Uint}, cell: field.Cell{Lo: uint64(n.Value)}}, nil
	case *ast.FloatNode:
		return &node{op: opConst, at: at, typ: field.Field{Kind: field.Float}, cell: field.FromFloat(n.Value)}, nil
	case *ast.BoolNode:
		return truth(at, n.Value), nil
	case *ast.StringNode:
		return &node{op: opConst, at: at, typ: field.Field{Kind: field.String}, text: n.Value}, nil
	case *ast.NilNode:
		return nil, c.errorf(at, "nil is no value: has(x) asks whether a row has x")
	case *ast.UnaryNode:
		return c.unary(n)
	case *ast.BinaryNode:
		return c.binary(n)
	case *ast.ConditionalNode:
		return c.conditional(n)
	case *ast.BuiltinNode:
		return c.call(n.Name, at, n.Arguments)
	case *ast.CallNode:
		if id, ok := n.Callee.(*ast.IdentifierNode); ok {
			return c.call(id.Value, at, n.Arguments)
		}
	}
	return nil, errVM
}

// name finds a field: words that are joined by dots.
func (c *checker) name(n ast.Node) (*node, error) {
	at := c.place(n)
	if id, ok := n.(*ast.IdentifierNode); ok {
		if leaf := c.src.leaves[at.from]; leaf != nil && strings.Trim(id.Value, "_") == "" {
			return leaf, nil
		}
	}
	name, ok := dotted(n)
	if !ok {
		return nil, errVM
	}
	if first, _, _ := strings.Cut(name, "."); slices.Contains(c.lets, first) {
		return nil, errVM
	}
	if i := c.scope.find(name); i >= 0 {
		return &node{op: opField, at: at, typ: typeOf(c.scope.fields[i]), field: i}, nil
	}
	for head := name; head != ""; {
		dot := strings.LastIndexByte(head, '.')
		if dot < 0 {
			break
		}
		if head = head[:dot]; c.scope.find(head) >= 0 && !c.scope.family(head) {
			return nil, errVM // a method, as ts.Year
		}
	}
	return nil, c.scope.unknown(c.src, at, name)
}

// family reports whether the names of other fields begin with a field's.
func (s *scope) family(name string) bool {
	for i := range s.fields {
		if strings.HasPrefix(s.fields[i].Name, name+".") {
			return true
		}
	}
	return false
}

// typeOf returns a field's type, which has no name.
func typeOf(f field.Field) field.Field {
	return field.Field{Kind: f.Kind, List: f.List, Unit: f.Unit, Names: f.Names, Bits: f.Bits, Bits6: f.Bits6}
}

// dotted returns the name that members of members of a name are, as in
// tcp.flags.syn.
func dotted(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value, true
	case *ast.MemberNode:
		head, ok := dotted(n.Node)
		word, isWord := n.Property.(*ast.StringNode)
		if ok && isWord && !n.Optional {
			return head + "." + word.Value, true
		}
	}
	return "", false
}

// place is the stretch of the text that a part of the tree comes from, without
// brackets at its end.
func (c *checker) place(n ast.Node) span {
	if at, ok := c.at[n]; ok {
		return at
	}
	at := c.src.span(n.Location())
	for _, k := range children(n) {
		at = at.with(c.place(k))
	}
	c.at[n] = at
	return at
}

// unary checks "not x", "-x" and "+x".
func (c *checker) unary(n *ast.UnaryNode) (*node, error) {
	k, err := c.check(n.Node)
	if err != nil {
		return nil, err
	}
	at := c.place(n)
	switch n.Operator {
	case "!", "not":
		k, err = c.mustTest(n.Operator, k)
		if err != nil {
			return nil, err
		}
		return not(at, k), nil
	case "-":
		return c.negative(at, k)
	case "+":
		if k.numeric() {
			return k, nil
		}
		return nil, c.errorf(k.at, "+ takes a number, not %s", describe(k.typ))
	}
	return nil, errVM
}

// mustTest is test with the error of an operator's operand.
func (c *checker) mustTest(operator string, k *node) (*node, error) {
	if k.typ.Kind != field.Bool || k.typ.List {
		hint := ""
		if s := sample(k.typ); s != "" {
			hint = ": compare it, as in == " + s
		}
		return nil, c.errorf(k.at, "%s takes what is true or false, not %s%s", operator, describe(k.typ), hint)
	}
	return c.test(k)
}

// test makes a test of a truth value: it is false where the value is absent.
func (c *checker) test(k *node) (*node, error) {
	switch {
	case k.isTest():
		return k, nil
	case k.op == opChoose:
		yes, err := c.test(k.kids[1])
		if err != nil {
			return nil, err
		}
		no, err := c.test(k.kids[2])
		if err != nil {
			return nil, err
		}
		return condition(k.at, k.kids[0], yes, no), nil
	}
	return &node{op: opIs, at: k.at, typ: boolean, kids: []*node{k}, ranges: related(space(field.Bool), notEqual, field.Cell{})}, nil
}

// condition returns the test "a ? b : c".
func condition(at span, a, b, c *node) *node {
	if a.op == opTrue {
		if a.cell.Lo != 0 {
			return b
		}
		return c
	}
	return &node{op: opCond, at: at, typ: boolean, kids: []*node{a, b, c}}
}

// binary checks an operator with two operands.
func (c *checker) binary(n *ast.BinaryNode) (*node, error) {
	switch n.Operator {
	case "in":
		return c.in(n)
	case "..":
		return nil, errVM
	}
	l, errL := c.check(n.Left)
	r, errR := c.check(n.Right)
	if err := worse(errL, errR); err != nil {
		return nil, err
	}
	at := c.place(n)
	switch n.Operator {
	case "&&", "and", "||", "or":
		l, errL = c.mustTest(n.Operator, l)
		r, errR = c.mustTest(n.Operator, r)
		if err := worse(errL, errR); err != nil {
			return nil, err
		}
		if n.Operator == "&&" || n.Operator == "and" {
			return all(at, l, r), nil
		}
		return either(at, l, r), nil
	case "==", "!=", "<", "<=", ">", ">=":
		return c.compare(at, relations[n.Operator], l, r)
	case "contains", "startsWith", "endsWith", "matches":
		return c.textTest(at, n.Operator, l, r)
	case "+", "-", "*", "/", "%", "**", "^":
		return c.arithmetic(at, n.Operator, l, r)
	case "??":
		return c.coalesce(at, l, r)
	}
	return nil, errVM
}

// worse returns the error that has to be reported: a mistake before the need
// for the VM.
func worse(a, b error) error {
	if a == nil || errors.Is(a, errVM) && b != nil {
		return b
	}
	return a
}

// conditional checks "a ? b : c".
func (c *checker) conditional(n *ast.ConditionalNode) (*node, error) {
	cond, errC := c.check(n.Cond)
	yes, errY := c.check(n.Exp1)
	no, errN := c.check(n.Exp2)
	if err := worse(errC, worse(errY, errN)); err != nil {
		return nil, err
	}
	cond, err := c.mustTest("?", cond)
	if err != nil {
		return nil, err
	}
	at := c.place(n)
	if yes.isTest() && no.isTest() {
		return condition(at, cond, yes, no), nil
	}
	yes, no, err = c.unify(at, yes, no)
	if err != nil {
		return nil, err
	}
	return &node{op: opChoose, at: at, typ: yes.typ, kids: []*node{cond, yes, no}}, nil
}

// coalesce checks "a ?? b": b where a is absent.
func (c *checker) coalesce(at span, l, r *node) (*node, error) {
	if l.isTest() {
		return nil, c.errorf(l.at, "?? stands behind what a row may lack: a test is never absent")
	}
	l, r, err := c.unify(at, l, r)
	if err != nil {
		return nil, err
	}
	return &node{op: opCoalesce, at: at, typ: l.typ, kids: []*node{l, r}}, nil
}
