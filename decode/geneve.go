package decode

import "pkt/packet"

// Generic network virtualization encapsulation, RFC 8926 section 3.4:
//
//	+-----------+------------------+---------+---------------+
//	| version 2 | options length 6 | flags 1 | EtherType 2   |
//	+-----------+------------------+---------+---------------+
//	| VNI 3                                  | reserved 1    |
//	+----------------------------------------+---------------+
//	| options, in units of 4 bytes                           |
//	+--------------------------------------------------------+
const (
	geneveLen     = 8
	geneveVersion = 0xc0
	geneveOptions = 0x3f
)

func (w *walker) geneve(off int) bool {
	if w.lacks(off, geneveLen) || w.frame[off]&geneveVersion != 0 {
		return false
	}
	n := geneveLen + int(w.frame[off]&geneveOptions)*4
	if w.lacks(off, n) {
		return false
	}
	var inner next
	switch be16(w.frame[off+2:]) {
	case etherTEB:
		inner = nextEthernet
	case etherIPv4, etherIPv6:
		inner = nextIP
	default:
		return false
	}
	if !w.plausible(inner, off+n) || !w.enterTransport(LayerGeneve, off) {
		return false
	}
	w.trace.tunnel(uint64(be32(w.frame[off+4:]) >> 8))
	return w.tunnel(packet.TunnelGeneve, inner, off+n, true)
}
