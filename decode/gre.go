package decode

import "pkt/packet"

// Generic routing encapsulation, RFC 2784 and RFC 2890; version 1 is PPTP's,
// RFC 2637 section 4.1:
//
//	+-+-+-+-+-+-----+-+-------+-----+-------------------------------+
//	|C|R|K|S|s|Recur|A| Flags | Ver |         Protocol type         |
//	+-+-+-+-+-+-----+-+-------+-----+-------------------------------+
//	| C or R: checksum 2, offset 2  | K: key 4                      |
//	| S: sequence number 4          | A: acknowledgment number 4    |
//	| R: routing, up to an empty entry                              |
//	+---------------------------------------------------------------+
const (
	greMinLen   = 4
	greChecksum = 0x8000
	greRouting  = 0x4000
	greKey      = 0x2000
	greSequence = 0x1000
	greAck      = 0x0080
	greVersion  = 0x0007

	sreLen = 4 // a routing entry's header: family 2, offset 1, length 1

	wccpLen = 4 // redirect header of version 2

	// Aruba's access points tunnel 802.11 frames under these types.
	arubaFirst = 0x8200
	arubaLast  = 0x83ff
)

// gre decodes a GRE header and enters the packet behind it.
func (w *walker) gre(off int) {
	if !w.enterTransport(LayerGRE, off) {
		return
	}
	if w.lacks(off, greMinLen) {
		w.shortTransport(off, greMinLen)
		return
	}
	flags, et := be16(w.frame[off:]), be16(w.frame[off+2:])
	n, ok := w.greLen(flags, off)
	if !ok {
		w.shortTransport(off, n)
		return
	}
	w.greID(flags, off)
	if flags&greVersion > 1 || !w.greTunnel(flags, et, off+n) {
		w.transport(off, n)
	}
}

// greLen returns the length of the header at off, and whether it was captured
// whole.
func (w *walker) greLen(flags uint16, off int) (n int, whole bool) {
	n = greMinLen
	for _, f := range [...]uint16{greChecksum | greRouting, greKey, greSequence} {
		if flags&f != 0 {
			n += 4
		}
	}
	if flags&greVersion == 1 && flags&greAck != 0 {
		n += 4
	}
	if flags&greVersion != 0 || flags&greRouting == 0 {
		return n, !w.lacks(off, n)
	}
	for {
		if w.lacks(off, n+sreLen) {
			return n, false
		}
		entry := be32(w.frame[off+n:])
		n += sreLen
		if entry == 0 {
			return n, true
		}
		if n += int(entry & 0xff); w.lacks(off, n) {
			return n, false
		}
	}
}

// greID notes the key as the tunnel's identifier; of PPTP, the call.
func (w *walker) greID(flags uint16, off int) {
	if flags&greKey == 0 || w.trace == nil {
		return
	}
	at := off + greMinLen
	if flags&(greChecksum|greRouting) != 0 {
		at += 4
	}
	key := be32(w.frame[at:])
	if flags&greVersion == 1 {
		key &= 0xffff
	}
	w.trace.tunnel(uint64(key))
}

// greTunnel enters what is behind the header and reports whether there is an
// IP packet.
func (w *walker) greTunnel(flags, et uint16, off int) bool {
	switch et {
	case etherIPv4, etherIPv6:
		return w.tunnel(packet.TunnelGRE, nextIP, off, false)
	case etherTEB:
		return w.tunnel(packet.TunnelGRE, nextEthernet, off, false)
	case etherMPLS, etherMPLSMC:
		return w.tunnel(packet.TunnelGRE, nextMPLS, off, false)
	case etherPPP:
		return w.tunnel(packet.TunnelGRE, nextPPP, off, false)
	case etherERSPAN:
		if flags&greSequence == 0 {
			return w.tunnel(packet.TunnelERSPAN, nextEthernet, off, false) // type I: no header
		}
		return w.erspan(off, erspan2Len)
	case etherERSPAN3:
		return w.erspan(off, erspan3Len)
	case etherWCCP:
		// Version 2 has a redirect header in front of the packet.
		if !w.lacks(off, wccpLen) && w.frame[off]>>4 != 4 {
			off += wccpLen
		}
		return w.tunnel(packet.TunnelGRE, nextIP, off, true)
	case etherCMD:
		if w.lacks(off, cmdLen) {
			return false
		}
		return w.tunnel(packet.TunnelGRE, nextIP, off+cmdLen, true)
	}
	if et >= arubaFirst && et <= arubaLast {
		return w.tunnel(packet.TunnelGRE, nextWLAN, off, true)
	}
	return false
}

// greInUDP enters a packet in GRE over UDP, RFC 8086, if one that fits is
// behind a header of version 0 without routing.
func (w *walker) greInUDP(off int) bool {
	if w.lacks(off, greMinLen) {
		return false
	}
	flags, et := be16(w.frame[off:]), be16(w.frame[off+2:])
	n, ok := w.greLen(flags, off)
	if !ok || flags&^(greChecksum|greKey|greSequence) != 0 {
		return false
	}
	var inner next
	switch et {
	case etherIPv4, etherIPv6:
		inner = nextIP
	case etherTEB:
		inner = nextEthernet
	default:
		return false
	}
	if !w.plausible(inner, off+n) || !w.enterTransport(LayerGRE, off) {
		return false
	}
	w.greID(flags, off)
	return w.tunnel(packet.TunnelGRE, inner, off+n, true)
}
