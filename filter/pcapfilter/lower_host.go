package pcapfilter

import (
	"encoding/binary"
	"net/netip"
)

// either applies a test of one address or port to source and destination, as
// the direction asks.
func either(dir direction, src, dst func() *formula) *formula {
	switch dir {
	case dirSrc:
		return src()
	case dirDst:
		return dst()
	case dirAnd:
		return and(src(), dst())
	}
	return or(src(), dst())
}

// wlanDir reports whether a direction is one of the addresses of IEEE 802.11.
func wlanDir(d direction) bool { return d >= dirAddr1 }

// wlanDirError notes that an address of IEEE 802.11 was asked for where there
// is none. one and many are what follows the name or names.
func (l *lowerer) wlanDirError(at span, d direction, one, many string) *formula {
	switch d {
	case dirRA:
		return l.fail(at, "'ra' is %s", one)
	case dirTA:
		return l.fail(at, "'ta' is %s", one)
	}
	n := string(rune('1' + d - dirAddr1))
	return l.fail(at, "'addr%s' and 'address%s' are %s", n, n, many)
}

// notHostDir is wlanDirError for an address that is no Ethernet address.
func (l *lowerer) notHostDir(at span, d direction) *formula {
	const what = "for addresses other than 802.11 MAC addresses"
	return l.wlanDirError(at, d, "not a valid qualifier "+what, "not valid qualifiers "+what)
}

// host4 lowers an IPv4 host or network. Without a protocol, ARP and RARP are
// looked at too.
func (l *lowerer) host4(id *ident, addr, mask uint32) *formula {
	switch p := id.q.proto; p {
	case protoDefault:
		f := l.address4(id, addr, mask, etherIP, 12, 16)
		if l.labels == 0 && l.err == nil {
			f = or(f, l.address4(id, addr, mask, etherARP, 14, 24), l.address4(id, addr, mask, etherRARP, 14, 24))
		}
		return f
	case protoIP:
		return l.address4(id, addr, mask, etherIP, 12, 16)
	case protoARP:
		return l.address4(id, addr, mask, etherARP, 14, 24)
	case protoRARP:
		return l.address4(id, addr, mask, etherRARP, 14, 24)
	case protoDECnet:
		return l.decnetHost(id, addr)
	case protoLink:
		return l.fail(id.span, "link-layer modifier applied to %s", l.what(id))
	case protoIPv6:
		return l.fail(id.span, "'ip6' modifier applied to ip host")
	case protoAppleTalk, protoAARP, protoLAT, protoSCA, protoMOPDL, protoMOPRC, protoISO, protoIPX:
		return l.fail(id.span, "%s host filtering not implemented", protoTitle(p))
	default:
		return l.fail(id.span, "'%s' modifier applied to %s", protoWords[p], l.what(id))
	}
}

// what says whether an identifier is a host or a network.
func (l *lowerer) what(id *ident) string {
	if id.q.addr == addrNet {
		return "net"
	}
	return "host"
}

// address4 tests an IPv4 address at src or dst bytes into what an EtherType
// announces.
func (l *lowerer) address4(id *ident, addr, mask, ether uint32, src, dst uint32) *formula {
	if wlanDir(id.q.dir) {
		return l.notHostDir(id.span, id.q.dir)
	}
	side := func(at uint32) func() *formula {
		return func() *formula {
			f := l.linkProto(id.span, ether)
			if mask == 0 {
				return f
			}
			return and(f, l.masked(l.networkAt(at), 4, addr, mask))
		}
	}
	return either(id.q.dir, side(src), side(dst))
}

// host6 lowers an IPv6 host or network.
func (l *lowerer) host6(id *ident, addr netip.Addr, bits int) *formula {
	switch p := id.q.proto; p {
	case protoDefault, protoIPv6:
	case protoLink:
		return l.fail(id.span, "link-layer modifier applied to ip6 %s", l.what(id))
	case protoAppleTalk:
		return l.fail(id.span, "AppleTalk modifier applied to ip6 %s", l.what(id))
	default:
		return l.fail(id.span, "'%s' modifier applied to ip6 %s", protoWords[p], l.what(id))
	}
	if wlanDir(id.q.dir) {
		return l.notHostDir(id.span, id.q.dir)
	}
	b := addr.As16()
	side := func(at uint32) func() *formula {
		return func() *formula {
			f := []*formula{l.linkProto(id.span, etherIPv6)}
			for word, left := uint32(0), bits; word < 4 && left > 0; word, left = word+1, left-32 {
				v := binary.BigEndian.Uint32(b[4*word:])
				f = append(f, l.masked(l.networkAt(at+4*word), 4, v, prefixMask(min(left, 32))))
			}
			return and(f...)
		}
	}
	return either(id.q.dir, side(8), side(24))
}

// decnetHost lowers a DECnet address. Data packets with a long or a short
// header are looked at, with one byte of padding before them or none.
func (l *lowerer) decnetHost(id *ident, addr uint32) *formula {
	if wlanDir(id.q.dir) {
		return l.notHostDir(id.span, id.q.dir)
	}
	// Addresses are in little-endian order on the wire.
	wire := addr&0xff<<8 | addr>>8&0xff
	side := func(long, short uint32) func() *formula {
		return func() *formula {
			at := func(n uint32) offset { return l.networkAt(2 + n) }
			return and(l.linkProto(id.span, etherDECnet), or(
				and(l.masked(at(0), 1, 0x02, 0x07), l.equal(at(short), 2, wire)),
				and(l.masked(at(0), 2, 0x8102, 0xff07), l.equal(at(short+1), 2, wire)),
				and(l.masked(at(0), 1, 0x06, 0x07), l.equal(at(long), 2, wire)),
				and(l.masked(at(0), 2, 0x8106, 0xff07), l.equal(at(long+1), 2, wire)),
			))
		}
	}
	return either(id.q.dir, side(15, 3), side(7, 1))
}

// Where the addresses of IEEE 802.11 are not at hand, errors say where they
// are.
const (
	only80211        = "only supported on 802.11"
	only80211Headers = "only supported on 802.11 with 802.11 headers"
)

// macHost tests an Ethernet address in the link-layer header.
func (l *lowerer) macHost(at span, mac []byte, dir direction) *formula {
	switch {
	case l.link.family == linkEthernet:
		f := l.macPair(at, mac, dir, 6, 0, only80211Headers)
		if check := l.underCheck(); check != nil {
			return and(check, f)
		}
		return f
	case l.link.family == linkWLAN:
		return l.wlanHost(mac, dir)
	case l.link.link == linkTypeFDDI:
		return l.macPair(at, mac, dir, 7, 1, only80211)
	case l.link.link == linkTypeTokenRing:
		return l.macPair(at, mac, dir, 8, 2, only80211)
	case l.link.link == linkTypeIPFC:
		return l.macPair(at, mac, dir, 10, 2, only80211)
	}
	return l.fail(at, "ethernet addresses supported only on ethernet/FDDI/token ring/802.11/ATM LANE/Fibre Channel")
}

// macPair tests an address that is src or dst bytes into the link-layer header.
func (l *lowerer) macPair(at span, mac []byte, dir direction, src, dst uint32, only string) *formula {
	if wlanDir(dir) {
		return l.wlanDirError(at, dir, only, only)
	}
	side := func(n uint32) func() *formula {
		return func() *formula { return l.bytes(l.header.add(n), mac) }
	}
	return either(dir, side(src), side(dst))
}
