package pkttest

import "encoding/binary"

// WiFi is the header of an IEEE 802.11 data frame. LLC follows.
type WiFi struct {
	ToDS, FromDS bool
	QoS          bool
	HTControl    bool // the order bit of a QoS frame: 4 bytes more
	Protected    bool // what follows is encrypted
	Type         *uint16
	// Src, Dst and BSSID are MAC addresses; their places depend on ToDS and
	// FromDS. Empty ones get fixed values.
	Src, Dst, BSSID string
}

func (w WiFi) build(c place, body []byte) []byte {
	control := or(w.Type, 0x08) // data
	if w.QoS && w.Type == nil {
		control = 0x88
	}
	flags := byte(0)
	for i, on := range []bool{w.ToDS, w.FromDS, false, false, false, false, w.Protected, w.HTControl} {
		if on {
			flags |= 1 << i
		}
	}
	src, dst, bssid := macOr(w.Src, 1), macOr(w.Dst, 2), macOr(w.BSSID, 3)
	out := []byte{byte(control), flags, 0, 0}
	switch {
	case w.ToDS && w.FromDS:
		out = append(append(append(out, bssid...), macOr("", 4)...), dst...)
		out = append(append(out, 0, 0), src...)
	case w.ToDS:
		out = append(append(append(append(out, bssid...), src...), dst...), 0, 0)
	case w.FromDS:
		out = append(append(append(append(out, dst...), bssid...), src...), 0, 0)
	default:
		out = append(append(append(append(out, dst...), src...), bssid...), 0, 0)
	}
	if w.QoS {
		out = append(out, 0, 0)
	}
	if w.HTControl {
		out = append(out, 0, 0, 0, 0)
	}
	if len(c.outer) > 0 {
		if tap, ok := c.outer[len(c.outer)-1].(Radiotap); ok && tap.Padding {
			out = pad4(out)
		}
	}
	return append(out, body...)
}

func macOr(s string, last byte) []byte {
	if s != "" {
		return hardware(s)
	}
	return []byte{2, 0, 0, 0, 0, last}
}

// Radiotap is the header in front of 802.11 frames in monitor mode.
type Radiotap struct {
	Extended bool // a second word of present bits
	FCS      bool // the frame ends in four bytes of check sequence, and says so
	Padding  bool // the 802.11 header is padded to four bytes, and says so
}

func (r Radiotap) build(_ place, body []byte) []byte {
	present := uint32(1 << 1) // flags
	flags := byte(0)
	if r.FCS {
		flags |= 0x10
	}
	if r.Padding {
		flags |= 0x20
	}
	var rest []byte
	if r.Extended {
		present |= 1 << 31
		rest = []byte{0, 0, 0, 0}
	}
	rest = append(rest, flags)
	out := binary.LittleEndian.AppendUint16([]byte{0, 0}, uint16(8+len(rest)))
	out = binary.LittleEndian.AppendUint32(out, present)
	out = append(append(out, rest...), body...)
	if r.FCS {
		out = append(out, 0xde, 0xad, 0xbe, 0xef)
	}
	return out
}
