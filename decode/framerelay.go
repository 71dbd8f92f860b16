package decode

// Frame Relay, RFC 2427 section 3: the last byte of the address is odd. In
// Cisco's encapsulation an EtherType stands in place of control and NLPID.
//
//	+----------------+--------------+-------------+---------+
//	| address 2 to 4 | control 0x03 | (pad 0x00)  | NLPID 1 |
//	+----------------+--------------+-------------+---------+
const (
	frMaxAddress = 4
	frUI         = 0x03
	nlpidPad     = 0x00
	nlpidSNAP    = 0x80
	nlpidIPv6    = 0x8e
	nlpidIPv4    = 0xcc
	nlpidPPP     = 0xcf
)

func (w *walker) frameRelay(off int) {
	if !w.enter(LayerFrameRelay, off) {
		return
	}
	n := 2
	for ; ; n++ {
		if n > frMaxAddress || w.lacks(off, n+2) {
			w.short(off)
			return
		}
		if w.frame[off+n-1]&1 != 0 {
			break
		}
	}
	off += n
	if w.frame[off] != frUI {
		w.etherType(be16(w.frame[off:]), off+2)
		return
	}
	w.nlpid(off + 1)
}

// nlpid decodes from a network-layer protocol identifier on (ISO/IEC TR 9577),
// in front of which a byte may pad.
func (w *walker) nlpid(off int) {
	if !w.lacks(off, 1) && w.frame[off] == nlpidPad {
		off++
	}
	if w.lacks(off, 1) {
		w.short(off)
		return
	}
	switch w.frame[off] {
	case nlpidIPv4:
		w.ipv4(off + 1)
	case nlpidIPv6:
		w.ipv6(off + 1)
	case nlpidPPP:
		w.pppProtocol(off + 1)
	case nlpidSNAP:
		if w.lacks(off, 6) {
			w.short(off)
			return
		}
		if be16(w.frame[off+1:]) != 0 || w.frame[off+3] != 0 {
			w.stop(off + 6)
			return
		}
		w.etherType(be16(w.frame[off+4:]), off+6)
	default:
		w.stop(off)
	}
}
