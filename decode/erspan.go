package decode

import "pkt/packet"

// Mirrored frames in GRE, draft-foschiano-erspan-03. Type I has no header, II
// 8 bytes and III 12, the last bit of which announces 8 bytes more:
//
//	+-----------+---------+--------+---------------+----------------+
//	| version 4 | VLAN 12 | flags 6 | session 10   | index or time  |
//	+-----------+---------+--------+---------------+----------------+
const (
	erspan2Len    = 8
	erspan3Len    = 12
	erspanSubLen  = 8
	erspanSession = 0x3ff
)

// erspan enters the frame behind a header of type II or III, of n bytes.
func (w *walker) erspan(off, n int) bool {
	if w.lacks(off, n) {
		w.noteShort()
		return false
	}
	session := be16(w.frame[off+2:]) & erspanSession
	if n == erspan3Len && w.frame[off+n-1]&1 != 0 {
		n += erspanSubLen
	}
	if w.lacks(off, n) {
		w.noteShort()
		return false
	}
	if !w.enterTransport(LayerERSPAN, off) {
		return false
	}
	w.trace.tunnel(uint64(session))
	return w.tunnel(packet.TunnelERSPAN, nextEthernet, off+n, false)
}
