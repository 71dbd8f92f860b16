package decode

import "pkt/packet"

// Stream control transmission, RFC 9260 section 3.1; chunks follow:
//
//	+---------------+--------------------+--------------------+----------+
//	| source port 2 | destination port 2 | verification tag 4 | CRC32c 4 |
//	+---------------+--------------------+--------------------+----------+
const (
	sctpLen        = 12
	sctpChecksumAt = 8
)

func (w *walker) sctp(off int) {
	if !w.enterTransport(LayerSCTP, off) {
		return
	}
	w.ports(off)
	if w.lacks(off, sctpLen) {
		w.shortTransport(off, sctpLen)
		return
	}
	w.l.Has |= packet.HasSCTP
	w.transport(off, sctpLen)
}
