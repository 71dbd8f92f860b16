package decode

import "pkt/packet"

// Ethernet in IP, RFC 3378:
//
//	+-----------+-------------+
//	| version 4 | reserved 12 |
//	+-----------+-------------+
const etherIPLen = 2

func (w *walker) etherIP(off int) {
	if !w.enterTransport(LayerEtherIP, off) {
		return
	}
	if w.lacks(off, etherIPLen) {
		w.shortTransport(off, etherIPLen)
		return
	}
	if !w.tunnel(packet.TunnelEtherIP, nextEthernet, off+etherIPLen, false) {
		w.transport(off, etherIPLen)
	}
}
