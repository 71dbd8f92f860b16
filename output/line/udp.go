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
	case portDHCPv6, portDHCPv6c:
		dst = appendName(append(dst, "dhcp6 "...), dhcp6Types[:], int(b[0]), "type ")
	case portTFTP:
		if len(b) < 2 || int(be16(b)) >= len(tftpOps) || be16(b) == 0 {
			return dst, false
		}
		dst = append(append(dst, "TFTP "...), tftpOps[be16(b)]...)
	case portSyslog:
		text, ok := app.FirstLine(b)
		if !ok || text[0] != '<' {
			return dst, false
		}
		dst = p.safe(append(dst, "SYSLOG "...), text)
	case portISAKMP:
		if len(b) < 28 {
			return dst, false
		}
		dst = appendUint(append(dst, "isakmp"...), ": version ", b[17]>>4)
		dst = appendUint(dst, ", exchange ", b[18])
	case portVXLAN: // of tunnels whose inner packet is not IP
		if len(b) < 8 || b[0] != 8 {
			return dst, false
		}
		dst = append(appendUint(dst, "VXLAN, vni ", be32(b[4:])>>8), ": "...)
		return p.inner(dst, b[8:], length-8), true
	case portGeneve:
		if len(b) < 8 || be16(b[2:]) != etherTEB || len(b) < 8+int(b[0]&0x3f)*4 {
			return dst, false
		}
		n := 8 + int(b[0]&0x3f)*4
		dst = append(append0x(append(dst, "Geneve, vni "...), uint64(be32(b[4:])>>8)), ": "...)
		return p.inner(dst, b[n:], length-uint32(n)), true
	default:
		return dst, false
	}
	return appendUint(dst, ", length ", length), true
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
