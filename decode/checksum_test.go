package decode

import (
	"testing"

	"pkt/internal/pkttest"
	"pkt/packet"
)

func TestChecksums(t *testing.T) {
	eth, four, six := pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.IPv6{}
	tcp, udp, sctp := pkttest.TCP{SrcPort: 1, DstPort: 2}, pkttest.UDP{SrcPort: 1, DstPort: 2}, pkttest.SCTP{SrcPort: 1, DstPort: 2}
	body := pkttest.Text("odd") // a length that is no multiple of 2
	wrong, zero := pkttest.Exactly(0x1234), pkttest.Exactly(0)
	// The pseudo header of a TCP segment of 23 bytes from 10.0.0.1 to 10.0.0.2,
	// with its length and without, as it is left for network cards.
	const pseudo = 0x0a00 + 0x0001 + 0x0a00 + 0x0002 + 6
	tests := []struct {
		name          string
		frame         []byte
		ip, transport Sum
	}{
		{"TCP", pkttest.Frame(eth, four, tcp, body), SumGood, SumGood},
		{"TCP over IPv6", pkttest.Frame(eth, six, tcp, body), SumUnknown, SumGood},
		{"UDP", pkttest.Frame(eth, four, udp, body), SumGood, SumGood},
		{"UDP over IPv6", pkttest.Frame(eth, six, pkttest.HopByHop{}, udp, body), SumUnknown, SumGood},
		{"UDP-Lite", pkttest.Frame(eth, four, pkttest.UDPLite{SrcPort: 1}, body), SumGood, SumGood},
		{"ICMP", pkttest.Frame(eth, four, pkttest.ICMP{Type: 8}, body), SumGood, SumGood},
		{"ICMPv6", pkttest.Frame(eth, six, pkttest.ICMP{Type: 128}, body), SumUnknown, SumGood},
		{"SCTP", pkttest.Frame(eth, four, sctp), SumGood, SumGood},
		{"wrong IPv4", pkttest.Frame(eth, pkttest.IPv4{Checksum: wrong}, tcp), SumBad, SumGood},
		{"no IPv4", pkttest.Frame(eth, pkttest.IPv4{Checksum: zero}, tcp), SumOffload, SumGood},
		{"wrong TCP", pkttest.Frame(eth, four, pkttest.TCP{Checksum: wrong}), SumGood, SumBad},
		{"no TCP", pkttest.Frame(eth, four, pkttest.TCP{Checksum: zero}), SumGood, SumOffload},
		{"pseudo header", pkttest.Frame(eth, four, pkttest.TCP{Checksum: pkttest.Exactly(pseudo + 23)}, body), SumGood, SumOffload},
		{"pseudo header without length", pkttest.Frame(eth, four, pkttest.TCP{Checksum: pkttest.Exactly(pseudo)}, body), SumGood, SumOffload},
		{"wrong UDP", pkttest.Frame(eth, four, pkttest.UDP{Checksum: wrong}), SumGood, SumBad},
		{"no UDP", pkttest.Frame(eth, four, pkttest.UDP{Checksum: zero}), SumGood, SumNone},
		{"wrong ICMP", pkttest.Frame(eth, four, pkttest.ICMP{Checksum: wrong}), SumGood, SumBad},
		{"wrong SCTP", pkttest.Corrupt(pkttest.Frame(eth, four, sctp), etherLen+ipv4MinLen+sctpChecksumAt), SumGood, SumBad},
		{"fragment", pkttest.Fragments(16, 1, eth, four, udp, pkttest.Zeros(30))[0], SumGood, SumUnknown},
		{"routed on", pkttest.Frame(eth, six, pkttest.Routing{0, 1, 0, 0, 0, 0}, udp, body), SumUnknown, SumUnknown},
		{"loose source route", pkttest.Frame(eth, pkttest.IPv4{Options: []byte{131, 7, 4, 10, 0, 0, 9, 0}}, udp, body), SumGood, SumUnknown},
		{"offset that makes no sense", pkttest.Frame(eth, four, pkttest.TCP{DataOffset: pkttest.Exactly(2)}), SumGood, SumUnknown},
	}
	for _, tt := range tests {
		l := check(t, linkEthernet, tt.frame, uint32(len(tt.frame)), false)
		if ip, transport := Checksums(tt.frame, &l); ip != tt.ip || transport != tt.transport {
			t.Errorf("%s: %v, %v; want %v, %v", tt.name, ip, transport, tt.ip, tt.transport)
		}
	}
	frame := tests[0].frame
	cut := frame[:len(frame)-1]
	l := check(t, linkEthernet, cut, uint32(len(frame)), false)
	if _, sum := Checksums(cut, &l); sum != SumUnknown {
		t.Errorf("cut: %v", sum)
	}
}

// TestSum compares sums of every length with those of RFC 1071's
// plain loop.
func TestSum(t *testing.T) {
	b := make([]byte, 100)
	for i := range b {
		b[i] = byte(i*37 + 200)
	}
	for n := range b {
		var want uint32
		for i := 0; i < n; i += 2 {
			want += uint32(b[i]) << 8
			if i+1 < n {
				want += uint32(b[i+1])
			}
		}
		for want>>16 != 0 {
			want = want>>16 + want&0xffff
		}
		if got := fold(sum(b[:n], 0)); got != uint16(want) {
			t.Errorf("%d bytes: %04x, want %04x", n, got, want)
		}
	}
}

func BenchmarkChecksums(b *testing.B) {
	frame := pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.TCP{}, pkttest.Zeros(1460))
	var l packet.Layers
	Frame(linkEthernet, frame, uint32(len(frame)), false, &l)
	b.SetBytes(int64(len(frame)))
	for b.Loop() {
		Checksums(frame, &l)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/pkt")
}
