package decode

// Frames captured on Juniper routers: a magic number, flags, extensions behind
// their length where a flag says so, and the frame, or, with another flag, an
// IP packet behind its protocol in 4 bytes.
//
//	+---------+---------+------------+- - - - - - -+
//	| "MGC" 3 | flags 1 | (length 2) | (extensions) |
//	+---------+---------+------------+- - - - - - -+
const (
	juniperLen      = 4
	juniperMagic    = 0x4d4743
	juniperNoL2     = 0x02
	juniperExtended = 0x80
	juniperProtoLen = 4
)

func (w *walker) juniper(link uint16, off int) {
	if !w.enter(LayerJuniper, off) {
		return
	}
	if w.lacks(off, juniperLen) {
		w.short(off)
		return
	}
	flags := w.frame[off+3]
	if be32(w.frame[off:])>>8 != juniperMagic {
		w.stop(off)
		return
	}
	off += juniperLen
	if flags&juniperExtended != 0 {
		if w.lacks(off, 2) || w.lacks(off, 2+int(be16(w.frame[off:]))) {
			w.short(off)
			return
		}
		off += 2 + int(be16(w.frame[off:]))
	}
	if flags&juniperNoL2 != 0 {
		w.skip(off, juniperProtoLen, linkRaw)
		return
	}
	w.link(juniperFrame(link), off)
}

// juniperFrame returns the link type of the frames behind a Juniper header.
func juniperFrame(link uint16) uint16 {
	switch link {
	case linkJuniperPPP:
		return linkPPP
	case linkJuniperFR:
		return linkFrameRelay
	case linkJuniperCHDLC:
		return linkCHDLC
	}
	return linkEthernet
}
