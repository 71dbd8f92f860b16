package decode

// Prism and AVS headers of old drivers. Prism's has 144 bytes; the same link
// type may hold an AVS header, told by its magic number, which names its
// length.
const (
	prismLen     = 144
	avsMagic     = 0x80211000
	avsMagicMask = 0xfffff000
	avsMinLen    = 8
)

func (w *walker) prism(off int) {
	if !w.lacks(off, avsMinLen) && be32(w.frame[off:])&avsMagicMask == avsMagic {
		w.avs(off)
		return
	}
	if !w.enter(LayerPrism, off) {
		return
	}
	w.skip(off, prismLen, linkWLAN)
}

func (w *walker) avs(off int) {
	if !w.enter(LayerAVS, off) {
		return
	}
	if w.lacks(off, avsMinLen) {
		w.short(off)
		return
	}
	n := be32(w.frame[off+4:])
	if n < avsMinLen || uint64(n) > uint64(w.end-off) {
		w.short(off)
		return
	}
	w.wlan(off + int(n))
}
