package decode

import (
	"fmt"
	"net/netip"

	"pkt/packet"
)

// Address resolution, RFC 826, and its reverse, RFC 903:
//
//	+------------+------------+----------+----------+-------------+
//	| hardware 2 | protocol 2 | h size 1 | p size 1 | operation 2 |
//	+------------+------------+----------+----------+-------------+
//	| sender hardware h, sender protocol p, target hardware h, target protocol p |
//	+----------------------------------------------------------------------------+
const (
	arpLen      = 8
	arpOpAt     = 6
	arpSizesAt  = 4
	arpIPv4Size = 4
)

// ARP is a view of an ARP or RARP packet.
type ARP struct{ b []byte }

// AsARP returns the ARP packet that b begins with, if it is there whole.
func AsARP(b []byte) (ARP, bool) {
	if len(b) < arpLen {
		return ARP{}, false
	}
	n := arpLen + 2*int(b[arpSizesAt]) + 2*int(b[arpSizesAt+1])
	if len(b) < n {
		return ARP{}, false
	}
	return ARP{b[:n]}, true
}

// ARPOf returns the ARP packet of a frame that was decoded to l.
func ARPOf(frame []byte, l *packet.Layers) (ARP, bool) {
	if !l.Has.Any(packet.HasARP) {
		return ARP{}, false
	}
	return ARP{frame[l.L3:l.L4]}, true
}

// Op returns the operation: 1 asks, 2 answers.
func (h ARP) Op() uint16 { return be16(h.b[arpOpAt:]) }

// SenderHardware returns the sender's hardware address.
func (h ARP) SenderHardware() []byte { return h.b[arpLen : arpLen+int(h.b[arpSizesAt])] }

// TargetHardware returns the hardware address of the target: zero in requests,
// as a rule.
func (h ARP) TargetHardware() []byte {
	at := arpLen + int(h.b[arpSizesAt]) + int(h.b[arpSizesAt+1])
	return h.b[at : at+int(h.b[arpSizesAt])]
}

// Sender returns the sender's IPv4 address; ok is false if the packet is not
// about IPv4.
func (h ARP) Sender() (ip [4]byte, ok bool) { return h.ip(arpLen + int(h.b[arpSizesAt])) }

// Target returns the IPv4 address that is asked for, likewise.
func (h ARP) Target() (ip [4]byte, ok bool) {
	return h.ip(arpLen + 2*int(h.b[arpSizesAt]) + int(h.b[arpSizesAt+1]))
}

func (h ARP) ip(at int) (ip [4]byte, ok bool) {
	if be16(h.b[2:]) != etherIPv4 || h.b[arpSizesAt+1] != arpIPv4Size {
		return ip, false
	}
	return [4]byte(h.b[at : at+4]), true
}

// String returns the packet for a person to read.
func (h ARP) String() string {
	sender, _ := h.Sender()
	target, _ := h.Target()
	return fmt.Sprintf("op %d sender %v target %v", h.Op(), netip.AddrFrom4(sender), netip.AddrFrom4(target))
}

// arp decodes an ARP or RARP packet. It has no payload.
func (w *walker) arp(off int) {
	if !w.enter(LayerARP, off) {
		return
	}
	h, ok := AsARP(w.frame[off:w.end])
	if !ok {
		w.short(off)
		return
	}
	w.l.Has |= packet.HasARP
	w.l.L3 = uint32(off)
	w.limit(off, len(h.b))
	w.transport(off+len(h.b), 0)
}
