package decode

// Local networks other than Ethernet.

// FDDI, ISO 9314-2: frame control, two addresses, LLC.
const (
	fddiLen      = 13
	fddiLLC      = 0x50
	fddiTypeMask = 0xf0
)

func (w *walker) fddi(off int) {
	if !w.enter(layerFDDI, off) {
		return
	}
	if w.lacks(off, fddiLen) {
		w.short(off)
		return
	}
	w.addresses(off + 1)
	if w.frame[off]&fddiTypeMask != fddiLLC {
		w.stop(off + fddiLen)
		return
	}
	w.llc(off + fddiLen)
}

// Token ring, IEEE 802.5: access control, frame control, two addresses, a
// route where the source address has its group bit set, LLC.
const (
	ringLen       = 14
	ringLLC       = 0x40
	ringTypeMask  = 0xc0
	ringRouted    = 0x80 // in the first byte of the source address
	ringRouteMask = 0x1f // length of the route, in its first byte
)

func (w *walker) tokenRing(off int) {
	if !w.enter(layerTokenRing, off) {
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

// ARCNET, RFC 1201: addresses of one byte, which the header of BSD has at
// once and that of Linux with 2 bytes of offset behind them; a type; and,
// for all but the types of RFC 1051, a split flag and a sequence number.
// Where the flag is 0xff, it is repeated behind padding.
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
	if !w.enter(layerARCNET, off) {
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

// IP over Fibre Channel, RFC 2625: network addresses of 8 bytes, in whose last
// 6 are the MAC addresses, then LLC.
const ipfcLen = 16

func (w *walker) ipfc(off int) {
	if !w.enter(layerIPFC, off) {
		return
	}
	if w.lacks(off, ipfcLen) {
		w.short(off)
		return
	}
	w.trace.destination(off + 2)
	w.trace.source(off + 10)
	w.llc(off + ipfcLen)
}

// IP over InfiniBand, RFC 4391: a global routing header in front of type and
// reserved bytes.
const (
	ipoibTypeAt = 40
	ipoibLen    = 44
)

func (w *walker) ipoib(off int) {
	if !w.enter(layerIPoIB, off) {
		return
	}
	if w.lacks(off, ipoibLen) {
		w.short(off)
		return
	}
	w.etherType(be16(w.frame[off+ipoibTypeAt:]), off+ipoibLen)
}

// IP over IEEE 1394 as Apple captures it: two addresses of 8 bytes, a type.
const ieee1394Len = 18

func (w *walker) ieee1394(off int) {
	if !w.enter(layerIEEE1394, off) {
		return
	}
	if w.lacks(off, ieee1394Len) {
		w.short(off)
		return
	}
	w.etherType(be16(w.frame[off+16:]), off+ieee1394Len)
}
