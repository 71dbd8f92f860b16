package decode

import "pkt/packet"

// Datagram congestion control, RFC 4340 section 5.1; the offset of the data is
// in units of 4 bytes:
//
//	+---------------+--------------------+---------------+- - - -+
//	| source port 2 | destination port 2 | data offset 1 |       |
//	+---------------+--------------------+---------------+- - - -+
const (
	dccpMinLen   = 12
	dccpOffsetAt = 4
)

func (w *walker) dccp(off int) {
	if !w.enterTransport(LayerDCCP, off) {
		return
	}
	w.ports(off)
	if w.lacks(off, dccpMinLen) {
		w.shortTransport(off, dccpMinLen)
		return
	}
	n := int(w.frame[off+dccpOffsetAt]) * 4
	if n < dccpMinLen || n > w.wire-off {
		w.problem(packet.ProblemBadOffset)
		n = dccpMinLen
	}
	w.transport(off, n)
}
