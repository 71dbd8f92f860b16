package decode

import (
	"encoding/binary"

	"pkt/packet"
)

// Transmission control, RFC 9293 section 3.1:
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-------------------------------+-------------------------------+
//	|          Source port          |       Destination port        |
//	+-------------------------------+-------------------------------+
//	|                        Sequence number                        |
//	+---------------------------------------------------------------+
//	|                    Acknowledgment number                      |
//	+-------+-----+-+-+-+-+-+-+-+-+-+-------------------------------+
//	| Data  | Rsr |N|C|E|U|A|P|R|S|F|                               |
//	|offset |  vd |S|W|C|R|C|S|S|Y|I|            Window             |
//	|       |     | |R|E|G|K|H|T|N|N|                               |
//	+-------+-----+-+-+-+-+-+-+-+-+-+-------------------------------+
//	|           Checksum            |        Urgent pointer         |
//	+-------------------------------+-------------------------------+
//	|                    Options, 0 to 40 bytes                     |
//	+---------------------------------------------------------------+
const (
	tcpMinLen     = 20
	tcpSeqAt      = 4
	tcpAckAt      = 8
	tcpOffsetAt   = 12
	tcpWindowAt   = 14
	tcpChecksumAt = 16
	tcpUrgentAt   = 18
)

// Flags are the 9 flags of a TCP segment.
type Flags uint16

// Flags.
const (
	FIN Flags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
	NS // RFC 3540, since RFC 9768 AE
)

// flagLetters are tcpdump's letters of the flags, in its order.
var flagLetters = [...]struct {
	flag   Flags
	letter byte
}{{FIN, 'F'}, {SYN, 'S'}, {RST, 'R'}, {PSH, 'P'}, {ACK, '.'}, {URG, 'U'}, {ECE, 'E'}, {CWR, 'W'}, {NS, 'e'}}

// Append appends the flags as tcpdump writes them: "S.", "FP.", "none".
func (f Flags) Append(dst []byte) []byte {
	if f == 0 {
		return append(dst, "none"...)
	}
	for _, l := range flagLetters {
		if f&l.flag != 0 {
			dst = append(dst, l.letter)
		}
	}
	return dst
}

// TCP is a view of a TCP header, options included as far as they were captured.
type TCP struct{ b []byte }

// AsTCP returns the TCP header that b begins with, if its fixed part is there
// and its length makes sense.
func AsTCP(b []byte) (TCP, bool) {
	if len(b) < tcpMinLen {
		return TCP{}, false
	}
	n := int(b[tcpOffsetAt]>>4) * 4
	if n < tcpMinLen {
		return TCP{}, false
	}
	return TCP{b[:min(n, len(b))]}, true
}

// TCPOf returns the TCP header of a frame that was decoded to l.
func TCPOf(frame []byte, l *packet.Layers) (TCP, bool) {
	if !l.Has.Any(packet.HasTCP) {
		return TCP{}, false
	}
	return TCP{frame[l.L4:l.Payload]}, true
}

// SrcPort returns the source port.
func (h TCP) SrcPort() uint16 { return be16(h.b) }

// DstPort returns the destination port.
func (h TCP) DstPort() uint16 { return be16(h.b[2:]) }

// Seq returns the sequence number.
func (h TCP) Seq() uint32 { return be32(h.b[tcpSeqAt:]) }

// Ack returns the acknowledgment number; it has a meaning only with ACK.
func (h TCP) Ack() uint32 { return be32(h.b[tcpAckAt:]) }

// Flags returns the 9 flags.
func (h TCP) Flags() Flags { return Flags(be16(h.b[tcpOffsetAt:]) & 0x1ff) }

// Window returns the window as sent, not scaled.
func (h TCP) Window() uint16 { return be16(h.b[tcpWindowAt:]) }

// Checksum returns the checksum.
func (h TCP) Checksum() uint16 { return be16(h.b[tcpChecksumAt:]) }

// Urgent returns the urgent pointer; it has a meaning only with URG.
func (h TCP) Urgent() uint16 { return be16(h.b[tcpUrgentAt:]) }

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

// set notes an option whose value has the length that its kind asks for.
func (o *Options) set(kind byte, value []byte) {
	switch {
	case kind == tcpOptMSS && len(value) == 2:
		o.MSS = be16(value)
		o.Has |= OptMSS
	case kind == tcpOptScale && len(value) == 1:
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
	case kind == tcpOptTimestamps && len(value) == 8:
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

// tcp decodes a TCP header. One whose data offset makes no sense has ports,
// yet no header and no payload that could be believed.
func (w *walker) tcp(off int) {
	if !w.enterTransport(layerTCP, off) {
		return
	}
	w.ports(off)
	if w.lacks(off, tcpMinLen) {
		w.shortTransport(off, tcpMinLen)
		return
	}
	n := int(w.frame[off+tcpOffsetAt]>>4) * 4
	if n < tcpMinLen || n > w.wire-off {
		if n < tcpMinLen || !w.l.Has.Any(packet.HasFragment) {
			w.problem(packet.ProblemBadOffset)
		}
		w.transport(off, tcpMinLen)
		return
	}
	w.l.Has |= packet.HasTCP
	if w.lacks(off, n) {
		w.noteShort()
	}
	w.transport(off, n)
}
