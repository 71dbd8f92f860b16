package pkttest

// UDP is a header of RFC 768.
type UDP struct {
	SrcPort uint16
	DstPort uint16 // 0: the registered port of the tunnel inside
	Length  *uint16
	// Checksum 0 says that the sender computed none.
	Checksum *uint16
}

func (u UDP) build(c place, body []byte) []byte {
	out := make([]byte, 8, 8+len(body))
	out = append(out, body...)
	be.PutUint16(out, u.SrcPort)
	if u.DstPort == 0 {
		u.DstPort = tunnelPort(c.inner)
	}
	be.PutUint16(out[2:], u.DstPort)
	be.PutUint16(out[4:], or(u.Length, uint16(len(out))))
	sum := c.transportSum(protoUDP, out, len(out))
	if sum == 0 {
		sum = 0xffff
	}
	be.PutUint16(out[6:], or(u.Checksum, sum))
	return out
}

// UDPLite is a header of RFC 3828.
type UDPLite struct {
	SrcPort, DstPort uint16
	Coverage         int // bytes under the checksum, header included; 0: all
}

func (u UDPLite) build(c place, body []byte) []byte {
	out := make([]byte, 8, 8+len(body))
	out = append(out, body...)
	be.PutUint16(out, u.SrcPort)
	be.PutUint16(out[2:], u.DstPort)
	be.PutUint16(out[4:], uint16(u.Coverage))
	covered := u.Coverage
	if covered == 0 {
		covered = len(out)
	}
	be.PutUint16(out[6:], c.transportSum(protoUDPLite, out, covered))
	return out
}

// tunnelPort returns the registered UDP port of a tunnel.
func tunnelPort(inner Layer) uint16 {
	switch inner.(type) {
	case VXLAN:
		return 4789
	case Geneve:
		return 6081
	case GTPU:
		return 2152
	case IPv6:
		return 3544 // Teredo
	case MPLS:
		return 6635
	case L2TP:
		return 1701
	}
	return 0
}
