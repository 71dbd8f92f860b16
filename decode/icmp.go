package decode

import (
	"fmt"

	"pkt/field"
	"pkt/packet"
)

// Internet control messages, RFC 792 and RFC 4443 section 2.1:
//
//	+--------+--------+-------------+-------------------------------+
//	| type 1 | code 1 | checksum 2  | rest of the header 4          |
//	+--------+--------+-------------+-------------------------------+
//
// Errors quote the beginning of the packet that caused them behind it.
const (
	icmpMinLen     = 4 // of what can be read
	icmpChecksumAt = 2
	icmpLen        = 8

	// Types of ICMP errors.
	icmpUnreachable = 3
	icmpQuench      = 4
	icmpRedirect    = 5
	icmpExceeded    = 11
	icmpParameter   = 12

	// ICMPv6 errors are the types below 128; 1 to 4 are assigned.
	icmp6MaxError = 4
)

// ICMP is a view of an ICMP or ICMPv6 message as far as it was captured.
type ICMP struct {
	b     []byte
	proto uint8
}

// AsICMP returns the message that b holds, of protocol 1 (ICMP) or 58 (ICMPv6).
func AsICMP(b []byte, proto uint8) (ICMP, bool) {
	if len(b) < icmpMinLen {
		return ICMP{}, false
	}
	return ICMP{b, proto}, true
}

// ICMPOf returns the message of a frame that was decoded to l.
func ICMPOf(frame []byte, l *packet.Layers) (ICMP, bool) {
	if !l.Has.Any(packet.HasICMP) {
		return ICMP{}, false
	}
	return ICMP{frame[l.L4:l.End], l.Proto}, true
}

// Type returns the type.
func (h ICMP) Type() uint8 { return h.b[0] }

// Code returns the code.
func (h ICMP) Code() uint8 { return h.b[1] }

// Checksum returns the checksum.
func (h ICMP) Checksum() uint16 { return be16(h.b[icmpChecksumAt:]) }

// String returns the header for a person to read.
func (h ICMP) String() string { return fmt.Sprintf("type %d code %d", h.Type(), h.Code()) }

// IsError reports whether the message is about a packet that it quotes.
func (h ICMP) IsError() bool {
	if h.proto == protoICMPv6 {
		return h.b[0] >= 1 && h.b[0] <= icmp6MaxError
	}
	switch h.b[0] {
	case icmpUnreachable, icmpQuench, icmpRedirect, icmpExceeded, icmpParameter:
		return true
	}
	return false
}

// Quote is the packet that an ICMP error is about, as it had been sent.
type Quote struct {
	Src, Dst         field.Cell // addresses, kind field.Addr
	SrcPort, DstPort uint16     // valid only if HasPorts
	Proto            uint8
	HasPorts         bool
}

// Quoted returns what an error quotes. It is not the packet's flow: whoever
// wants to know which flow an error is about asks for it.
func (h ICMP) Quoted() (q Quote, ok bool) {
	if !h.IsError() || len(h.b) < icmpLen {
		return Quote{}, false
	}
	inner := h.b[icmpLen:]
	if ip, ok := AsIPv4(inner); ok {
		q.Src, q.Dst = field.FromAddr4(inner[ipv4SrcAt:]), field.FromAddr4(inner[ipv4DstAt:])
		q.Proto = ip.Proto()
		if ip.FragOffset() == 0 && len(inner) >= ip.HeaderLen() {
			q.ports(inner[ip.HeaderLen():])
		}
		return q, true
	}
	ip, ok := AsIPv6(inner)
	if !ok {
		return Quote{}, false
	}
	q.Src, q.Dst = field.FromAddr16(inner[ipv6SrcAt:]), field.FromAddr16(inner[ipv6DstAt:])
	next, rest := ip.NextHeader(), inner[ipv6Len:]
	for whole(next, rest) {
		if next == protoFragment && be16(rest[fragOffsetAt:])&^7 != 0 {
			rest = nil
			break
		}
		next, rest = rest[0], rest[extLen(next, rest):]
	}
	q.Proto = next
	q.ports(rest)
	return q, true
}

// ports reads the ports of the transport header that b begins with.
func (q *Quote) ports(b []byte) {
	switch q.Proto {
	case protoTCP, protoUDP, protoUDPLite, protoSCTP, protoDCCP:
		if len(b) >= 4 {
			q.SrcPort, q.DstPort, q.HasPorts = be16(b), be16(b[2:]), true
		}
	}
}

// icmp decodes an ICMP message of either version.
func (w *walker) icmp(p Layer, off int) {
	if !w.enterTransport(p, off) {
		return
	}
	if w.lacks(off, icmpMinLen) {
		w.shortTransport(off, icmpLen)
		return
	}
	w.l.Has |= packet.HasICMP
	w.l.SrcPort, w.l.DstPort = uint16(w.frame[off]), uint16(w.frame[off+1])
	if w.lacks(off, icmpLen) {
		w.noteShort()
	}
	w.transport(off, icmpLen)
}
