package decode

import "encoding/binary"

// Per-packet information, the PPI specification of CACE Technologies 1.0.7,
// in little-endian order: a header that names the link type of the frame
// behind it, and fields of type, length and value.
//
//	+-----------+---------+----------+-------------+  +--------+----------+- - -+
//	| version 1 | flags 1 | length 2 | link type 4 |  | type 2 | length 2 |     |
//	+-----------+---------+----------+-------------+  +--------+----------+- - -+
const (
	ppiLen      = 8
	ppiFieldLen = 4
	ppiCommon   = 2 // field: what all 802.11 captures have
	ppiFlagsAt  = 8 // in it, behind the timestamp
	ppiFCS      = 1 // flag: the frame ends with its FCS
)

func (w *walker) ppi(off int) {
	if !w.enter(LayerPPI, off) {
		return
	}
	if w.lacks(off, ppiLen) {
		w.short(off)
		return
	}
	h := w.frame[off:w.end]
	n := int(binary.LittleEndian.Uint16(h[2:]))
	link := binary.LittleEndian.Uint32(h[4:])
	if n < ppiLen || n > len(h) || link > 0xffff {
		w.short(off)
		return
	}
	if link == linkWLAN && ppiHasFCS(h[ppiLen:n]) {
		w.trailer(off+n, fcsLen)
	}
	w.link(uint16(link), off+n)
}

// ppiHasFCS reports whether the fields of a header say that the 802.11 frame
// ends with its FCS.
func ppiHasFCS(fields []byte) bool {
	for len(fields) >= ppiFieldLen {
		kind := binary.LittleEndian.Uint16(fields)
		n := int(binary.LittleEndian.Uint16(fields[2:]))
		fields = fields[ppiFieldLen:]
		if n > len(fields) {
			return false
		}
		if kind == ppiCommon && n >= ppiFlagsAt+2 {
			return binary.LittleEndian.Uint16(fields[ppiFlagsAt:])&ppiFCS != 0
		}
		fields = fields[n:]
	}
	return false
}
