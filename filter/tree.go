package filter

import "github.com/expr-lang/expr/ast"

// rebuild returns a copy of a part of the syntax tree in which f has replaced
// the parts directly below. The tree itself stays as it is.
func rebuild(n ast.Node, f func(ast.Node) (ast.Node, error)) (ast.Node, error) {
	r := rebuilder{f: f}
	switch n := n.(type) {
	case *ast.UnaryNode:
		o := *n
		r.one(&o.Node)
		return &o, r.err
	case *ast.BinaryNode:
		o := *n
		r.one(&o.Left, &o.Right)
		return &o, r.err
	case *ast.ChainNode:
		o := *n
		r.one(&o.Node)
		return &o, r.err
	case *ast.MemberNode:
		o := *n
		r.one(&o.Node, &o.Property)
		return &o, r.err
	case *ast.SliceNode:
		o := *n
		r.one(&o.Node, &o.From, &o.To)
		return &o, r.err
	case *ast.CallNode:
		o := *n
		r.one(&o.Callee)
		r.many(&o.Arguments)
		return &o, r.err
	case *ast.BuiltinNode:
		o := *n
		r.many(&o.Arguments)
		return &o, r.err
	case *ast.PredicateNode:
		o := *n
		r.one(&o.Node)
		return &o, r.err
	}
	return r.rare(n)
}

// rare is rebuild of nodes that are seldom met.
func (r *rebuilder) rare(n ast.Node) (ast.Node, error) {
	switch n := n.(type) {
	case *ast.ConditionalNode:
		o := *n
		r.one(&o.Cond, &o.Exp1, &o.Exp2)
		return &o, r.err
	case *ast.VariableDeclaratorNode:
		o := *n
		r.one(&o.Value, &o.Expr)
		return &o, r.err
	case *ast.SequenceNode:
		o := *n
		r.many(&o.Nodes)
		return &o, r.err
	case *ast.ArrayNode:
		o := *n
		r.many(&o.Nodes)
		return &o, r.err
	case *ast.MapNode:
		o := *n
		r.many(&o.Pairs)
		return &o, r.err
	case *ast.PairNode:
		o := *n
		r.one(&o.Key, &o.Value)
		return &o, r.err
	}
	return n, nil
}

// rebuilder replaces nodes until the first error.
type rebuilder struct {
	f   func(ast.Node) (ast.Node, error)
	err error
}

func (r *rebuilder) one(nodes ...*ast.Node) {
	for _, n := range nodes {
		if *n == nil || r.err != nil {
			continue
		}
		var out ast.Node
		if out, r.err = r.f(*n); r.err == nil {
			*n = out
		}
	}
}

func (r *rebuilder) many(nodes *[]ast.Node) {
	out := append([]ast.Node(nil), *nodes...)
	for i := range out {
		r.one(&out[i])
	}
	*nodes = out
}

// children returns the parts directly below a part of the syntax tree.
func children(n ast.Node) []ast.Node {
	var out []ast.Node
	rebuild(n, func(k ast.Node) (ast.Node, error) {
		out = append(out, k)
		return k, nil
	})
	return out
}
