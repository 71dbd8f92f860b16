package decode

// ATM: AAL5 packets in LLC encapsulation, RFC 2684, and SunATM's header in front
// of them, https://www.tcpdump.org/linktypes.html:
//
//	+------------------------+--------+-----------+
//	| flags 4, kind 4 bits   | VPI 1  | VCI 2     |
//	+------------------------+--------+-----------+
const (
	sunATMLen  = 4
	sunATMLANE = 1 // Ethernet behind a LAN emulation header
	sunATMLLC  = 2
	laneLen    = 2
)

func (w *walker) atm(off int) {
	if !w.enter(LayerATM, off) {
		return
	}
	w.llc(off)
}

func (w *walker) sunATM(off int) {
	if !w.enter(LayerATM, off) {
		return
	}
	if w.lacks(off, sunATMLen+laneLen) {
		w.short(off)
		return
	}
	switch w.frame[off] & 0x0f {
	case sunATMLANE:
		w.ethernet(off + sunATMLen + laneLen)
	case sunATMLLC:
		w.llc(off + sunATMLen)
	default:
		w.stop(off + sunATMLen)
	}
}
