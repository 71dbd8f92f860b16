package decode

// IPNET of Solaris, https://www.tcpdump.org/linktypes.html: version, address
// family, and 22 bytes about zones and interfaces.
const (
	ipnetLen   = 24
	ipnetINET  = 2
	ipnetINET6 = 26
)

func (w *walker) ipnet(off int) {
	if !w.enter(LayerIPNET, off) {
		return
	}
	if w.lacks(off, ipnetLen) {
		w.short(off)
		return
	}
	switch w.frame[off+1] {
	case ipnetINET:
		w.ipv4(off + ipnetLen)
	case ipnetINET6:
		w.ipv6(off + ipnetLen)
	default:
		w.stop(off + ipnetLen)
	}
}
