package pkttest

// IP protocol numbers.
const (
	protoHopByHop = 0
	protoICMP     = 1
	protoIGMP     = 2
	protoIPv4     = 4
	protoTCP      = 6
	protoUDP      = 17
	protoIPv6     = 41
	protoRouting  = 43
	protoFragment = 44
	protoGRE      = 47
	protoESP      = 50
	protoAH       = 51
	protoICMPv6   = 58
	protoNone     = 59
	protoDestOpts = 60
	protoEtherIP  = 97
	protoL2TP     = 115
	protoSCTP     = 132
	protoUDPLite  = 136
	protoMPLS     = 137
)

// Addresses of headers that name none.
const (
	defaultSrc4 = "10.0.0.1"
	defaultDst4 = "10.0.0.2"
	defaultSrc6 = "2001:db8::1"
	defaultDst6 = "2001:db8::2"
)

// IPv4 is a header of RFC 791.
type IPv4 struct {
	Src, Dst string // empty: 10.0.0.1 and 10.0.0.2
	TTL      uint8  // 0: 64
	TOS      uint8
	ID       uint16
	DF, MF   bool
	Offset   int    // of a fragment, in bytes; a multiple of 8
	Options  []byte // padded with zeros to a multiple of 4

	Proto    *uint16 // nil: that of what is inside
	Length   *uint16 // total length
	Checksum *uint16
	IHL      *uint16 // header length in words of 4 bytes
	Version  *uint16
}

func (ip IPv4) build(c place, body []byte) []byte {
	options := pad4(ip.Options)
	header := make([]byte, 20, 20+len(options))
	header = append(header, options...)
	header[0] = byte(or(ip.Version, 4)<<4 | or(ip.IHL, uint16(len(header)/4)))
	header[1] = ip.TOS
	be.PutUint16(header[2:], or(ip.Length, uint16(len(header)+len(body))))
	be.PutUint16(header[4:], ip.ID)
	fragment := uint16(ip.Offset / 8)
	if ip.DF {
		fragment |= 0x4000
	}
	if ip.MF {
		fragment |= 0x2000
	}
	be.PutUint16(header[6:], fragment)
	header[8] = ttl(ip.TTL)
	header[9] = byte(or(ip.Proto, ipProto(c.inner, protoICMP)))
	copy(header[12:16], address(ip.Src, defaultSrc4).AsSlice())
	copy(header[16:20], address(ip.Dst, defaultDst4).AsSlice())
	be.PutUint16(header[10:], or(ip.Checksum, Checksum(header)))
	return append(header, body...)
}

// IPv6 is the fixed header of RFC 8200.
type IPv6 struct {
	Src, Dst     string // empty: 2001:db8::1 and 2001:db8::2
	HopLimit     uint8  // 0: 64
	TrafficClass uint8
	FlowLabel    uint32

	Next    *uint16 // next header; nil: that of what is inside
	Length  *uint16 // payload length
	Version *uint16
}

func (ip IPv6) build(c place, body []byte) []byte {
	header := make([]byte, 40)
	be.PutUint32(header, uint32(or(ip.Version, 6))<<28|uint32(ip.TrafficClass)<<20|ip.FlowLabel&0xfffff)
	be.PutUint16(header[4:], or(ip.Length, uint16(len(body))))
	header[6] = byte(or(ip.Next, ipProto(c.inner, protoICMPv6)))
	header[7] = ttl(ip.HopLimit)
	copy(header[8:24], address(ip.Src, defaultSrc6).AsSlice())
	copy(header[24:40], address(ip.Dst, defaultDst6).AsSlice())
	return join(header, body)
}

// HopByHop, Routing and DestOpts are IPv6 extension headers. Their bytes follow
// the next header and length fields and are padded with zeros to a multiple of
// 8, which as options is a row of Pad1.
type (
	HopByHop []byte
	Routing  []byte
	DestOpts []byte
)

func (h HopByHop) build(c place, body []byte) []byte { return extension(c, h, body) }
func (h Routing) build(c place, body []byte) []byte  { return extension(c, h, body) }
func (h DestOpts) build(c place, body []byte) []byte { return extension(c, h, body) }

func extension(c place, content, body []byte) []byte {
	out := append([]byte{byte(ipProto(c.inner, protoICMPv6)), 0}, content...)
	for len(out)%8 != 0 {
		out = append(out, 0)
	}
	out[1] = byte(len(out)/8 - 1)
	return append(out, body...)
}

// IPv6Fragment is the extension header of a fragment. With neither offset nor
// More it makes an atomic fragment (RFC 6946).
type IPv6Fragment struct {
	ID     uint32
	Offset int // in bytes; a multiple of 8
	More   bool
	Next   *uint16 // nil: that of what is inside
}

func (f IPv6Fragment) build(c place, body []byte) []byte {
	word := uint16(f.Offset)
	if f.More {
		word |= 1
	}
	out := be.AppendUint16([]byte{byte(or(f.Next, ipProto(c.inner, protoICMPv6))), 0}, word)
	return append(be.AppendUint32(out, f.ID), body...)
}

// AH is an authentication header (RFC 4302) with a value of 12 zero bytes.
type AH struct {
	SPI, Seq uint32
}

func (a AH) build(c place, body []byte) []byte {
	icmp := uint16(protoICMP)
	if src, _, ok := c.ends(); ok && src.Is6() {
		icmp = protoICMPv6
	}
	out := []byte{byte(ipProto(c.inner, icmp)), 4, 0, 0} // length in words of 4, less 2
	out = be.AppendUint32(be.AppendUint32(out, a.SPI), a.Seq)
	return append(append(out, make([]byte, 12)...), body...)
}

// ESP is the clear part of an encapsulating security payload (RFC 4303).
type ESP struct {
	SPI, Seq uint32
}

func (e ESP) build(_ place, body []byte) []byte {
	return append(be.AppendUint32(be.AppendUint32(nil, e.SPI), e.Seq), body...)
}

// ipProto returns the protocol number that announces a layer, or that of no
// next header where there is nothing or what has no number.
func ipProto(inner Layer, icmp uint16) uint16 {
	switch inner.(type) {
	case TCP:
		return protoTCP
	case UDP:
		return protoUDP
	case UDPLite:
		return protoUDPLite
	case SCTP:
		return protoSCTP
	case ICMP:
		return icmp
	case IGMP:
		return protoIGMP
	case GRE:
		return protoGRE
	case IPv4:
		return protoIPv4
	case IPv6:
		return protoIPv6
	case HopByHop:
		return protoHopByHop
	case Routing:
		return protoRouting
	case DestOpts:
		return protoDestOpts
	case IPv6Fragment:
		return protoFragment
	case AH:
		return protoAH
	case ESP:
		return protoESP
	case EtherIP:
		return protoEtherIP
	case L2TPv3:
		return protoL2TP
	case MPLS:
		return protoMPLS
	}
	return protoNone
}

// ttl returns a hop limit, 64 by default.
func ttl(v uint8) uint8 {
	if v == 0 {
		return 64
	}
	return v
}

// pad4 returns b with zeros up to a multiple of 4 bytes.
func pad4(b []byte) []byte {
	return append(append([]byte(nil), b...), make([]byte, (4-len(b)%4)%4)...)
}
