package line

import (
	"pkt/decode"
	"pkt/decode/app"
	"pkt/packet"
)

// Ports whose datagrams are read. Others are known by what they hold.
const (
	portDNS     = 53
	portDHCP    = 67
	portDHCPc   = 68
	portTFTP    = 69
	portNTP     = 123
	portISAKMP  = 500
	portSyslog  = 514
	portDHCPv6c = 546
	portDHCPv6  = 547
	portNATT    = 4500
	portMDNS    = 5353
	portLLMNR   = 5355
	portVXLAN   = 4789
	portGeneve  = 6081
)

// udp appends a UDP datagram. Its length is the one in its header: a first
// fragment's is that of all fragments.
func (p *Printer) udp(dst, frame []byte, l *packet.Layers) []byte {
	length := l.WireEnd - l.Payload
	there := length
	if h, _ := decode.UDPOf(frame, l); l.Proto == protoUDP && h.Len() >= udpLen {
		length = uint32(h.Len()) - udpLen
	}
	if p.opt.Quick {
		return appendUint(dst, "UDP, length ", length)
	}
	if p.opt.Details >= Headers && !l.Has.Any(packet.HasFragment) {
		dst = p.udpSum(dst, frame, l)
	}
	at := len(dst)
	if !l.Has.Any(packet.HasFragment) {
		if out, ok := p.datagram(dst, frame[l.Payload:l.End], there, l.SrcPort, l.DstPort); ok {
			return appendProblem(out, l)
		}
	}
	dst = append(dst[:at], "UDP"...)
	if l.Proto != protoUDP {
		dst = append(dst, "-Lite"...)
	}
	if length > there && !l.Has.Any(packet.HasFragment) {
		dst = appendUint(dst, ", bad length ", length)
		return appendUint(dst, " > ", there)
	}
	return appendProblem(appendUint(dst, ", length ", length), l)
}

const udpLen = 8

func (p *Printer) udpSum(dst, frame []byte, l *packet.Layers) []byte {
	switch _, sum := p.sums(frame, l); sum {
	case decode.SumGood:
		return append(dst, "[udp sum ok] "...)
	case decode.SumNone:
		return append(dst, "[no cksum] "...)
	case decode.SumBad:
		h, _ := decode.UDPOf(frame, l)
		_, want := decode.WantedSums(frame, l)
		dst = appendHex(append(dst, "[bad udp cksum 0x"...), uint64(h.Checksum()), 4)
		return append(appendHex(append(dst, " -> 0x"...), uint64(want), 4), "!] "...)
	case decode.SumOffload:
		return append(dst, "[cksum left to the network card] "...)
	}
	return dst
}

// datagram appends what a datagram says, by the lower port, else by the other
// one, else by what it begins with. ok is false if it says nothing known.
func (p *Printer) datagram(dst, b []byte, length uint32, src, dstPort uint16) (_ []byte, ok bool) {
	if len(b) == 0 {
		return dst, false
	}
	at := len(dst)
	for _, port := range [2]uint16{min(src, dstPort), max(src, dstPort)} {
		if dst, ok = p.byPort(dst[:at], b, length, port); ok {
			return dst, true
		}
	}
	if b[0]&0x80 != 0 {
		if q, ok := app.AsQUIC(b); ok {
			return p.quic(dst[:at], b, &q, length), true
		}
	}
	if h, ok := app.AsHTTP(b); ok {
		dst = p.firstLine(dst[:at], &h)
		return appendUint(dst, ", length ", length), true
	}
	if len(b) >= 20 && be32(b[4:]) == stunMagic && b[0] < 0x40 {
		return appendUint(stun(dst[:at], be16(b)), ", length ", length), true
	}
	return dst[:at], false
}

// byPort appends what a datagram says that a port announces.
func (p *Printer) byPort(dst, b []byte, length uint32, port uint16) (_ []byte, ok bool) {
	switch port {
	case portDNS, portMDNS, portLLMNR:
		m, ok := app.AsDNS(b)
		if !ok {
			return dst, false
		}
		return p.dns(dst, m, length, port == portMDNS), true
	case portDHCP, portDHCPc:
		m, ok := app.AsDHCP(b)
		if !ok {
			return dst, false
		}
		return p.dhcp(dst, m, length), true
	case portNTP:
		m, ok := app.AsNTP(b)
		if !ok {
			return dst, false
		}
		return p.ntp(dst, m, length), true
	case portVXLAN, portGeneve:
		return p.tunnelled(dst, b, length, port)
	}
	if dst, ok = p.named(dst, b, port); ok {
		dst = appendUint(dst, ", length ", length)
	}
	return dst, ok
}

// tunnelled appends a frame in a tunnel that is not IP: those that are were
// found by decoding.
func (p *Printer) tunnelled(dst, b []byte, length uint32, port uint16) (_ []byte, ok bool) {
	n := 8
	switch {
	case len(b) < n:
		return dst, false
	case port == portVXLAN && b[0] == 8:
		dst = appendUint(dst, "VXLAN, vni ", be32(b[4:])>>8)
	case port == portGeneve && be16(b[2:]) == etherTEB && len(b) >= n+int(b[0]&0x3f)*4:
		n += int(b[0]&0x3f) * 4
		dst = append0x(append(dst, "Geneve, vni "...), uint64(be32(b[4:])>>8))
	default:
		return dst, false
	}
	return p.inner(append(dst, ": "...), b[n:], length-uint32(n)), true
}

// named appends the name of a protocol and the kind of its message, of a
// datagram that is not empty.
func (p *Printer) named(dst, b []byte, port uint16) (_ []byte, ok bool) {
	switch port {
	case portDHCPv6, portDHCPv6c:
		return appendName(append(dst, "dhcp6 "...), dhcp6Types[:], int(b[0]), "type "), true
	case portTFTP:
		if len(b) >= 2 && int(be16(b)) < len(tftpOps) && be16(b) != 0 {
			return append(append(dst, "TFTP "...), tftpOps[be16(b)]...), true
		}
	case portSyslog:
		if text, ok := app.FirstLine(b); ok && text[0] == '<' {
			return p.safe(append(dst, "SYSLOG "...), text), true
		}
	case portISAKMP:
		return isakmp(dst, b)
	case portNATT: // RFC 3948
		switch {
		case len(b) == 1 && b[0] == 0xff:
			return append(dst, "isakmp-nat-keep-alive"...), true
		case len(b) >= 8 && be32(b) == 0:
			return isakmp(append(dst, "NONESP-encap: "...), b[4:])
		case len(b) >= 8:
			dst = appendHex(append(dst, "UDP-encap: ESP(spi=0x"...), uint64(be32(b)), 8)
			return append(append0x(append(dst, ",seq="...), uint64(be32(b[4:]))), ')'), true
		}
	}
	return dst, false
}

// isakmp appends a message of key exchange, RFC 7296 section 3.1.
func isakmp(dst, b []byte) (_ []byte, ok bool) {
	if len(b) < 28 {
		return dst, false
	}
	dst = appendUint(dst, "isakmp: version ", b[17]>>4)
	return appendUint(dst, ", exchange ", b[18]), true
}

var (
	tftpOps    = [...]string{1: "RRQ", 2: "WRQ", 3: "DATA", 4: "ACK", 5: "ERROR", 6: "OACK"}
	dhcp6Types = [...]string{1: "solicit", 2: "advertise", 3: "request", 4: "confirm", 5: "renew", 6: "rebind", 7: "reply",
		8: "release", 9: "decline", 10: "reconfigure", 11: "inf-req", 12: "relay-fwd", 13: "relay-reply"}
	stunClasses = [4]string{"Request", "Indication", "Success Response", "Error Response"}
	stunMethods = [...]string{1: "Binding", 3: "Allocate", 4: "Refresh", 6: "Send", 7: "Data", 8: "CreatePermission", 9: "ChannelBind"}
)

// stunMagic is the cookie of RFC 8489.
const stunMagic = 0x2112a442

// stun appends the kind of a STUN message: the class is in bits 4 and 8.
func stun(dst []byte, kind uint16) []byte {
	class := kind>>4&1 | kind>>7&2
	method := int(kind&0xf | kind>>1&0x70 | kind>>2&0xf80)
	dst = append(appendName(append(dst, "STUN "...), stunMethods[:], method, "method "), ' ')
	return append(dst, stunClasses[class]...)
}
