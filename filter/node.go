package filter

import (
	"regexp"

	"pkt/field"
)

// op says what a node does.
type op uint8

// Operations. Those above opField are true or false, and never absent.
const (
	opTrue    op = iota // or false, by cell
	opAnd               // of any number of kids
	opOr                //
	opNot               // of one
	opIs                // kid is in ranges
	opText              // text of kid matches
	opCompare           // two kids
	opHas               // kid is there
	opCond              // true or false: kids[0] ? kids[1] : kids[2]

	opField    // a column
	opConst    // cell or text
	opConvert  // kid as a number of another kind
	opChoose   // kids[0] ? kids[1] : kids[2]
	opCoalesce // kids[0], where it is not there kids[1]
	opArith    // arith of one or two kids
	opBucket   // kid rounded down to a multiple of cell
	opNet      // network of kid; lengths in typ
	opString   // kid as text
	opConcat   // text of two kids
	opLen      // of a list or a text
	opVM       // what expr's VM computes
)

// node is an expression with its type.
type node struct {
	op   op
	at   span
	typ  field.Field // of the value; Name is empty
	kids []*node

	field  int        // opField: position in the schema
	cell   field.Cell // opConst, opTrue, opBucket
	text   string     // opConst of kind String
	ranges []bounds   // opIs
	rel    relation   // opCompare
	arith  arith      // opArith
	match  *textMatch // opText
	vm     *vmPart    // opVM
}

// boolean is the type of what is true or false.
var boolean = field.Field{Kind: field.Bool}

// isTest reports whether the node is true or false and never absent.
func (n *node) isTest() bool { return n.op < opField }

// isConst reports whether the node is known before the first row.
func (n *node) isConst() bool { return n.op == opConst || n.op == opTrue }

// numeric reports whether the node's values are numbers, a span of time being
// one in seconds.
func (n *node) numeric() bool { return !n.typ.List && (n.typ.Numeric() || n.typ.Kind == field.Port) }

// relation is how two values compare.
type relation uint8

const (
	equal relation = iota
	notEqual
	less
	lessEqual
	greater
	greaterEqual
)

// relations are the spellings of relation.
var relations = map[string]relation{"==": equal, "!=": notEqual, "<": less, "<=": lessEqual, ">": greater, ">=": greaterEqual}

// mirrored is the relation with its sides exchanged.
func (r relation) mirrored() relation {
	return [...]relation{equal, notEqual, greater, greaterEqual, less, lessEqual}[r]
}

// ordered reports whether the relation needs an order.
func (r relation) ordered() bool { return r >= less }

// of reports whether it holds between values that compare as c.
func (r relation) of(c int) bool {
	switch r {
	case equal:
		return c == 0
	case notEqual:
		return c != 0
	case less:
		return c < 0
	case lessEqual:
		return c <= 0
	case greater:
		return c > 0
	}
	return c >= 0
}

// textTestKind says how text is matched.
type textTestKind uint8

const (
	textEqual textTestKind = iota // one of several
	textContains
	textPrefix
	textSuffix
	textPattern
)

// textMatch is a test of text against constants.
type textMatch struct {
	test    textTestKind
	negate  bool // true where the text is there and does not match
	words   []string
	needle  []byte              // the first word
	set     map[string]struct{} // of several words; textEqual only
	pattern *regexp.Regexp      // textPattern only
}

// constant functions of the checker.

func truth(at span, v bool) *node {
	return &node{op: opTrue, at: at, typ: boolean, cell: field.FromBool(v)}
}

// all returns the conjunction of nodes, either their disjunction.
func all(at span, kids ...*node) *node { return junction(opAnd, at, kids) }

func either(at span, kids ...*node) *node { return junction(opOr, at, kids) }

// junction joins tests, those of the same kind inside included. Constants
// decide it or fall away.
func junction(o op, at span, kids []*node) *node {
	n := &node{op: o, at: at, typ: boolean}
	for _, k := range kids {
		switch {
		case k.op == opTrue && (k.cell.Lo == 0) == (o == opAnd):
			return truth(at, o == opOr)
		case k.op == opTrue:
		case k.op == o:
			n.kids = append(n.kids, k.kids...)
		default:
			n.kids = append(n.kids, k)
		}
	}
	switch len(n.kids) {
	case 0:
		return truth(at, o == opAnd)
	case 1:
		return n.kids[0]
	}
	return n
}

// not returns the negation of a test.
func not(at span, k *node) *node {
	switch k.op {
	case opTrue:
		return truth(at, k.cell.Lo == 0)
	case opNot:
		return k.kids[0]
	}
	return &node{op: opNot, at: at, typ: boolean, kids: []*node{k}}
}
