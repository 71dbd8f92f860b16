package line

import (
	"pkt/decode"
	"pkt/names"
	"pkt/output"
	"pkt/packet"
)

// IP protocol numbers that lines know.
const (
	protoHopByHop = 0
	protoUDP      = 17
	protoRouting  = 43
	protoFragment = 44
	protoGRE      = 47
	protoESP      = 50
	protoAH       = 51
	protoICMPv6   = 58
	protoNoNext   = 59
	protoDestOpts = 60
	protoEIGRP    = 88
	protoOSPF     = 89
	protoPIM      = 103
	protoIPComp   = 108
	protoVRRP     = 112
	protoMobility = 135
)

// ip appends the network header of a packet and what is behind it. named says
// whether the line has said already that it is IP.
func (p *Printer) ip(dst, frame []byte, l *packet.Layers, named bool) []byte {
	four := l.Has.Any(packet.HasIPv4)
	if !named {
		dst = appendIPName(dst, four)
	}
	if p.opt.Details >= Headers {
		dst = p.ipDetails(dst, frame, l)
	}
	if missing := missingBytes(l); missing > 0 {
		dst = append(dst, "truncated-ip"...)
		if !four {
			dst = append(dst, '6')
		}
		dst = append(appendUint(dst, " - ", missing), " bytes missing! "...)
	}
	h := frame[l.L3:]
	if four {
		dst = p.port(appendAddr4(dst, h[12:]), l, l.SrcPort)
		dst = p.port(appendAddr4(append(dst, " > "...), h[16:]), l, l.DstPort)
		dst = append(dst, ": "...)
		if l.Proto != h[9] {
			dst = p.extensions(dst, h[9], l.L3+uint32(h[0]&15)*4, frame, l)
		}
	} else {
		dst = p.port(appendAddr16(dst, h[8:]), l, l.SrcPort)
		dst = p.port(appendAddr16(append(dst, " > "...), h[24:]), l, l.DstPort)
		dst = append(dst, ": "...)
		if l.L4 > l.L3+ipv6Len {
			dst = p.extensions(dst, h[6], l.L3+ipv6Len, frame, l)
		}
	}
	dst = p.transport(dst, frame, l)
	if four && l.Has.Any(packet.HasFragment) {
		dst = appendFragment(dst, frame, l)
	}
	return dst
}

const (
	ipv4Len = 20
	ipv6Len = 40
)

func appendIPName(dst []byte, four bool) []byte {
	if four {
		return append(dst, "IP "...)
	}
	return append(dst, "IP6 "...)
}

// missingBytes returns how many bytes the packet claims beyond its frame.
func missingBytes(l *packet.Layers) uint32 {
	if l.Problem != packet.ProblemBadLength || !l.Has.Any(packet.HasCut) {
		return 0
	}
	return l.WireEnd - l.End
}

// port appends the port behind an address, by name unless numbers are asked for.
func (p *Printer) port(dst []byte, l *packet.Layers, port uint16) []byte {
	if !l.Has.Any(packet.HasPorts) {
		return dst
	}
	return p.portName(append(dst, '.'), l.Proto, port)
}

func (p *Printer) portName(dst []byte, proto uint8, port uint16) []byte {
	if !p.opt.Numeric {
		if name := names.Service(proto, port); name != "" {
			return append(dst, name...)
		}
	}
	return appendUint(dst, "", port)
}

// appendProto appends the name of an IP protocol, or its number.
func appendProto(dst []byte, proto uint8) []byte {
	if name := names.Protocol(proto); name != "" {
		return append(dst, name...)
	}
	return appendUint(dst, "ip-proto-", proto)
}

// appendFragment says where a fragment lies in its datagram, and whether others
// follow.
func appendFragment(dst, frame []byte, l *packet.Layers) []byte {
	h, _ := decode.IPv4Of(frame, l)
	dst = appendUint(dst, " (frag ", h.ID())
	dst = appendUint(dst, ":", l.WireEnd-l.L3-uint32(h.HeaderLen()))
	dst = appendUint(dst, "@", uint32(h.FragOffset()))
	if h.MoreFragments() {
		dst = append(dst, '+')
	}
	return append(dst, ')')
}

// ipDetails appends what an IP header says beside the addresses.
func (p *Printer) ipDetails(dst, frame []byte, l *packet.Layers) []byte {
	if h, ok := decode.IPv4Of(frame, l); ok {
		dst = p.ipv4Details(dst, h)
		if ip, _ := p.sums(frame, l); ip == decode.SumBad {
			want, _ := decode.WantedSums(frame, l)
			dst = appendHex(append(dst, ", bad cksum "...), uint64(h.Checksum()), 4)
			dst = append(appendHex(append(dst, " (->"...), uint64(want), 4), ")!"...)
		}
		return append(dst, ")\n    "...)
	}
	h, _ := decode.IPv6Of(frame, l)
	return append(p.ipv6Details(dst, h), ") "...)
}

// ipv4Flags are the three flags in the fragment field: reserved, don't, more.
var ipv4Flags = [8]string{"none", "+", "DF", "+, DF", "rsvd", "+, rsvd", "DF, rsvd", "+, DF, rsvd"}

// ecnNames are the codepoints of RFC 3168.
var ecnNames = [4]string{"", ",ECT(1)", ",ECT(0)", ",CE"}

func (p *Printer) ipv4Details(dst []byte, h decode.IPv4) []byte {
	dst = append0x(append(dst, "(tos "...), uint64(h.TOS()))
	dst = append(dst, ecnNames[h.TOS()&3]...)
	dst = appendUint(dst, ", ttl ", h.TTL())
	dst = appendUint(dst, ", id ", h.ID())
	dst = appendUint(dst, ", offset ", h.FragOffset())
	flags := 0
	if h.MoreFragments() {
		flags |= 1
	}
	if h.DontFragment() {
		flags |= 2
	}
	dst = append(append(append(dst, ", flags ["...), ipv4Flags[flags]...), "], proto "...)
	dst = append(appendUint(appendUpper(dst, h.Proto()), " (", h.Proto()), ')')
	dst = appendUint(dst, ", length ", h.TotalLen())
	if options := h.Options(); len(options) > 0 {
		dst = append(appendIPOptions(append(dst, ", options ("...), options), ')')
	}
	return dst
}

func (p *Printer) ipv6Details(dst []byte, h decode.IPv6) []byte {
	dst = append(dst, '(')
	if c := h.TrafficClass(); c != 0 {
		dst = append(append0x(append(dst, "class "...), uint64(c)), ", "...)
	}
	if f := h.FlowLabel(); f != 0 {
		dst = append(appendHex(append(dst, "flowlabel 0x"...), uint64(f), 5), ", "...)
	}
	dst = appendUint(dst, "hlim ", h.HopLimit())
	dst = appendUint(appendUpper(append(dst, ", next-header "...), h.NextHeader()), " (", h.NextHeader())
	return appendUint(dst, ") payload length: ", h.PayloadLen())
}

// appendUpper appends the name of an IP protocol in capitals.
func appendUpper(dst []byte, proto uint8) []byte {
	name := names.Protocol(proto)
	if name == "" {
		return append(dst, "unknown"...)
	}
	for i := range len(name) {
		c := name[i]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// ipOptionNames are the options of IPv4, https://www.iana.org/assignments/ip-parameters.
func ipOptionName(kind byte) string {
	switch kind {
	case 0:
		return "EOL"
	case 1:
		return "NOP"
	case 7:
		return "RR"
	case 68:
		return "timestamp"
	case 130:
		return "security"
	case 131:
		return "LSRR"
	case 137:
		return "SSRR"
	case 148:
		return "RA"
	}
	return ""
}

func appendIPOptions(dst, b []byte) []byte {
	for first := true; len(b) > 0; first = false {
		if !first {
			dst = append(dst, ',')
		}
		kind := b[0]
		if name := ipOptionName(kind); name != "" {
			dst = append(dst, name...)
		} else {
			dst = appendUint(dst, "unknown ", kind)
		}
		switch {
		case kind == 0:
			return dst
		case kind == 1:
			b = b[1:]
			continue
		case len(b) < 2 || b[1] < 2 || int(b[1]) > len(b):
			return append(dst, " [bad length]"...)
		}
		value := b[2:b[1]]
		if kind == 7 || kind == 131 || kind == 137 {
			for at := 1; at+4 <= len(value); at += 4 {
				dst = appendAddr4(append(dst, ' '), value[at:])
			}
		}
		b = b[b[1]:]
	}
	return dst
}

// extensions appends the extension headers from off to the transport header,
// the first of which has the number next.
func (p *Printer) extensions(dst []byte, next uint8, off uint32, frame []byte, l *packet.Layers) []byte {
	for off+8 <= l.L4 {
		b := frame[off:l.L4]
		n := (uint32(b[1]) + 1) * 8
		switch next {
		case protoHopByHop:
			dst = append(dst, "HBH "...)
		case protoDestOpts:
			dst = append(dst, "DSTOPT "...)
		case protoRouting:
			dst = appendUint(dst, "RT6 (type=", b[2])
			dst = append(appendUint(dst, ", segleft=", b[3]), ") "...)
		case protoFragment:
			n = 8
			dst = fragmentHeader(dst, b, l.WireEnd-off-n)
		case protoAH:
			n = (uint32(b[1]) + 2) * 4
			dst = appendHex(append(dst, "AH(spi=0x"...), uint64(be32(b[4:])), 8)
			if len(b) >= 12 {
				dst = append0x(append(dst, ",seq="...), uint64(be32(b[8:])))
			}
			dst = append(dst, "): "...)
		case protoMobility:
			dst = append(dst, "mobility "...)
		default:
			return dst
		}
		next, off = b[0], off+n
	}
	return dst
}

// fragmentHeader appends where an IPv6 fragment of size bytes lies in its
// datagram.
func fragmentHeader(dst, b []byte, size uint32) []byte {
	dst = appendUint(dst, "frag (", be16(b[2:])&^7)
	return append(appendUint(dst, "|", size), ") "...)
}

// transport appends what is behind the network header.
func (p *Printer) transport(dst, frame []byte, l *packet.Layers) []byte {
	switch {
	case l.Has.Any(packet.HasTCP):
		return p.tcp(dst, frame, l)
	case l.Has.Any(packet.HasUDP):
		return p.udp(dst, frame, l)
	case l.Has.Any(packet.HasICMP):
		return p.icmp(dst, frame, l)
	case l.Has.Any(packet.HasIGMP):
		return p.igmp(dst, frame, l)
	case l.Has.Any(packet.HasSCTP):
		return p.sctp(dst, frame, l)
	}
	if l.Has.Any(packet.HasLaterPart) {
		return appendUint(appendProto(dst, l.Proto), ", length ", l.WireEnd-l.Payload)
	}
	b := frame[l.L4:l.End]
	wire := l.WireEnd - l.L4
	switch l.Proto {
	case protoESP:
		if len(b) >= 8 {
			dst = appendHex(append(dst, "ESP(spi=0x"...), uint64(be32(b)), 8)
			dst = append(append0x(append(dst, ",seq="...), uint64(be32(b[4:]))), ')')
			return appendUint(dst, ", length ", wire)
		}
	case protoGRE:
		return p.greUnknown(dst, b, wire)
	case protoNoNext:
		return append(dst, "no next header"...)
	default:
		if len(b) >= 4 {
			if out, ok := p.routing(dst, l.Proto, b, wire); ok {
				return out
			}
		}
	}
	dst = appendProto(dst, l.Proto)
	dst = appendUint(dst, ", length ", wire)
	return appendProblem(dst, l)
}

// routing appends messages of routing protocols and their like, of which 4
// bytes are there.
func (p *Printer) routing(dst []byte, proto uint8, b []byte, wire uint32) ([]byte, bool) {
	switch proto {
	case protoOSPF:
		dst = appendUint(dst, "OSPFv", b[0])
		dst = appendName(append(dst, ", "...), ospfTypes[:], int(b[1]), "type ")
	case protoPIM:
		dst = appendUint(dst, "PIMv", b[0]>>4)
		dst = appendName(append(dst, ", "...), pimTypes[:], int(b[0]&15), "type ")
	case protoVRRP:
		dst = appendUint(dst, "VRRPv", b[0]>>4)
		dst = appendUint(append(dst, ", Advertisement"...), ", vrid ", b[1])
		dst = appendUint(dst, ", prio ", b[2])
	case protoEIGRP:
		dst = appendName(append(dst, "EIGRP "...), eigrpTypes[:], int(b[1]), "opcode ")
	case protoIPComp:
		dst = append(append0x(append(dst, "IPComp(cpi="...), uint64(be16(b[2:]))), ')')
	default:
		return dst, false
	}
	return appendUint(dst, ", length ", wire), true
}

var (
	ospfTypes  = [...]string{1: "Hello", 2: "Database Description", 3: "LS-Request", 4: "LS-Update", 5: "LS-Ack"}
	pimTypes   = [...]string{"Hello", "Register", "Register-Stop", "Join / Prune", "Bootstrap", "Assert", "Graft", "Graft-ACK", "Candidate RP Advertisement"}
	eigrpTypes = [...]string{1: "Update", 3: "Query", 4: "Reply", 5: "Hello", 6: "IPX SAP", 8: "Ack"}
)

// appendName appends the name of a number, or the number behind a word.
func appendName(dst []byte, table []string, n int, word string) []byte {
	if n >= 0 && n < len(table) && table[n] != "" {
		return append(dst, table[n]...)
	}
	return appendUint(dst, word, n)
}

// appendProblem appends what is wrong with a packet.
func appendProblem(dst []byte, l *packet.Layers) []byte {
	if l.Problem == packet.ProblemNone || l.Problem == packet.ProblemBadLength && l.Has.Any(packet.HasCut) {
		return dst
	}
	dst = append(append(dst, " ["...), decode.ProblemName(l.Problem)...)
	return append(dst, ']')
}

// sums returns the verdicts on a packet's checksums, unknown if nobody asks.
func (p *Printer) sums(frame []byte, l *packet.Layers) (ip, transport decode.Sum) {
	if p.opt.Unchecked {
		return decode.SumUnknown, decode.SumUnknown
	}
	return decode.Checksums(frame, l)
}

// safe appends text from the network.
func (p *Printer) safe(dst, text []byte) []byte { return output.AppendSafe(dst, text, p.opt.ASCII) }
