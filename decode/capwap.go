package decode

import "pkt/packet"

// Control and provisioning of wireless access points, data messages, RFC 5415
// section 4.3:
//
//	+------------+-----------------+------+-----------+---+---+-----------+
//	| preamble 1 | header length 5 | radio | binding 5 | T | F | flags ... |
//	+------------+-----------------+------+-----------+---+---+-----------+
//
// T is set where the frame is the radio's own, not an Ethernet frame.
const (
	capwapMinLen   = 8
	capwapNative   = 0x100
	capwapFragment = 0x080
)

// capwap enters the frame of a message that is neither encrypted nor a
// fragment.
func (w *walker) capwap(off int) bool {
	if w.lacks(off, capwapMinLen) {
		return false
	}
	h := be32(w.frame[off:])
	n := int(h>>19&0x1f) * 4
	if h>>24 != 0 || h&capwapFragment != 0 || n < capwapMinLen || w.lacks(off, n) {
		return false
	}
	inner := nextEthernet
	if h&capwapNative != 0 {
		inner = nextWLAN
	}
	if !w.plausible(inner, off+n) || !w.enterTransport(LayerCAPWAP, off) {
		return false
	}
	return w.tunnel(packet.TunnelCAPWAP, inner, off+n, true)
}
