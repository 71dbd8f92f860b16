package pcapfilter

// relation is how a test compares.
type relation uint8

// Relations, all unsigned. The others are negations of these.
const (
	relEqual     relation = iota // a == b
	relGreater                   // a > b
	relGreaterEq                 // a >= b
	relAnyBit                    // a & b != 0
)

// test compares an expression with another one.
type test struct {
	rel  relation
	a, b *expr
}

// formulaKind says what a formula is made of.
type formulaKind uint8

// Kinds of formulas.
const (
	fConst formulaKind = iota // value
	fTest                     // test
	fSet                      // assigns expr to variable v; always true
	fWalk                     // walk
	fNot                      // parts[0]
	fAnd                      // parts
	fOr                       // parts
)

// formula is a condition on a packet, evaluated from left to right and only as
// far as needed.
type formula struct {
	kind  formulaKind
	value bool
	test  test
	v     uint32
	expr  *expr
	walk  *walk
	parts []*formula
}

// walk looks for a protocol in a chain of IP headers ("protochain"). It is the
// one construct that needs a loop.
type walk struct {
	ipv6     bool
	protocol uint32
	net      uint32 // offset of the IP header, which is constant
}

func constantFormula(v bool) *formula { return &formula{kind: fConst, value: v} }

// not returns the negation of f. A nil formula stands for one that could not
// be built, here and below.
func not(f *formula) *formula {
	switch {
	case f == nil:
		return nil
	case f.kind == fNot:
		return f.parts[0]
	case f.kind == fConst:
		return constantFormula(!f.value)
	}
	return &formula{kind: fNot, parts: []*formula{f}}
}

// and returns the conjunction of fs.
func and(fs ...*formula) *formula { return join(fAnd, fs) }

// or returns the disjunction of fs.
func or(fs ...*formula) *formula { return join(fOr, fs) }

// join flattens formulas of one kind into one.
func join(kind formulaKind, fs []*formula) *formula {
	out := &formula{kind: kind}
	for _, f := range fs {
		switch {
		case f == nil:
			return nil
		case f.kind == kind:
			out.parts = append(out.parts, f.parts...)
		default:
			out.parts = append(out.parts, f)
		}
	}
	if len(out.parts) == 1 {
		return out.parts[0]
	}
	return out
}
