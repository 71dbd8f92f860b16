package conntrack

import (
	"encoding/binary"
	"net/netip"

	"pkt/process/sockdiag"
)

// Tuple is one direction of a connection: who sends to whom.
type Tuple struct {
	Src, Dst netip.AddrPort
	Proto    uint8 // of IP
}

// Connection is what the kernel knows of one that has ports.
type Connection struct {
	Original   Tuple // as its first packet came
	Reply      Tuple // as answers come
	Translated bool  // the ends of Reply are not those of Original
	Gone       bool  // the kernel forgets it
}

// linux/netfilter/nfnetlink_conntrack.h and nf_conntrack_common.h. A message begins
// with struct nfgenmsg: family version u8 each, res_id u16.
const (
	genMsgLen = 4

	msgNew    = 1 << 8
	msgGet    = 1<<8 | 1
	msgDelete = 1<<8 | 2

	attrOriginal = 1
	attrReply    = 2
	attrStatus   = 3

	tupleIP    = 1
	tupleProto = 2

	ipV4Src = 1
	ipV4Dst = 2
	ipV6Src = 3
	ipV6Dst = 4

	protoNum = 1
	protoSrc = 2
	protoDst = 3

	statusTranslated = 1<<4 | 1<<5 // IPS_SRC_NAT, IPS_DST_NAT
)

// parse reads a message about a connection. Others are refused, and those about
// connections without ports.
func parse(typ uint16, b []byte) (c Connection, ok bool) {
	if len(b) < genMsgLen || typ != msgNew && typ != msgDelete {
		return c, false
	}
	c.Gone = typ == msgDelete
	for attr, data := range sockdiag.Attributes(b[genMsgLen:]) {
		switch {
		case attr == attrOriginal:
			c.Original = parseTuple(data)
		case attr == attrReply:
			c.Reply = parseTuple(data)
		case attr == attrStatus && len(data) >= 4:
			c.Translated = binary.BigEndian.Uint32(data)&statusTranslated != 0
		}
	}
	return c, c.Original.whole() && c.Reply.whole() && c.Original.Proto == c.Reply.Proto
}

// whole reports whether both ends have an address of one kind and a port.
func (t *Tuple) whole() bool {
	return t.Src.IsValid() && t.Dst.IsValid() && t.Src.Addr().Is4() == t.Dst.Addr().Is4() && t.Src.Port() != 0 && t.Dst.Port() != 0
}

// parseTuple reads the attributes of a tuple.
func parseTuple(b []byte) (t Tuple) {
	var src, dst netip.Addr
	var sport, dport uint16
	for part, inner := range sockdiag.Attributes(b) {
		switch part {
		case tupleIP:
			for attr, data := range sockdiag.Attributes(inner) {
				switch a, _ := netip.AddrFromSlice(data); {
				case attr == ipV4Src && a.Is4() || attr == ipV6Src && a.Is6():
					src = a
				case attr == ipV4Dst && a.Is4() || attr == ipV6Dst && a.Is6():
					dst = a
				}
			}
		case tupleProto:
			for attr, data := range sockdiag.Attributes(inner) {
				switch {
				case attr == protoNum && len(data) >= 1:
					t.Proto = data[0]
				case attr == protoSrc && len(data) >= 2:
					sport = binary.BigEndian.Uint16(data)
				case attr == protoDst && len(data) >= 2:
					dport = binary.BigEndian.Uint16(data)
				}
			}
		}
	}
	t.Src, t.Dst = netip.AddrPortFrom(src, sport), netip.AddrPortFrom(dst, dport)
	return t
}
