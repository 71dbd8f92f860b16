package decode

import "math/bits"

// BSD loopback, https://www.tcpdump.org/linktypes.html (NULL and LOOP): the
// address family in 4 bytes, of NULL in the capturing host's byte order. A
// family is a small number, so that the order can be told from the value.
const nullLen = 4

// Address families, which systems number differently.
const (
	afINET         = 2
	afINET6Linux   = 10
	afINET6Windows = 23
	afINET6BSD     = 24 // NetBSD, OpenBSD, BSD/OS
	afINET6Solaris = 26
	afINET6FreeBSD = 28
	afINET6Darwin  = 30
)

func (w *walker) null(off int) {
	if !w.enter(LayerNull, off) {
		return
	}
	if w.lacks(off, nullLen) {
		w.short(off)
		return
	}
	w.family(be32(w.frame[off:]), off+nullLen)
}

// family decodes what an address family announces, in either byte order.
func (w *walker) family(family uint32, off int) {
	if family > 0xffff {
		family = bits.ReverseBytes32(family)
	}
	switch family {
	case afINET:
		w.ipv4(off)
	case afINET6Linux, afINET6Windows, afINET6BSD, afINET6Solaris, afINET6FreeBSD, afINET6Darwin:
		w.ipv6(off)
	default:
		// Some writers put an EtherType there.
		if family >= etherMin && family <= 0xffff {
			w.etherType(uint16(family), off)
			return
		}
		w.stop(off)
	}
}
