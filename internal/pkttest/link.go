package pkttest

import "encoding/binary"

// LINKTYPE_ values of capture files, see https://www.tcpdump.org/linktypes.html.
const (
	LinkNull      = 0
	LinkEthernet  = 1
	LinkPPP       = 9
	LinkPPPHDLC   = 50
	LinkPPPEther  = 51
	LinkRaw       = 101
	LinkCiscoHDLC = 104
	LinkWiFi      = 105
	LinkLoop      = 108
	LinkSLL       = 113
	LinkRadiotap  = 127
	LinkPPI       = 192
	LinkIPv4      = 228
	LinkIPv6      = 229
	LinkNFLOG     = 239
	LinkSLL2      = 276
)

// Null is the header of BSD loopback: an address family in the byte order of
// the capturing host.
type Null struct {
	BigEndian bool
	Family    *uint16 // nil: 2 for IPv4, 30 (Darwin) for IPv6
}

func (n Null) build(c place, body []byte) []byte {
	family := uint32(or(n.Family, addressFamily(c.inner, 30)))
	if n.BigEndian {
		return append(be.AppendUint32(nil, family), body...)
	}
	return append(binary.LittleEndian.AppendUint32(nil, family), body...)
}

// Loop is the header of OpenBSD loopback: as Null, in network byte order.
type Loop struct{}

func (Loop) build(c place, body []byte) []byte {
	return append(be.AppendUint32(nil, uint32(addressFamily(c.inner, 24))), body...)
}

// PPP is the protocol field in front of a PPP frame's content.
type PPP struct {
	HDLC  bool    // address and control fields stand in front
	Proto *uint16 // nil: that of what is inside
}

func (p PPP) build(c place, body []byte) []byte {
	var out []byte
	if p.HDLC {
		out = []byte{0xff, 0x03}
	}
	proto := uint16(0)
	switch c.inner.(type) {
	case IPv4:
		proto = 0x0021
	case IPv6:
		proto = 0x0057
	case MPLS:
		proto = 0x0281
	}
	return append(be.AppendUint16(out, or(p.Proto, proto)), body...)
}

// CiscoHDLC is the header of Cisco's HDLC framing.
type CiscoHDLC struct{}

func (CiscoHDLC) build(c place, body []byte) []byte {
	return append(be.AppendUint16([]byte{0x0f, 0}, etherType(c.inner)), body...)
}

// SLL is the header of Linux cooked capture, version 1.
type SLL struct {
	PacketType uint16 // 0: to us, 4: sent by us
	Src        string // MAC address
	Type       *uint16
}

func (s SLL) build(c place, body []byte) []byte {
	out := be.AppendUint16(nil, s.PacketType)
	out = be.AppendUint16(out, 1) // ARPHRD_ETHER
	out = be.AppendUint16(out, 6)
	out = append(append(out, s.mac(c)...), 0, 0)
	return append(be.AppendUint16(out, or(s.Type, etherType(c.inner))), body...)
}

func (s SLL) mac(c place) []byte {
	if s.Src != "" {
		return hardware(s.Src)
	}
	src, _ := macs(c.inner)
	return src
}

// SLL2 is the header of Linux cooked capture, version 2.
type SLL2 struct {
	PacketType uint8 // 0: to us, 4: sent by us
	Interface  uint32
	Type       *uint16
}

func (s SLL2) build(c place, body []byte) []byte {
	out := be.AppendUint16(nil, or(s.Type, etherType(c.inner)))
	out = be.AppendUint32(append(out, 0, 0), s.Interface)
	out = append(be.AppendUint16(out, 1), s.PacketType, 6)
	src, _ := macs(c.inner)
	return append(append(append(out, src...), 0, 0), body...)
}

// PPI is a per-packet information header without fields.
type PPI struct {
	DLT    uint32 // link type of what follows
	Fields []byte
}

func (p PPI) build(_ place, body []byte) []byte {
	out := binary.LittleEndian.AppendUint16([]byte{0, 0}, uint16(8+len(p.Fields)))
	out = binary.LittleEndian.AppendUint32(out, p.DLT)
	return append(append(out, p.Fields...), body...)
}

// NFLOG is the header of Linux's packet logging, with the packet as its last
// attribute.
type NFLOG struct {
	Group  uint16
	Prefix string
}

func (n NFLOG) build(c place, body []byte) []byte {
	out := be.AppendUint16([]byte{byte(addressFamily(c.inner, 10)), 0}, n.Group)
	out = appendTLV(out, 1, []byte{8, 0, 1, 0}) // NFULA_PACKET_HDR: IPv4 over Ethernet, hook 1
	out = appendTLV(out, 10, append([]byte(n.Prefix), 0))
	return appendTLV(out, 9, body) // NFULA_PAYLOAD
}

// appendTLV appends a netlink attribute; its length and type are in the byte
// order of the capturing host, here little-endian.
func appendTLV(dst []byte, typ uint16, value []byte) []byte {
	dst = binary.LittleEndian.AppendUint16(dst, uint16(4+len(value)))
	dst = binary.LittleEndian.AppendUint16(dst, typ)
	return append(dst, pad4(value)...)
}

// addressFamily returns that of an IP header, with the number that IPv6 has on
// the operating system in question.
func addressFamily(inner Layer, six uint16) uint16 {
	if _, ok := inner.(IPv6); ok {
		return six
	}
	return 2
}
