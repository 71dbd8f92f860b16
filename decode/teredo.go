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
	if w.lacks(off, ipv6Len) || w.frame[off]>>4 != 6 || !w.plausibleIP(off, false) || !w.enterTransport(LayerTeredo, off) {
		return false
	}
	return w.tunnel(packet.TunnelTeredo, nextIP, off, true)
}
