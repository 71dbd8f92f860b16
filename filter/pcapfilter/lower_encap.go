package pcapfilter

// Destination ports of tunnels over UDP (IANA).
const (
	portVXLAN  = 4789
	portGeneve = 6081
)

// encapsulation lowers the primitives that look into what a header carries.
// All of them move the offsets for everything that follows in the text.
func (l *lowerer) encapsulation(n *encapsulation) *formula {
	switch n.encap {
	case encapVLAN:
		return l.vlan(n)
	case encapMPLS:
		return l.mpls(n)
	case encapPPPoES:
		return l.pppoes(n)
	case encapGeneve:
		return l.geneve(n)
	}
	return l.vxlan(n)
}

// push makes a link layer the one that is looked at: its header begins at
// header. Under it is the link layer that carries it.
func (l *lowerer) push(link uint16, header offset) {
	l.under = l.link
	l.link = lookupLink(link)
	l.header = header
	l.tunneled = false
	l.moved = true
}

// vlan lowers "vlan". In a file the tag is in the frame. Linux takes the
// outermost tag out of the frame, so that a program for the kernel has to look
// for it in both places, and for the rest of the frame behind a tag or not.
func (l *lowerer) vlan(n *encapsulation) *formula {
	if l.labels > 0 {
		return l.fail(n.span, "no VLAN match after MPLS")
	}
	if l.link.family != linkEthernet && l.link.family != linkWLAN || l.link.link == linkTypePPI {
		return l.fail(n.span, "no VLAN support for %s", l.link.desc)
	}
	if n.has && n.number > 0xfff {
		return l.fail(n.span, "VLAN tag %d greater than maximum %d", n.number, 0xfff)
	}
	tagged := or(l.linkProto(n.span, etherVLAN), l.linkProto(n.span, etherQinQ), l.linkProto(n.span, etherQinQ91))
	if n.has {
		tagged = and(tagged, l.masked(l.networkAt(0), 2, n.number, 0xfff))
	}
	if l.opt.Live && l.vlans == 0 && l.link.family == linkEthernet && !l.moved {
		tagged = l.vlanLive(n, tagged)
	} else {
		l.payload.k += 4
		l.typ.k += 4
	}
	l.vlans++
	return tagged
}

// Offsets of the Linux kernel's ancillary data (SKF_AD_).
const (
	extPacketType  = 4
	extIfIndex     = 8
	extVLANTag     = 44
	extVLANPresent = 48
)

// ext returns an item of the kernel's ancillary data.
func (l *lowerer) ext(item uint32) *expr {
	size := uint8(4)
	switch item {
	case extPacketType:
		size = 2
	case extVLANTag:
		size = 2
	case extVLANPresent:
		size = 1
	}
	return l.make(opExt, size, item, nil, nil)
}

// vlanLive completes "vlan" for the kernel: inFrame is the test of a tag in
// the frame. A variable holds how many bytes such a tag takes.
func (l *lowerer) vlanLive(n *encapsulation, inFrame *formula) *formula {
	taken := l.newVar(n.span)
	l.payload = offset{taken, l.payload.k}
	l.typ = offset{taken, l.typ.k}
	inMetadata := []*formula{l.test(relEqual, l.ext(extVLANPresent), l.constant(1)), set(taken, l.constant(0))}
	if n.has {
		tag := l.binary(opAnd, l.ext(extVLANTag), l.constant(0xfff))
		inMetadata = append(inMetadata, l.test(relEqual, tag, l.constant(n.number)))
	}
	return or(and(inMetadata...), and(
		not(l.test(relEqual, l.ext(extVLANPresent), l.constant(1))), set(taken, l.constant(4)), inFrame))
}

// mpls lowers "mpls": one label of the stack.
func (l *lowerer) mpls(n *encapsulation) *formula {
	var f *formula
	switch {
	case l.labels > 0:
		// The label before this one was not the last.
		f = l.masked(l.payload.add(l.net-2), 1, 0, 1)
	case l.link.family == linkEthernet || l.link.link == linkTypeCHDLC:
		f = l.linkProto(n.span, etherMPLS)
	case l.link.link == linkTypePPP:
		f = l.linkProto(n.span, pppMPLS)
	default:
		return l.fail(n.span, "no MPLS support for %s", l.link.desc)
	}
	if n.has {
		if n.number > 0xfffff {
			return l.fail(n.span, "MPLS label %d greater than maximum %d", n.number, 0xfffff)
		}
		f = and(f, l.masked(l.networkAt(0), 4, n.number<<12, 0xfffff000))
	}
	l.net += 4
	l.noSNAP += 4
	l.labels++
	return f
}

// pppoes lowers "pppoes": a session, which carries PPP.
func (l *lowerer) pppoes(n *encapsulation) *formula {
	f := l.linkProto(n.span, etherPPPoES)
	if n.has {
		if n.number > 0xffff {
			return l.fail(n.span, "PPPoE session number %d greater than maximum %d", n.number, 0xffff)
		}
		f = and(f, l.masked(l.networkAt(0), 4, n.number, 0xffff))
	}
	l.push(linkTypePPP, l.networkAt(6))
	l.typ = l.header
	l.payload = l.header.add(2)
	l.net, l.noSNAP = 0, 0
	return f
}

// tunnelHeader tests for a tunnel over UDP and sets a variable to where its
// header begins. check tests the header at the given transport offset.
func (l *lowerer) tunnelHeader(n *encapsulation, port uint32, check func(transport func(uint32) offset) *formula) (start *expr, f *formula) {
	start = l.newVar(n.span)
	id := &ident{span: n.span, q: qualifiers{protoUDP, dirDst, addrPort}}
	header := func(transport func(uint32) offset) *formula {
		o := transport(8)
		e := l.constant(o.k)
		if o.base != nil {
			e = l.binary(opAdd, o.base, e)
		}
		return set(start, e)
	}
	f = or(
		and(l.ports4(id, port, port, onUDP), check(l.transport4), header(l.transport4)),
		and(l.ports6(id, port, port, onUDP), check(l.transport6), header(l.transport6)))
	return start, f
}

// vni tests the virtual network identifier, which Geneve and VXLAN have at
// the same place.
func (l *lowerer) vni(n *encapsulation, header offset) *formula {
	if !n.has {
		return constantFormula(true)
	}
	return l.masked(header.add(4), 4, n.number<<8, 0xffffff00)
}

// geneve lowers "geneve" (RFC 8926). What it carries is told by an EtherType:
// an Ethernet frame, or the payload of one without its header.
func (l *lowerer) geneve(n *encapsulation) *formula {
	if n.has && n.number > 0xffffff {
		return l.fail(n.span, "Geneve VNI %d greater than maximum %d", n.number, 0xffffff)
	}
	start, f := l.tunnelHeader(n, portGeneve, func(transport func(uint32) offset) *formula {
		header := transport(8)
		version0 := l.masked(header, 1, 0, 0xc0)
		return and(version0, l.vni(n, header))
	})
	typ, inner, payload := l.newVar(n.span), l.newVar(n.span), l.newVar(n.span)
	options := l.binary(opMul, l.binary(opAnd, l.load(start, 0, 1), l.constant(0x3f)), l.constant(4))
	length := l.binary(opAdd, options, l.constant(8))
	carries := l.test(relEqual, l.load(start, 2, 2), l.constant(etherTEB))
	f = and(f, set(inner, l.make(opAdd, 0, 0, length, start)), or(
		and(carries, set(typ, l.binary(opAdd, inner, l.constant(12))), set(payload, l.binary(opAdd, inner, l.constant(14)))),
		and(set(typ, l.binary(opAdd, start, l.constant(2))), set(payload, inner))))
	l.push(linkTypeEthernet, offset{base: inner})
	l.typ = offset{base: typ}
	l.payload = offset{base: payload}
	l.net, l.noSNAP = 0, 3
	l.tunneled = true
	l.keepTests = true
	return f
}

// vxlan lowers "vxlan" (RFC 7348), which always carries an Ethernet frame.
func (l *lowerer) vxlan(n *encapsulation) *formula {
	if n.has && n.number > 0xffffff {
		return l.fail(n.span, "VXLAN VNI %d greater than maximum %d", n.number, 0xffffff)
	}
	start, f := l.tunnelHeader(n, portVXLAN, func(transport func(uint32) offset) *formula {
		header := transport(8)
		valid := l.masked(header, 1, 0x08, 0x08)
		return and(valid, l.vni(n, header))
	})
	l.push(linkTypeEthernet, offset{start, 8})
	l.typ = l.header.add(12)
	l.payload = l.header.add(14)
	l.net, l.noSNAP = 0, 3
	l.keepTests = true
	return f
}
