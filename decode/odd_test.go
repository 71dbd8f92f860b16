package decode

import (
	"fmt"
	"slices"
	"testing"

	"pkt/internal/pkttest"
	"pkt/packet"
)

// odd is a packet that contradicts itself, is a fragment, was cut, or was left
// unfinished for a network card.
type odd struct {
	name    string
	frame   []byte
	cut     int // bytes captured; 0: all
	has     packet.Has
	problem packet.Problem
	proto   uint8
	payload int // captured
	wire    int // payload on the wire
}

// Facts that go together.
const (
	mac  = packet.HasMAC
	ip4  = packet.HasMAC | packet.HasIPv4
	ip6  = packet.HasMAC | packet.HasIPv6
	tcpP = packet.HasTCP | packet.HasPorts
	udpP = packet.HasUDP | packet.HasPorts
	frag = packet.HasFragment
)

// What odd packets are made of, beside the headers of the encapsulations.
var (
	tcp  = pkttest.TCP{SrcPort: 40000, DstPort: 443, Flags: pkttest.ACK}
	body = pkttest.Text("0123456789")
)

func oddIP() []odd {
	return []odd{
		{"IPv4 length 0", pkttest.Frame(eth, pkttest.IPv4{Length: pkttest.Exactly(0)}, tcp, body), 0, ip4 | tcpP | packet.HasOffload, 0, 6, 10, 10},
		{"IPv4 length beyond the frame", pkttest.Frame(eth, pkttest.IPv4{Length: pkttest.Exactly(100)}, tcp, body), 0, ip4 | tcpP | packet.HasCut, packet.ProblemBadLength, 6, 10, 60},
		{"IPv4 length below the header", pkttest.Frame(eth, pkttest.IPv4{Length: pkttest.Exactly(19)}, tcp, body), 0, mac, packet.ProblemBadLength, 0, 50, 50},
		{"IPv4 header length below 20", pkttest.Frame(eth, pkttest.IPv4{IHL: pkttest.Exactly(4)}, tcp, body), 0, mac, packet.ProblemBadLength, 0, 50, 50},
		{"IPv4 version 6", pkttest.Frame(eth, pkttest.IPv4{Version: pkttest.Exactly(6)}, tcp, body), 0, mac, packet.ProblemBadVersion, 0, 50, 50},
		{"IPv4 cut in the header", pkttest.Frame(eth, four, tcp, body), 30, mac | packet.HasCut, packet.ProblemTruncated, 0, 16, 50},
		{"IPv4 cut in the options", pkttest.Frame(eth, pkttest.IPv4{Options: []byte{7, 8, 4, 0, 0, 0, 0, 0}}, udp, body), 38, ip4 | packet.HasCut, packet.ProblemTruncated, 17, 0, 18},
		{"IPv6 payload length 0", pkttest.Frame(eth, pkttest.IPv6{Length: pkttest.Exactly(0)}, tcp, body), 0, ip6 | tcpP | packet.HasOffload, 0, 6, 10, 10},
		{"IPv6 jumbogram", pkttest.Frame(eth, pkttest.IPv6{Length: pkttest.Exactly(0)}, pkttest.HopByHop{0xc2, 4, 0, 0, 0, 38}, tcp, body), 0, ip6 | tcpP, 0, 6, 10, 10},
		{"IPv6 jumbogram, cut", pkttest.Frame(eth, pkttest.IPv6{Length: pkttest.Exactly(0)}, pkttest.HopByHop{0xc2, 4, 0, 1, 0, 38}, tcp, body), 0, ip6 | tcpP | packet.HasCut, packet.ProblemBadLength, 6, 10, 65546},
		{"IPv6 without next header", pkttest.Frame(eth, six), 0, ip6, 0, 59, 0, 0},
		{"IPv6 extensions", pkttest.Frame(eth, six, pkttest.HopByHop{1, 4, 0, 0, 0, 0}, pkttest.Routing{0, 0, 0, 0, 0, 0}, pkttest.DestOpts{1, 4, 0, 0, 0, 0}, pkttest.AH{}, tcp, body), 0, ip6 | tcpP, 0, 6, 10, 10},
		{"IPv6 extension cut", pkttest.Frame(eth, six, pkttest.HopByHop{1, 4, 0, 0, 0, 0}, tcp, body), 58, ip6 | packet.HasCut, packet.ProblemTruncated, 0, 0, 30},
		{"IPv6 ESP", pkttest.Frame(eth, six, pkttest.ESP{}, body), 0, ip6, 0, 50, 18, 18},
	}
}

func oddFragments() []odd {
	fragments4 := pkttest.Fragments(16, 9, eth, four, udp, pkttest.Zeros(30))
	fragments6 := pkttest.Fragments(16, 9, eth, six, udp, pkttest.Zeros(30))
	return []odd{
		{"IPv4 first fragment", fragments4[0], 0, ip4 | udpP | frag | packet.HasMoreParts, 0, 17, 8, 8},
		{"IPv4 middle fragment", fragments4[1], 0, ip4 | frag | packet.HasMoreParts | packet.HasLaterPart, 0, 17, 16, 16},
		{"IPv4 last fragment", fragments4[2], 0, ip4 | frag | packet.HasLaterPart, 0, 17, 6, 6},
		{"IPv4 tiny first fragment", pkttest.Fragments(8, 9, eth, four, tcp, body)[0], 0, ip4 | frag | packet.HasMoreParts | packet.HasPorts, 0, 6, 0, 0},
		{"IPv6 first fragment", fragments6[0], 0, ip6 | udpP | frag | packet.HasMoreParts, 0, 17, 8, 8},
		{"IPv6 last fragment", fragments6[2], 0, ip6 | frag | packet.HasLaterPart, 0, 17, 6, 6},
		{"IPv6 atomic fragment", pkttest.Frame(eth, six, pkttest.IPv6Fragment{ID: 1}, udp, body), 0, ip6 | udpP, 0, 17, 10, 10},
		{"fragment of a tunnel", pkttest.Fragments(32, 9, eth, four, pkttest.UDP{DstPort: 4789}, pkttest.Payload(pkttest.Frame(pkttest.VXLAN{}, eth, four, tcp, body)))[0], 0, ip4 | udpP | frag | packet.HasMoreParts, 0, 17, 24, 24},
	}
}

func oddTransport() []odd {
	return []odd{
		{"TCP data offset 4", pkttest.Frame(eth, four, pkttest.TCP{DataOffset: pkttest.Exactly(4)}, body), 0, ip4 | packet.HasPorts, packet.ProblemBadOffset, 6, 10, 10},
		{"TCP data offset beyond", pkttest.Frame(eth, four, pkttest.TCP{DataOffset: pkttest.Exactly(15)}, body), 0, ip4 | packet.HasPorts, packet.ProblemBadOffset, 6, 10, 10},
		{"TCP cut in the header", pkttest.Frame(eth, four, tcp, body), 44, ip4 | packet.HasPorts | packet.HasCut, packet.ProblemTruncated, 6, 0, 10},
		{"TCP cut in the ports", pkttest.Frame(eth, four, tcp, body), 36, ip4 | packet.HasCut, packet.ProblemTruncated, 6, 0, 10},
		{"TCP cut in the options", pkttest.Frame(eth, four, pkttest.TCP{Options: pkttest.Timestamps(1, 2)}, body), 58, ip4 | tcpP | packet.HasCut, packet.ProblemTruncated, 6, 0, 10},
		{"TCP cut in the payload", pkttest.Frame(eth, four, tcp, body), 60, ip4 | tcpP | packet.HasCut, 0, 6, 6, 10},
		{"TCP that IP leaves no room", pkttest.Frame(eth, pkttest.IPv4{Length: pkttest.Exactly(30)}, tcp, body), 0, ip4 | packet.HasPorts | packet.HasPadding, packet.ProblemBadLength, 6, 0, 0},
		{"UDP length 0", pkttest.Frame(eth, four, pkttest.UDP{Length: pkttest.Exactly(0)}, body), 0, ip4 | udpP, 0, 17, 10, 10},
		{"UDP length 7", pkttest.Frame(eth, four, pkttest.UDP{Length: pkttest.Exactly(7)}, body), 0, ip4 | udpP, packet.ProblemBadLength, 17, 10, 10},
		{"UDP length beyond", pkttest.Frame(eth, four, pkttest.UDP{Length: pkttest.Exactly(99)}, body), 0, ip4 | udpP, packet.ProblemBadLength, 17, 10, 10},
		{"UDP length below", pkttest.Frame(eth, four, pkttest.UDP{Length: pkttest.Exactly(12)}, body), 0, ip4 | udpP, 0, 17, 4, 4},
	}
}

func oddRest() []odd {
	return []odd{
		{"ICMP that quotes", pkttest.Frame(eth, four, pkttest.ICMP{Type: 3, Code: 1}, four, udp, body), 0, ip4 | packet.HasICMP, 0, 1, 38, 38},
		{"IGMP", pkttest.Frame(eth, four, pkttest.IGMP{}), 0, ip4 | packet.HasIGMP, 0, 2, 0, 0},
		{"SCTP", pkttest.Frame(eth, four, pkttest.SCTP{SrcPort: 1, DstPort: 2}, body), 0, ip4 | packet.HasSCTP | packet.HasPorts, 0, 132, 10, 10},
		{"UDP-Lite", pkttest.Frame(eth, four, pkttest.UDPLite{SrcPort: 1, DstPort: 2}, body), 0, ip4 | udpP, 0, 136, 10, 10},
		{"ARP", pkttest.Frame(pkttest.Ethernet{Min: 60}, pkttest.ARP{}), 0, mac | packet.HasARP, 0, 0, 0, 0},
		{"ARP cut", pkttest.Frame(eth, pkttest.ARP{}), 40, mac | packet.HasCut, packet.ProblemTruncated, 0, 26, 28},
		{"ARP in VXLAN", pkttest.Frame(eth, four, pkttest.UDP{SrcPort: 9}, pkttest.VXLAN{}, eth, pkttest.ARP{}), 0, ip4 | udpP, 0, 17, 50, 50},
		{"no VXLAN on its port", pkttest.Frame(eth, four, pkttest.UDP{SrcPort: 9, DstPort: 4789}, pkttest.Zeros(60)), 0, ip4 | udpP, 0, 17, 60, 60},
		{"no Teredo on its port", pkttest.Frame(eth, four, pkttest.UDP{SrcPort: 9, DstPort: 3544}, pkttest.Text("`not an IPv6 packet, though it begins like one")), 0, ip4 | udpP, 0, 17, 46, 46},
		{"GRE of something else", pkttest.Frame(eth, four, pkttest.GRE{Proto: pkttest.Exactly(0x88b5)}, body), 0, ip4, 0, 47, 10, 10},
		{"IPIP cut inside", pkttest.Frame(eth, four, four, tcp, body), 40, ip4 | packet.HasCut, packet.ProblemTruncated, 4, 6, 50},
		{"802.3 length", pkttest.Frame(eth, pkttest.LLC{DSAP: 0x42, SSAP: 0x42, Control: 3}, body, pkttest.Zeros(30)), 0, mac, 0, 0, 40, 40},
	}
}

func TestOdd(t *testing.T) {
	for _, tt := range slices.Concat(oddIP(), oddFragments(), oddTransport(), oddRest()) {
		t.Run(tt.name, func(t *testing.T) {
			frame := tt.frame
			if tt.cut > 0 {
				frame = frame[:tt.cut:tt.cut]
			}
			l := check(t, linkEthernet, frame, uint32(len(tt.frame)), false)
			if l.Has != tt.has || l.Problem != tt.problem || l.Proto != tt.proto {
				t.Errorf("has %020b, problem %d, proto %d; want\n    %020b, problem %d, proto %d", l.Has, l.Problem, l.Proto, tt.has, tt.problem, tt.proto)
			}
			if got, wire := int(l.End-l.Payload), int(l.WireEnd-l.Payload); got != tt.payload || wire != tt.wire {
				t.Errorf("payload %d, %d on the wire; want %d, %d: %+v", got, wire, tt.payload, tt.wire, l)
			}
		})
	}
}

// TestTooDeep nests more headers than are followed.
func TestTooDeep(t *testing.T) {
	tags := []pkttest.Layer{pkttest.Ethernet{}}
	tunnels := tags
	for range maxHeaders {
		tags = append(tags, pkttest.VLAN{ID: 1})
		tunnels = append(tunnels, pkttest.IPv4{})
	}
	frame := pkttest.Frame(append(tags, inside()...)...)
	if l := check(t, linkEthernet, frame, uint32(len(frame)), false); l.Problem != packet.ProblemTooDeep || l.Has.Any(packet.HasIP) {
		t.Errorf("tags: %+v", l)
	}
	frame = pkttest.Frame(append(tunnels, inside()...)...)
	l := check(t, linkEthernet, frame, uint32(len(frame)), false)
	if l.Problem != packet.ProblemTooDeep || !l.Has.All(packet.HasIPv4|packet.HasTunnel) || l.Proto != protoIPv4 || l.Outer != etherLen {
		t.Errorf("tunnels: %+v", l)
	}
}

func TestQuoted(t *testing.T) {
	six := pkttest.IPv6{Src: "2001:db8::a", Dst: "2001:db8::b"}
	tests := []struct {
		frame []byte
		want  string
	}{
		{pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.ICMP{Type: 11}, pkttest.IPv4{Src: "10.9.9.9", Dst: "10.8.8.8"}, pkttest.UDP{SrcPort: 5, DstPort: 33434}), "10.9.9.9 10.8.8.8 17 5 33434 true"},
		{pkttest.Frame(pkttest.Ethernet{}, six, pkttest.ICMP{Type: 3}, six, pkttest.HopByHop{}, pkttest.TCP{SrcPort: 5, DstPort: 6}), "2001:db8::a 2001:db8::b 6 5 6 true"},
		{pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.ICMP{Type: 3}, pkttest.IPv4{Offset: 80}, pkttest.UDP{SrcPort: 5, DstPort: 6}), "10.0.0.1 10.0.0.2 17 0 0 false"},
	}
	for _, tt := range tests {
		l := check(t, linkEthernet, tt.frame, uint32(len(tt.frame)), false)
		h, ok := ICMPOf(tt.frame, &l)
		q, quoted := h.Quoted()
		if got := quoteText(q); !ok || !quoted || got != tt.want {
			t.Errorf("quoted %q, want %q", got, tt.want)
		}
	}
	echo := pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.ICMP{Type: pkttest.Echo}, pkttest.IPv4{}, pkttest.UDP{})
	l := check(t, linkEthernet, echo, uint32(len(echo)), false)
	h, _ := ICMPOf(echo, &l)
	if q, ok := h.Quoted(); ok {
		t.Errorf("an echo quotes %+v", q)
	}
}

func quoteText(q Quote) string {
	return fmt.Sprint(q.Src.Addr(), " ", q.Dst.Addr(), " ", q.Proto, " ", q.SrcPort, " ", q.DstPort, " ", q.HasPorts)
}
