package decode

import "encoding/binary"

// IEEE 802.11 data frames, IEEE 802.11-2020 section 9.3.2:
//
//	+-----------+------------+-----------+-----------+-----------+------------+---------+-------+----------+
//	| control 2 | duration 2 | address 6 | address 6 | address 6 | sequence 2 | address | QoS   | HT       |
//	|           |            |           |           |           |            | (6)     | (2)   | (4)      |
//	+-----------+------------+-----------+-----------+-----------+------------+---------+-------+----------+
//
// The fourth address is there between access points (both DS bits), QoS by the
// subtype, HT control in QoS frames with the order bit. Then LLC follows, or,
// with an aggregate, the first of several Ethernet-like subframes.
const (
	wlanLen  = 24
	qosLen   = 2
	htLen    = 4
	amsduLen = 14

	// First byte of frame control.
	wlanTypeMask = 0x0c
	wlanData     = 0x08
	wlanNull     = 0x40 // subtype bit: no payload
	wlanQoS      = 0x80 // subtype bit

	// Second byte.
	wlanToDS      = 0x01
	wlanFromDS    = 0x02
	wlanProtected = 0x40
	wlanOrder     = 0x80

	qosAMSDU = 0x80
)

// wlan decodes an 802.11 frame. Only data frames that are not encrypted have
// a network header.
func (w *walker) wlan(off int) { w.wlanPadded(off, false) }

// wlanPadded is wlan for captures that may pad the header to 4 bytes.
func (w *walker) wlanPadded(off int, padded bool) {
	if !w.enter(layerWLAN, off) {
		return
	}
	if w.lacks(off, 2) {
		w.short(off)
		return
	}
	kind, flags := w.frame[off], w.frame[off+1]
	n := wlanHeader(kind, flags)
	if padded {
		n = (n + 3) &^ 3
	}
	if kind&wlanTypeMask != wlanData {
		w.stop(off)
		return
	}
	if w.lacks(off, n) {
		w.short(off)
		return
	}
	w.wlanAddresses(off, flags)
	body := off + n
	if kind&wlanNull != 0 || flags&wlanProtected != 0 {
		w.stop(body)
		return
	}
	if kind&wlanQoS != 0 && w.frame[off+qosAt(flags)]&qosAMSDU != 0 {
		w.amsdu(body)
		return
	}
	w.llc(body)
}

// qosAt returns where a QoS frame has its QoS control field.
func qosAt(flags byte) int {
	if flags&(wlanToDS|wlanFromDS) == wlanToDS|wlanFromDS {
		return wlanLen + 6
	}
	return wlanLen
}

// wlanHeader returns the length of a data frame's header.
func wlanHeader(kind, flags byte) int {
	n := qosAt(flags)
	if kind&wlanQoS != 0 {
		n += qosLen
		if flags&wlanOrder != 0 {
			n += htLen
		}
	}
	return n
}

// wlanAddresses notes who sent a frame and to whom it goes, which the DS bits
// say (IEEE 802.11-2020 table 9-30).
func (w *walker) wlanAddresses(off int, flags byte) {
	first, second, third, fourth := off+4, off+10, off+16, off+wlanLen
	switch flags & (wlanToDS | wlanFromDS) {
	case 0:
		w.addresses(first)
	case wlanToDS:
		w.trace.destination(third)
		w.trace.source(second)
	case wlanFromDS:
		w.trace.destination(first)
		w.trace.source(third)
	default:
		w.trace.destination(third)
		w.trace.source(fourth)
	}
}

// amsdu decodes the first subframe of an aggregate: two addresses, a length,
// then LLC.
func (w *walker) amsdu(off int) {
	if w.lacks(off, amsduLen) {
		w.short(off)
		return
	}
	n := int(be16(w.frame[off+12:]))
	w.limit(off+amsduLen, n)
	w.llc(off + amsduLen)
}

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
	if !w.enter(layerRadiotap, off) {
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

// trailer leaves n bytes at the end of the frame, behind off, unread.
func (w *walker) trailer(off, n int) { w.limit(off, max(0, w.wire-off-n)) }

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
	if !w.enter(layerPrism, off) {
		return
	}
	w.skip(off, prismLen, linkWLAN)
}

func (w *walker) avs(off int) {
	if !w.enter(layerAVS, off) {
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
