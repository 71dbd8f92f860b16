package filter

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
	exprchecker "github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
	"pkt/field"
)

// vmPart is what expr's VM computes of values that are known here.
type vmPart struct {
	program *vm.Program
	leaves  []*node
}

// leafName is what a leaf is called in the program.
func leafName(i int) string { return fmt.Sprintf("leaf_%d", i) }

// foreign returns the node of a part of the tree that only expr's VM can
// compute. What below it is known here becomes its leaves.
func (c *checker) foreign(n ast.Node) (*node, error) {
	if c.open(n, false) {
		return nil, errVM
	}
	switch n.(type) {
	case *ast.PredicateNode, *ast.PairNode:
		return nil, errVM
	}
	p := &vmPart{}
	tree, err := c.patch(n, p)
	if err != nil {
		return nil, err
	}
	env := map[string]any{}
	for i, l := range p.leaves {
		env[leafName(i)] = zero(l.typ)
	}
	config := conf.New(env)
	whole := &parser.Tree{Node: tree, Source: file.NewSource("")}
	result, err := exprchecker.Check(whole, config)
	if err != nil {
		return nil, c.vmError(n, err)
	}
	kind, ok := kindOf(result)
	if !ok {
		return nil, errVM
	}
	if p.program, err = compiler.Compile(whole, config); err != nil {
		return nil, c.vmError(n, err)
	}
	out := &node{op: opVM, at: c.place(n), typ: kind, vm: p}
	if len(p.leaves) > 0 {
		return out, nil
	}
	return c.foldVM(out)
}

// vmError is a mistake that expr's checker found.
func (c *checker) vmError(n ast.Node, err error) error {
	var e *file.Error
	if !errors.As(err, &e) {
		return c.errorf(c.place(n), "%s", friendly(err.Error()))
	}
	msg := friendly(e.Message)
	for from := 0; ; {
		at := strings.Index(msg[from:], "leaf_")
		if at < 0 {
			return c.errorf(c.place(n), "%s", msg)
		}
		from += at
		msg = msg[:from] + "a field" + msg[from+5+digitsLen(msg[from+5:]):]
	}
}

// open reports whether a part of the tree refers to what is around it: to the
// value of a loop, or to a variable.
func (c *checker) open(n ast.Node, inLoop bool) bool {
	switch n := n.(type) {
	case *ast.PointerNode:
		return !inLoop
	case *ast.IdentifierNode:
		return slices.Contains(c.lets, n.Value)
	case *ast.PredicateNode:
		inLoop = true
	}
	return slices.ContainsFunc(children(n), func(k ast.Node) bool { return c.open(k, inLoop) })
}

// patch returns a copy of a part of the tree with names for its leaves.
func (c *checker) patch(n ast.Node, p *vmPart) (ast.Node, error) {
	if let, ok := n.(*ast.VariableDeclaratorNode); ok {
		c.lets = append(c.lets, let.Name)
		defer func() { c.lets = c.lets[:len(c.lets)-1] }()
	}
	if call, ok := n.(*ast.CallNode); ok {
		if id, ok := call.Callee.(*ast.IdentifierNode); ok {
			return nil, c.errorf(c.src.span(id.Location()), "unknown function %s(): there are %s, and those of expr", id.Value, strings.Join(Functions(), ", "))
		}
	}
	_, member := n.(*ast.MemberNode)
	return rebuild(n, func(k ast.Node) (ast.Node, error) {
		if _, call := k.(*ast.CallNode); call && member {
			return c.patch(k, p) // as a leaf, a time.Weekday would lose its methods
		}
		leaf, err := c.check(k)
		switch {
		case errors.Is(err, errVM):
			return c.patch(k, p)
		case err != nil:
			return nil, err
		}
		return p.leaf(k, leaf), nil
	})
}

// leaf returns what stands for a known value in the program.
func (p *vmPart) leaf(n ast.Node, leaf *node) ast.Node {
	if leaf.isConst() {
		if _, quantity := n.(*ast.IdentifierNode); !quantity {
			return n
		}
	}
	i := slices.IndexFunc(p.leaves, func(l *node) bool { return sameValue(l, leaf) })
	if i < 0 {
		i = len(p.leaves)
		p.leaves = append(p.leaves, leaf)
	}
	id := &ast.IdentifierNode{Value: leafName(i)}
	id.SetLocation(n.Location())
	return id
}

// zero returns a value of the type that expr sees values of t as.
func zero(t field.Field) any {
	if t.List {
		switch t.Kind {
		case field.Uint, field.Int:
			return []int{}
		}
		return []string{}
	}
	switch t.Kind {
	case field.Uint, field.Int, field.Port:
		return 0
	case field.Float, field.Duration:
		return 0.0
	case field.Bool:
		return false
	case field.Time:
		return time.Time{}
	}
	return ""
}

// kindOf returns the type of what a program results in.
func kindOf(t reflect.Type) (field.Field, bool) {
	switch {
	case t == nil:
		return field.Field{}, false
	case t == reflect.TypeFor[time.Time]():
		return field.Field{Kind: field.Time}, true
	case t == reflect.TypeFor[time.Duration]():
		return field.Field{Kind: field.Duration, Unit: field.Seconds}, true
	}
	switch t.Kind() {
	case reflect.Bool:
		return field.Field{Kind: field.Bool}, true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return field.Field{Kind: field.Int}, true
	case reflect.Float32, reflect.Float64:
		return field.Field{Kind: field.Float}, true
	case reflect.String:
		return field.Field{Kind: field.String}, true
	}
	return field.Field{}, false
}

// foldVM computes a part without leaves.
func (c *checker) foldVM(n *node) (*node, error) {
	v, err := vm.Run(n.vm.program, map[string]any{})
	if err != nil {
		return nil, c.vmError(&ast.NilNode{}, err)
	}
	out := &node{op: opConst, at: n.at, typ: n.typ}
	cell, text, ok := fromVM(n.typ.Kind, v)
	switch {
	case !ok:
		return nil, errVM
	case n.typ.Kind == field.Bool:
		return truth(n.at, cell.Lo != 0), nil
	}
	out.cell, out.text = cell, text
	return out, nil
}

// fromVM returns a result as a cell, or as text.
func fromVM(kind field.Kind, v any) (cell field.Cell, text string, ok bool) {
	switch v := v.(type) {
	case time.Time:
		return field.FromInt(v.UnixNano()), "", kind == field.Time
	case time.Duration:
		return field.FromInt(int64(v)), "", kind == field.Duration
	case string:
		return cell, v, kind == field.String
	case bool:
		return field.FromBool(v), "", kind == field.Bool
	case int:
		return field.FromInt(int64(v)), "", kind == field.Int
	case float64:
		return field.FromFloat(v), "", kind == field.Float
	case nil:
		return cell, "", false
	}
	switch r := reflect.ValueOf(v); {
	case r.CanInt():
		return field.FromInt(r.Int()), "", kind == field.Int
	case r.CanUint():
		return field.FromInt(int64(r.Uint())), "", kind == field.Int
	case r.CanFloat():
		return field.FromFloat(r.Float()), "", kind == field.Float
	}
	return cell, "", false
}
