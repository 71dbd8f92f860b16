package decode

import "pkt/packet"

// PPP over Ethernet, RFC 2516 section 4: the session's frames begin with a PPP
// protocol field.
//
//	+-------------+--------+-----------+----------+
//	| version 4,  | code 1 | session 2 | length 2 |
//	| type 4 bits |        |           |          |
//	+-------------+--------+-----------+----------+
const pppoeLen = 6

func (w *walker) pppoe(off int) {
	if !w.enter(LayerPPPoE, off) {
		return
	}
	if w.lacks(off, pppoeLen) {
		w.short(off)
		return
	}
	h := w.frame[off:w.end]
	if h[1] != 0 {
		w.stop(off + pppoeLen) // discovery
		return
	}
	w.l.Has |= packet.HasPPPoE
	off += pppoeLen
	if n := int(be16(h[4:])); n > w.wire-off {
		w.problem(packet.ProblemBadLength)
	} else {
		w.limit(off, n)
	}
	w.pppProtocol(off)
}
