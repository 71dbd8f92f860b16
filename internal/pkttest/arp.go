package pkttest

// ARP is a message of RFC 826 about IPv4 over Ethernet.
type ARP struct {
	Op             uint16 // 0: 1, a request
	SrcMAC, DstMAC string // empty: made from the IP addresses; a request's target is zero
	SrcIP, DstIP   string // empty: 10.0.0.1 and 10.0.0.2
}

func (a ARP) build(_ place, body []byte) []byte {
	if a.Op == 0 {
		a.Op = 1
	}
	src, dst := mac(a.SrcIP, defaultSrc4), mac(a.DstIP, defaultDst4)
	if a.Op == 1 {
		dst = make([]byte, 6)
	}
	if a.SrcMAC != "" {
		src = hardware(a.SrcMAC)
	}
	if a.DstMAC != "" {
		dst = hardware(a.DstMAC)
	}
	out := be.AppendUint16([]byte{0, 1, 8, 0, 6, 4}, a.Op)
	out = append(append(out, src...), address(a.SrcIP, defaultSrc4).AsSlice()...)
	out = append(append(out, dst...), address(a.DstIP, defaultDst4).AsSlice()...)
	return append(out, body...)
}
