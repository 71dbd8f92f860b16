package decode

// IP over InfiniBand, RFC 4391 section 6, behind a global routing header:
//
//	+--------------------------+--------+------------+
//	| global routing header 40 | type 2 | reserved 2 |
//	+--------------------------+--------+------------+
const (
	ipoibTypeAt = 40
	ipoibLen    = 44
)

func (w *walker) ipoib(off int) {
	if !w.enter(LayerIPoIB, off) {
		return
	}
	if w.lacks(off, ipoibLen) {
		w.short(off)
		return
	}
	w.etherType(be16(w.frame[off+ipoibTypeAt:]), off+ipoibLen)
}
