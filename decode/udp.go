package decode

import (
	"fmt"

	"pkt/packet"
)

// User datagram, RFC 768, and its lightweight form, RFC 3828, where the length
// is that of the bytes that the checksum covers:
//
//	+------------------+------------------+
//	|   Source port    | Destination port |
//	+------------------+------------------+
//	| Length, coverage |     Checksum     |
//	+------------------+------------------+
const (
	udpLen        = 8
	udpLengthAt   = 4
	udpChecksumAt = 6
)

// UDP is a view of a UDP or UDP-Lite header.
type UDP struct{ b []byte }

// AsUDP returns the UDP header that b begins with.
func AsUDP(b []byte) (UDP, bool) {
	if len(b) < udpLen {
		return UDP{}, false
	}
	return UDP{b[:udpLen]}, true
}

// UDPOf returns the UDP or UDP-Lite header of a frame that was decoded to l.
func UDPOf(frame []byte, l *packet.Layers) (UDP, bool) {
	if !l.Has.Any(packet.HasUDP) {
		return UDP{}, false
	}
	return UDP{frame[l.L4:l.Payload]}, true
}

// SrcPort returns the source port.
func (h UDP) SrcPort() uint16 { return be16(h.b) }

// DstPort returns the destination port.
func (h UDP) DstPort() uint16 { return be16(h.b[2:]) }

// Len returns the datagram's length with the header, as sent: 0 in jumbograms.
// Of UDP-Lite it is the coverage of the checksum.
func (h UDP) Len() uint16 { return be16(h.b[udpLengthAt:]) }

// Checksum returns the checksum; 0 over IPv4 means that there is none.
func (h UDP) Checksum() uint16 { return be16(h.b[udpChecksumAt:]) }

// String returns the header for a person to read.
func (h UDP) String() string {
	return fmt.Sprintf("%d > %d length %d", h.SrcPort(), h.DstPort(), h.Len())
}

// udp decodes a UDP header and enters the tunnel that the datagram may be.
//
// The payload ends where the datagram's length says, if that leaves room for
// the header and the packet reaches that far. A fragment's does not matter.
func (w *walker) udp(off int) {
	if !w.enterTransport(LayerUDP, off) {
		return
	}
	w.ports(off)
	if w.lacks(off, udpLen) {
		w.shortTransport(off, udpLen)
		return
	}
	w.l.Has |= packet.HasUDP
	if !w.l.Has.Any(packet.HasFragment) {
		switch n := int(be16(w.frame[off+udpLengthAt:])); {
		case n == 0: // jumbogram, or left to the network card
		case n < udpLen || n > w.wire-off:
			w.problem(packet.ProblemBadLength)
		default:
			w.limit(off, n)
		}
		if isTunnelPort(w.l.SrcPort) || isTunnelPort(w.l.DstPort) {
			if w.udpTunnel(off + udpLen) {
				return
			}
		}
	}
	w.transport(off, udpLen)
}

// udpLite decodes a UDP-Lite header. The packet's length is IP's.
func (w *walker) udpLite(off int) {
	if !w.enterTransport(LayerUDPLite, off) {
		return
	}
	w.ports(off)
	if w.lacks(off, udpLen) {
		w.shortTransport(off, udpLen)
		return
	}
	w.l.Has |= packet.HasUDP
	w.transport(off, udpLen)
}

// Ports of tunnels over UDP.
const (
	portL2TP     = 1701
	portGTPU     = 2152
	portTeredo   = 3544
	portGRE      = 4754
	portVXLAN    = 4789
	portVXLANGPE = 4790
	portAYIYA    = 5072
	portCAPWAP   = 5247 // data
	portGeneve   = 6081
	portMPLS     = 6635
	portVXLANOld = 8472 // of Linux before the assignment
)

// isTunnelPort reports whether datagrams to or from a port may be tunnels.
func isTunnelPort(port uint16) bool {
	switch port {
	case portL2TP, portGTPU, portTeredo, portGRE, portVXLAN, portVXLANGPE, portAYIYA, portCAPWAP, portGeneve, portMPLS, portVXLANOld:
		return true
	}
	return false
}

// udpTunnel enters the tunnel that the datagram with its payload at off is, by
// its destination port, else by its source port. It reports whether it is one.
func (w *walker) udpTunnel(off int) bool {
	src, dst := w.l.SrcPort, w.l.DstPort
	return w.tunnelByPort(dst, off) || src != dst && w.tunnelByPort(src, off)
}

func (w *walker) tunnelByPort(port uint16, off int) bool {
	switch port {
	case portVXLAN, portVXLANOld:
		return w.vxlan(off)
	case portGRE:
		return w.greInUDP(off)
	case portVXLANGPE:
		return w.vxlanGPE(off)
	case portGeneve:
		return w.geneve(off)
	case portGTPU:
		return w.gtpu(off)
	case portTeredo:
		return w.teredo(off)
	case portL2TP:
		return w.l2tp(off)
	case portAYIYA:
		return w.ayiya(off)
	case portMPLS:
		return w.tunnel(packet.TunnelMPLSUDP, nextMPLS, off, true)
	case portCAPWAP:
		return w.capwap(off)
	}
	return false
}
