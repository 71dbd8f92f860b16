package decode

import "pkt/packet"

// Internet group management, RFC 2236 section 2; messages of version 3 (RFC
// 3376) have more behind it:
//
//	+--------+-----------------+------------+---------------+
//	| type 1 | response time 1 | checksum 2 | group 4       |
//	+--------+-----------------+------------+---------------+
const igmpLen = 8

func (w *walker) igmp(off int) {
	if !w.enterTransport(LayerIGMP, off) {
		return
	}
	if w.lacks(off, igmpLen) {
		w.shortTransport(off, igmpLen)
		return
	}
	w.l.Has |= packet.HasIGMP
	w.transport(off, igmpLen)
}
