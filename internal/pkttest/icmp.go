package pkttest

// ICMP types, of version 4 and 6.
const (
	EchoReply      = 0
	Unreachable    = 3
	Redirect       = 5
	Echo           = 8
	TimeExceeded   = 11
	Unreachable6   = 1
	PacketTooBig6  = 2
	TimeExceeded6  = 3
	Echo6          = 128
	EchoReply6     = 129
	NeighborAsk6   = 135
	NeighborReply6 = 136
)

// ICMP is a header of RFC 792 or, inside IPv6, of RFC 4443.
type ICMP struct {
	Type, Code uint8
	Rest       uint32 // of the header: identifier and sequence number of an echo
	Checksum   *uint16
}

func (i ICMP) build(c place, body []byte) []byte {
	out := make([]byte, 8, 8+len(body))
	out = append(out, body...)
	out[0], out[1] = i.Type, i.Code
	be.PutUint32(out[4:], i.Rest)
	sum := Checksum(out)
	if src, _, ok := c.ends(); ok && src.Is6() {
		sum = c.transportSum(protoICMPv6, out, len(out))
	}
	be.PutUint16(out[2:], or(i.Checksum, sum))
	return out
}

// Ping returns what an echo's header holds behind its checksum.
func Ping(id, seq uint16) uint32 { return uint32(id)<<16 | uint32(seq) }

// IGMP is a message of RFC 2236.
type IGMP struct {
	Type  uint8
	Group string
}

func (i IGMP) build(_ place, body []byte) []byte {
	out := append([]byte{i.Type, 0, 0, 0}, address(i.Group, "0.0.0.0").AsSlice()...)
	out = append(out, body...)
	be.PutUint16(out[2:], Checksum(out))
	return out
}
