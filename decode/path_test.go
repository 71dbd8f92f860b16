package decode

import (
	"slices"
	"testing"

	"pkt/internal/pkttest"
	"pkt/packet"
)

// A path has every header with its place, where Layers has the innermost.
func TestPath(t *testing.T) {
	frame := pkttest.Frame(pkttest.Ethernet{}, pkttest.VLAN{ID: 7}, pkttest.IPv4{}, pkttest.UDP{DstPort: 4789}, pkttest.VXLAN{VNI: 5},
		pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.TCP{DstPort: 80})
	b := &packet.Batch{Block: packet.NewBlock(frame, nil), N: 1}
	b.Records[0] = packet.Record{CapLen: uint32(len(frame)), WireLen: uint32(len(frame)), Link: linkEthernet}
	Batch(b, b.All())
	var p Path
	p.Walk(b, 0)
	want := []Header{{LayerEthernet, 0}, {LayerVLAN, 14}, {LayerIPv4, 18}, {LayerUDP, 38}, {LayerVXLAN, 46},
		{LayerEthernet, 54}, {LayerIPv4, 68}, {LayerTCP, 88}}
	if got := p.Headers(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if l := &b.Layers[0]; l.L3 != 68 || l.L4 != 88 {
		t.Errorf("L3 %d, L4 %d", l.L3, l.L4)
	}
	if src, dst := p.Addresses(); src != 6 || dst != 0 {
		t.Errorf("addresses at %d and %d", src, dst)
	}
	if n := testing.AllocsPerRun(20, func() { p.Walk(b, 0) }); n != 0 {
		t.Errorf("%.0f allocations", n)
	}
}

// What should be is also asked of packets that were cut anywhere.
func TestWantedSumsCut(t *testing.T) {
	for _, layer := range []pkttest.Layer{pkttest.TCP{}, pkttest.UDP{}, pkttest.UDPLite{}, pkttest.ICMP{Type: 8}} {
		frame := pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{}, layer, pkttest.Payload("abcdefgh"))
		for n := range len(frame) + 1 {
			var l packet.Layers
			Frame(linkEthernet, frame[:n], uint32(len(frame)), false, &l)
			WantedSums(frame[:n], &l)
		}
	}
}

// What a checksum should be is what makes it good.
func TestWantedSums(t *testing.T) {
	tests := map[string]struct {
		layers []pkttest.Layer
		at     int // of the checksum in the transport header
	}{
		"tcp":   {[]pkttest.Layer{pkttest.IPv4{}, pkttest.TCP{DstPort: 80}, pkttest.Payload("abc")}, tcpChecksumAt},
		"udp":   {[]pkttest.Layer{pkttest.IPv6{}, pkttest.UDP{DstPort: 53}, pkttest.Payload("abc")}, udpChecksumAt},
		"icmp":  {[]pkttest.Layer{pkttest.IPv4{}, pkttest.ICMP{Type: 8}, pkttest.Payload("abcd")}, icmpChecksumAt},
		"icmp6": {[]pkttest.Layer{pkttest.IPv6{}, pkttest.ICMP{Type: 128}, pkttest.Payload("abcd")}, icmpChecksumAt},
	}
	for name, test := range tests {
		frame := pkttest.Frame(append([]pkttest.Layer{pkttest.Ethernet{}}, test.layers...)...)
		var l packet.Layers
		Frame(linkEthernet, frame, uint32(len(frame)), false, &l)
		if _, sum := Checksums(frame, &l); sum != SumGood {
			t.Fatalf("%s: the frame as it was built is %v", name, sum)
		}
		at := int(l.L4) + test.at
		right := be16(frame[at:])
		frame[at] ^= 0x55
		if _, sum := Checksums(frame, &l); sum != SumBad {
			t.Errorf("%s: %v", name, sum)
		}
		if _, got := WantedSums(frame, &l); got != right {
			t.Errorf("%s: %#04x, want %#04x", name, got, right)
		}
		if l.Has.Any(packet.HasIPv4) {
			right := be16(frame[l.L3+ipv4ChecksumAt:])
			frame[l.L3+ipv4ChecksumAt] ^= 0x55
			if got, _ := WantedSums(frame, &l); got != right {
				t.Errorf("%s: IP %#04x, want %#04x", name, got, right)
			}
		}
	}
}
