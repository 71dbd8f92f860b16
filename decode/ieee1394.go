package decode

// IP over IEEE 1394 as Apple captures it, https://www.tcpdump.org/linktypes.html:
//
//	+---------------+----------+--------+
//	| destination 8 | source 8 | type 2 |
//	+---------------+----------+--------+
const (
	ieee1394TypeAt = 16
	ieee1394Len    = 18
)

func (w *walker) ieee1394(off int) {
	if !w.enter(LayerIEEE1394, off) {
		return
	}
	if w.lacks(off, ieee1394Len) {
		w.short(off)
		return
	}
	w.etherType(be16(w.frame[off+ieee1394TypeAt:]), off+ieee1394Len)
}
