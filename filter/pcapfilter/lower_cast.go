package pcapfilter

// broadcast lowers "broadcast", "ether broadcast" and "ip broadcast".
func (l *lowerer) broadcast(n *casting) *formula {
	switch n.proto {
	case protoDefault, protoLink:
		switch {
		case l.link.family == linkARCnet:
			return l.macPair(n.span, []byte{0}, dirDst, 0, 1, "")
		case l.hasMACs():
			return l.macHost(n.span, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, dirDst)
		}
		return l.fail(n.span, "not a broadcast link")
	case protoIP:
		if l.opt.Netmask == NetmaskUnknown {
			return l.fail(n.span, "netmask not known, so 'ip broadcast' not supported")
		}
		host := ^l.opt.Netmask
		dst := l.networkAt(16)
		return and(l.linkProto(n.span, etherIP), or(l.masked(dst, 4, 0, host), l.masked(dst, 4, host, host)))
	}
	return l.fail(n.span, "only link-layer/IP broadcast filters supported")
}

// hasMACs reports whether frames have Ethernet addresses that are compared.
func (l *lowerer) hasMACs() bool {
	switch l.link.link {
	case linkTypeFDDI, linkTypeTokenRing, linkTypeIPFC:
		return true
	}
	return l.link.family == linkEthernet || l.link.family == linkWLAN
}

// multicast lowers "multicast" and its forms for link layer, IPv4 and IPv6.
func (l *lowerer) multicast(n *casting) *formula {
	group := func(at uint32) *formula { return l.bits(l.header.add(at), 1) }
	switch n.proto {
	case protoDefault, protoLink:
		switch {
		case l.link.family == linkARCnet:
			// All ARCnet multicasts have one address.
			return l.macPair(n.span, []byte{0}, dirDst, 0, 1, "")
		case l.link.family == linkEthernet:
			if check := l.underCheck(); check != nil {
				return and(check, group(0))
			}
			return group(0)
		case l.link.family == linkWLAN:
			return l.wlanDestination(group)
		case l.link.link == linkTypeFDDI:
			return group(1)
		case l.hasMACs():
			return group(2)
		}
	case protoIP:
		return and(l.linkProto(n.span, etherIP), l.test(relGreaterEq, l.at(l.networkAt(16), 1), l.constant(224)))
	case protoIPv6:
		return and(l.linkProto(n.span, etherIPv6), l.equal(l.networkAt(24), 1, 255))
	}
	return l.fail(n.span, "link-layer multicast filters supported only on ethernet/FDDI/token ring/ARCNET/802.11/ATM LANE/Fibre Channel")
}

// packetOutgoing is the packet type of what this host sent, in cooked captures
// and in the kernel's ancillary data alike.
const packetOutgoing = 4

// side lowers "inbound" and "outbound".
func (l *lowerer) side(n *sideTest) *formula {
	outgoing := func(f *formula) *formula {
		if n.outbound {
			return f
		}
		return not(f)
	}
	pick := func(in, out uint32) uint32 {
		if n.outbound {
			return out
		}
		return in
	}
	switch {
	case l.link.link == linkTypeSLIP:
		return outgoing(not(l.equal(l.header, 1, 0)))
	case l.link.link == linkTypeIPNet:
		return l.equal(l.header.add(2), 2, pick(2, 1))
	case l.link.link == linkTypeSLL:
		return outgoing(l.equal(l.header, 2, packetOutgoing))
	case l.link.link == linkTypeSLL2:
		return outgoing(l.equal(l.header.add(10), 1, packetOutgoing))
	case l.link.family == linkPFLog:
		return l.equal(l.header.add(pfDirAt), 1, pick(1, 2))
	case l.link.link == linkTypePPPD:
		return l.equal(l.header, 1, pick(0, 1))
	case l.link.family == linkJuniper:
		return l.masked(l.header.add(3), 1, pick(1, 0), 1)
	case l.opt.Live:
		return outgoing(l.test(relEqual, l.ext(extPacketType), l.constant(packetOutgoing)))
	}
	return l.fail(n.span, "inbound/outbound not supported on %s when reading savefiles", l.link.desc)
}

// ifIndex lowers "ifindex N".
func (l *lowerer) ifIndex(n *ifIndexTest) *formula {
	switch {
	case l.link.link == linkTypeSLL2:
		return l.equal(l.header.add(4), 4, n.n)
	case l.opt.Live:
		return l.test(relEqual, l.ext(extIfIndex), l.constant(n.n))
	}
	return l.fail(n.span, "ifindex not supported on %s when reading savefiles", l.link.desc)
}
