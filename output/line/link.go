package line

import (
	"pkt/capture"
	"pkt/decode"
	"pkt/packet"
)

// Link types that lines treat in ways of their own.
const (
	linkEthernet = 1
	linkSLL2     = 276
)

// layered are the facts of packets whose way in is told header by header.
const layered = packet.HasTunnel | packet.HasMPLS | packet.HasPPPoE

// text appends what a packet is: its link-layer header if asked for, the
// headers of tunnels, then the innermost packet.
func (p *Printer) text(dst []byte, b *packet.Batch, i int, frame []byte, l *packet.Layers) []byte {
	if !p.opt.Link && !l.Has.Any(layered) && l.Depth == 0 {
		switch {
		case l.Has.Any(packet.HasIP):
			return p.ip(dst, frame, l, false)
		case l.Has.Any(packet.HasARP):
			return p.arp(dst, frame, &b.Records[i], l, false)
		}
	}
	p.path.Walk(b, i)
	if p.opt.Link {
		dst = p.link(dst, frame, &b.Records[i], l)
	}
	dst, named := p.outer(dst, frame, l)
	switch {
	case l.Has.Any(packet.HasIP):
		return p.ip(dst, frame, l, named)
	case l.Has.Any(packet.HasARP):
		return p.arp(dst, frame, &b.Records[i], l, named)
	}
	return p.other(dst, frame, &b.Records[i], l)
}

// outer appends the headers around the innermost packet. named says that the
// link-layer header did so for IP already.
func (p *Printer) outer(dst, frame []byte, l *packet.Layers) (_ []byte, named bool) {
	named = p.opt.Link
	stack := false   // in the labels of MPLS
	end := l.WireEnd // of the packet around
	headers := p.path.Headers()
	for n, h := range headers {
		b := frame[min(h.Off, uint32(len(frame))):]
		if stack && h.Layer != decode.LayerMPLS {
			stack = false
			dst = append(dst, ' ')
		}
		switch h.Layer {
		case decode.LayerPPPoE:
			dst, named = pppoe(dst, b), false
		case decode.LayerMPLS:
			dst, stack, named = label(dst, b, !stack), true, false
		case decode.LayerIPv4, decode.LayerIPv6:
			if h.Off >= l.L3 {
				continue
			}
			if !named {
				dst = appendIPName(dst, h.Layer == decode.LayerIPv4)
			}
			end = max(ipEnd(b, h.Off), h.Off)
			dst, named = p.outerIP(dst, b, h.Layer == decode.LayerIPv4, nextPorts(frame, headers[n+1:])), false
		default:
			if h.Off <= l.L3 { // Teredo and AYIYA may have no bytes of their own
				dst = p.carrier(dst, h.Layer, b, end-h.Off)
			}
		}
	}
	if stack {
		dst = append(dst, ' ')
	}
	return dst, named
}

// ipEnd returns where the packet ends whose IP header is b, at off in the frame.
func ipEnd(b []byte, off uint32) uint32 {
	switch {
	case len(b) >= ipv6Len && b[0]>>4 == 6:
		return off + ipv6Len + uint32(be16(b[4:]))
	case len(b) >= ipv4Len && b[0]>>4 == 4:
		return off + uint32(be16(b[2:]))
	}
	return 0
}

// nextPorts returns the ports of the UDP header that follows an IP header of a
// tunnel, nil if none does.
func nextPorts(frame []byte, rest []decode.Header) []byte {
	for _, h := range rest {
		switch h.Layer {
		case decode.LayerUDP:
			if int(h.Off)+4 <= len(frame) {
				return frame[h.Off : h.Off+4]
			}
			return nil
		case decode.LayerHopByHop, decode.LayerDestOpts, decode.LayerRouting, decode.LayerFragment, decode.LayerAH:
		default:
			return nil
		}
	}
	return nil
}

// outerIP appends an IP header that carries a tunnel.
func (p *Printer) outerIP(dst, b []byte, four bool, ports []byte) []byte {
	at, size := 12, 4
	if !four {
		at, size = 8, 16
	}
	if len(b) < at+2*size {
		return dst
	}
	if p.opt.Details >= Headers {
		if h, ok := decode.AsIPv4(b); ok {
			dst = append(p.ipv4Details(dst, h), ")\n    "...)
		} else if h, ok := decode.AsIPv6(b); ok {
			dst = append(p.ipv6Details(dst, h), ") "...)
		}
	}
	for side := range 2 {
		addr := b[at+side*size:]
		if side == 1 {
			dst = append(dst, " > "...)
		}
		if four {
			dst = appendAddr4(dst, addr)
		} else {
			dst = appendAddr16(dst, addr)
		}
		if ports != nil {
			dst = p.portName(append(dst, '.'), protoUDP, be16(ports[2*side:]))
		}
	}
	return append(dst, ": "...)
}

// carrier appends the header of a tunnel that begins with b and has wire bytes
// with all that it carries.
func (p *Printer) carrier(dst []byte, layer decode.Layer, b []byte, wire uint32) []byte {
	switch layer {
	case decode.LayerGRE:
		if len(b) >= 4 {
			return append(greHeader(dst, b, wire), ": "...)
		}
	case decode.LayerVXLAN:
		if len(b) >= 8 {
			return append(appendUint(dst, "VXLAN, vni ", be32(b[4:])>>8), ": "...)
		}
	case decode.LayerGeneve:
		if len(b) >= 8 {
			dst = append0x(append(dst, "Geneve, vni "...), uint64(be32(b[4:])>>8))
			if n := int(b[0]&0x3f) * 4; n > 0 {
				dst = append(appendUint(dst, ", options [", n), " bytes]"...)
			}
			return append(dst, ": "...)
		}
	case decode.LayerGTPU:
		if len(b) >= 8 {
			return append(append0x(append(dst, "GTP-U, teid "...), uint64(be32(b[4:]))), ": "...)
		}
	case decode.LayerERSPAN:
		if len(b) >= 4 {
			return append(appendUint(dst, "ERSPAN, session ", be16(b[2:])&0x3ff), ": "...)
		}
	case decode.LayerTeredo:
		return append(dst, "Teredo: "...)
	case decode.LayerAYIYA:
		return append(dst, "AYIYA: "...)
	case decode.LayerL2TP:
		return append(dst, "L2TP: "...)
	case decode.LayerCAPWAP:
		return append(dst, "CAPWAP: "...)
	case decode.LayerEtherIP:
		return append(dst, "EtherIP: "...)
	case decode.LayerAH:
		if len(b) >= 8 {
			return append(appendHex(append(dst, "AH(spi=0x"...), uint64(be32(b[4:])), 8), "): "...)
		}
	}
	return dst
}

// greHeader appends a GRE header of which 4 bytes are there.
func greHeader(dst, b []byte, wire uint32) []byte {
	flags := be16(b)
	dst = appendUint(dst, "GREv", flags&7)
	at := 4
	if flags&0xc000 != 0 {
		at += 4
	}
	next := func(word string, hex bool) {
		if len(b) >= at+4 {
			dst = append(dst, word...)
			if hex {
				dst = append0x(dst, uint64(be32(b[at:])))
			} else {
				dst = appendUint(dst, "", be32(b[at:]))
			}
		}
		at += 4
	}
	if flags&0x2000 != 0 {
		if flags&7 == 1 && len(b) >= at+4 {
			dst = appendUint(dst, ", call ", be16(b[at+2:]))
			at += 4
		} else {
			next(", key=", true)
		}
	}
	if flags&0x1000 != 0 {
		next(", seq ", false)
	}
	if flags&7 == 1 && flags&0x80 != 0 {
		next(", ack ", false)
	}
	return appendUint(dst, ", length ", wire)
}

// greUnknown appends GRE whose content is not an IP packet.
func (p *Printer) greUnknown(dst, b []byte, wire uint32) []byte {
	if len(b) < 4 {
		return append(dst, "GRE [truncated]"...)
	}
	dst = append(greHeader(dst, b, wire), ": "...)
	if n := greLen(be16(b)); be16(b[2:]) == etherTEB && n <= len(b) {
		return p.inner(dst, b[n:], wire-uint32(n))
	}
	return append0x(append(dst, "gre-proto-"...), uint64(be16(b[2:])))
}

// greLen returns the length of a GRE header without routing.
func greLen(flags uint16) int {
	n := 4
	for _, f := range [...]uint16{0xc000, 0x2000, 0x1000} {
		if flags&f != 0 {
			n += 4
		}
	}
	if flags&7 == 1 && flags&0x80 != 0 {
		n += 4
	}
	return n
}

// inner appends an Ethernet frame that a tunnel carries and that is not IP: of
// those that are, the packet path has found the packet.
func (p *Printer) inner(dst, frame []byte, wire uint32) []byte {
	var l packet.Layers
	decode.Frame(linkEthernet, frame, wire, false, &l)
	switch {
	case l.Has.Any(packet.HasARP):
		return p.arp(dst, frame, &packet.Record{WireLen: wire}, &l, false)
	case l.Has.Any(packet.HasIP) || l.EtherType == 0:
		return appendUint(append(dst, "frame"...), ", length ", wire)
	case etherName(l.EtherType) != "":
		return appendUint(append(dst, etherName(l.EtherType)...), ", length ", l.WireEnd-l.L3)
	}
	dst = appendHex(append(dst, "ethertype 0x"...), uint64(l.EtherType), 4)
	return appendUint(dst, ", length ", l.WireEnd-l.L3)
}

// pppoe appends a header of PPP over Ethernet.
func pppoe(dst, b []byte) []byte {
	if len(b) < 6 {
		return append(dst, "PPPoE "...)
	}
	dst = append(dst, "PPPoE "...)
	switch b[1] {
	case 0x09:
		dst = append(dst, "PADI"...)
	case 0x07:
		dst = append(dst, "PADO"...)
	case 0x19:
		dst = append(dst, "PADR"...)
	case 0x65:
		dst = append(dst, "PADS"...)
	case 0xa7:
		dst = append(dst, "PADT"...)
	}
	return append(append0x(append(dst, " [ses "...), uint64(be16(b[2:]))), "] "...)
}

// label appends an entry of an MPLS stack.
func label(dst, b []byte, first bool) []byte {
	if first {
		dst = append(dst, "MPLS "...)
	} else {
		dst = append(dst, ' ')
	}
	if len(b) < 4 {
		return append(dst, "(truncated)"...)
	}
	e := be32(b)
	dst = appendUint(dst, "(label ", e>>12)
	dst = appendUint(dst, ", tc ", e>>9&7)
	if e&0x100 != 0 {
		dst = append(dst, ", [S]"...)
	}
	return append(appendUint(dst, ", ttl ", e&0xff), ')')
}

// arp appends an ARP or RARP packet. Its length is the frame's, padding
// included, for the packet has none of its own. named says whether the line has
// said already that it is ARP.
func (p *Printer) arp(dst, frame []byte, r *packet.Record, l *packet.Layers, named bool) []byte {
	h, _ := decode.ARPOf(frame, l)
	if !named {
		dst = append(dst, "ARP, "...)
	}
	sender, ok := h.Sender()
	target, _ := h.Target()
	if p.opt.Details >= Headers {
		dst = appendUint(dst, "hardware ", be16(frame[l.L3:]))
		dst = appendUint(dst, " (len ", frame[l.L3+4])
		dst = append0x(append(dst, "), protocol "...), uint64(be16(frame[l.L3+2:])))
		dst = append(appendUint(dst, " (len ", frame[l.L3+5]), "), "...)
	}
	switch op := h.Op(); {
	case op == 1 && ok:
		dst = appendAddr4(append(dst, "Request who-has "...), target[:])
		if mac := h.TargetHardware(); !zero(mac) {
			dst = append(appendMAC(append(dst, " ("...), mac), ')')
		}
		dst = appendAddr4(append(dst, " tell "...), sender[:])
	case op == 2 && ok:
		dst = appendAddr4(append(dst, "Reply "...), sender[:])
		dst = appendMAC(append(dst, " is-at "...), h.SenderHardware())
	case op == 3:
		dst = appendMAC(append(dst, "Reverse Request who-is "...), h.TargetHardware())
		dst = appendMAC(append(dst, " tell "...), h.SenderHardware())
	case op == 4 && ok:
		dst = appendMAC(append(dst, "Reverse Reply "...), h.TargetHardware())
		dst = appendAddr4(append(dst, " at "...), target[:])
	default:
		dst = appendUint(dst, "operation ", op)
	}
	return appendProblem(appendUint(dst, ", length ", r.WireLen-min(l.L3, r.WireLen)), l)
}

// zero reports whether all bytes are 0.
func zero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

const pppoeLen = 6

// other appends a packet that is neither IP nor ARP.
func (p *Printer) other(dst, frame []byte, r *packet.Record, l *packet.Layers) []byte {
	headers := p.path.Headers()
	if n := len(headers); n > 0 && headers[n-1].Layer == decode.LayerPPPoE {
		switch at := headers[n-1].Off + pppoeLen; {
		case at > l.End:
		case frame[at-pppoeLen+1] != 0: // discovery
			return appendProblem(appendUint(dst, "length ", l.WireEnd-at), l)
		default: // a protocol of PPP that is not IP
			return appendProblem(ppp(dst, frame[at:l.End], l.WireEnd-at), l)
		}
	}
	b := frame[l.L3:l.End]
	if l.EtherType != 0 {
		return appendProblem(p.etherType(dst, l.EtherType, b, frame, l.WireEnd-l.L3), l)
	}
	if len(headers) == 0 {
		dst = appendUint(dst, "link type ", r.Link)
		if doc := capture.LinkDoc(r.Link); doc != "" {
			dst = append(append(append(dst, " ("...), doc...), ')')
		}
		return appendUint(dst, ", length ", r.WireLen)
	}
	last := headers[len(headers)-1]
	b = frame[min(int(last.Off), len(frame)):]
	switch last.Layer {
	case decode.LayerLLC:
		dst = p.llc(dst, b, r.WireLen-last.Off)
	case decode.LayerPPP:
		dst = ppp(dst, b, r.WireLen-last.Off)
	case decode.LayerWLAN:
		dst = p.wlan(dst, b, r.WireLen-last.Off)
	default:
		dst = append(dst, last.Layer.String()...)
		dst = appendUint(dst, ", length ", r.WireLen-min(last.Off, r.WireLen))
	}
	return appendProblem(dst, l)
}
