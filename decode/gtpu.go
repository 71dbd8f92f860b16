package decode

import "pkt/packet"

// GPRS tunnelling, user plane, 3GPP TS 29.281 section 5.1:
//
//	+-----------+------+---+---+---+----+--------+----------+--------+
//	| version 3 | PT 1 | 0 | E | S | PN | type 1 | length 2 | TEID 4 |
//	+-----------+------+---+---+---+----+--------+----------+--------+
//	| with any of E, S, PN: sequence 2, N-PDU 1, next extension 1    |
//	+----------------------------------------------------------------+
//
// An extension header begins with its length in units of 4 bytes and ends with
// the type of the next one.
const (
	gtpuLen     = 8
	gtpuOptLen  = 4
	gtpuVersion = 0xf0 // version and protocol type
	gtpuV1      = 0x30
	gtpuExt     = 0x04
	gtpuOpts    = 0x07
	gtpuGPDU    = 0xff // message type: a user's packet
)

func (w *walker) gtpu(off int) bool {
	if w.lacks(off, gtpuLen) {
		return false
	}
	flags, at := w.frame[off], off+gtpuLen
	if flags&gtpuVersion != gtpuV1 || w.frame[off+1] != gtpuGPDU {
		return false
	}
	if flags&gtpuOpts != 0 {
		if w.lacks(at, gtpuOptLen) {
			return false
		}
		at += gtpuOptLen
	}
	for flags&gtpuExt != 0 && w.frame[at-1] != 0 {
		if w.lacks(at, 4) {
			return false
		}
		n := int(w.frame[at]) * 4
		if n == 0 || w.lacks(at, n) {
			return false
		}
		at += n
	}
	if !w.plausible(nextIP, at) || !w.enterTransport(LayerGTPU, off) {
		return false
	}
	w.trace.tunnel(uint64(be32(w.frame[off+4:])))
	return w.tunnel(packet.TunnelGTPU, nextIP, at, true)
}
