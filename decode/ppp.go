package decode

import "pkt/packet"

// PPP, RFC 1661, perhaps in HDLC-like framing, RFC 1662:
//
//	+--------------+--------------+------------+- - - - - -+
//	| address 0xff | control 0x03 | protocol 1 |  payload  |
//	| (left out)   | (left out)   | or 2       |           |
//	+--------------+--------------+------------+- - - - - -+
//
// A protocol whose first byte is odd has been compressed to that byte.
const (
	pppAddress   = 0xff
	pppControl   = 0x03
	pppIPv4      = 0x0021
	pppIPv6      = 0x0057
	pppMPLS      = 0x0281
	pppMPLSMC    = 0x0283
	chdlcUnicast = 0x0f
	chdlcMulti   = 0x8f
)

// ppp decodes a PPP frame, with or without address and control. Cisco's
// framing on the same link type is told by its address.
func (w *walker) ppp(off int) {
	if !w.lacks(off, 1) && (w.frame[off] == chdlcUnicast || w.frame[off] == chdlcMulti) && !w.lacks(off, 2) && w.frame[off+1] == 0 {
		w.chdlc(off)
		return
	}
	if !w.enter(layerPPP, off) {
		return
	}
	if !w.lacks(off, 2) && w.frame[off] == pppAddress && w.frame[off+1] == pppControl {
		off += 2
	}
	w.pppProtocol(off)
}

// pppProtocol decodes from a PPP protocol field on.
func (w *walker) pppProtocol(off int) {
	if w.lacks(off, 2) {
		w.short(off)
		return
	}
	protocol, n := be16(w.frame[off:]), 2
	if w.frame[off]&1 != 0 {
		protocol, n = uint16(w.frame[off]), 1
	}
	off += n
	switch protocol {
	case pppIPv4:
		w.ipv4(off)
	case pppIPv6:
		w.ipv6(off)
	case pppMPLS, pppMPLSMC:
		w.mpls(off)
	default:
		w.stop(off)
	}
}

// Cisco HDLC, RFC 1547 section 4.3.1: an address, a control byte of zero, and
// an EtherType.
const chdlcLen = 4

func (w *walker) chdlc(off int) {
	if !w.enter(layerCHDLC, off) {
		return
	}
	if w.lacks(off, chdlcLen) {
		w.short(off)
		return
	}
	w.etherType(be16(w.frame[off+2:]), off+chdlcLen)
}

// PPP over Ethernet, RFC 2516 section 4: the session's frames begin with a PPP
// protocol field.
//
//	+-------------+--------+-----------+----------+
//	| version 4,  | code 1 | session 2 | length 2 |
//	| type 4 bits |        |           |          |
//	+-------------+--------+-----------+----------+
const pppoeLen = 6

func (w *walker) pppoe(off int) {
	if !w.enter(layerPPPoE, off) {
		return
	}
	if w.lacks(off, pppoeLen) {
		w.short(off)
		return
	}
	h := w.frame[off:w.end]
	if h[1] != 0 {
		w.stop(off + pppoeLen) // discovery
		return
	}
	w.l.Has |= packet.HasPPPoE
	off += pppoeLen
	if n := int(be16(h[4:])); n > w.wire-off {
		w.problem(packet.ProblemBadLength)
	} else {
		w.limit(off, n)
	}
	w.pppProtocol(off)
}
