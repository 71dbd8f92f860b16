package decode

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
	if !w.enter(LayerWLAN, off) {
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

// trailer leaves n bytes at the end of the frame, behind off, unread.
func (w *walker) trailer(off, n int) { w.limit(off, max(0, w.wire-off-n)) }
