package decode

// ARCNET, RFC 1201. The offset is there in captures of Linux; split flag and
// sequence are there but for the types of RFC 1051. A split flag of 0xff is
// repeated behind padding.
//
//	+----------+---------------+------------+--------+--------------+------------+
//	| source 1 | destination 1 | (offset 2) | type 1 | split flag 1 | sequence 2 |
//	+----------+---------------+------------+--------+--------------+------------+
const (
	arcIPOld     = 0xf0
	arcARPOld    = 0xf1
	arcIP        = 0xd4
	arcARP       = 0xd5
	arcRARP      = 0xd6
	arcIPv6      = 0xc4
	arcSplitLen  = 3
	arcException = 0xff
)

// arcnet decodes a frame whose header has n bytes, the type included.
func (w *walker) arcnet(off, n int) {
	if !w.enter(LayerARCNET, off) {
		return
	}
	if w.lacks(off, n) {
		w.short(off)
		return
	}
	kind := w.frame[off+n-1]
	off += n
	switch kind {
	case arcIPOld:
		w.ipv4(off)
		return
	case arcARPOld:
		w.etherType(etherARP, off)
		return
	}
	if w.lacks(off, arcSplitLen) {
		w.short(off)
		return
	}
	split := w.frame[off]
	if split == arcException {
		if w.lacks(off, 4+arcSplitLen) {
			w.short(off)
			return
		}
		split = w.frame[off+4]
		off += 4
	}
	off += arcSplitLen
	later := split != 0 && split&1 == 0
	switch {
	case later: // of a packet in several frames, not the first
		w.stop(off)
	case kind == arcIP:
		w.ipv4(off)
	case kind == arcIPv6:
		w.ipv6(off)
	case kind == arcARP:
		w.etherType(etherARP, off)
	case kind == arcRARP:
		w.etherType(etherRARP, off)
	default:
		w.stop(off)
	}
}
