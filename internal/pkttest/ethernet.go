package pkttest

// EtherTypes.
const (
	typeIPv4      = 0x0800
	typeARP       = 0x0806
	typeTEB       = 0x6558 // transparent Ethernet bridging, in GRE
	typeVLAN      = 0x8100
	typeQinQ      = 0x88a8
	typeIPv6      = 0x86dd
	typePPP       = 0x880b // in GRE
	typeMPLS      = 0x8847
	typePPPoEDisc = 0x8863
	typePPPoE     = 0x8864
	typeERSPAN2   = 0x88be
)

// Ethernet is an Ethernet II or IEEE 802.3 header. Around LLC the type field is
// the frame's length.
type Ethernet struct {
	Src, Dst string  // empty: made from the IP addresses inside
	Type     *uint16 // EtherType; nil: that of what is inside
	Min      int     // frames are padded with zeros to this length; 60 is the standard's
}

func (e Ethernet) build(c place, body []byte) []byte {
	src, dst := macs(c.inner)
	if e.Src != "" {
		src = hardware(e.Src)
	}
	if e.Dst != "" {
		dst = hardware(e.Dst)
	}
	typ := or(e.Type, etherType(c.inner))
	if _, ok := c.inner.(LLC); ok && e.Type == nil {
		typ = uint16(len(body))
	}
	out := be.AppendUint16(join(dst, src), typ)
	out = append(out, body...)
	for len(out) < e.Min {
		out = append(out, 0)
	}
	return out
}

// VLAN is an IEEE 802.1Q tag.
type VLAN struct {
	ID   uint16
	PCP  uint8   // priority
	TPID uint16  // of the header before; 0: 0x8100
	Type *uint16 // EtherType; nil: that of what is inside
}

func (v VLAN) build(c place, body []byte) []byte {
	out := be.AppendUint16(nil, uint16(v.PCP)<<13|v.ID)
	typ := or(v.Type, etherType(c.inner))
	if _, ok := c.inner.(LLC); ok && v.Type == nil {
		typ = uint16(len(body))
	}
	return append(be.AppendUint16(out, typ), body...)
}

// LLC is an IEEE 802.2 header. The zero value announces SNAP.
type LLC struct {
	DSAP, SSAP uint8 // 0: 0xaa, SNAP
	Control    uint8 // 0: 3, unnumbered information
}

func (l LLC) build(_ place, body []byte) []byte {
	if l.DSAP == 0 {
		l.DSAP, l.SSAP = 0xaa, 0xaa
	}
	if l.Control == 0 {
		l.Control = 3
	}
	return join([]byte{l.DSAP, l.SSAP, l.Control}, body)
}

// SNAP is the header behind an LLC header that announces it.
type SNAP struct {
	OUI  uint32
	Type *uint16 // EtherType; nil: that of what is inside
}

func (s SNAP) build(c place, body []byte) []byte {
	out := []byte{byte(s.OUI >> 16), byte(s.OUI >> 8), byte(s.OUI)}
	return append(be.AppendUint16(out, or(s.Type, etherType(c.inner))), body...)
}

// MPLS is one label of a stack. The last one has the bottom-of-stack bit.
type MPLS struct {
	Label uint32
	TC    uint8 // traffic class
	TTL   uint8 // 0: 64
}

func (m MPLS) build(c place, body []byte) []byte {
	entry := m.Label<<12 | uint32(m.TC)<<9 | uint32(ttl(m.TTL))
	if _, more := c.inner.(MPLS); !more {
		entry |= 1 << 8
	}
	return append(be.AppendUint32(nil, entry), body...)
}

// PPPoE is a session header, or, with a code, one of discovery.
type PPPoE struct {
	Session uint16
	Code    uint8
	Length  *uint16
}

func (p PPPoE) build(_ place, body []byte) []byte {
	out := be.AppendUint16([]byte{0x11, p.Code}, p.Session)
	return append(be.AppendUint16(out, or(p.Length, uint16(len(body)))), body...)
}

// etherType returns the EtherType that announces a layer.
func etherType(inner Layer) uint16 {
	switch l := inner.(type) {
	case IPv4:
		return typeIPv4
	case IPv6:
		return typeIPv6
	case ARP:
		return typeARP
	case VLAN:
		if l.TPID != 0 {
			return l.TPID
		}
		return typeVLAN
	case MPLS:
		return typeMPLS
	case PPPoE:
		if l.Code != 0 {
			return typePPPoEDisc
		}
		return typePPPoE
	case Ethernet:
		return typeTEB
	case PPP:
		return typePPP
	case ERSPAN:
		return typeERSPAN2
	}
	return 0
}

// macs returns hardware addresses that belong to the IP addresses of what is
// inside, so that a host has the same one in all its frames.
func macs(inner Layer) (src, dst []byte) {
	var from, to string
	switch ip := inner.(type) {
	case IPv4:
		from, to = ip.Src, ip.Dst
	case IPv6:
		from, to = ip.Src, ip.Dst
	case ARP:
		from, to = ip.SrcIP, ip.DstIP
		if ip.Op != 2 { // questions go to everybody
			to = "255.255.255.255"
		}
	}
	return mac(from, "0.0.0.1"), mac(to, "0.0.0.2")
}

// mac returns a locally administered address that ends in the last four bytes
// of an IP address. Multicast has the mappings of RFC 1112 and RFC 2464.
func mac(ip, otherwise string) []byte {
	a := address(ip, otherwise)
	b := a.AsSlice()
	last := b[len(b)-4:]
	switch {
	case a.IsMulticast() && a.Is4():
		return []byte{0x01, 0x00, 0x5e, last[1] & 0x7f, last[2], last[3]}
	case a.IsMulticast():
		return append([]byte{0x33, 0x33}, last...)
	case a.Is4() && last[3] == 255:
		return []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	}
	return append([]byte{0x02, 0x00}, last...)
}

// MAC returns the hardware address that Ethernet gives a host, as text.
func MAC(ip string) string {
	const hex = "0123456789abcdef"
	var out []byte
	for i, v := range mac(ip, "0.0.0.1") {
		if i > 0 {
			out = append(out, ':')
		}
		out = append(out, hex[v>>4], hex[v&15])
	}
	return string(out)
}
