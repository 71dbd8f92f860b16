package filter

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pkt/decode"
	"pkt/internal/pkttest"
	"pkt/packet"
)

// TestPushdown holds what is pushed down to its text, without EXEMPT.
func TestPushdown(t *testing.T) {
	tests := []struct{ text, want string }{
		{`dst_port == 443 && len > 100`, `(dst port 443 and len >= 101)`},
		{`src_ip in "10.0.0.0/8"`, `ip src net 10.0.0.0/8`},
		{`src_ip != "10.0.0.1"`, `((ip or ip6) and not ip src host 10.0.0.1)`},
		{`host == "2001:db8::1" || src_ip in ["0.0.0.0/0", "::/0"]`, `(ip6 host 2001:db8::1 or (ip6 or ip))`},
		{`443 in [src_port, dst_port]`, `(src port 443 or dst port 443)`},
		{`port in [80, 443]`, `(port 80 or port 443)`},
		{`port >= 49152 && len > 100`, `(portrange 49152-65535 and len >= 101)`},
		{`port != 53`, ``},
		{`src_port in [1..1023, 8080] && has(tcp.win)`, `(src portrange 1-1023 or src port 8080)`},
		{`proto == "tcp"`, `(ip[9] = 6 or ip6[6] = 6)`},
		{`proto == "arp"`, `never`},
		{`tunnel.type == "vxlan"`, `never`},
		{`proto == "other"`, ``},
		{`proto != "tcp"`, ``},
		{`tcp.flags.syn && !tcp.flags.ack`, `(tcp[13] & 2 != 0 or (ip6[6] = 6 and ip6[53] & 2 != 0))`},
		{`tcp.flags.ack == false`, `(tcp[13] & 16 = 0 or (ip6[6] = 6 and ip6[53] & 16 = 0))`},
		{`ttl < 5`, `(ip[8] <= 4 or ip6[7] <= 4)`},
		{`ip_version == 6`, `ip6`},
		{`src_mac == "02:00:00:00:00:01"`, `ether src 02:00:00:00:00:01`},
		{`dst_port == 1 || len < 60`, `(len <= 59 or dst port 1)`},
		{`src_ip == "10.0.0.1" || dst_port == 53`, `(ip src host 10.0.0.1 or dst port 53)`},
		// The first alternative is sure of addresses only and asks for ports.
		{`(dst_port == 1 || src_ip == "10.0.0.1") && len > 5 || dst_port == 2`, `(((ip src host 10.0.0.1 or dst port 1) and len >= 6) or dst port 2)`},
		{`(tcp.flags.syn || src_ip == "10.0.0.1") && len > 5 || dst_port == 2 && len < 9`, ``},
		{`not (dst_port == 443)`, ``},
		{`dst_port == 443 || iface == "eth0"`, ``},
		{`has(vlan)`, ``},
		{`vlan == 5`, ``},
	}
	for _, tt := range tests {
		p, err := Compile(tt.text, packets())
		if err != nil {
			t.Fatal(err)
		}
		_, text, ok := p.Pushdown(1)
		got, _ := strings.CutSuffix(text, strings.Join(exempt, " or "))
		got = strings.TrimSuffix(got, " or ")
		if ok && got == "" {
			got = "never"
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.text, got, tt.want)
		}
	}
}

// The kernel does not know the length of a frame whose tag was taken off, nor
// where headers are on other links.
func TestLivePushdown(t *testing.T) {
	p, err := Compile("port == 53 && len > 100", packets())
	if err != nil {
		t.Fatal(err)
	}
	if text, ok := p.LivePushdown(1); !ok || !strings.HasPrefix(text, "port 53 or not (ip or ip6) or ") {
		t.Errorf("%q", text)
	}
	if text, ok := p.LivePushdown(276); ok {
		t.Errorf("%q for a cooked capture", text)
	}
}

// TestPushdownDrops counts what is dropped early of ordinary traffic.
func TestPushdownDrops(t *testing.T) {
	b := batchOf(1, ordinary()...)
	for text, want := range map[string]int{
		`dst_port == 443`:                 4, // all but the one, tags, ARP and VXLAN
		`src_ip == "1.2.3.4"`:             5,
		`len > 60 && proto == "arp"`:      5,
		`src_ip == "1.2.3.4" || vlan > 5`: 0,
	} {
		p, err := Compile(text, packets())
		if err != nil {
			t.Fatal(err)
		}
		dropped := 0
		if prog, _, ok := p.Pushdown(1); ok {
			passed := prog.Matcher().Filter(b, b.All())
			dropped = b.N - passed.Len()
		}
		if dropped != want {
			t.Errorf("%s: %d packets dropped, want %d", text, dropped, want)
		}
	}
}

// TestTunnelPorts finds out which UDP ports decoding looks behind.
func TestTunnelPorts(t *testing.T) {
	four := pkttest.IPv4{}
	udp := pkttest.UDP{SrcPort: 9, DstPort: 9}
	inner := []pkttest.Layer{four, udp, pkttest.Zeros(20)}
	found := map[uint64]bool{}
	for _, tunnel := range [][]pkttest.Layer{
		{pkttest.VXLAN{VNI: 1}, pkttest.Ethernet{}}, {pkttest.Geneve{}, pkttest.Ethernet{}}, {pkttest.GTPU{TEID: 1}},
		{pkttest.IPv6{}}, {pkttest.MPLS{Label: 17}}, {pkttest.L2TP{Tunnel: 1}, pkttest.PPP{}}, {pkttest.GRE{}},
		{pkttest.Payload{8, 0, 0, 1, 0, 0, 1, 0}}, // VXLAN-GPE with IPv4
	} {
		frame := pkttest.Frame(slices.Concat([]pkttest.Layer{pkttest.Ethernet{}, four, udp}, tunnel, inner)...)
		for port := range 1 << 16 {
			for _, at := range []int{34, 36} {
				f := slices.Clone(frame)
				binary.BigEndian.PutUint16(f[at:], uint16(port))
				var l packet.Layers
				decode.Frame(1, f, uint32(len(f)), false, &l)
				if l.Has.Any(packet.HasTunnel) {
					found[uint64(port)] = true
				}
			}
		}
	}
	for port := range found {
		if !slices.Contains(tunnelPorts, port) {
			t.Errorf("decoding looks behind UDP port %d", port)
		}
	}
	if len(found) < 7 {
		t.Errorf("only the ports %v were found", found)
	}
}

// TestPushdownLinks holds the other link types to never being narrower.
func TestPushdownLinks(t *testing.T) {
	for seed := range uint64(60) {
		g := &generator{rand.New(rand.NewPCG(seed, 2))}
		var raw [][]byte
		for _, f := range g.frames(64) {
			if len(f) > 14 {
				raw = append(raw, f[14:])
			}
		}
		b := batchOf(linkRaw, raw...)
		for range 12 {
			e := g.truth(2)
			p, err := Compile(e.text, packets())
			if err != nil {
				t.Fatal(err)
			}
			prog, text, ok := p.Pushdown(linkRaw)
			if !ok {
				continue
			}
			got := p.Filter(b, b.All())
			passed := prog.Matcher().Filter(b, got)
			if lost := got.AndNot(passed); !lost.Empty() {
				t.Fatalf("%s: dropped by %s\n%x", e.text, text, b.Frame(lost.Next(0)))
			}
		}
	}
}
