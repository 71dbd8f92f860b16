package decode

import "pkt/packet"

// Layer two tunnelling, RFC 2661 section 3.1. Data messages carry PPP:
//
//	+---+---+-----+---+---+---+---+-----+-----------+
//	| T | L | x x | S | x | O | P | xxxx | version 4 |
//	+---+---+-----+---+---+---+---+-----+-----------+
//	| L: length 2 | tunnel 2 | session 2             |
//	| S: Ns 2, Nr 2 | O: offset size 2, padding      |
//	+-----------------------------------------------+
const (
	l2tpControl  = 0x8000
	l2tpLength   = 0x4000
	l2tpSequence = 0x0800
	l2tpOffset   = 0x0200
	l2tpVersion  = 0x000f
)

// l2tp enters the PPP frame of a data message of version 2, if an IP packet
// that fits is in it.
func (w *walker) l2tp(off int) bool {
	if w.lacks(off, 2) {
		return false
	}
	flags, at := be16(w.frame[off:]), off+2
	if flags&l2tpControl != 0 || flags&l2tpVersion != 2 {
		return false
	}
	if flags&l2tpLength != 0 {
		at += 2
	}
	ids := at
	at += 4
	if flags&l2tpSequence != 0 {
		at += 4
	}
	if flags&l2tpOffset != 0 {
		if w.lacks(off, at-off+2) {
			return false
		}
		at += 2 + int(be16(w.frame[at:]))
	}
	if w.lacks(off, at-off+4) || !w.plausiblePPP(at) || !w.enterTransport(LayerL2TP, off) {
		return false
	}
	w.trace.tunnel(uint64(be32(w.frame[ids:])))
	return w.tunnel(packet.TunnelL2TP, nextPPP, at, true)
}

// plausiblePPP reports whether a PPP frame with an IP packet that fits seems
// to begin at off, of which 4 bytes are there.
func (w *walker) plausiblePPP(off int) bool {
	if w.frame[off] == pppAddress && w.frame[off+1] == pppControl {
		off += 2
	}
	n := 2
	protocol := be16(w.frame[off:])
	if w.frame[off]&1 != 0 {
		protocol, n = uint16(w.frame[off]), 1
	}
	return (protocol == pppIPv4 || protocol == pppIPv6) && w.plausibleIP(off+n, true)
}

// l2tpIP decodes version 3 directly over IP, RFC 3931 section 4.1.1: a session
// whose frames are Ethernet, as a rule, behind a cookie of 0, 4 or 8 bytes
// that only the two ends know of. A frame is entered where one of them leaves
// a plausible one.
func (w *walker) l2tpIP(off int) {
	const sessionLen = 4
	if !w.enterTransport(LayerL2TP, off) {
		return
	}
	if w.lacks(off, sessionLen) {
		w.shortTransport(off, sessionLen)
		return
	}
	if session := be32(w.frame[off:]); session != 0 {
		w.trace.tunnel(uint64(session))
		for n := sessionLen; n <= sessionLen+8; n += 4 {
			if !w.lacks(off, n) && w.plausibleEthernet(off+n) && w.tunnel(packet.TunnelL2TP, nextEthernet, off+n, true) {
				return
			}
		}
	}
	w.transport(off, sessionLen)
}
