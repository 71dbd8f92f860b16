package pcapfilter

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
)

// ident lowers an identifier with its qualifiers.
func (l *lowerer) ident(id *ident) *formula {
	switch id.kind {
	case identName:
		return l.named(id)
	case identMAC:
		return l.macIdent(id)
	case identARCnet:
		return l.arcnetIdent(id)
	case identIPv6:
		return l.ipv6Ident(id)
	case identIPv4:
		return l.ipv4Ident(id)
	}
	return l.numbered(id)
}

// named lowers an identifier that is a name.
func (l *lowerer) named(id *ident) *formula {
	switch id.q.addr {
	case addrNet:
		addr, ok := l.system().Network(id.text)
		if !ok || addr.IsUnspecified() {
			return l.fail(id.span, "unknown network '%s'", id.text)
		}
		b := addr.As4()
		v := binary.BigEndian.Uint32(b[:])
		v, mask := shortNet(v)
		return l.host4(id, v, mask)
	case addrDefault, addrHost:
		switch id.q.proto {
		case protoLink:
			return l.etherHost(id)
		case protoDECnet:
			return l.fail(id.span, "decnet name support not included, '%s' cannot be translated", id.text)
		}
		return l.hostName(id)
	case addrPort:
		return l.namedPort(id)
	case addrPortRange:
		return l.namedPorts(id)
	case addrProto, addrProtoChain:
		number, ok := l.namedProto(id.span, id.q.proto, id.text)
		if !ok {
			return nil
		}
		if id.q.addr == addrProto {
			return l.encapsulated(id.span, id.q.proto, number)
		}
		return l.protochain(id.span, id.q.proto, number)
	}
	return l.fail(id.span, "'gateway' not supported in this configuration")
}

// shortNet moves a network number without its trailing zero bytes to the left
// and returns it with its mask: 10 is 10.0.0.0/8.
func shortNet(v uint32) (addr, mask uint32) {
	mask = 0xffffffff
	for v != 0 && v&0xff000000 == 0 {
		v <<= 8
		mask <<= 8
	}
	return v, mask
}

// hostName lowers a host name: all of its addresses.
func (l *lowerer) hostName(id *ident) *formula {
	addrs := l.hostAddrs(id.text)
	if len(addrs) == 0 {
		return l.fail(id.span, "unknown host '%s'", id.text)
	}
	var f []*formula
	for _, a := range addrs {
		switch a = a.Unmap(); {
		case a.Is4() && id.q.proto != protoIPv6:
			b := a.As4()
			f = append(f, l.host4(id, binary.BigEndian.Uint32(b[:]), 0xffffffff))
		case a.Is6() && id.q.proto != protoIP:
			f = append(f, l.host6(id, a.WithZone(""), 128))
		}
	}
	if len(f) == 0 {
		return l.fail(id.span, "unknown host '%s' for specified address family", id.text)
	}
	return or(f...)
}

// numbered lowers an identifier that is a number.
func (l *lowerer) numbered(id *ident) *formula {
	switch id.q.addr {
	case addrDefault, addrHost, addrNet:
		switch id.q.proto {
		case protoDECnet:
			return l.decnetHost(id, id.number)
		case protoLink:
			return l.fail(id.span, "illegal link layer address")
		}
		v, mask := id.number, uint32(0xffffffff)
		if id.q.addr == addrNet {
			v, mask = shortNet(v)
		}
		return l.host4(id, v, mask)
	case addrPort, addrPortRange:
		return l.ports(id, id.number, id.number, anyTransport)
	case addrProto:
		return l.encapsulated(id.span, id.q.proto, id.number)
	case addrProtoChain:
		return l.protochain(id.span, id.q.proto, id.number)
	}
	return l.fail(id.span, "'gateway' requires a name")
}

// ipv4Ident lowers an IPv4 address, which may be short or have a mask, or a
// DECnet address, which looks the same.
func (l *lowerer) ipv4Ident(id *ident) *formula {
	if id.masked || id.mask != "" {
		return l.ipv4Net(id)
	}
	switch id.q.addr {
	case addrPort:
		return l.fail(id.span, "'port' modifier applied to ip host")
	case addrPortRange:
		return l.fail(id.span, "'portrange' modifier applied to ip host")
	case addrProto:
		return l.fail(id.span, "'proto' modifier applied to ip host")
	case addrProtoChain:
		return l.fail(id.span, "'protochain' modifier applied to ip host")
	}
	var v uint32
	var bits int
	if id.q.proto == protoDECnet {
		v = decnetAddr(id.text)
	} else {
		var ok bool
		if v, bits, ok = parseIPv4(id.text); !ok {
			return l.fail(id.span, "invalid IPv4 address '%s'", id.text)
		}
	}
	switch {
	case id.q.addr == addrGateway:
		return l.fail(id.span, "'gateway' requires a name")
	case id.q.proto == protoDECnet:
		return l.decnetHost(id, v)
	case id.q.proto == protoLink:
		return l.fail(id.span, "illegal link layer address")
	}
	return l.host4(id, v, prefixMask(bits))
}

// ipv4Net lowers an IPv4 address with a mask.
func (l *lowerer) ipv4Net(id *ident) *formula {
	v, _, ok := parseIPv4(id.text)
	if !ok {
		return l.fail(id.span, "invalid IPv4 address '%s'", id.text)
	}
	var mask uint32
	switch {
	case id.mask != "":
		if mask, _, ok = parseIPv4(id.mask); !ok {
			return l.fail(id.span, "invalid IPv4 address '%s'", id.mask)
		}
		if v&^mask != 0 {
			return l.fail(id.span, `non-network bits set in "%s mask %s"`, id.text, id.mask)
		}
	case id.number > 32:
		return l.fail(id.span, "mask length must be <= 32")
	default:
		mask = prefixMask(int(id.number))
		if v&^mask != 0 {
			return l.fail(id.span, `non-network bits set in "%s/%d"`, id.text, id.number)
		}
	}
	if id.q.addr != addrNet {
		return l.fail(id.span, "Mask syntax for networks only")
	}
	return l.host4(id, v, mask)
}

// ipv6Ident lowers an IPv6 address, perhaps with a prefix length.
func (l *lowerer) ipv6Ident(id *ident) *formula {
	addr, err := netip.ParseAddr(id.text)
	if err != nil {
		return l.fail(id.span, "invalid ip6 address %s", id.text)
	}
	if id.number > 128 {
		return l.fail(id.span, "mask length must be <= 128")
	}
	if netip.PrefixFrom(addr6(addr), int(id.number)).Masked().Addr() != addr6(addr) {
		return l.fail(id.span, `non-network bits set in "%s/%d"`, id.text, id.number)
	}
	switch id.q.addr {
	case addrDefault, addrHost:
		if id.number != 128 {
			return l.fail(id.span, "Mask syntax for networks only")
		}
	case addrNet:
	default:
		return l.fail(id.span, "invalid qualifier against IPv6 address")
	}
	return l.host6(id, addr, int(id.number))
}

// addr6 returns an address in its IPv6 form, in which an IPv4-mapped address
// has all of its 128 bits.
func addr6(a netip.Addr) netip.Addr { return netip.AddrFrom16(a.As16()) }

// parseIPv4 reads an IPv4 address of one to four parts, each a byte; missing
// parts are at the right. bits is 8 for each part.
func parseIPv4(s string) (v uint32, bits int, ok bool) {
	parts := strings.Split(s, ".")
	for _, p := range parts {
		b, err := strconv.ParseUint(p, 10, 8)
		if err != nil {
			return 0, 0, false
		}
		v = v<<8 | uint32(b)
	}
	bits = 8 * len(parts)
	return v << (32 - bits), bits, true
}

// prefixMask returns the mask of a prefix length.
func prefixMask(bits int) uint32 { return ^uint32(0) << (32 - bits) }

// decnetAddr reads a DECnet address: area.node, of 6 and 10 bits.
func decnetAddr(s string) uint32 {
	var area, node uint64
	for _, p := range strings.Split(s, ".") {
		area = node
		node, _ = strconv.ParseUint(p, 10, 32)
	}
	return uint32(area<<10 | node&0x3ff)
}

// macIdent lowers an Ethernet address.
func (l *lowerer) macIdent(id *ident) *formula {
	if id.q.proto != protoLink || id.q.addr != addrHost && id.q.addr != addrDefault {
		return l.fail(id.span, "ethernet address used in non-ether expression")
	}
	return l.macHost(id.span, parseMAC(id.text), id.q.dir)
}

// parseMAC reads an Ethernet address in any of the forms of matchMAC.
func parseMAC(s string) []byte {
	if i := strings.IndexAny(s, ":-."); i > 0 && i <= 2 {
		var b []byte
		for _, p := range strings.FieldsFunc(s, func(r rune) bool { return r == ':' || r == '-' || r == '.' }) {
			v, _ := strconv.ParseUint(p, 16, 8)
			b = append(b, byte(v))
		}
		return b
	}
	b, _ := hex.DecodeString(strings.ReplaceAll(s, ".", ""))
	return b
}

// arcnetIdent lowers an ARCnet address: one byte behind "$".
func (l *lowerer) arcnetIdent(id *ident) *formula {
	if l.link.family != linkARCnet {
		return l.fail(id.span, "aid supported only on ARCnet")
	}
	if id.q.proto != protoLink || id.q.addr != addrHost && id.q.addr != addrDefault {
		return l.fail(id.span, "ARCnet address used in non-arc expression")
	}
	v, _ := strconv.ParseUint(id.text[1:], 16, 8)
	return l.macPair(id.span, []byte{byte(v)}, id.q.dir, 0, 1, only80211)
}

// etherHost lowers the name of an Ethernet host.
func (l *lowerer) etherHost(id *ident) *formula {
	kind := ""
	switch {
	case l.link.family == linkEthernet:
		kind = "ether"
	case l.link.link == linkTypeFDDI:
		kind = "FDDI"
	case l.link.link == linkTypeTokenRing:
		kind = "token ring"
	case l.link.link == linkTypeIPFC:
		kind = "Fibre Channel"
	case l.link.family == linkWLAN:
		kind = "802.11"
	default:
		return l.fail(id.span, "only ethernet/FDDI/token ring/802.11/ATM LANE/Fibre Channel supports link-level host name")
	}
	mac, ok := l.system().Ether(id.text)
	if !ok {
		return l.fail(id.span, "unknown %s host '%s'", kind, id.text)
	}
	return l.macHost(id.span, mac[:], id.q.dir)
}
