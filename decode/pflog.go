package decode

// OpenBSD's packet filter log, https://www.tcpdump.org/linktypes.html: a header
// that begins with its length, which padding to 4 bytes follows. Its
// encapsulated IP: address family, SPI and flags, 4 bytes each.
//
//	+----------+------------------+- - - - - - - - - - - - - -+
//	| length 1 | address family 1 | action, rule, interface … |
//	+----------+------------------+- - - - - - - - - - - - - -+
const (
	pflogMinLen = 4
	encLen      = 12
)

func (w *walker) enc(off int) {
	if !w.enter(LayerENC, off) {
		return
	}
	if w.lacks(off, encLen) {
		w.short(off)
		return
	}
	w.family(be32(w.frame[off:]), off+encLen)
}

func (w *walker) pflog(off int) {
	if !w.enter(LayerPFLOG, off) {
		return
	}
	if w.lacks(off, 2) {
		w.short(off)
		return
	}
	n := (int(w.frame[off]) + 3) &^ 3
	if n < pflogMinLen || w.lacks(off, n) {
		w.short(off)
		return
	}
	w.family(uint32(w.frame[off+1]), off+n)
}
