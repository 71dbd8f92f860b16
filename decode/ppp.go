package decode

// PPP, RFC 1661, perhaps in HDLC-like framing, RFC 1662:
//
//	+--------------+--------------+------------+- - - - - -+
//	| address 0xff | control 0x03 | protocol 1 |  payload  |
//	| (left out)   | (left out)   | or 2       |           |
//	+--------------+--------------+------------+- - - - - -+
//
// A protocol whose first byte is odd has been compressed to that byte.
const (
	pppAddress = 0xff
	pppControl = 0x03
	pppIPv4    = 0x0021
	pppIPv6    = 0x0057
	pppMPLS    = 0x0281
	pppMPLSMC  = 0x0283
)

// ppp decodes a PPP frame, with or without address and control. Cisco's
// framing on the same link type is told by its address.
func (w *walker) ppp(off int) {
	if w.isCHDLC(off) {
		w.chdlc(off)
		return
	}
	if !w.enter(LayerPPP, off) {
		return
	}
	if !w.lacks(off, 2) && w.frame[off] == pppAddress && w.frame[off+1] == pppControl {
		off += 2
	}
	w.pppProtocol(off)
}

// pppd decodes what Linux's pppd captures (LINKTYPE_PPP_PPPD): the direction
// stands in the place of the address byte.
func (w *walker) pppd(off int) {
	if !w.enter(LayerPPP, off) {
		return
	}
	if !w.lacks(off, 2) && w.frame[off+1] == pppControl {
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
