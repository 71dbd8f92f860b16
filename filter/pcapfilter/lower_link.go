package pcapfilter

// EtherTypes (IEEE 802 numbers) and LLC service access points that have names.
const (
	etherNS     = 0x0600
	etherIP     = 0x0800
	etherARP    = 0x0806
	etherRARP   = 0x8035
	etherMOPDL  = 0x6001
	etherMOPRC  = 0x6002
	etherDECnet = 0x6003
	etherLAT    = 0x6004
	etherSCA    = 0x6007
	etherTEB    = 0x6558
	etherATalk  = 0x809b
	etherAARP   = 0x80f3
	etherVLAN   = 0x8100
	etherIPX    = 0x8137
	etherIPv6   = 0x86dd
	etherMPLS   = 0x8847
	etherPPPoED = 0x8863
	etherPPPoES = 0x8864
	etherQinQ   = 0x88a8
	etherLoop   = 0x9000
	etherQinQ91 = 0x9100

	sapIP      = 0x06
	sapSTP     = 0x42
	sapSNAP    = 0xaa
	sapIPX     = 0xe0
	sapNetBEUI = 0xf0
	sapISO     = 0xfe
)

// maxLength is the greatest value of the type field that is a length.
const maxLength = 1500

// PPP protocol numbers (IANA).
const (
	pppIP     = 0x0021
	pppOSI    = 0x0023
	pppNS     = 0x0025
	pppDECnet = 0x0027
	pppATalk  = 0x0029
	pppIPX    = 0x002b
	pppVJC    = 0x002d
	pppVJNC   = 0x002f
	pppBridge = 0x0031
	pppIPv6   = 0x0057
	pppMPLS   = 0x0281
)

// linkProto tests what the link layer says it carries: an EtherType, or an LLC
// service access point where proto is no greater than maxLength.
func (l *lowerer) linkProto(at span, proto uint32) *formula {
	if l.labels > 0 {
		return l.mplsProto(at, proto)
	}
	switch l.link.family {
	case linkEthernet:
		f := l.etherProto(proto)
		if check := l.underCheck(); check != nil && !l.tunneled {
			return and(check, f)
		}
		return f
	case linkLLC:
		return l.llcProto(proto)
	case linkWLAN:
		return and(l.dataFrame(), l.llcProto(proto))
	case linkSunATM:
		return and(l.masked(l.header, 1, atmLLC, 0x0f), l.llcProto(proto))
	case linkSLL:
		return l.sllProto(proto)
	case linkPPP:
		return l.equal(l.typ, 2, pppNumber(proto))
	case linkPPPBSDOS:
		if proto == etherIP {
			return or(l.equal(l.typ, 2, pppIP), l.equal(l.typ, 2, pppVJC), l.equal(l.typ, 2, pppVJNC))
		}
		return l.equal(l.typ, 2, pppNumber(proto))
	case linkCHDLC:
		if proto == sapISO {
			proto = sapISO<<8 | sapISO
		}
		return l.equal(l.typ, 2, proto)
	case linkEtherType:
		return l.equal(l.typ, 2, proto)
	}
	return l.otherProto(at, proto)
}

// otherProto is linkProto for link layers that carry IP and little else.
func (l *lowerer) otherProto(at span, proto uint32) *formula {
	ip, ip6 := proto == etherIP, proto == etherIPv6
	switch l.link.family {
	case linkRawVersion:
		switch {
		case ip:
			return l.masked(l.header, 1, 0x40, 0xf0)
		case ip6:
			return l.masked(l.header, 1, 0x60, 0xf0)
		}
		return constantFormula(false)
	case linkIPv4:
		return constantFormula(ip)
	case linkIPv6:
		return constantFormula(ip6)
	case linkNull, linkLoop, linkPFLog:
		return l.familyProto(ip, ip6)
	case linkARCnet:
		return l.arcnetProto(proto)
	case linkLocalTalk:
		return constantFormula(proto == etherATalk)
	case linkFrameRelay:
		return l.frameRelayProto(proto)
	case linkJuniper:
		return l.masked(l.header, 4, 0x4d474300, 0xffffff00)
	case linkBACnet:
		return l.masked(l.header, 4, 0x55ff0000, 0xffff0000)
	case linkIPNet:
		switch {
		case ip:
			return l.equal(l.typ, 1, familyIPv4)
		case ip6:
			return l.equal(l.typ, 1, familyIPv6Solaris)
		}
		return constantFormula(false)
	}
	name := l.link.short
	if name == "" {
		name = l.link.desc
	}
	return l.fail(at, "%s link-layer type filtering not implemented", name)
}

// etherProto tests the type of an Ethernet frame, which is either a type or,
// up to 1500, the length of an LLC frame.
func (l *lowerer) etherProto(proto uint32) *formula {
	isLength := not(l.test(relGreater, l.at(l.typ, 2), l.constant(maxLength)))
	isType := l.equal(l.typ, 2, proto)
	llc := l.payload
	switch proto {
	case sapISO, sapIP, sapNetBEUI:
		return and(isLength, l.equal(llc, 2, proto<<8|proto))
	case sapIPX:
		// Four ways to carry IPX: Ethernet II, SNAP, LLC and "raw" 802.3.
		return or(l.equal(l.typ, 2, etherIPX), and(isLength,
			or(l.snap(0, etherIPX), l.equal(llc, 1, sapIPX), l.equal(llc, 2, 0xffff))))
	case etherATalk:
		return or(isType, and(isLength, l.snap(0x080007, proto)))
	case etherAARP:
		return or(isType, and(isLength, l.snap(0, proto)))
	}
	if proto <= maxLength {
		return and(isLength, l.equal(l.typ.add(2), 1, proto))
	}
	return isType
}

// sllProto tests the type of a Linux cooked capture, which tells LLC frames
// apart by values of its own.
func (l *lowerer) sllProto(proto uint32) *formula {
	const raw8023, llc8022 = 0x0001, 0x0004
	isLLC := l.equal(l.typ, 2, llc8022)
	isType := l.equal(l.typ, 2, proto)
	llc := l.payload
	switch proto {
	case sapISO, sapIP, sapNetBEUI:
		return and(isLLC, l.equal(llc, 2, proto<<8|proto))
	case sapIPX:
		return or(l.equal(l.typ, 2, etherIPX), l.equal(l.typ, 2, raw8023),
			and(isLLC, or(l.equal(llc, 1, sapIPX), l.snap(0, etherIPX))))
	case etherATalk:
		return or(isType, and(isLLC, l.snap(0x080007, proto)))
	case etherAARP:
		return or(isType, and(isLLC, l.snap(0, proto)))
	}
	if proto <= maxLength {
		return and(isLLC, l.equal(l.payload, 1, proto))
	}
	return isType
}

// llcProto tests the LLC header at the payload, and SNAP behind it.
func (l *lowerer) llcProto(proto uint32) *formula {
	llc := l.payload
	switch proto {
	case sapISO, sapIP, sapNetBEUI:
		return l.equal(llc, 2, proto<<8|proto)
	case sapIPX:
		return l.equal(llc, 1, sapIPX)
	case etherATalk:
		return l.snap(0x080007, etherATalk)
	}
	if proto <= maxLength {
		return l.equal(llc, 1, proto)
	}
	// The organisation code is taken to be that of encapsulated Ethernet.
	return l.equal(llc.add(6), 2, proto)
}

// snap tests for LLC with SNAP, an organisation code and a protocol.
func (l *lowerer) snap(organisation, proto uint32) *formula {
	return l.bytes(l.payload, []byte{
		sapSNAP, sapSNAP, 0x03,
		byte(organisation >> 16), byte(organisation >> 8), byte(organisation),
		byte(proto >> 8), byte(proto),
	})
}

// pppNumber returns the PPP protocol number of an EtherType or service access
// point; others stay what they are.
func pppNumber(proto uint32) uint32 {
	switch proto {
	case etherIP:
		return pppIP
	case etherIPv6:
		return pppIPv6
	case etherDECnet:
		return pppDECnet
	case etherATalk:
		return pppATalk
	case etherNS:
		return pppNS
	case sapISO:
		return pppOSI
	case sapSTP:
		return pppBridge
	case sapIPX:
		return pppIPX
	}
	return proto
}

// Address families. That of IPv6 is another one on every system.
const (
	familyIPv4         = 2
	familyIPv6Linux    = 10
	familyIPv6BSD      = 24 // NetBSD, OpenBSD, BSD/OS
	familyIPv6FreeBSD  = 28
	familyIPv6Darwin   = 30
	familyIPv6Solaris  = 26
	familySizeLoopback = 4
)

// familyProto tests the address family in the header of BSD's loopback and of
// pflog. Which system wrote a file is not known.
func (l *lowerer) familyProto(ip, ip6 bool) *formula {
	var families []uint32
	switch {
	case ip:
		families = []uint32{familyIPv4}
	case ip6 && l.link.family == linkPFLog:
		families = []uint32{familyIPv6Linux, familyIPv6BSD, familyIPv6FreeBSD, familyIPv6Darwin}
	case ip6 && l.opt.Live:
		families = []uint32{familyIPv6Linux}
	case ip6:
		families = []uint32{familyIPv6Darwin, familyIPv6BSD, familyIPv6FreeBSD}
	default:
		return constantFormula(false)
	}
	var f []*formula
	for _, family := range families {
		switch {
		case l.link.family == linkPFLog:
			f = append(f, l.equal(l.header.add(1), 1, family))
		case l.link.family == linkNull && !l.opt.BigEndian:
			f = append(f, l.equal(l.header, familySizeLoopback, family<<24))
		default:
			f = append(f, l.equal(l.header, familySizeLoopback, family))
		}
	}
	return or(f...)
}

// arcnetProto tests the system code of ARCnet (RFC 1201 and its predecessor).
func (l *lowerer) arcnetProto(proto uint32) *formula {
	switch proto {
	case etherIPv6:
		return l.equal(l.typ, 1, 196)
	case etherIP:
		return or(l.equal(l.typ, 1, 212), l.equal(l.typ, 1, 240))
	case etherARP:
		return or(l.equal(l.typ, 1, 213), l.equal(l.typ, 1, 241))
	case etherRARP:
		return l.equal(l.typ, 1, 214)
	case etherATalk:
		return l.equal(l.typ, 1, 221)
	}
	return constantFormula(false)
}

// frameRelayProto tests the control field and NLPID behind an address of two
// bytes (RFC 2427).
func (l *lowerer) frameRelayProto(proto uint32) *formula {
	nlpid := func(v uint32) *formula { return l.equal(l.header.add(2), 2, 0x0300|v) }
	switch proto {
	case etherIP:
		return nlpid(0xcc)
	case etherIPv6:
		return nlpid(0x8e)
	case sapISO:
		return or(nlpid(isoCLNP), nlpid(isoESIS), nlpid(isoISIS))
	}
	return constantFormula(false)
}

// mplsProto tests what a label stack carries: the bottom of the stack has to
// be reached, and nothing but the version tells IPv4 and IPv6 apart.
func (l *lowerer) mplsProto(at span, proto uint32) *formula {
	var version uint32
	switch proto {
	case etherIP, pppIP:
		version = 0x40
	case etherIPv6, pppIPv6:
		version = 0x60
	default:
		return l.fail(at, "unsupported protocol over mpls")
	}
	bottom := l.masked(l.payload.add(l.net-2), 1, 1, 1)
	return and(bottom, l.masked(l.networkAt(0), 1, version, 0xf0))
}

// underCheck tests that there is a link-layer header at all, where what is
// around it may carry something else. It returns nil where nothing has to be
// tested.
func (l *lowerer) underCheck() *formula {
	switch {
	case l.tunneled:
		// Without a link-layer header both offsets are the same.
		return not(l.test(relEqual, l.header.base, l.payload.base))
	case l.moved && l.under.family == linkSunATM:
		// ATM LANE: not a control frame of the LAN emulation.
		return not(l.equal(offset{k: atmPayload}, 2, 0xff00))
	}
	return nil
}
