package decode

import "pkt/packet"

// AYIYA ("anything in anything", draft-massar-v6ops-ayiya-02): an identity and
// a signature, whose lengths the first bytes name, then an IP packet.
//
//	+-------------------+----------------+------------+-------------+--------------+---------+
//	| id length, type 4 | sig length 4,  | auth 4,    | next        | epoch time 4 | id, sig |
//	| bits each         | hash 4         | opcode 4   | header 1    |              |         |
//	+-------------------+----------------+------------+-------------+--------------+---------+
const (
	ayiyaLen     = 8
	ayiyaForward = 1
)

func (w *walker) ayiya(off int) bool {
	if w.lacks(off, ayiyaLen) {
		return false
	}
	h := w.frame[off:w.end]
	n := ayiyaLen + 1<<(h[0]>>4) + int(h[1]>>4)*4
	next := h[3]
	if h[2]&0x0f != ayiyaForward || next != protoIPv6 && next != protoIPv4 || w.lacks(off, n) {
		return false
	}
	if !w.plausible(nextIP, off+n) || !w.enterTransport(LayerAYIYA, off) {
		return false
	}
	return w.tunnel(packet.TunnelAYIYA, nextIP, off+n, true)
}
