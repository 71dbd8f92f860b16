package decode

// Wide area links.

// SLIP as libpcap captures it: direction and a copy of the compressed header
// in front of the packet.
func (w *walker) slip(off, n int) {
	if !w.enter(layerSLIP, off) {
		return
	}
	if w.lacks(off, n) {
		w.short(off)
		return
	}
	w.ip(off + n)
}

// Frame Relay, RFC 2427: an address of 2 to 4 bytes, the last of them odd;
// then a control byte and a protocol identifier, or, in Cisco's encapsulation,
// an EtherType.
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
	if !w.enter(layerFrameRelay, off) {
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

// atm decodes an AAL5 packet in LLC encapsulation, RFC 2684.
func (w *walker) atm(off int) {
	if !w.enter(layerATM, off) {
		return
	}
	w.llc(off)
}

// SunATM: a byte whose lower half is the kind of traffic, the virtual path and
// channel, then the packet.
const (
	sunATMLen  = 4
	sunATMLANE = 1 // Ethernet behind a LAN emulation header
	sunATMLLC  = 2
	laneLen    = 2
)

func (w *walker) sunATM(off int) {
	if !w.enter(layerATM, off) {
		return
	}
	if w.lacks(off, sunATMLen+laneLen) {
		w.short(off)
		return
	}
	switch w.frame[off] & 0x0f {
	case sunATMLANE:
		w.ethernet(off + sunATMLen + laneLen)
	case sunATMLLC:
		w.llc(off + sunATMLen)
	default:
		w.stop(off + sunATMLen)
	}
}
