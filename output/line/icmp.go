package line

import (
	"pkt/decode"
	"pkt/field"
	"pkt/packet"
)

var (
	icmpNames = [...]string{0: "echo reply", 3: "unreachable", 4: "source quench", 5: "redirect", 8: "echo request", 9: "router advertisement",
		10: "router solicitation", 12: "parameter problem", 13: "time stamp query", 14: "time stamp reply",
		15: "information request", 16: "information reply", 17: "address mask request", 18: "address mask reply"}
	icmp6Names = [...]string{1: "destination unreachable", 2: "packet too big", 3: "time exceeded", 4: "parameter problem",
		128: "echo request", 129: "echo reply", 130: "multicast listener query", 131: "multicast listener report",
		132: "multicast listener done", 133: "router solicitation", 134: "router advertisement", 135: "neighbor solicitation",
		136: "neighbor advertisement", 137: "redirect", 138: "router renumbering", 139: "who-are-you request",
		140: "who-are-you reply", 143: "multicast listener report v2", 144: "ha discovery request", 145: "ha discovery reply",
		146: "mobile router solicitation", 147: "mobile router advertisement", 155: "RPL"}
	unreachable = [...]string{0: "net", 1: "host", 6: "net", 7: "host", 9: "net", 10: "host", 11: "net", 12: "host", 13: "host"}
	// unreachableWhy is what stands behind the address that cannot be reached.
	unreachableWhy = [...]string{0: "unreachable", 1: "unreachable", 5: "unreachable - source route failed", 6: "unreachable - unknown",
		7: "unreachable - unknown", 8: "unreachable - source host isolated", 9: "unreachable - admin prohibited",
		10: "unreachable - admin prohibited", 11: "unreachable for this TOS", 12: "unreachable for this TOS",
		13: "unreachable - admin prohibited filter", 14: "unreachable - host precedence violation", 15: "unreachable - precedence cutoff"}
	unreachable6 = [...]string{"unreachable route", "unreachable prohibited", "beyond scope", "unreachable address", "unreachable port",
		"policy failed", "rejected route"}
)

// icmp appends a message of ICMP or ICMPv6.
func (p *Printer) icmp(dst, frame []byte, l *packet.Layers) []byte {
	h, _ := decode.ICMPOf(frame, l)
	b := frame[l.L4:l.End]
	length := l.WireEnd - l.L4
	if l.Proto == protoICMPv6 {
		dst = p.icmpSum(append(dst, "ICMP6, "...), frame, l)
		dst = p.icmp6(dst, h, b)
	} else {
		dst = p.icmp4(append(dst, "ICMP "...), h, b)
	}
	dst = appendProblem(appendUint(dst, ", length ", length), l)
	if l.Proto != protoICMPv6 && p.opt.Details >= Headers {
		if _, sum := p.sums(frame, l); sum == decode.SumBad {
			_, want := decode.WantedSums(frame, l)
			dst = appendHex(append(dst, " (wrong icmp cksum "...), uint64(h.Checksum()), 4)
			dst = append(appendHex(append(dst, " (->"...), uint64(want), 4), ")!)"...)
		}
	}
	return dst
}

func (p *Printer) icmpSum(dst, frame []byte, l *packet.Layers) []byte {
	if p.opt.Details < Headers {
		return dst
	}
	switch _, sum := p.sums(frame, l); sum {
	case decode.SumGood:
		return append(dst, "[icmp6 sum ok] "...)
	case decode.SumBad:
		return append(dst, "[bad icmp6 cksum] "...)
	}
	return dst
}

// icmp4 appends a message of ICMP. Of errors it says what cannot be reached,
// from the packet that they quote.
func (p *Printer) icmp4(dst []byte, h decode.ICMP, b []byte) []byte {
	q, quoted := h.Quoted()
	switch kind, code := h.Type(), int(h.Code()); {
	case (kind == 0 || kind == 8 || kind >= 13 && kind <= 18) && len(b) >= 8:
		dst = append(dst, icmpNames[kind]...)
		if kind > 8 && kind != 13 && kind != 14 {
			return dst
		}
		dst = appendUint(dst, ", id ", be16(b[4:]))
		return appendUint(dst, ", seq ", be16(b[6:]))
	case kind == 3 && quoted:
		return p.unreachable(dst, code, &q, b)
	case kind == 5 && len(b) >= 8 && quoted:
		dst = appendCell(append(dst, "redirect "...), q.Dst)
		dst = append(dst, [...]string{" to net ", " to host ", " to net ", " to host "}[code&3]...)
		return appendAddr4(dst, b[4:])
	case kind == 11 && code <= 1:
		return append(dst, [...]string{"time exceeded in-transit", "ip reassembly time exceeded"}[code]...)
	default:
		dst = appendName(dst, icmpNames[:], int(kind), "type-#")
		if code != 0 {
			dst = appendUint(dst, ", code ", code)
		}
		return dst
	}
}

func (p *Printer) unreachable(dst []byte, code int, q *decode.Quote, b []byte) []byte {
	switch code {
	case 2:
		dst = append(appendCell(dst, q.Dst), " protocol "...)
		return append(appendUint(dst, "", q.Proto), " unreachable"...)
	case 3:
		dst = appendCell(dst, q.Dst)
		if !q.HasPorts {
			return append(dst, " port unreachable"...)
		}
		dst = append(p.protoWord(append(dst, ' '), q.Proto), " port "...)
		return append(p.portName(dst, q.Proto, q.DstPort), " unreachable"...)
	case 4:
		dst = append(appendCell(dst, q.Dst), " unreachable - need to frag"...)
		if mtu := be16(b[6:]); mtu != 0 {
			dst = append(appendUint(dst, " (mtu ", mtu), ')')
		}
		return dst
	}
	if code < len(unreachable) && unreachable[code] != "" {
		dst = append(append(dst, unreachable[code]...), ' ')
	}
	dst = append(appendCell(dst, q.Dst), ' ')
	return appendName(dst, unreachableWhy[:], code, "unreachable - code ")
}

// protoWord appends the short name of a transport protocol.
func (p *Printer) protoWord(dst []byte, proto uint8) []byte {
	switch proto {
	case 6:
		return append(dst, "tcp"...)
	case 17:
		return append(dst, "udp"...)
	}
	return appendUint(dst, "protocol ", proto)
}

func (p *Printer) icmp6(dst []byte, h decode.ICMP, b []byte) []byte {
	kind := h.Type()
	dst = appendName(dst, icmp6Names[:], int(kind), "unknown icmp6 type ")
	switch {
	case (kind == 128 || kind == 129) && len(b) >= 8:
		dst = appendUint(dst, ", id ", be16(b[4:]))
		return appendUint(dst, ", seq ", be16(b[6:]))
	case kind == 135 && len(b) >= 24:
		return appendAddr16(append(dst, ", who has "...), b[8:])
	case kind == 136 && len(b) >= 24:
		return appendAddr16(append(dst, ", tgt is "...), b[8:])
	case kind == 137 && len(b) >= 40:
		dst = appendAddr16(append(dst, ", "...), b[24:])
		return appendAddr16(append(dst, " to "...), b[8:])
	case kind == 143 && len(b) >= 8:
		return append(appendUint(dst, ", ", be16(b[6:])), " group record(s)"...)
	case (kind == 131 || kind == 132 || kind == 130) && len(b) >= 24:
		return appendAddr16(append(dst, " addr: "...), b[8:])
	case kind == 2 && len(b) >= 8:
		return appendUint(dst, ", mtu ", be32(b[4:]))
	case kind == 3:
		return append(dst, [...]string{" in-transit", " in reassembly"}[h.Code()&1]...)
	case kind == 1:
		dst = appendName(append(dst, ", "...), unreachable6[:], int(h.Code()), "code ")
		if q, ok := h.Quoted(); ok {
			dst = appendCell(append(dst, ", "...), q.Dst)
			if h.Code() == 4 && q.HasPorts {
				dst = append(p.protoWord(append(dst, ' '), q.Proto), " port "...)
				dst = p.portName(dst, q.Proto, q.DstPort)
			}
		}
	}
	return dst
}

// appendCell appends an address.
func appendCell(dst []byte, c field.Cell) []byte { return c.Addr().AppendTo(dst) }

// igmp appends a message of IGMP. A query of version 3 is longer than 8 bytes,
// one of version 1 has no response time.
func (p *Printer) igmp(dst, frame []byte, l *packet.Layers) []byte {
	b := frame[l.L4:l.End]
	dst = append(dst, "igmp "...)
	switch b[0] {
	case 0x11:
		version := 2
		if l.WireEnd-l.L4 >= 12 {
			version = 3
		} else if b[1] == 0 {
			version = 1
		}
		dst = appendUint(dst, "query v", version)
		if version > 1 && b[1] != 100 {
			dst = append(appendUint(dst, " [max resp time ", b[1]), ']')
		}
		if be32(b[4:]) != 0 {
			dst = append(appendAddr4(append(dst, " [gaddr "...), b[4:]), ']')
		}
	case 0x12, 0x16:
		dst = append(dst, "v1"...)
		if b[0] == 0x16 {
			dst[len(dst)-1] = '2'
		}
		dst = appendAddr4(append(dst, " report "...), b[4:])
	case 0x17:
		dst = appendAddr4(append(dst, "leave "...), b[4:])
	case 0x22:
		dst = append(appendUint(dst, "v3 report, ", be16(b[6:])), " group record(s)"...)
	case 0x13:
		dst = append(dst, "dvmrp"...)
	case 0x14:
		dst = append(dst, "pimv1"...)
	default:
		dst = append0x(append(dst, "type "...), uint64(b[0]))
	}
	return appendProblem(dst, l)
}

var sctpChunks = [...]string{"DATA", "INIT", "INIT ACK", "SACK", "HB REQ", "HB ACK", "ABORT", "SHUTDOWN", "SHUTDOWN ACK",
	"ERROR", "COOKIE ECHO", "COOKIE ACK", "ECNE", "CWR", "SHUTDOWN COMPLETE", "AUTH"}

// sctp appends the chunks of an SCTP packet: kind and, of those that move data,
// numbers (RFC 9260 section 3.3).
func (p *Printer) sctp(dst, frame []byte, l *packet.Layers) []byte {
	b := frame[l.Payload:l.End]
	dst = append(dst, "sctp"...)
	for n := 1; len(b) >= 4 && n <= maxAnswers; n++ {
		size := int(be16(b[2:]))
		dst = append(appendUint(dst, " (", n), ") ["...)
		dst = append(appendName(dst, sctpChunks[:], int(b[0]), "type "), ']')
		dst = sctpChunk(dst, b[:min(len(b), max(size, 4))])
		if size = (size + 3) &^ 3; size < 4 || size > len(b) {
			break
		}
		b = b[size:]
	}
	return appendProblem(appendUint(dst, ", length ", l.WireEnd-l.Payload), l)
}

func sctpChunk(dst, b []byte) []byte {
	switch {
	case b[0] == 0 && len(b) >= 16:
		dst = append(dst, ' ')
		for i, flag := range [...]string{"(U)", "(B)", "(E)"} {
			if b[1]&(4>>i) != 0 {
				dst = append(dst, flag...)
			}
		}
		dst = appendUint(dst, " [TSN: ", be32(b[4:]))
		dst = appendUint(dst, "] [SID: ", be16(b[8:]))
		dst = appendUint(dst, "] [SSEQ ", be16(b[10:]))
		dst = append0x(append(dst, "] [PPID "...), uint64(be32(b[12:])))
		return append(dst, ']')
	case (b[0] == 1 || b[0] == 2) && len(b) >= 20:
		dst = appendUint(dst, " [init tag: ", be32(b[4:]))
		dst = appendUint(dst, "] [rwnd: ", be32(b[8:]))
		dst = appendUint(dst, "] [OS: ", be16(b[12:]))
		dst = appendUint(dst, "] [MIS: ", be16(b[14:]))
		return append(appendUint(dst, "] [init TSN: ", be32(b[16:])), ']')
	case b[0] == 3 && len(b) >= 12:
		dst = appendUint(dst, " [cum ack ", be32(b[4:]))
		return append(appendUint(dst, "] [a_rwnd ", be32(b[8:])), ']')
	}
	return dst
}
