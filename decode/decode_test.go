package decode

import (
	"bytes"
	"slices"
	"testing"

	"pkt/internal/pkttest"
	"pkt/packet"
)

// inside is the packet that the encapsulations of the tests carry: from
// 10.1.0.1:40000 to 10.2.0.2:443, 5 bytes.
func inside() []pkttest.Layer {
	return []pkttest.Layer{
		pkttest.IPv4{Src: "10.1.0.1", Dst: "10.2.0.2"},
		pkttest.TCP{SrcPort: 40000, DstPort: 443, Flags: pkttest.PSH | pkttest.ACK},
		pkttest.Text("hello"),
	}
}

// stack builds a frame of some headers around inside.
func stack(layers ...pkttest.Layer) []byte {
	return pkttest.Frame(append(layers, inside()...)...)
}

// behind puts inside behind the bytes of a header.
func behind(header ...byte) []byte { return append(header, stack()...) }

// after is behind for n bytes of zero and a header.
func after(n int, header ...byte) []byte { return behind(append(make([]byte, n), header...)...) }

// Headers that the encapsulations of the tests are made of.
var (
	eth  = pkttest.Ethernet{}
	four = pkttest.IPv4{Src: "192.0.2.1", Dst: "192.0.2.2"}
	six  = pkttest.IPv6{Src: "2001:db8::a", Dst: "2001:db8::b"}
	udp  = pkttest.UDP{SrcPort: 50000}
	llc  = pkttest.LLC{DSAP: 0xaa, SSAP: 0xaa, Control: 3}
	snap = pkttest.SNAP{}
)

// encapsulation is a frame with inside in it.
type encapsulation struct {
	name   string
	link   uint16
	frame  []byte
	has    packet.Has // beyond IPv4, TCP and ports
	tunnel packet.Tunnel
}

// onEthernet are what stands between an Ethernet header and IP.
func onEthernet() []encapsulation {
	ethernet := stack(eth)
	return []encapsulation{
		{"ethernet", linkEthernet, ethernet, packet.HasMAC, 0},
		{"padding", linkEthernet, stack(pkttest.Ethernet{Min: 80}), packet.HasMAC | packet.HasPadding, 0},
		{"802.1Q", linkEthernet, stack(eth, pkttest.VLAN{ID: 7}), packet.HasMAC | packet.HasVLAN, 0},
		{"802.1ad", linkEthernet, stack(eth, pkttest.VLAN{ID: 7, TPID: 0x88a8}, pkttest.VLAN{ID: 8}), packet.HasMAC | packet.HasVLAN, 0},
		{"0x9100", linkEthernet, stack(eth, pkttest.VLAN{ID: 7, TPID: 0x9100}, pkttest.VLAN{ID: 8}), packet.HasMAC | packet.HasVLAN, 0},
		{"LLC and SNAP", linkEthernet, stack(eth, llc, snap), packet.HasMAC, 0},
		{"LLC of IP", linkEthernet, stack(eth, pkttest.LLC{DSAP: 6, SSAP: 6, Control: 3}), packet.HasMAC, 0},
		{"802.1ah", linkEthernet, slices.Concat(ethernet[:12], []byte{0x88, 0xe7, 0, 0, 0, 1}, ethernet), packet.HasMAC, 0},
		{"FabricPath", linkEthernet, slices.Concat(ethernet[:12], []byte{0x89, 0x03, 0x40, 0x20}, ethernet), packet.HasMAC, 0},
		{"metadata", linkEthernet, slices.Concat(ethernet[:12], []byte{0x89, 0x09, 1, 1, 0, 1, 0, 9}, ethernet[12:]), packet.HasMAC, 0},
		{"PPPoE", linkEthernet, stack(eth, pkttest.PPPoE{Session: 3}, pkttest.PPP{}), packet.HasMAC | packet.HasPPPoE, 0},
		{"MPLS", linkEthernet, stack(eth, pkttest.MPLS{Label: 16}, pkttest.MPLS{Label: 17}), packet.HasMAC | packet.HasMPLS, 0},
		{"pseudowire", linkEthernet, stack(eth, pkttest.MPLS{Label: 16}, eth), packet.HasMAC | packet.HasMPLS, 0},
		{"pseudowire, control word", linkEthernet, stack(eth, pkttest.MPLS{Label: 16}, pkttest.Payload{0, 0, 0, 1}, eth), packet.HasMAC | packet.HasMPLS, 0},
		{"pseudowire to a MAC like IPv4", linkEthernet, stack(eth, pkttest.MPLS{Label: 16}, pkttest.Ethernet{Dst: "44:00:00:00:00:01"}), packet.HasMAC | packet.HasMPLS, 0},
	}
}

// onLinks are link types other than Ethernet.
func onLinks() []encapsulation {
	packetOnly := stack()
	return []encapsulation{
		{"SLL", linkSLL, stack(pkttest.SLL{}), 0, 0},
		{"SLL2", linkSLL2, stack(pkttest.SLL2{}), 0, 0},
		{"raw", linkRaw, packetOnly, 0, 0},
		{"raw 12", linkRaw12, packetOnly, 0, 0},
		{"raw 14", linkRaw14, packetOnly, 0, 0},
		{"raw IPv4", linkIPv4, packetOnly, 0, 0},
		{"null, little-endian", linkNull, stack(pkttest.Null{}), 0, 0},
		{"null, big-endian", linkNull, stack(pkttest.Null{BigEndian: true}), 0, 0},
		{"loop", linkLoop, stack(pkttest.Loop{}), 0, 0},
		{"PPP", linkPPP, stack(pkttest.PPP{}), 0, 0},
		{"PPP, compressed protocol", linkPPP, behind(0x21), 0, 0},
		{"PPP, HDLC", linkPPPHDLC, stack(pkttest.PPP{HDLC: true}), 0, 0},
		{"PPP, Cisco", linkPPPHDLC, stack(pkttest.CiscoHDLC{}), 0, 0},
		{"PPP, direction", linkPPPDir, behind(1, 0xff, 3, 0, 0x21), 0, 0},
		{"PPP over Ethernet", linkPPPEther, stack(pkttest.PPPoE{}, pkttest.PPP{}), packet.HasPPPoE, 0},
		{"Cisco HDLC", linkCHDLC, stack(pkttest.CiscoHDLC{}), 0, 0},
		{"Frame Relay, NLPID", linkFrameRelay, behind(0x04, 0x01, 0x03, 0xcc), 0, 0},
		{"Frame Relay, SNAP", linkFrameRelay, behind(0x04, 0x01, 0x03, 0x00, 0x80, 0, 0, 0, 8, 0), 0, 0},
		{"Frame Relay, Cisco", linkFrameRelay, behind(0x04, 0x01, 8, 0), 0, 0},
	}
}

// onWireless are 802.11 and what drivers put in front of it.
func onWireless() []encapsulation {
	return []encapsulation{
		{"802.11 to DS", linkWLAN, stack(pkttest.WiFi{ToDS: true}, llc, snap), 0, 0},
		{"802.11 ad hoc", linkWLAN, stack(pkttest.WiFi{}, llc, snap), packet.HasMAC, 0},
		{"802.11 between access points", linkWLAN, stack(pkttest.WiFi{ToDS: true, FromDS: true, QoS: true, HTControl: true}, llc, snap), 0, 0},
		{"radiotap", linkRadiotap, stack(pkttest.Radiotap{Extended: true, FCS: true, Padding: true}, pkttest.WiFi{FromDS: true, QoS: true}, llc, snap), 0, 0},
		{"prism", linkPrism, append(make([]byte, 144), stack(pkttest.WiFi{FromDS: true}, llc, snap)...), 0, 0},
		{"AVS", linkAVS, append(append([]byte{0x80, 0x21, 0x10, 1, 0, 0, 0, 64}, make([]byte, 56)...), stack(pkttest.WiFi{FromDS: true}, llc, snap)...), 0, 0},
		{"PPI", linkPPI, stack(pkttest.PPI{DLT: linkWLAN}, pkttest.WiFi{FromDS: true}, llc, snap), 0, 0},
	}
}

// onRareLinks are link types that are seldom met.
func onRareLinks() []encapsulation {
	ethernet := stack(eth)
	return []encapsulation{
		{"NFLOG", linkNFLOG, stack(pkttest.NFLOG{Prefix: "in"}), 0, 0},
		{"FDDI", linkFDDI, append(append([]byte{0x50}, ethernet[:12]...), stack(llc, snap)...), packet.HasMAC, 0},
		{"token ring", linkTokenRing, append(append([]byte{0x10, 0x40}, ethernet[:12]...), stack(llc, snap)...), packet.HasMAC, 0},
		{"ARCNET of BSD", linkARCNETBSD, behind(1, 2, 0xd4, 0, 0, 1), 0, 0},
		{"ARCNET of Linux", linkARCNETLinux, behind(1, 2, 0, 0, 0xf0), 0, 0},
		{"IP over Fibre Channel", linkIPFC, append(make([]byte, 16), stack(llc, snap)...), 0, 0},
		{"IPNET", linkIPNET, behind(append([]byte{1, 2}, make([]byte, 22)...)...), 0, 0},
		{"IPoIB", linkIPoIB, after(40, 8, 0, 0, 0), 0, 0},
		{"IEEE 1394", linkIEEE1394, after(16, 8, 0), 0, 0},
		{"SLIP", linkSLIP, after(16), 0, 0},
		{"SLIP of BSD/OS", linkSLIPBSDOS, after(24), 0, 0},
		{"ATM", linkATM, stack(llc, snap), 0, 0},
		{"SunATM", linkSunATM, append([]byte{2, 0, 0, 5}, stack(llc, snap)...), 0, 0},
		{"SunATM, LAN emulation", linkSunATM, append([]byte{1, 0, 0, 5, 0, 9}, ethernet...), packet.HasMAC, 0},
		{"ENC", linkENC, behind(2, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 1), 0, 0},
		{"PFLOG", linkPFLOG, behind(append([]byte{61, 2}, make([]byte, 62)...)...), 0, 0},
		{"PKTAP", linkPKTAP, append(append([]byte{108, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0}, make([]byte, 96)...), ethernet...), packet.HasMAC, 0},
		{"PPP of pppd", linkPPPD, behind(1, 3, 0, 0x21), 0, 0},
		{"DSA", linkDSA, slices.Concat(ethernet[:12], []byte{0x40, 0, 0, 0}, ethernet[12:]), packet.HasMAC, 0},
		{"DSA, tagged", linkDSA, slices.Concat(ethernet[:12], []byte{0x60, 0, 0, 7}, ethernet[12:]), packet.HasMAC | packet.HasVLAN, 0},
		{"EDSA", linkEDSA, slices.Concat(ethernet[:12], []byte{0xda, 0xda, 0, 0, 0x40, 0, 0, 0}, ethernet[12:]), packet.HasMAC, 0},
		{"Broadcom tag", linkBrcm, slices.Concat(ethernet[:12], []byte{0, 0, 0, 0}, ethernet[12:]), packet.HasMAC, 0},
		{"Juniper", linkJuniperEther, append([]byte{'M', 'G', 'C', 0x80, 0, 2, 1, 1}, ethernet...), packet.HasMAC, 0},
		{"Juniper, no link layer", linkJuniperPPP, behind('M', 'G', 'C', 2, 0, 0, 0, 2), 0, 0},
	}
}

// inTunnels are tunnels over IP.
func inTunnels() []encapsulation {
	return []encapsulation{
		{"IPIP", linkEthernet, stack(eth, four), packet.HasMAC, packet.TunnelIPIP},
		{"4in6", linkEthernet, stack(eth, six), packet.HasMAC, packet.Tunnel4in6},
		{"AH", linkEthernet, stack(eth, four, pkttest.AH{}), packet.HasMAC, packet.TunnelIPIP},
		{"GRE", linkEthernet, stack(eth, four, pkttest.GRE{Checksum: true, Key: pkttest.Number(5), Seq: pkttest.Number(1)}), packet.HasMAC, packet.TunnelGRE},
		{"GRE, bridging", linkEthernet, stack(eth, four, pkttest.GRE{}, eth), packet.HasMAC, packet.TunnelGRE},
		{"GRE, PPTP", linkEthernet, stack(eth, four, pkttest.GRE{Key: pkttest.Number(5), Seq: pkttest.Number(1)}, pkttest.PPP{}), packet.HasMAC, packet.TunnelGRE},
		{"GRE, routing", linkEthernet, pkttest.Frame(eth, pkttest.IPv4{Proto: pkttest.Exactly(47)}, pkttest.Payload(behind(
			0x40, 0, 8, 0, // routing, IPv4
			0, 0, 0, 0, // checksum, offset
			0, 9, 0, 2, 1, 1, // an entry of 2 bytes
			0, 0, 0, 0))), packet.HasMAC, packet.TunnelGRE},
		{"ERSPAN I", linkEthernet, stack(eth, four, pkttest.GRE{Proto: pkttest.Exactly(0x88be)}, eth), packet.HasMAC, packet.TunnelERSPAN},
		{"ERSPAN II", linkEthernet, stack(eth, four, pkttest.GRE{Seq: pkttest.Number(1)}, pkttest.ERSPAN{Session: 9}, eth), packet.HasMAC, packet.TunnelERSPAN},
		{"GRE, 802.11", linkEthernet, stack(eth, four, pkttest.GRE{Proto: pkttest.Exactly(0x8200)}, pkttest.WiFi{ToDS: true, QoS: true}, llc, snap), packet.HasMAC, packet.TunnelGRE},
		{"GRE, metadata", linkEthernet, stack(eth, four, pkttest.GRE{Proto: pkttest.Exactly(0x8909)}, pkttest.Payload{1, 1, 0, 1, 0, 9, 8, 0}), packet.HasMAC, packet.TunnelGRE},
		{"GRE in UDP", linkEthernet, stack(eth, four, pkttest.UDP{SrcPort: 50000, DstPort: 4754}, pkttest.GRE{Key: pkttest.Number(5)}), packet.HasMAC, packet.TunnelGRE},
		{"EtherIP", linkEthernet, stack(eth, four, pkttest.EtherIP{}, eth), packet.HasMAC, packet.TunnelEtherIP},
		{"MPLS in IP", linkEthernet, stack(eth, four, pkttest.MPLS{Label: 16}), packet.HasMAC | packet.HasMPLS, packet.TunnelMPLSUDP},
		{"L2TPv3", linkEthernet, stack(eth, four, pkttest.L2TPv3{Session: 9}, eth), packet.HasMAC, packet.TunnelL2TP},
		{"VXLAN", linkEthernet, stack(eth, four, udp, pkttest.VXLAN{VNI: 7}, eth), packet.HasMAC, packet.TunnelVXLAN},
		{"VXLAN, tagged inside", linkEthernet, stack(eth, six, udp, pkttest.VXLAN{VNI: 7}, eth, pkttest.VLAN{ID: 9}), packet.HasMAC | packet.HasVLAN, packet.TunnelVXLAN},
		{"VXLAN-GPE", linkEthernet, stack(eth, four, pkttest.UDP{SrcPort: 1, DstPort: 4790}, pkttest.Payload{0x0c, 0, 0, 1, 0, 0, 7, 0}), packet.HasMAC, packet.TunnelVXLAN},
		{"Geneve", linkEthernet, stack(eth, four, udp, pkttest.Geneve{VNI: 7, Options: make([]byte, 8)}, eth), packet.HasMAC, packet.TunnelGeneve},
		{"GTP-U", linkEthernet, stack(eth, four, udp, pkttest.GTPU{TEID: 7}), packet.HasMAC, packet.TunnelGTPU},
		{"GTP-U, extension", linkEthernet, stack(eth, four, udp, pkttest.GTPU{TEID: 7, Extensions: []byte{0x85, 1, 0, 9, 0}}), packet.HasMAC, packet.TunnelGTPU},
		{"Teredo", linkEthernet, stack(eth, four, pkttest.UDP{SrcPort: 50000, DstPort: 3544}, six), packet.HasMAC, packet.TunnelTeredo},
		{"AYIYA", linkEthernet, stack(eth, four, pkttest.UDP{SrcPort: 50000, DstPort: 5072}, pkttest.Payload(append([]byte{0x41, 0x52, 0x11, 4}, make([]byte, 4+16+20)...))), packet.HasMAC, packet.TunnelAYIYA},
		{"L2TP", linkEthernet, stack(eth, four, udp, pkttest.L2TP{Tunnel: 1, Session: 2}, pkttest.PPP{HDLC: true}), packet.HasMAC, packet.TunnelL2TP},
		{"MPLS in UDP", linkEthernet, stack(eth, four, pkttest.UDP{SrcPort: 50000, DstPort: 6635}, pkttest.MPLS{Label: 16}), packet.HasMAC | packet.HasMPLS, packet.TunnelMPLSUDP},
		{"CAPWAP", linkEthernet, stack(eth, four, pkttest.UDP{SrcPort: 50000, DstPort: 5247}, pkttest.Payload{0, 0x10, 0, 0, 0, 0, 0, 0}, eth), packet.HasMAC, packet.TunnelCAPWAP},
	}
}

// TestEncapsulations finds the same packet in everything that can carry it.
func TestEncapsulations(t *testing.T) {
	for _, tt := range slices.Concat(onEthernet(), onLinks(), onWireless(), onRareLinks(), inTunnels()) {
		t.Run(tt.name, func(t *testing.T) {
			l := check(t, tt.link, tt.frame, uint32(len(tt.frame)), false)
			want := tt.has | packet.HasIPv4 | packet.HasTCP | packet.HasPorts
			if tt.tunnel != packet.TunnelNone {
				want |= packet.HasTunnel
			}
			if l.Has != want || l.Tunnel != tt.tunnel || l.Problem != packet.ProblemNone {
				t.Fatalf("has %b, tunnel %d, problem %d; want has %b, tunnel %d", l.Has, l.Tunnel, l.Problem, want, tt.tunnel)
			}
			ip, _ := IPv4Of(tt.frame, &l)
			if ip.Src() != [4]byte{10, 1, 0, 1} || ip.Dst() != [4]byte{10, 2, 0, 2} || l.SrcPort != 40000 || l.DstPort != 443 {
				t.Errorf("found %v, ports %d and %d", ip, l.SrcPort, l.DstPort)
			}
			if got := tt.frame[l.Payload:l.End]; !bytes.Equal(got, []byte("hello")) || l.WireEnd != l.End {
				t.Errorf("payload %q, ends at %d, on the wire at %d", got, l.End, l.WireEnd)
			}
			if l.EtherType != etherIPv4 || l.Proto != protoTCP || l.Has.Any(packet.HasVLAN) && l.VLAN != 7 && l.VLAN != 9 {
				t.Errorf("type %04x, proto %d, vlan %d", l.EtherType, l.Proto, l.VLAN)
			}
		})
	}
}
