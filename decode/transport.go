package decode

import "pkt/packet"

// proto decodes what an IP protocol number announces, behind the IP header.
func (w *walker) proto(number uint8, off int) {
	switch number {
	case protoTCP:
		w.tcp(off)
	case protoUDP:
		w.udp(off)
	case protoICMP:
		w.icmp(LayerICMP, off)
	case protoICMPv6:
		w.icmp(LayerICMPv6, off)
	case protoSCTP:
		w.sctp(off)
	case protoUDPLite:
		w.udpLite(off)
	case protoIGMP:
		w.igmp(off)
	case protoGRE:
		w.gre(off)
	case protoIPv4:
		w.ipInIP(packet.TunnelIPIP, packet.Tunnel4in6, 4, off)
	case protoIPv6:
		w.ipInIP(packet.Tunnel6in4, packet.TunnelIP6IP6, 6, off)
	case protoEtherIP:
		w.etherIP(off)
	case protoAH:
		w.extensions(number, off)
	case protoESP:
		if w.enterTransport(LayerESP, off) {
			w.transport(off, 0)
		}
	case protoDCCP:
		w.dccp(off)
	case protoMPLS:
		if !w.tunnel(packet.TunnelMPLSUDP, nextMPLS, off, false) {
			w.transport(off, 0)
		}
	case protoL2TP:
		w.l2tpIP(off)
	default:
		w.transport(off, 0)
	}
}

// ipInIP decodes an IP packet of a version in another: in4 and in6 are the
// tunnels by the version of the outer one.
func (w *walker) ipInIP(in4, in6 packet.Tunnel, version byte, off int) {
	kind := in4
	if w.l.Has.Any(packet.HasIPv6) {
		kind = in6
	}
	if w.lacks(off, 1) || w.frame[off]>>4 != version {
		w.problem(packet.ProblemBadVersion)
		w.transport(off, 0)
		return
	}
	if !w.tunnel(kind, nextIP, off, false) {
		w.transport(off, 0)
	}
}

// ports notes port numbers, which all protocols that have them begin with, as
// soon as they were captured.
func (w *walker) ports(off int) {
	if w.lacks(off, 4) {
		return
	}
	ports := be32(w.frame[off:])
	w.l.SrcPort, w.l.DstPort = uint16(ports>>16), uint16(ports)
	w.l.Has |= packet.HasPorts
}
