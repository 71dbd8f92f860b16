package decode

// Cisco HDLC, RFC 1547 section 4.3.1:
//
//	+-----------+--------------+--------+
//	| address 1 | control 0x00 | type 2 |
//	+-----------+--------------+--------+
const (
	chdlcLen     = 4
	chdlcTypeAt  = 2
	chdlcUnicast = 0x0f
	chdlcMulti   = 0x8f
)

// isCHDLC reports whether a frame on a PPP link has Cisco's framing.
func (w *walker) isCHDLC(off int) bool {
	if w.lacks(off, chdlcLen) || w.frame[off+1] != 0 {
		return false
	}
	return w.frame[off] == chdlcUnicast || w.frame[off] == chdlcMulti
}

func (w *walker) chdlc(off int) {
	if !w.enter(LayerCHDLC, off) {
		return
	}
	if w.lacks(off, chdlcLen) {
		w.short(off)
		return
	}
	et := be16(w.frame[off+chdlcTypeAt:])
	off += chdlcLen
	if et == etherRARP { // here it is SLARP's, which keeps the link alive
		w.l.EtherType = et
		w.stop(off)
		return
	}
	w.etherType(et, off)
}
