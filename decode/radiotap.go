package decode

import "encoding/binary"

// Radiotap, https://www.radiotap.org: a header of the capturing driver in
// little-endian order in front of the 802.11 frame. Words of presence bits
// follow it, then the fields they announce, each aligned to its own size.
//
//	+-----------+-------+----------+-----------+- - - -+
//	| version 1 | pad 1 | length 2 | present 4 | more  |
//	+-----------+-------+----------+-----------+- - - -+
const (
	radiotapLen  = 8
	presentTSFT  = 1 << 0
	presentFlags = 1 << 1
	presentMore  = 1 << 31

	radiotapFCS = 0x10 // the frame ends with its FCS
	radiotapPad = 0x20 // the 802.11 header is padded to 4 bytes

	fcsLen = 4
)

func (w *walker) radiotap(off int) {
	if !w.enter(LayerRadiotap, off) {
		return
	}
	if w.lacks(off, radiotapLen) {
		w.short(off)
		return
	}
	h := w.frame[off:w.end]
	n := int(binary.LittleEndian.Uint16(h[2:]))
	if n < radiotapLen || n > len(h) {
		w.short(off)
		return
	}
	flags := radiotapFlags(h[:n])
	if flags&radiotapFCS != 0 {
		w.trailer(off+n, fcsLen)
	}
	w.wlanPadded(off+n, flags&radiotapPad != 0)
}

// radiotapFlags returns the flags field of a radiotap header, 0 if it has none.
func radiotapFlags(h []byte) byte {
	present := binary.LittleEndian.Uint32(h[4:])
	if present&presentFlags == 0 {
		return 0
	}
	at := 4
	for more := present; more&presentMore != 0; {
		if at += 4; len(h)-at < 4 {
			return 0
		}
		more = binary.LittleEndian.Uint32(h[at:])
	}
	at += 4
	if present&presentTSFT != 0 {
		at = (at+7)&^7 + 8
	}
	if at >= len(h) {
		return 0
	}
	return h[at]
}
