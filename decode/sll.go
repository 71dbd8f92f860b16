package decode

// Linux "cooked" captures, https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html
// and LINKTYPE_LINUX_SLL2.html:
//
//	v1: | packet type 2 | ARPHRD 2 | address length 2 | address 8 | protocol 2 |
//	v2: | protocol 2 | reserved 2 | interface 4 | ARPHRD 2 | packet type 1 | address length 1 | address 8 |
//
// The address is the sender's; there is no destination.
const (
	sllLen  = 16
	sll2Len = 20

	// Protocols below etherMin are the kernel's own numbers.
	sllNovell = 0x0001 // 802.3 without LLC
	sllLLC    = 0x0004

	arphrdWLAN     = 801
	arphrdPrism    = 802
	arphrdRadiotap = 803
)

func (w *walker) sll(off int) {
	if !w.enter(LayerSLL, off) {
		return
	}
	if w.lacks(off, sllLen) {
		w.short(off)
		return
	}
	h := w.frame[off:w.end]
	if be16(h[4:]) == 6 {
		w.trace.source(off + 6)
	}
	w.cooked(be16(h[2:]), be16(h[14:]), off+sllLen)
}

func (w *walker) sll2(off int) {
	if !w.enter(LayerSLL2, off) {
		return
	}
	if w.lacks(off, sll2Len) {
		w.short(off)
		return
	}
	h := w.frame[off:w.end]
	if h[11] == 6 {
		w.trace.source(off + 12)
	}
	w.cooked(be16(h[8:]), be16(h), off+sll2Len)
}

// cooked decodes what is behind a cooked header. The hardware type decides
// where it is one whose frames keep their own header.
func (w *walker) cooked(arphrd, protocol uint16, off int) {
	switch arphrd {
	case arphrdWLAN:
		w.wlan(off)
		return
	case arphrdPrism:
		w.prism(off)
		return
	case arphrdRadiotap:
		w.radiotap(off)
		return
	}
	switch {
	case protocol >= etherMin:
		w.etherType(protocol, off)
	case protocol == sllLLC:
		w.llc(off)
	case protocol == sllNovell:
		w.l.EtherType = etherIPX
		w.stop(off)
	default:
		w.stop(off)
	}
}
