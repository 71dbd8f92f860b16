package pcapfilter

// IP protocol numbers that have a word of their own.
const (
	ipICMP     = 1
	ipIGMP     = 2
	ipTCP      = 6
	ipIGRP     = 9
	ipUDP      = 17
	ipFragment = 44
	ipESP      = 50
	ipAH       = 51
	ipICMPv6   = 58
	ipNoNext   = 59
	ipPIM      = 103
	ipVRRP     = 112
	ipSCTP     = 132
)

// Network layer protocol identifiers of OSI (ISO/IEC TR 9577).
const (
	isoCLNP = 0x81
	isoESIS = 0x82
	isoISIS = 0x83
)

// PDU types of IS-IS (ISO/IEC 10589).
const (
	isisL1Hello = 15
	isisL2Hello = 16
	isisP2P     = 17
	isisL1LSP   = 18
	isisL2LSP   = 20
	isisL1CSNP  = 24
	isisL2CSNP  = 25
	isisL1PSNP  = 26
	isisL2PSNP  = 27
)

// abbreviation lowers a protocol that stands alone.
func (l *lowerer) abbreviation(at span, p proto) *formula {
	if ether, ok := linkNumber(p); ok {
		return l.linkProto(at, ether)
	}
	if number, ok := ipNumber(p); ok {
		switch p {
		case protoICMP, protoIGMP, protoIGRP, protoVRRP, protoCARP:
			return l.ip4Proto(at, number)
		case protoICMPv6:
			return l.ip6Proto(at, number)
		}
		return or(l.ip4Proto(at, number), l.ip6Proto(at, number))
	}
	switch p {
	case protoLink:
		return l.fail(at, "link layer applied in wrong context")
	case protoRadio:
		return l.fail(at, "'radio' is not a valid protocol type")
	case protoESIS:
		return l.isoProto(at, isoESIS)
	case protoISIS:
		return l.isoProto(at, isoISIS)
	case protoCLNP:
		return l.isoProto(at, isoCLNP)
	}
	var f []*formula
	for _, pdu := range isisTypes(p) {
		f = append(f, l.isisProto(at, pdu))
	}
	return or(f...)
}

// linkNumber returns the EtherType or service access point of a protocol.
func linkNumber(p proto) (number uint32, ok bool) {
	switch p {
	case protoIP:
		return etherIP, true
	case protoIPv6:
		return etherIPv6, true
	case protoARP:
		return etherARP, true
	case protoRARP:
		return etherRARP, true
	case protoAppleTalk:
		return etherATalk, true
	case protoAARP:
		return etherAARP, true
	case protoDECnet:
		return etherDECnet, true
	case protoSCA:
		return etherSCA, true
	case protoLAT:
		return etherLAT, true
	case protoMOPDL:
		return etherMOPDL, true
	case protoMOPRC:
		return etherMOPRC, true
	case protoISO:
		return sapISO, true
	case protoSTP:
		return sapSTP, true
	case protoIPX:
		return sapIPX, true
	case protoNetBEUI:
		return sapNetBEUI, true
	}
	return 0, false
}

// ipNumber returns the IP protocol number of a protocol.
func ipNumber(p proto) (number uint32, ok bool) {
	switch p {
	case protoTCP:
		return ipTCP, true
	case protoUDP:
		return ipUDP, true
	case protoSCTP:
		return ipSCTP, true
	case protoICMP:
		return ipICMP, true
	case protoICMPv6:
		return ipICMPv6, true
	case protoIGMP:
		return ipIGMP, true
	case protoIGRP:
		return ipIGRP, true
	case protoPIM:
		return ipPIM, true
	case protoVRRP, protoCARP:
		return ipVRRP, true
	case protoAH:
		return ipAH, true
	case protoESP:
		return ipESP, true
	}
	return 0, false
}

// isisTypes returns the PDU types that a word stands for.
func isisTypes(p proto) []uint32 {
	switch p {
	case protoL1:
		return []uint32{isisL1PSNP, isisL1CSNP, isisL1LSP, isisL1Hello, isisP2P}
	case protoL2:
		return []uint32{isisL2PSNP, isisL2CSNP, isisL2LSP, isisL2Hello, isisP2P}
	case protoIIH:
		return []uint32{isisP2P, isisL1Hello, isisL2Hello}
	case protoLSP:
		return []uint32{isisL1LSP, isisL2LSP}
	case protoSNP:
		return []uint32{isisL2PSNP, isisL1PSNP, isisL1CSNP, isisL2CSNP}
	case protoCSNP:
		return []uint32{isisL1CSNP, isisL2CSNP}
	case protoPSNP:
		return []uint32{isisL1PSNP, isisL2PSNP}
	}
	return nil
}

// ip4Proto tests the protocol field of IPv4.
func (l *lowerer) ip4Proto(at span, number uint32) *formula {
	return and(l.linkProto(at, etherIP), l.equal(l.networkAt(9), 1, number))
}

// ip6Proto tests the next header of IPv6, also behind a fragment header if
// that comes first. Other extension headers are not followed.
func (l *lowerer) ip6Proto(at span, number uint32) *formula {
	next := l.networkAt(6)
	return and(l.linkProto(at, etherIPv6), or(l.equal(next, 1, number),
		and(l.equal(next, 1, ipFragment), l.equal(l.networkAt(40), 1, number))))
}

// isoProto tests the network layer protocol identifier of OSI.
func (l *lowerer) isoProto(at span, number uint32) *formula {
	nlpid := l.payload.add(l.noSNAP)
	switch l.link.family {
	case linkFrameRelay:
		return l.equal(l.header.add(2), 2, 0x0300|number)
	case linkCHDLC:
		// Cisco puts a fudge byte before it.
		return and(l.linkProto(at, sapISO<<8|sapISO), l.equal(nlpid.add(1), 1, number))
	}
	return and(l.linkProto(at, sapISO), l.equal(nlpid, 1, number))
}

// isisProto tests the PDU type of IS-IS.
func (l *lowerer) isisProto(at span, pdu uint32) *formula {
	return and(l.isoProto(at, isoISIS), l.equal(l.payload.add(l.noSNAP+4), 1, pdu))
}

// encapsulated lowers "P proto N".
func (l *lowerer) encapsulated(at span, p proto, number uint32) *formula {
	switch p {
	case protoDefault:
		return or(l.ip4Proto(at, number), l.ip6Proto(at, number))
	case protoIP:
		return l.ip4Proto(at, number)
	case protoIPv6:
		return l.ip6Proto(at, number)
	case protoLink:
		return l.linkProto(at, number)
	case protoISO:
		return l.isoProto(at, number)
	case protoISIS:
		return l.isisProto(at, number)
	case protoARP, protoRARP:
		return l.fail(at, "%s does not encapsulate another protocol", protoWords[p])
	case protoLAT, protoSCA, protoMOPRC, protoMOPDL:
		return l.fail(at, "%s does not encapsulate another protocol", protoTitle(p))
	case protoAppleTalk, protoDECnet:
		return l.fail(at, "%s encapsulation is not specifiable", protoTitle(p))
	case protoCLNP:
		return l.fail(at, "'clnp proto' is not supported")
	}
	return l.fail(at, "'%s proto' is bogus", protoWords[p])
}

// protoTitle returns the name that errors have for a protocol.
func protoTitle(p proto) string {
	switch p {
	case protoAppleTalk:
		return "AppleTalk"
	case protoAARP:
		return "AARP"
	case protoDECnet:
		return "DECNET"
	case protoLAT:
		return "LAT"
	case protoSCA:
		return "SCA"
	case protoMOPRC:
		return "MOPRC"
	case protoMOPDL:
		return "MOPDL"
	case protoISO:
		return "ISO"
	case protoIPX:
		return "IPX"
	}
	return protoWords[p]
}

// namedProto lowers "P proto NAME" and "P protochain NAME": it returns the
// number that the name has with the protocol.
func (l *lowerer) namedProto(at span, p proto, name string) (number uint32, ok bool) {
	switch p {
	case protoDefault, protoIP, protoIPv6:
		n, ok := l.system().ProtocolNumber(name)
		if !ok {
			l.fail(at, "unknown ip proto '%s'", name)
		}
		return uint32(n), ok
	case protoLink:
		n, ok := etherName(name)
		if !ok {
			l.fail(at, "unknown ether proto '%s'", name)
		}
		return n, ok
	case protoISO:
		switch name {
		case "esis":
			return isoESIS, true
		case "isis":
			return isoISIS, true
		case "clnp":
			return isoCLNP, true
		}
		l.fail(at, "unknown osi proto '%s'", name)
		return 0, false
	}
	l.fail(at, "unknown protocol: %s", name)
	return 0, false
}

// etherName returns the EtherType or service access point that "ether proto"
// knows by name.
func etherName(name string) (number uint32, ok bool) {
	switch name {
	case "aarp":
		return etherAARP, true
	case "arp":
		return etherARP, true
	case "atalk":
		return etherATalk, true
	case "decnet":
		return etherDECnet, true
	case "ip":
		return etherIP, true
	case "ip6":
		return etherIPv6, true
	case "lat":
		return etherLAT, true
	case "loopback":
		return etherLoop, true
	case "mopdl":
		return etherMOPDL, true
	case "moprc":
		return etherMOPRC, true
	case "rarp":
		return etherRARP, true
	case "sca":
		return etherSCA, true
	case "iso":
		return sapISO, true
	case "stp":
		return sapSTP, true
	case "ipx":
		return sapIPX, true
	case "netbeui":
		return sapNetBEUI, true
	}
	return 0, false
}

// protochain lowers "P protochain N".
func (l *lowerer) protochain(at span, p proto, number uint32) *formula {
	switch p {
	case protoDefault:
		return or(l.protochain(at, protoIP, number), l.protochain(at, protoIPv6, number))
	case protoIP, protoIPv6:
	default:
		return l.fail(at, "bad protocol applied for 'protochain'")
	}
	if l.payload.base != nil || l.link.family == linkWLAN || l.link.family == linkPFLog {
		return l.fail(at, "'protochain' not supported with variable length headers")
	}
	l.keepTests = true
	w := &walk{ipv6: p == protoIPv6, protocol: number, net: l.networkAt(0).k}
	ether := uint32(etherIP)
	if w.ipv6 {
		ether = etherIPv6
	}
	return and(l.linkProto(at, ether), &formula{kind: fWalk, walk: w})
}
