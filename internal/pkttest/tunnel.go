package pkttest

// GRE is a header of RFC 2784 with the key and sequence number of RFC 2890, or
// of version 1 (RFC 2637) around PPP.
type GRE struct {
	Checksum bool    // present, and right
	Key      *uint32 // present where not nil
	Seq      *uint32 // present where not nil
	Proto    *uint16 // EtherType; nil: that of what is inside
}

func (g GRE) build(c place, body []byte) []byte {
	out := be.AppendUint16([]byte{0, 0}, or(g.Proto, etherType(c.inner)))
	if _, ok := c.inner.(PPP); ok && g.Proto == nil {
		return g.version1(out, body)
	}
	if g.Checksum {
		out[0] |= 0x80
		out = append(out, 0, 0, 0, 0)
	}
	if g.Key != nil {
		out[0] |= 0x20
		out = be.AppendUint32(out, *g.Key)
	}
	if g.Seq != nil {
		out[0] |= 0x10
		out = be.AppendUint32(out, *g.Seq)
	}
	out = append(out, body...)
	if g.Checksum {
		be.PutUint16(out[4:], Checksum(out))
	}
	return out
}

// version1 finishes the header that carries PPP: the key holds the payload's
// length and the call's number.
func (g GRE) version1(out, body []byte) []byte {
	out[0], out[1] = 0x20, 1
	out = be.AppendUint16(out, uint16(len(body)))
	var call uint16
	if g.Key != nil {
		call = uint16(*g.Key)
	}
	out = be.AppendUint16(out, call)
	if g.Seq != nil {
		out[0] |= 0x10
		out = be.AppendUint32(out, *g.Seq)
	}
	return append(out, body...)
}

// Number returns a pointer to a key or sequence number of GRE, or to a checksum
// of SCTP.
func Number(v uint32) *uint32 { return &v }

// ERSPAN is a header of type II, which stands in GRE with a sequence number.
type ERSPAN struct {
	VLAN, Session uint16
}

func (e ERSPAN) build(_ place, body []byte) []byte {
	out := be.AppendUint16(nil, 1<<12|e.VLAN&0xfff)
	out = be.AppendUint16(out, e.Session&0x3ff)
	return append(append(out, 0, 0, 0, 0), body...)
}

// VXLAN is a header of RFC 7348.
type VXLAN struct{ VNI uint32 }

func (v VXLAN) build(_ place, body []byte) []byte {
	return append(be.AppendUint32([]byte{8, 0, 0, 0}, v.VNI<<8), body...)
}

// Geneve is a header of RFC 8926.
type Geneve struct {
	VNI     uint32
	Options []byte // a multiple of 4
}

func (g Geneve) build(c place, body []byte) []byte {
	out := be.AppendUint16([]byte{byte(len(g.Options) / 4), 0}, etherType(c.inner))
	out = be.AppendUint32(out, g.VNI<<8)
	return append(append(out, g.Options...), body...)
}

// GTPU is a G-PDU header of 3GPP TS 29.281.
type GTPU struct {
	TEID       uint32
	Seq        *uint16 // present where not nil
	Extensions []byte  // the first one's type, then the headers; in front of the payload
}

func (g GTPU) build(_ place, body []byte) []byte {
	out := []byte{0x30, 0xff, 0, 0}
	out = be.AppendUint32(out, g.TEID)
	if g.Seq != nil || g.Extensions != nil {
		next := byte(0)
		if g.Seq != nil {
			out[0] |= 0x02
		}
		if g.Extensions != nil {
			out[0] |= 0x04
			next = g.Extensions[0]
		}
		out = append(be.AppendUint16(out, or(g.Seq, 0)), 0, next)
		if g.Extensions != nil {
			out = append(out, g.Extensions[1:]...)
		}
	}
	out = append(out, body...)
	be.PutUint16(out[2:], uint16(len(out)-8))
	return out
}

// L2TP is a data header of RFC 2661, with its length.
type L2TP struct{ Tunnel, Session uint16 }

func (l L2TP) build(_ place, body []byte) []byte {
	out := be.AppendUint16([]byte{0x40, 2}, uint16(8+len(body)))
	return append(be.AppendUint16(be.AppendUint16(out, l.Tunnel), l.Session), body...)
}

// L2TPv3 is a session header of RFC 3931 directly over IP.
type L2TPv3 struct{ Session uint32 }

func (l L2TPv3) build(_ place, body []byte) []byte {
	return append(be.AppendUint32(nil, l.Session), body...)
}

// EtherIP is a header of RFC 3378.
type EtherIP struct{}

func (EtherIP) build(_ place, body []byte) []byte { return join([]byte{0x30, 0}, body) }
