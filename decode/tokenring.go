package decode

// Token ring, IEEE 802.5; a route, where the source address has its group bit
// set, and LLC follow:
//
//	+------------------+-----------------+---------------+----------+
//	| access control 1 | frame control 1 | destination 6 | source 6 |
//	+------------------+-----------------+---------------+----------+
const (
	ringLen       = 14
	ringLLC       = 0x40
	ringTypeMask  = 0xc0
	ringRouted    = 0x80 // in the first byte of the source address
	ringRouteMask = 0x1f // length of the route, in its first byte
)

func (w *walker) tokenRing(off int) {
	if !w.enter(LayerTokenRing, off) {
		return
	}
	if w.lacks(off, ringLen) {
		w.short(off)
		return
	}
	w.addresses(off + 2)
	llc, routed := w.frame[off+1]&ringTypeMask == ringLLC, w.frame[off+8]&ringRouted != 0
	off += ringLen
	if routed {
		if w.lacks(off, 1) || w.lacks(off, int(w.frame[off]&ringRouteMask)) {
			w.short(off)
			return
		}
		off += int(w.frame[off] & ringRouteMask)
	}
	if !llc {
		w.stop(off)
		return
	}
	w.llc(off)
}
