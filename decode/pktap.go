package decode

import "encoding/binary"

// Apple's per-packet header, https://www.tcpdump.org/linktypes.html, in
// little-endian order; the frame is of the link type that it names:
//
//	+----------+---------------+-------------+- - - - - - - - - - -+
//	| length 4 | record type 4 | link type 4 | interface, process … |
//	+----------+---------------+-------------+- - - - - - - - - - -+
const (
	pktapMinLen = 12
	pktapLinkAt = 8
)

func (w *walker) pktap(off int) {
	if !w.enter(LayerPKTAP, off) {
		return
	}
	if w.lacks(off, pktapMinLen) {
		w.short(off)
		return
	}
	h := w.frame[off:w.end]
	n, link := binary.LittleEndian.Uint32(h), binary.LittleEndian.Uint32(h[pktapLinkAt:])
	if n < pktapMinLen || uint64(n) > uint64(len(h)) || link > 0xffff {
		w.short(off)
		return
	}
	w.link(uint16(link), off+int(n))
}
