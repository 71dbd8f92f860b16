package decode

import (
	"testing"

	"pkt/internal/pkttest"
	"pkt/packet"
)

// links are all link types that are decoded, and one that is not.
var links = []uint16{
	linkNull, linkEthernet, linkTokenRing, linkARCNETBSD, linkSLIP, linkPPP, linkFDDI, linkRaw12, linkRaw14,
	linkPPPHDLC, linkPPPEther, linkATM, linkRaw, linkSLIPBSDOS, linkCHDLC, linkWLAN, linkFrameRelay, linkLoop,
	linkENC, linkSLL, linkPFLOG, linkPrism, linkIPFC, linkSunATM, linkRadiotap, linkARCNETLinux, linkIEEE1394,
	linkAVS, linkPPPD, linkJuniperEther, linkJuniperPPP, linkJuniperFR, linkJuniperCHDLC, linkPPI, linkPPPDir,
	linkCHDLCDir, linkFRDir, linkIPNET, linkIPv4, linkIPv6, linkNFLOG, linkNetanalyzer, linkIPoIB, linkPKTAP,
	linkMPacket, linkSLL2, linkBrcm, linkBrcmPrepend, linkDSA, linkEDSA, 147,
}

// check fails if the layers of a frame break what packet.Layers promises, or
// if a way to decode it finds something else than another one.
func check(t *testing.T, link uint16, frame []byte, wire uint32, bigEndian bool) packet.Layers {
	t.Helper()
	var l, g packet.Layers
	var tr trace
	Frame(link, frame, wire, bigEndian, &l)
	general(link, frame, wire, bigEndian, &g, &tr)
	if l != g {
		t.Fatalf("link %d, % x:\ncommon  %+v\ngeneral %+v", link, frame, l, g)
	}
	if !(l.L3 <= l.L4 && l.L4 <= l.Payload && l.Payload <= l.End && int(l.End) <= len(frame) && l.End <= l.WireEnd) {
		t.Fatalf("link %d, % x: offsets out of order: %+v", link, frame, l)
	}
	if l.WireEnd > l.End && !l.Has.Any(packet.HasCut) {
		t.Fatalf("link %d, % x: cut, but not marked: %+v", link, frame, l)
	}
	if l.Has.All(packet.HasIP) || l.Has.Any(packet.HasTunnel) && (!l.Has.Any(packet.HasIP) || l.Tunnel == packet.TunnelNone || l.Outer >= l.L3) {
		t.Fatalf("link %d, % x: facts that exclude each other: %+v", link, frame, l)
	}
	views(frame, &l)
	return l
}

// views reads everything that views of a decoded frame can read.
func views(frame []byte, l *packet.Layers) {
	if h, ok := IPv4Of(frame, l); ok {
		_, _, _, _ = h.Src(), h.Dst(), h.Options(), h.FragOffset()
		_ = h.String()
	}
	if h, ok := IPv6Of(frame, l); ok {
		_, _ = h.Src(), h.Dst()
		h.Fragment()
		_ = h.String()
	}
	if h, ok := TCPOf(frame, l); ok {
		_, _, _ = h.Seq(), h.Urgent(), h.Options()
		h.Timestamps()
		_ = h.String()
	}
	if h, ok := UDPOf(frame, l); ok {
		_, _ = h.Len(), h.Checksum()
		_ = h.String()
	}
	if h, ok := ICMPOf(frame, l); ok {
		h.Quoted()
		_ = h.String()
	}
	if h, ok := ARPOf(frame, l); ok {
		h.Sender()
		h.Target()
		_ = h.String()
	}
	Checksums(frame, l)
	IPLen(frame, l)
}

// seeds are frames of every protocol.
func seeds() [][]byte {
	ip4 := pkttest.IPv4{Src: "10.1.2.3", Dst: "10.9.8.7"}
	ip6 := pkttest.IPv6{Src: "2001:db8::1", Dst: "2001:db8::2"}
	tcp := pkttest.TCP{SrcPort: 40000, DstPort: 443, Flags: pkttest.SYN,
		Options: pkttest.Options(pkttest.MSS(1460), pkttest.SACKPermitted(), pkttest.Timestamps(1, 2), pkttest.WindowScale(7))}
	udp := pkttest.UDP{SrcPort: 40000, DstPort: 53}
	body := pkttest.Text("hello")
	var out [][]byte
	add := func(layers ...pkttest.Layer) {
		out = append(out, pkttest.Frame(append([]pkttest.Layer{pkttest.Ethernet{}}, layers...)...), pkttest.Frame(layers...))
	}
	add(ip4, tcp, body)
	add(ip6, udp, body)
	add(pkttest.VLAN{ID: 7}, pkttest.VLAN{ID: 8}, ip4, tcp, body)
	add(ip4, pkttest.SCTP{SrcPort: 1, DstPort: 2}, body)
	add(ip4, pkttest.UDPLite{SrcPort: 1, DstPort: 2}, body)
	add(ip4, pkttest.ICMP{Type: 3, Code: 1}, ip4, udp, body)
	add(ip6, pkttest.HopByHop{}, pkttest.Routing{}, pkttest.DestOpts{}, pkttest.IPv6Fragment{ID: 1, More: true}, tcp, body)
	add(ip4, pkttest.AH{}, udp, body)
	add(ip4, pkttest.GRE{Key: pkttest.Number(5)}, ip6, tcp, body)
	add(ip4, pkttest.GRE{}, pkttest.ERSPAN{}, pkttest.Ethernet{}, ip4, tcp, body)
	add(ip4, ip6, tcp, body)
	add(ip6, ip4, tcp, body)
	add(ip4, pkttest.EtherIP{}, pkttest.Ethernet{}, ip4, tcp, body)
	add(pkttest.MPLS{Label: 16}, ip4, tcp, body)
	add(pkttest.PPPoE{}, pkttest.PPP{}, ip4, tcp, body)
	add(ip4, pkttest.UDP{SrcPort: 1}, pkttest.VXLAN{VNI: 7}, pkttest.Ethernet{}, ip4, tcp, body)
	add(ip4, pkttest.UDP{SrcPort: 1}, pkttest.Geneve{VNI: 7}, pkttest.Ethernet{}, ip4, tcp, body)
	add(ip4, pkttest.UDP{SrcPort: 1}, pkttest.GTPU{TEID: 7}, ip4, tcp, body)
	add(ip4, pkttest.UDP{SrcPort: 3544, DstPort: 3544}, ip6, tcp, body)
	add(ip4, pkttest.UDP{SrcPort: 1}, pkttest.L2TP{}, pkttest.PPP{}, ip4, tcp, body)
	add(pkttest.ARP{})
	return out
}

// FuzzViews reads headers from anything, without the layers of a frame.
func FuzzViews(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, ok := AsIPv4(b); ok {
			_, _ = h.String(), h.rerouted()
		}
		if h, ok := AsIPv6(b); ok {
			h.Fragment()
			_, _ = h.String(), h.rerouted()
		}
		if h, ok := AsTCP(b); ok {
			val, ecr, has := h.Timestamps()
			if o := h.Options(); has != (o.Has&OptTimestamps != 0) || has && (val != o.TSVal || ecr != o.TSEcr) {
				t.Errorf("% x: timestamps %d, %d, %v, yet %+v", b, val, ecr, has, o)
			}
			_ = h.String()
		}
		if h, ok := AsUDP(b); ok {
			_ = h.String()
		}
		if h, ok := AsARP(b); ok {
			_ = h.String()
		}
		for _, proto := range []uint8{protoICMP, protoICMPv6} {
			if h, ok := AsICMP(b, proto); ok {
				h.Quoted()
			}
		}
	})
}

// FuzzFrame decodes anything as any link type, cut at every length.
func FuzzFrame(f *testing.F) {
	for _, s := range seeds() {
		for i := range links {
			f.Add(uint8(i), s, uint32(len(s)), false)
		}
	}
	f.Fuzz(func(t *testing.T, link uint8, frame []byte, wire uint32, bigEndian bool) {
		if len(frame) > 1<<12 {
			return
		}
		value := links[int(link)%len(links)]
		check(t, value, frame, wire, bigEndian)
		for n := range min(len(frame), 256) {
			check(t, value, frame[:n:n], uint32(len(frame)), bigEndian)
		}
	})
}

// TestCorpusCut decodes the captures cut at every length of the headers.
func TestCorpusCut(t *testing.T) {
	for _, path := range corpus(t) {
		readCapture(t, path, 200, func(c captured) {
			check(t, c.link, c.data, c.wire, c.bigEndian)
			for n := range min(len(c.data), 160) {
				check(t, c.link, c.data[:n:n], c.wire, c.bigEndian)
			}
		})
	}
}

func TestNoAllocation(t *testing.T) {
	for _, s := range seeds() {
		b := benchBatch(s)
		all := b.All()
		if n := testing.AllocsPerRun(10, func() { Batch(b, all) }); n != 0 {
			t.Errorf("% x: %v allocations a batch", s, n)
		}
	}
}
