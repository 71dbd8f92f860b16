package decode

// FDDI, ISO 9314-2; LLC follows:
//
//	+-----------------+---------------+----------+
//	| frame control 1 | destination 6 | source 6 |
//	+-----------------+---------------+----------+
const (
	fddiLen      = 13
	fddiLLC      = 0x50
	fddiTypeMask = 0xf0
)

func (w *walker) fddi(off int) {
	if !w.enter(LayerFDDI, off) {
		return
	}
	if w.lacks(off, fddiLen) {
		w.short(off)
		return
	}
	w.addresses(off + 1)
	if w.frame[off]&fddiTypeMask != fddiLLC {
		w.stop(off + fddiLen)
		return
	}
	w.llc(off + fddiLen)
}
