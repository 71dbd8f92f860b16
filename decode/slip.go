package decode

// SLIP, RFC 1055, as libpcap captures it: direction and a copy of the
// compressed header stand in front of the packet.
const (
	slipLen      = 16
	slipBSDOSLen = 24
)

// slip decodes a packet behind a header of n bytes.
func (w *walker) slip(off, n int) {
	if !w.enter(LayerSLIP, off) {
		return
	}
	if w.lacks(off, n) {
		w.short(off)
		return
	}
	w.ip(off + n)
}
