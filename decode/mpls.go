package decode

import "pkt/packet"

// Multiprotocol label switching, RFC 3032 section 2.1:
//
//	+------------------------------------------+-------------+---+--------+
//	| Label 20 bits                            | Class 3     | S | TTL 8  |
//	+------------------------------------------+-------------+---+--------+
//
// S is set in the last entry. Nothing says what is below the stack but the
// first nibble: IP's version, or 0 for the control word of a pseudowire (RFC
// 4385), 1 for an associated channel. Ethernet in a pseudowire has a control
// word in front of it or not.
const (
	mplsLen       = 4
	mplsBottom    = 0x100
	pseudowireLen = 4
)

func (w *walker) mpls(off int) {
	for {
		if !w.enter(LayerMPLS, off) {
			return
		}
		if w.lacks(off, mplsLen) {
			w.short(off)
			return
		}
		w.l.Has |= packet.HasMPLS
		entry := be32(w.frame[off:])
		w.trace.label(entry >> 12)
		off += mplsLen
		if entry&mplsBottom != 0 {
			break
		}
	}
	if w.lacks(off, 1) {
		w.stop(off)
		return
	}
	switch nibble := w.frame[off] >> 4; {
	case nibble == 4 && w.plausibleMPLS(off):
		w.ipv4(off)
		return
	case nibble == 6 && w.plausibleMPLS(off):
		w.ipv6(off)
		return
	case nibble == 0 && !w.lacks(off, pseudowireLen) && w.pseudowire(off+pseudowireLen):
		return
	}
	if !w.pseudowire(off) {
		w.stop(off)
	}
}

// plausibleMPLS reports whether what is below the stack is IP, whose version
// it has, and not a frame to an address that begins like it.
func (w *walker) plausibleMPLS(off int) bool { return !w.plausibleEthernet(off) }

// pseudowire enters the Ethernet frame at off if it seems to be one with an IP
// packet.
func (w *walker) pseudowire(off int) bool {
	return w.plausibleEthernet(off) && w.tunnel(packet.TunnelNone, nextEthernet, off, true)
}
