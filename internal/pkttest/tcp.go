package pkttest

// TCP flags.
const (
	FIN uint16 = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
	AE // accurate ECN, formerly NS
)

// TCP is a header of RFC 9293.
type TCP struct {
	SrcPort, DstPort uint16
	Seq, Ack         uint32
	Flags            uint16
	Window           uint16 // 0: 65535, see ZeroWindow
	ZeroWindow       bool
	Urgent           uint16
	Options          []byte // padded with zeros to a multiple of 4

	DataOffset *uint16 // in words of 4 bytes
	Checksum   *uint16
}

func (t TCP) build(c place, body []byte) []byte {
	options := pad4(t.Options)
	out := make([]byte, 20, 20+len(options)+len(body))
	out = append(append(out, options...), body...)
	be.PutUint16(out, t.SrcPort)
	be.PutUint16(out[2:], t.DstPort)
	be.PutUint32(out[4:], t.Seq)
	be.PutUint32(out[8:], t.Ack)
	be.PutUint16(out[12:], or(t.DataOffset, uint16(5+len(options)/4))<<12|t.Flags&0x1ff)
	switch {
	case t.ZeroWindow:
	case t.Window == 0:
		be.PutUint16(out[14:], 65535)
	default:
		be.PutUint16(out[14:], t.Window)
	}
	be.PutUint16(out[18:], t.Urgent)
	be.PutUint16(out[16:], or(t.Checksum, c.transportSum(protoTCP, out, len(out))))
	return out
}

// Options joins TCP options, each made by one of the functions below.
func Options(options ...[]byte) []byte {
	var out []byte
	for _, o := range options {
		out = append(out, o...)
	}
	return out
}

// NOP is the TCP option that pads others.
func NOP() []byte { return []byte{1} }

// MSS is the maximum segment size option.
func MSS(size uint16) []byte { return []byte{2, 4, byte(size >> 8), byte(size)} }

// WindowScale is the window scale option (RFC 7323), padded in front.
func WindowScale(shift uint8) []byte { return []byte{1, 3, 3, shift} }

// SACKPermitted is the option of RFC 2018, padded in front.
func SACKPermitted() []byte { return []byte{1, 1, 4, 2} }

// SACK is the option of RFC 2018 with pairs of left and right edges, padded in
// front.
func SACK(edges ...uint32) []byte {
	out := []byte{1, 1, 5, byte(2 + 4*len(edges))}
	for _, e := range edges {
		out = be.AppendUint32(out, e)
	}
	return out
}

// Timestamps is the option of RFC 7323, padded in front.
func Timestamps(value, echo uint32) []byte {
	return be.AppendUint32(be.AppendUint32([]byte{1, 1, 8, 10}, value), echo)
}

// FastOpen is the cookie option of RFC 7413.
func FastOpen(cookie ...byte) []byte { return append([]byte{34, byte(2 + len(cookie))}, cookie...) }
