package pkttest

import "net/netip"

// sum adds the 16-bit words of b to a one's complement sum (RFC 1071).
func sum(acc uint32, b []byte) uint32 {
	for ; len(b) >= 2; b = b[2:] {
		acc += uint32(be.Uint16(b))
	}
	if len(b) == 1 {
		acc += uint32(b[0]) << 8
	}
	for acc > 0xffff {
		acc = acc>>16 + acc&0xffff
	}
	return acc
}

// Checksum returns the Internet checksum of b.
func Checksum(b []byte) uint16 { return ^uint16(sum(0, b)) }

// pseudo returns the sum over a pseudo-header (RFC 9293 section 3.1, RFC 8200
// section 8.1).
func pseudo(src, dst netip.Addr, proto uint8, length int) uint32 {
	acc := sum(0, src.AsSlice())
	acc = sum(acc, dst.AsSlice())
	return sum(acc, []byte{byte(length >> 24), byte(length >> 16), byte(length >> 8), byte(length), 0, proto})
}

// PseudoSum returns what a sender that leaves checksums to its network card
// puts into the checksum field: the sum over the pseudo-header alone, not
// inverted.
func PseudoSum(src, dst string, proto uint8, length int) uint16 {
	return uint16(pseudo(netip.MustParseAddr(src), netip.MustParseAddr(dst), proto, length))
}

// ends returns the addresses that a transport header's checksum covers: those
// of the IP header around it, and whether there is one.
func (c place) ends() (src, dst netip.Addr, ok bool) {
	for i := len(c.outer) - 1; i >= 0; i-- {
		switch ip := c.outer[i].(type) {
		case IPv4:
			return address(ip.Src, defaultSrc4), address(ip.Dst, defaultDst4), true
		case IPv6:
			return address(ip.Src, defaultSrc6), address(ip.Dst, defaultDst6), true
		}
	}
	return src, dst, false
}

// transportSum returns the checksum of a transport segment whose checksum field
// is zero. Without an IP header around it there is nothing to compute.
func (c place) transportSum(proto uint8, segment []byte, covered int) uint16 {
	src, dst, ok := c.ends()
	if !ok {
		return 0
	}
	return ^uint16(sum(pseudo(src, dst, proto, len(segment)), segment[:covered]))
}
