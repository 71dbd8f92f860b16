package decode

// Logical link control, IEEE 802.2, with the subnetwork access protocol of
// RFC 1042:
//
//	+--------+--------+---------+  if DSAP and SSAP are 0xaa:  +--------+--------+
//	| DSAP 1 | SSAP 1 | control |                              | OUI 3  | type 2 |
//	+--------+--------+---------+                              +--------+--------+
const (
	llcLen  = 3 // of unnumbered frames, which alone carry IP
	snapLen = 8 // with LLC

	sapIP   = 0x06
	sapSNAP = 0xaa
	llcUI   = 0x03

	ouiEther    = 0x000000
	ouiBridge   = 0x0000f8 // 802.1H bridge tunnel encapsulation
	ouiBridged  = 0x0080c2 // RFC 2684: whole frames
	pidFCS      = 0x0001   // 802.3 with FCS
	pidNoFCS    = 0x0007   // 802.3 without
	bridgedPads = 2        // in front of a bridged frame on ATM
)

// llc decodes a frame that begins with an LLC header.
func (w *walker) llc(off int) {
	if !w.enter(LayerLLC, off) {
		return
	}
	if w.lacks(off, llcLen) {
		w.short(off)
		return
	}
	h := w.frame[off:w.end]
	switch {
	case h[0] == sapSNAP && h[1] == sapSNAP && h[2] == llcUI:
		w.snap(off)
	case h[0] == sapIP && h[1] == sapIP && h[2] == llcUI:
		w.ipv4(off + llcLen)
	default:
		w.stop(off + llcLen)
	}
}

// snap decodes what the SNAP header of the LLC frame at off announces.
func (w *walker) snap(off int) {
	if w.lacks(off, snapLen) {
		w.short(off)
		return
	}
	h := w.frame[off:w.end]
	oui, pid := be32(h[2:])&0xffffff, be16(h[6:])
	off += snapLen
	switch {
	case oui == ouiEther || oui == ouiBridge:
		w.etherType(pid, off)
	case oui == ouiBridged && (pid == pidFCS || pid == pidNoFCS) && !w.lacks(off, bridgedPads):
		w.ethernet(off + bridgedPads)
	default:
		w.stop(off)
	}
}
