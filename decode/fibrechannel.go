package decode

// IP over Fibre Channel, RFC 2625 section 3.1; the last 6 bytes of the network
// addresses are MAC addresses, and LLC follows:
//
//	+-----------------------+------------------+
//	| network destination 8 | network source 8 |
//	+-----------------------+------------------+
const ipfcLen = 16

func (w *walker) ipfc(off int) {
	if !w.enter(LayerIPFC, off) {
		return
	}
	if w.lacks(off, ipfcLen) {
		w.short(off)
		return
	}
	w.trace.destination(off + 2)
	w.trace.source(off + 10)
	w.llc(off + ipfcLen)
}
