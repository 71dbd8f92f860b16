package line

import (
	"encoding/binary"

	"pkt/decode"
	"pkt/field"
	"pkt/packet"
)

func be16(b []byte) uint16 { return binary.BigEndian.Uint16(b) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }

const tcpLen = 20

// tcp appends a TCP segment. Numbers are relative to the first ones of the
// connection, once these are known, as those of segments that acknowledge are.
func (p *Printer) tcp(dst, frame []byte, l *packet.Layers) []byte {
	h, _ := decode.TCPOf(frame, l)
	length := l.WireEnd - l.Payload
	if p.opt.Quick {
		return appendUint(dst, "tcp ", length)
	}
	flags, seq, ack := h.Flags(), h.Seq(), h.Ack()
	dst = append(dst, "Flags ["...)
	dst = append(flags.Append(dst), ']')
	if p.opt.Details >= Headers {
		dst = p.tcpSum(dst, frame, l, h)
	}
	var from base
	if flags&decode.ACK != 0 && !p.opt.Absolute {
		src, to := addresses(frame, l)
		from = p.conns.meet(src, to, l.SrcPort, l.DstPort, flags&decode.SYN != 0, seq, ack)
		if from.known {
			seq, ack = seq-from.own, ack-from.peer
		}
	}
	if length > 0 || p.opt.Details >= Tree || flags&(decode.SYN|decode.FIN|decode.RST) != 0 {
		dst = appendUint(dst, ", seq ", seq)
		if length > 0 {
			dst = appendUint(dst, ":", seq+length)
		}
	}
	if flags&decode.ACK != 0 {
		dst = appendUint(dst, ", ack ", ack)
	}
	dst = appendUint(dst, ", win ", h.Window())
	if flags&decode.URG != 0 {
		dst = appendUint(dst, ", urg ", h.Urgent())
	}
	if options := frame[l.L4+tcpLen : l.Payload]; len(options) > 0 {
		dst = p.tcpOptions(dst, options, from)
	}
	dst = appendUint(dst, ", length ", length)
	dst = p.stream(dst, frame[l.Payload:l.End], l)
	return appendProblem(dst, l)
}

// addresses returns source and destination of an IP packet.
func addresses(frame []byte, l *packet.Layers) (src, dst field.Cell) {
	h := frame[l.L3:]
	if l.Has.Any(packet.HasIPv4) {
		return field.FromAddr4(h[12:]), field.FromAddr4(h[16:])
	}
	return field.FromAddr16(h[8:]), field.FromAddr16(h[24:])
}

// tcpSum appends the checksum and what it turned out to be.
func (p *Printer) tcpSum(dst, frame []byte, l *packet.Layers, h decode.TCP) []byte {
	_, sum := p.sums(frame, l)
	dst = appendHex(append(dst, ", cksum 0x"...), uint64(h.Checksum()), 4)
	switch sum {
	case decode.SumGood:
		dst = append(dst, " (correct)"...)
	case decode.SumBad:
		_, want := decode.WantedSums(frame, l)
		dst = append(appendHex(append(dst, " (incorrect -> 0x"...), uint64(want), 4), ')')
	case decode.SumOffload:
		dst = append(dst, " (left to the network card)"...)
	}
	return dst
}

// Kinds of TCP options, https://www.iana.org/assignments/tcp-parameters.
const (
	optEnd      = 0
	optNop      = 1
	optMSS      = 2
	optScale    = 3
	optSACKOK   = 4
	optSACK     = 5
	optTime     = 8
	optMD5      = 19
	optUserTime = 28
	optAuth     = 29
	optMPTCP    = 30
	optFastOpen = 34
)

// tcpOptions appends the options in their order.
func (p *Printer) tcpOptions(dst, b []byte, from base) []byte {
	dst = append(dst, ", options ["...)
	for first := true; len(b) > 0; first = false {
		if !first {
			dst = append(dst, ',')
		}
		kind := b[0]
		if kind == optEnd {
			dst = append(dst, "eol"...)
			break
		}
		if kind == optNop {
			dst, b = append(dst, "nop"...), b[1:]
			continue
		}
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			dst = append(dst, "[bad opt]"...)
			break
		}
		dst = tcpOption(dst, kind, b[2:b[1]], from)
		b = b[b[1]:]
	}
	return append(dst, ']')
}

func tcpOption(dst []byte, kind byte, value []byte, from base) []byte {
	switch {
	case kind == optMSS && len(value) == 2:
		return appendUint(dst, "mss ", be16(value))
	case kind == optScale && len(value) == 1:
		return appendUint(dst, "wscale ", value[0])
	case kind == optSACKOK && len(value) == 0:
		return append(dst, "sackOK"...)
	case kind == optSACK && len(value)%8 == 0:
		dst = append(appendUint(dst, "sack ", len(value)/8), ' ')
		for ; len(value) > 0; value = value[8:] {
			dst = appendUint(dst, "{", be32(value)-from.peer)
			dst = append(appendUint(dst, ":", be32(value[4:])-from.peer), '}')
		}
		return dst
	case kind == optTime && len(value) == 8:
		dst = appendUint(dst, "TS val ", be32(value))
		return appendUint(dst, " ecr ", be32(value[4:]))
	case kind == optUserTime && len(value) == 2:
		return append0x(append(dst, "uto "...), uint64(be16(value)))
	case kind == optFastOpen && len(value) == 0:
		return append(dst, "tfo cookiereq"...)
	}
	switch kind {
	case optMD5:
		dst = append(dst, "md5"...)
	case optAuth:
		dst = append(dst, "tcp-ao"...)
	case optMPTCP:
		dst = append(dst, "mptcp"...)
	case optFastOpen:
		dst = append(dst, "tfo cookie"...)
	default:
		dst = appendUint(dst, "unknown-", kind)
	}
	if len(value) > 0 {
		dst = appendBytes(append(dst, " 0x"...), value)
	}
	return dst
}
