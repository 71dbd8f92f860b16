package pcapfilter

import (
	"net/netip"

	"pkt/names"
)

// offset is a place in the packet: a constant, or a constant behind a variable.
type offset struct {
	base *expr // nil: the start of the packet
	k    uint32
}

// add returns the offset n bytes further.
func (o offset) add(n uint32) offset { return offset{o.base, o.k + n} }

// maxVars is how many variables a program may have: they live in the scratch
// memory, which arithmetic needs too.
const maxVars = 14

// lowerer turns a syntax tree into a formula over the bytes of a packet. It
// has to see primitives in the order of the text: "vlan" and the like move the
// offsets for everything behind them, through "or", "not" and parentheses.
type lowerer struct {
	pool
	opt  *Options
	expr string
	err  *Error

	link     linkLayer // of the header that is looked at now
	under    linkLayer // of the header around it, where there is one
	header   offset    // start of the link-layer header
	typ      offset    // where that header names its protocol
	payload  offset    // behind it
	net      uint32    // network header, from payload
	noSNAP   uint32    // the same for protocols that need LLC only
	vlans    int       // "vlan"s so far
	labels   int       // "mpls"s so far
	tunneled bool      // in geneve: whether a link-layer header is there has to be asked
	moved    bool      // the header is not the packet's own any more

	varsUsed uint32
	radioVar *expr // start of the IEEE 802.11 header behind a radio header
	frameVar *expr // start of what an IEEE 802.11 frame carries
	pflogVar *expr // length of a pflog header

	// keepTests keeps tests whose result does not matter, because they reject
	// packets that are too short for them: programs that libpcap does not
	// optimize do that.
	keepTests bool
}

// newLowerer returns a lowerer for a link type.
func newLowerer(expr string, opt *Options) *lowerer {
	l := &lowerer{opt: opt, expr: expr, link: lookupLink(opt.Link)}
	l.header = offset{k: l.link.header}
	l.typ = offset{k: l.link.typ}
	l.payload = offset{k: l.link.payload}
	l.net, l.noSNAP = l.link.net, l.link.netNoSNAP
	switch {
	case l.link.family == linkWLAN:
		if l.link.link != linkTypeWLAN {
			l.radioVar = l.newVar(span{})
			l.header.base = l.radioVar
		}
		l.frameVar = l.newVar(span{})
		l.payload.base = l.frameVar
	case l.link.family == linkPFLog:
		l.pflogVar = l.newVar(span{})
		l.payload.base = l.pflogVar
	}
	return l
}

// fail notes an error about a stretch of the text, if it is the first one.
func (l *lowerer) fail(at span, format string, args ...any) *formula {
	if l.err == nil {
		lex := lexer{expr: l.expr}
		l.err = lex.errorf(at, format, args...)
	}
	return nil
}

// newVar returns a new variable.
func (l *lowerer) newVar(at span) *expr {
	if l.varsUsed == maxVars {
		l.fail(at, "%s", tooManyRegisters)
		return l.make(opVar, 0, 0, nil, nil)
	}
	v := l.make(opVar, 0, l.varsUsed, nil, nil)
	l.varsUsed++
	return v
}

const tooManyRegisters = "too many registers needed to evaluate expression"

// set assigns e to a variable.
func set(v, e *expr) *formula { return &formula{kind: fSet, v: v.k, expr: e} }

// formula lowers a node.
func (l *lowerer) formula(n node) *formula {
	if l.err != nil {
		return nil
	}
	switch n := n.(type) {
	case *chain:
		return l.chain(n)
	case *negation:
		return not(l.formula(n.x))
	case *abbreviation:
		return l.abbreviation(n.span, n.proto)
	case *ident:
		return l.ident(n)
	case *comparison:
		return l.comparison(n)
	case *casting:
		if n.multicast {
			return l.multicast(n)
		}
		return l.broadcast(n)
	}
	return l.special(n)
}

// chain lowers operands with "and" and "or" between them: each operator takes
// all that stands to its left.
func (l *lowerer) chain(n *chain) *formula {
	run := []*formula{l.formula(n.operands[0])}
	for i, op := range n.ops {
		if i > 0 && op != n.ops[i-1] {
			run = []*formula{join(joins(n.ops[i-1]), run)}
		}
		run = append(run, l.formula(n.operands[i+1]))
	}
	return join(joins(n.ops[len(n.ops)-1]), run)
}

// joins returns the kind of formula that "and" or "or" makes.
func joins(op kind) formulaKind {
	if op == tkAnd {
		return fAnd
	}
	return fOr
}

// special lowers the primitives that begin with a word of their own.
func (l *lowerer) special(n node) *formula {
	switch n := n.(type) {
	case *lengthTest:
		length := l.make(opLen, 0, 0, nil, nil)
		if n.greater {
			return l.test(relGreaterEq, length, l.constant(n.n))
		}
		return not(l.test(relGreater, length, l.constant(n.n)))
	case *byteTest:
		return l.byteTest(n)
	case *sideTest:
		return l.side(n)
	case *ifIndexTest:
		return l.ifIndex(n)
	case *encapsulation:
		return l.encapsulation(n)
	case *discovery:
		return l.linkProto(n.span, etherPPPoED)
	case *llcTest:
		return l.llc(n)
	case *frameTest:
		return l.frame(n)
	case *atmTest:
		return l.atm(n)
	case *mtp2Test:
		return l.mtp2(n)
	case *fieldTest:
		if n.mtp3 {
			return l.mtp3(n)
		}
		return l.atmField(n)
	case *pfTest:
		return l.packetFilter(n)
	}
	return nil
}

// test returns the formula of one test, folded where both sides are constant.
func (l *lowerer) test(rel relation, a, b *expr) *formula {
	if a.op == opConst && b.op == opConst {
		return constantFormula(holds(rel, a.k, b.k))
	}
	if rel == relEqual && b.op == opConst && b.k == 0 && a.op == opAnd && a.b.op == opConst {
		return not(&formula{kind: fTest, test: test{relAnyBit, a.a, a.b}})
	}
	return &formula{kind: fTest, test: test{rel, a, b}}
}

// holds reports whether a relation holds between two numbers.
func holds(rel relation, a, b uint32) bool {
	switch rel {
	case relEqual:
		return a == b
	case relGreater:
		return a > b
	case relGreaterEq:
		return a >= b
	}
	return a&b != 0
}

// at returns size bytes at an offset.
func (l *lowerer) at(o offset, size uint8) *expr { return l.load(o.base, o.k, size) }

// equal tests size bytes at an offset.
func (l *lowerer) equal(o offset, size uint8, v uint32) *formula {
	return l.test(relEqual, l.at(o, size), l.constant(v))
}

// masked tests those bits of size bytes at an offset that mask has.
func (l *lowerer) masked(o offset, size uint8, v, mask uint32) *formula {
	return l.test(relEqual, l.binary(opAnd, l.at(o, size), l.constant(mask)), l.constant(v))
}

// bits tests whether any of the bits is set in the byte at an offset.
func (l *lowerer) bits(o offset, mask uint32) *formula {
	return l.test(relAnyBit, l.at(o, 1), l.constant(mask))
}

// bytes tests a run of bytes at an offset, from its end to its start as
// libpcap does: the end of an address differs more often.
func (l *lowerer) bytes(o offset, b []byte) *formula {
	f := &formula{kind: fAnd}
	for n := len(b); n > 0; {
		size := 4
		for size > n {
			size /= 2
		}
		n -= size
		v := uint32(0)
		for _, c := range b[n : n+size] {
			v = v<<8 | uint32(c)
		}
		f.parts = append(f.parts, l.equal(o.add(uint32(n)), uint8(size), v))
	}
	if len(f.parts) == 0 {
		return constantFormula(true)
	}
	return f
}

// networkAt returns the offset of n bytes into the network header.
func (l *lowerer) networkAt(n uint32) offset { return l.payload.add(l.net + n) }

// transport4 returns the offset of n bytes into what follows an IPv4 header.
func (l *lowerer) transport4(n uint32) offset {
	ip := l.networkAt(0)
	if ip.base == nil {
		return offset{l.pool.header(ip.k), ip.k + n}
	}
	words := l.binary(opAnd, l.at(ip, 1), l.constant(0xf))
	length := l.binary(opShiftLeft, words, l.constant(2))
	return offset{l.make(opAdd, 0, 0, length, ip.base), ip.k + n}
}

// transport6 returns the offset of n bytes into what follows a fixed IPv6 header.
func (l *lowerer) transport6(n uint32) offset { return l.networkAt(40 + n) }

// hostAddrs returns the addresses of a host name.
func (l *lowerer) hostAddrs(name string) []netip.Addr {
	if l.opt.Resolver != nil {
		if addrs := l.opt.Resolver.LookupHost(name); len(addrs) > 0 {
			return addrs
		}
	}
	if name == "localhost" {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	}
	return nil
}

// system returns the names to look words up in.
func (l *lowerer) system() *names.System { return l.opt.Names }
