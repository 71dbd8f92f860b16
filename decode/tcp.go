package decode

import (
	"fmt"

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

// String returns the header for a person to read.
func (h TCP) String() string {
	return fmt.Sprintf("%d > %d [%s] seq %d ack %d win %d", h.SrcPort(), h.DstPort(), h.Flags().Append(nil), h.Seq(), h.Ack(), h.Window())
}

// tcp decodes a TCP header. One whose data offset makes no sense has ports,
// yet no header and no payload that could be believed.
func (w *walker) tcp(off int) {
	if !w.enterTransport(LayerTCP, off) {
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
