package pcapfilter

// kind is what a token is. Keywords that the grammar treats alike share one
// kind; the token's value tells them apart.
type kind uint8

// Kinds of tokens.
const (
	tkEnd kind = iota
	tkNumber
	tkName   // a name, or anything behind a backslash
	tkIPv4   // 10.1, 10.1.2, 10.1.2.3
	tkIPv6   // fe80::1
	tkMAC    // 00:11:22:33:44:55 and other forms of six bytes
	tkARCnet // $fe
	tkAnd
	tkOr
	tkNot
	tkGreaterEq
	tkLessEq
	tkNotEq
	tkShiftLeft
	tkShiftRight
	tkProto // value: a protocol
	tkSrc
	tkDst
	tkAddr // value: dirAddr1 and the like
	tkHost
	tkNet
	tkMask
	tkPort
	tkPortRange
	tkProtoWord // "proto"
	tkProtoChain
	tkGateway
	tkType
	tkSubtype
	tkDir
	tkLess
	tkGreater
	tkByte
	tkBroadcast
	tkMulticast
	tkLen
	tkInbound
	tkOutbound
	tkIfIndex
	tkEncap // value: encapVLAN and the like
	tkPPPoED
	tkLLC
	tkATM      // value: an atmType
	tkATMField // value: an atmField
	tkMTP2     // value: an mtp2Type
	tkMTP3     // value: an mtp3Field
	tkPF       // value: a pfField
	tkChar     // kind of all operators of one byte is tkChar + the byte
)

// char returns the kind of an operator that is one byte, all of them ASCII.
func char(c byte) kind { return tkChar + kind(c) }

// token is a word of the expression.
type token struct {
	kind  kind
	value uint32 // of a number or a keyword
	text  string // of a name or an address
	span
}

// keyword is what a reserved word stands for.
type keyword struct {
	kind  kind
	value uint32
}

// lookupKeyword returns the meaning of a word. Words are reserved in lower case
// only. The protocol's words are a switch, which the compiler turns into a
// search by length and text: no map is built at start.
func lookupKeyword(word string) (keyword, bool) {
	if p, ok := lookupProtoWord(word); ok {
		return keyword{tkProto, uint32(p)}, true
	}
	if v, ok := lookupConstant(word); ok {
		return keyword{tkNumber, v}, true
	}
	k, ok := lookupGrammarWord(word)
	if !ok {
		k, ok = lookupLinkWord(word)
	}
	return k, ok
}

// lookupGrammarWord knows the words that hold expressions together.
func lookupGrammarWord(word string) (keyword, bool) {
	var k keyword
	switch word {
	case "and":
		k.kind = tkAnd
	case "or":
		k.kind = tkOr
	case "not":
		k.kind = tkNot
	case "src":
		k.kind = tkSrc
	case "dst":
		k.kind = tkDst
	case "host":
		k.kind = tkHost
	case "net":
		k.kind = tkNet
	case "mask":
		k.kind = tkMask
	case "port":
		k.kind = tkPort
	case "portrange":
		k.kind = tkPortRange
	case "proto":
		k.kind = tkProtoWord
	case "protochain":
		k.kind = tkProtoChain
	case "gateway":
		k.kind = tkGateway
	case "less":
		k.kind = tkLess
	case "greater":
		k.kind = tkGreater
	case "byte":
		k.kind = tkByte
	case "broadcast":
		k.kind = tkBroadcast
	case "multicast":
		k.kind = tkMulticast
	case "len", "length":
		k.kind = tkLen
	case "inbound":
		k.kind = tkInbound
	case "outbound":
		k.kind = tkOutbound
	case "ifindex":
		k.kind = tkIfIndex
	default:
		return k, false
	}
	return k, true
}

// lookupLinkWord knows the words of encapsulations and particular link types.
func lookupLinkWord(word string) (keyword, bool) {
	switch word {
	case "type":
		return keyword{kind: tkType}, true
	case "subtype":
		return keyword{kind: tkSubtype}, true
	case "dir", "direction":
		return keyword{kind: tkDir}, true
	case "addr1", "address1":
		return keyword{tkAddr, uint32(dirAddr1)}, true
	case "addr2", "address2":
		return keyword{tkAddr, uint32(dirAddr2)}, true
	case "addr3", "address3":
		return keyword{tkAddr, uint32(dirAddr3)}, true
	case "addr4", "address4":
		return keyword{tkAddr, uint32(dirAddr4)}, true
	case "ra":
		return keyword{tkAddr, uint32(dirRA)}, true
	case "ta":
		return keyword{tkAddr, uint32(dirTA)}, true
	case "vlan":
		return keyword{tkEncap, encapVLAN}, true
	case "mpls":
		return keyword{tkEncap, encapMPLS}, true
	case "pppoes":
		return keyword{tkEncap, encapPPPoES}, true
	case "geneve":
		return keyword{tkEncap, encapGeneve}, true
	case "vxlan":
		return keyword{tkEncap, encapVXLAN}, true
	case "pppoed":
		return keyword{kind: tkPPPoED}, true
	case "llc":
		return keyword{kind: tkLLC}, true
	}
	if v, ok := indexOf(atmTypeNames[:], word); ok {
		return keyword{tkATM, v}, true
	}
	if v, ok := indexOf(atmFieldNames[:], word); ok {
		return keyword{tkATMField, v}, true
	}
	if v, ok := indexOf(mtp2TypeNames[:], word); ok {
		return keyword{tkMTP2, v}, true
	}
	if word == "lsu" {
		return keyword{tkMTP2, mtp2LSSU}, true
	}
	if v, ok := indexOf(mtp3FieldNames[:], word); ok {
		return keyword{tkMTP3, v}, true
	}
	return lookupPFWord(word)
}

// lookupPFWord knows the words of OpenBSD's packet filter log.
func lookupPFWord(word string) (keyword, bool) {
	switch word {
	case "on", "ifname":
		return keyword{tkPF, pfIfname}, true
	case "rset", "ruleset":
		return keyword{tkPF, pfRuleset}, true
	case "rnr", "rulenum":
		return keyword{tkPF, pfRulenum}, true
	case "srnr", "subrulenum":
		return keyword{tkPF, pfSubrulenum}, true
	case "reason":
		return keyword{tkPF, pfReason}, true
	case "action":
		return keyword{tkPF, pfAction}, true
	}
	return keyword{}, false
}

// indexOf returns the position of word in a list of names.
func indexOf(names []string, word string) (uint32, bool) {
	for i, n := range names {
		if n == word {
			return uint32(i), true
		}
	}
	return 0, false
}
