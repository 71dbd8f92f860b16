package pcapfilter

// node is a part of the syntax tree that is true or false for a packet.
type node interface{ at() span }

// chain is operands with "and" and "or" between them, which bind alike and are
// taken from left to right: ops[i] stands between operands[i] and [i+1].
type chain struct {
	span
	operands []node
	ops      []kind // tkAnd or tkOr
}

// negation is "not x".
type negation struct {
	span
	x node
}

// abbreviation is a protocol alone: "tcp".
type abbreviation struct {
	span
	proto proto
}

// identKind is what an identifier looks like.
type identKind uint8

// Kinds of identifiers.
const (
	identName   identKind = iota // text
	identNumber                  // number
	identIPv4                    // text; with number as mask length if masked, or with mask
	identIPv6                    // text; with number as prefix length
	identMAC                     // text
	identARCnet                  // text
)

// ident is a name, number or address with everything that qualifies it, be it
// written before it or inherited.
type ident struct {
	span
	q      qualifiers
	kind   identKind
	masked bool   // a mask length was given, in number
	mask   string // "mask 255.0.0.0"; empty if none was given
	text   string
	number uint32
}

// comparison compares two values: "tcp[13] & 2 != 0".
type comparison struct {
	span
	op   kind // tkGreaterEq, char('=') and the like
	l, r value
}

// casting is "broadcast" or "multicast" of a protocol.
type casting struct {
	span
	proto     proto
	multicast bool
}

// lengthTest is "less N" or "greater N".
type lengthTest struct {
	span
	greater bool
	n       uint32
}

// byteTest is "byte N OP M".
type byteTest struct {
	span
	index, n uint32
	op       byte
}

// sideTest is "inbound" or "outbound".
type sideTest struct {
	span
	outbound bool
}

// ifIndexTest is "ifindex N".
type ifIndexTest struct {
	span
	n uint32
}

// Encapsulations that move the offsets of everything behind them.
const (
	encapVLAN uint32 = iota
	encapMPLS
	encapPPPoES
	encapGeneve
	encapVXLAN
)

// encapsulation is "vlan", "mpls", "pppoes", "geneve" or "vxlan", with an
// identifier or without.
type encapsulation struct {
	span
	encap  uint32
	number uint32
	has    bool
}

// discovery is "pppoed".
type discovery struct{ span }

// llcTest is "llc" or "llc TYPE".
type llcTest struct {
	span
	text string
}

// frameTest is "type", "subtype" or "dir" of an IEEE 802.11 frame.
type frameTest struct {
	span
	value, mask uint32 // of the first byte of the frame control, or of the second
	direction   bool
}

// atmTest is a kind of ATM traffic.
type atmTest struct {
	span
	what uint32
}

// fieldTest is a field of ATM or MTP3 against one or several values.
type fieldTest struct {
	span
	mtp3   bool
	field  uint32
	op     kind
	values []uint32
}

// mtp2Test is a kind of SS7 signal unit.
type mtp2Test struct {
	span
	what uint32
}

// pfTest is a field of OpenBSD's packet filter log.
type pfTest struct {
	span
	field  uint32
	text   string
	number uint32
}

func (s span) at() span { return s }

// value is a part of the syntax tree that has a number for a packet.
type value interface{ valueAt() span }

// numeral is a constant.
type numeral struct {
	span
	n uint32
}

// frameLen is "len": the length of the packet on the wire.
type frameLen struct{ span }

// fetch is "tcp[index:size]".
type fetch struct {
	span
	proto proto
	index value
	size  uint32
}

// negative is "-x".
type negative struct {
	span
	x value
}

// operation is "l OP r".
type operation struct {
	span
	op   kind
	l, r value
}

func (s span) valueAt() span { return s }
