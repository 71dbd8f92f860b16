package decode

import "pkt/packet"

// Teredo, RFC 4380 section 5.1.1: an IPv6 packet in UDP, in front of which an
// authentication header, an origin, or both may stand.
//
//	authentication: | 0x0001 | client length 1 | value length 1 | client | value | nonce 8 | confirmation 1 |
//	origin:         | 0x0000 | port 2 | IPv4 address 4 |
const (
	teredoAuth      = 0x0001
	teredoAuthLen   = 4
	teredoAuthTail  = 9
	teredoOrigin    = 0x0000
	teredoOriginLen = 8
)

func (w *walker) teredo(off int) bool {
	if !w.lacks(off, teredoAuthLen) && be16(w.frame[off:]) == teredoAuth {
		n := teredoAuthLen + int(w.frame[off+2]) + int(w.frame[off+3]) + teredoAuthTail
		if w.lacks(off, n) {
			return false
		}
		off += n
	}
	if !w.lacks(off, teredoOriginLen) && be16(w.frame[off:]) == teredoOrigin {
		off += teredoOriginLen
	}
	if w.lacks(off, ipv6Len) || w.frame[off]>>4 != 6 || !w.plausibleIP(off, false) || !w.enterTransport(layerTeredo, off) {
		return false
	}
	return w.tunnel(packet.TunnelTeredo, nextIP, off, true)
}

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
	if !w.plausible(nextIP, off+n) || !w.enterTransport(layerAYIYA, off) {
		return false
	}
	return w.tunnel(packet.TunnelAYIYA, nextIP, off+n, true)
}
