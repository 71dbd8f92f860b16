package decode

import "pkt/packet"

// Virtual extensible LAN, RFC 7348 section 5, and its generic extension
// (draft-ietf-nvo3-vxlan-gpe):
//
//	+---------+-------------------+-----------------+
//	| flags 1 | reserved 2        | next protocol 1 |
//	+---------+-------------------+-----------------+
//	| VNI 3                       | reserved 1      |
//	+-----------------------------+-----------------+
const (
	vxlanLen = 8

	vxlanVNI  = 0x08 // flag: the VNI is valid
	vxlanNext = 0x04 // flag of GPE: the next protocol is valid

	gpeIPv4     = 1
	gpeIPv6     = 2
	gpeEthernet = 3
)

func (w *walker) vxlan(off int) bool {
	if w.lacks(off, vxlanLen) || w.frame[off]&vxlanVNI == 0 {
		return false
	}
	return w.vxlanInner(off, nextEthernet)
}

func (w *walker) vxlanGPE(off int) bool {
	if w.lacks(off, vxlanLen) || w.frame[off]&vxlanVNI == 0 {
		return false
	}
	inner := nextEthernet
	if w.frame[off]&vxlanNext != 0 {
		switch w.frame[off+3] {
		case gpeIPv4, gpeIPv6:
			inner = nextIP
		case gpeEthernet:
		default:
			return false
		}
	}
	return w.vxlanInner(off, inner)
}

func (w *walker) vxlanInner(off int, inner next) bool {
	if !w.plausible(inner, off+vxlanLen) || !w.enterTransport(LayerVXLAN, off) {
		return false
	}
	w.trace.tunnel(uint64(be32(w.frame[off+4:]) >> 8))
	return w.tunnel(packet.TunnelVXLAN, inner, off+vxlanLen, true)
}
