package decode

import "encoding/binary"

// Kinds of options, https://www.iana.org/assignments/tcp-parameters.
const (
	tcpOptEnd        = 0
	tcpOptNop        = 1
	tcpOptMSS        = 2
	tcpOptScale      = 3
	tcpOptSACKOK     = 4
	tcpOptSACK       = 5
	tcpOptTimestamps = 8
)

// OptionSet says which options are there.
type OptionSet uint8

// Options that are read.
const (
	OptMSS OptionSet = 1 << iota
	OptScale
	OptSACKPermitted
	OptTimestamps
)

// SACK is a range of sequence numbers that has arrived, the end not included.
type SACK struct{ Left, Right uint32 }

// Options are the options of a TCP header that pkt reads. A value is valid
// only if Has says so.
type Options struct {
	TSVal, TSEcr uint32
	SACK         [4]SACK // the first NumSACK are valid
	MSS          uint16
	Scale        uint8 // shift of the window, as sent
	NumSACK      uint8
	Has          OptionSet
}

// Options reads the options, up to the first one that makes no sense.
func (h TCP) Options() (o Options) {
	for rest := h.b[tcpMinLen:]; ; {
		kind, value, next, ok := cutOption(rest)
		if !ok {
			return o
		}
		o.set(kind, value)
		rest = next
	}
}

// cutOption cuts the first option with a value off b; next is what follows.
func cutOption(b []byte) (kind byte, value, next []byte, ok bool) {
	for len(b) > 0 && b[0] == tcpOptNop {
		b = b[1:]
	}
	if len(b) < 2 || b[0] == tcpOptEnd {
		return 0, nil, nil, false
	}
	n := int(b[1])
	if n < 2 || n > len(b) {
		return 0, nil, nil, false
	}
	return b[0], b[2:n], b[n:], true
}

// set notes an option whose value has the length that its kind asks for. The
// first one of a kind counts.
func (o *Options) set(kind byte, value []byte) {
	had := o.Has
	switch {
	case kind == tcpOptMSS && len(value) == 2 && had&OptMSS == 0:
		o.MSS = be16(value)
		o.Has |= OptMSS
	case kind == tcpOptScale && len(value) == 1 && had&OptScale == 0:
		o.Scale = value[0]
		o.Has |= OptScale
	case kind == tcpOptSACKOK && len(value) == 0:
		o.Has |= OptSACKPermitted
	case kind == tcpOptSACK && len(value)%8 == 0:
		for len(value) > 0 && int(o.NumSACK) < len(o.SACK) {
			o.SACK[o.NumSACK] = SACK{be32(value), be32(value[4:])}
			o.NumSACK++
			value = value[8:]
		}
	case kind == tcpOptTimestamps && len(value) == 8 && had&OptTimestamps == 0:
		o.TSVal, o.TSEcr = be32(value), be32(value[4:])
		o.Has |= OptTimestamps
	}
}

// nopTimestamps are the first bytes of the options that most segments of a
// running connection have: NOP, NOP, timestamps.
const nopTimestamps = 0x0101080a

// Timestamps reads the timestamps option alone, which is faster.
func (h TCP) Timestamps() (val, ecr uint32, ok bool) {
	if len(h.b) == tcpMinLen {
		return 0, 0, false
	}
	if len(h.b) >= tcpMinLen+12 && binary.BigEndian.Uint32(h.b[tcpMinLen:]) == nopTimestamps {
		return be32(h.b[tcpMinLen+4:]), be32(h.b[tcpMinLen+8:]), true
	}
	o := h.Options()
	return o.TSVal, o.TSEcr, o.Has&OptTimestamps != 0
}
