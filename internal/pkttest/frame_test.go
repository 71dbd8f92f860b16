package pkttest_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"pkt/internal/pkttest"
)

// frames are built by pkttest and taken apart by gopacket: the layers that it
// must find, and no complaint about a length or checksum.
var frames = []struct {
	name   string
	link   layers.LinkType
	layers []pkttest.Layer
	want   string
}{
	{"tcp", layers.LinkTypeEthernet, with(pkttest.Ethernet{}, pkttest.IPv4{}), "Ethernet IPv4 TCP Payload"},
	{"tcp6", layers.LinkTypeEthernet, with(pkttest.Ethernet{}, pkttest.IPv6{}), "Ethernet IPv6 TCP Payload"},
	{"options", layers.LinkTypeEthernet, with(pkttest.Ethernet{}, pkttest.IPv4{Options: []byte{1, 1, 1}}), "Ethernet IPv4 TCP Payload"},
	{"vlan", layers.LinkTypeEthernet, with(pkttest.Ethernet{}, pkttest.VLAN{ID: 7}, pkttest.IPv4{}), "Ethernet Dot1Q IPv4 TCP Payload"},
	{"qinq", layers.LinkTypeEthernet, with(pkttest.Ethernet{}, pkttest.VLAN{TPID: 0x88a8, ID: 7}, pkttest.VLAN{ID: 9}, pkttest.IPv4{}), "Ethernet Dot1Q Dot1Q IPv4 TCP Payload"},
	{"mpls", layers.LinkTypeEthernet, with(pkttest.Ethernet{}, pkttest.MPLS{Label: 16}, pkttest.MPLS{Label: 17}, pkttest.IPv4{}), "Ethernet MPLS MPLS IPv4 TCP Payload"},
	{"pppoe", layers.LinkTypeEthernet, with(pkttest.Ethernet{}, pkttest.PPPoE{Session: 3}, pkttest.PPP{}, pkttest.IPv6{}), "Ethernet PPPoE PPP IPv6 TCP Payload"},
	{"snap", layers.LinkTypeEthernet, with(pkttest.Ethernet{}, pkttest.LLC{}, pkttest.SNAP{}, pkttest.IPv4{}), "Ethernet LLC SNAP IPv4 TCP Payload"},
	{"sll", layers.LinkTypeLinuxSLL, with(pkttest.SLL{}, pkttest.IPv4{}), "Linux SLL IPv4 TCP Payload"},
	{"sll2", layers.LinkTypeLinuxSLL2, with(pkttest.SLL2{}, pkttest.IPv6{}), "Linux SLL2 IPv6 TCP Payload"},
	{"null", layers.LinkTypeNull, with(pkttest.Null{}, pkttest.IPv6{}), "Loopback IPv6 TCP Payload"},
	{"null big-endian", layers.LinkTypeNull, with(pkttest.Null{BigEndian: true}, pkttest.IPv4{}), "Loopback IPv4 TCP Payload"},
	{"loop", layers.LinkTypeLoop, with(pkttest.Loop{}, pkttest.IPv4{}), "Loopback IPv4 TCP Payload"},
	{"ppp", layers.LinkTypePPP, with(pkttest.PPP{}, pkttest.IPv4{}), "PPP IPv4 TCP Payload"},
	{"radiotap", layers.LinkTypeIEEE80211Radio, with(pkttest.Radiotap{FCS: true}, pkttest.WiFi{FromDS: true, QoS: true}, pkttest.LLC{}, pkttest.SNAP{}, pkttest.IPv6{}), "RadioTap Dot11 Dot11DataQOSData Dot11Data LLC SNAP IPv6 TCP Payload"},
	{"gre", layers.LinkTypeEthernet, with(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.GRE{Checksum: true, Key: pkttest.Number(5), Seq: pkttest.Number(6)}, pkttest.IPv6{}), "Ethernet IPv4 GRE IPv6 TCP Payload"},
	{"6in4", layers.LinkTypeEthernet, with(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.IPv6{}), "Ethernet IPv4 IPv6 TCP Payload"},
	{"ipip", layers.LinkTypeEthernet, with(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.IPv4{Src: "192.0.2.1"}), "Ethernet IPv4 IPv4 TCP Payload"},
	{"vxlan", layers.LinkTypeEthernet, with(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.UDP{SrcPort: 9}, pkttest.VXLAN{VNI: 5}, pkttest.Ethernet{}, pkttest.IPv4{}), "Ethernet IPv4 UDP VXLAN Ethernet IPv4 TCP Payload"},
	{"geneve", layers.LinkTypeEthernet, with(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.UDP{SrcPort: 9}, pkttest.Geneve{VNI: 5}, pkttest.IPv4{}), "Ethernet IPv4 UDP Geneve IPv4 TCP Payload"},
	{"gtp-u", layers.LinkTypeEthernet, with(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.UDP{SrcPort: 9}, pkttest.GTPU{TEID: 5, Seq: pkttest.Exactly(3)}, pkttest.IPv4{}), "Ethernet IPv4 UDP GTPv1U IPv4 TCP Payload"},
	{"hop-by-hop", layers.LinkTypeEthernet, with(pkttest.Ethernet{}, pkttest.IPv6{}, pkttest.HopByHop{1, 2, 0, 0}, pkttest.DestOpts{1, 2, 0, 0}), "Ethernet IPv6 IPv6HopByHop IPv6Destination TCP Payload"},
	{"ah", layers.LinkTypeEthernet, with(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.AH{SPI: 1, Seq: 2}), "Ethernet IPv4 IPSecAH TCP Payload"},
	{"arp", layers.LinkTypeEthernet, []pkttest.Layer{pkttest.Ethernet{}, pkttest.ARP{}}, "Ethernet ARP"},
	{"ping", layers.LinkTypeEthernet, []pkttest.Layer{pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.ICMP{Type: pkttest.Echo}}, "Ethernet IPv4 ICMPv4"},
	{"ping6", layers.LinkTypeEthernet, []pkttest.Layer{pkttest.Ethernet{}, pkttest.IPv6{}, pkttest.ICMP{Type: pkttest.Echo6}, pkttest.Text("abcd")}, "Ethernet IPv6 ICMPv6 ICMPv6Echo Payload"},
	{"udp", layers.LinkTypeEthernet, []pkttest.Layer{pkttest.Ethernet{}, pkttest.IPv6{}, pkttest.UDP{SrcPort: 9, DstPort: 10}, pkttest.Text("abc")}, "Ethernet IPv6 UDP Payload"},
	{"sctp", layers.LinkTypeEthernet, []pkttest.Layer{pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.SCTP{SrcPort: 9, DstPort: 10}, pkttest.Chunk{Type: pkttest.ChunkCookieAck}}, "Ethernet IPv4 SCTP SCTPCookieAck"},
}

// with returns the layers with a TCP segment inside.
func with(layers ...pkttest.Layer) []pkttest.Layer {
	return append(layers,
		pkttest.TCP{SrcPort: 40000, DstPort: 9, Flags: pkttest.PSH | pkttest.ACK, Options: pkttest.Timestamps(1, 2)},
		pkttest.Text("hello"))
}

func TestFramesByGopacket(t *testing.T) {
	for _, c := range frames {
		t.Run(c.name, func(t *testing.T) {
			frame := pkttest.Frame(c.layers...)
			p := gopacket.NewPacket(frame, c.link, gopacket.Default)
			var got []string
			var ip gopacket.NetworkLayer
			for _, l := range p.Layers() {
				got = append(got, l.LayerType().String())
				if n, ok := l.(gopacket.NetworkLayer); ok {
					ip = n
				}
				if s, ok := l.(interface {
					SetNetworkLayerForChecksum(gopacket.NetworkLayer) error
				}); ok {
					if err := s.SetNetworkLayerForChecksum(ip); err != nil {
						t.Error(err)
					}
				}
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("layers %q, want %q\n%s", s, c.want, p.Dump())
			}
			if p.Metadata().Truncated {
				t.Error("gopacket finds the frame too short for its lengths")
			}
			err, wrong := p.VerifyChecksums()
			if err != nil || len(wrong) != 0 {
				t.Errorf("checksums: %v %v", err, wrong)
			}
		})
	}
}

func TestOverruled(t *testing.T) {
	frame := pkttest.Frame(
		pkttest.IPv4{Length: pkttest.Exactly(0), Checksum: pkttest.Exactly(0xbeef)},
		pkttest.UDP{SrcPort: 1, DstPort: 2, Length: pkttest.Exactly(7), Checksum: pkttest.Exactly(0)},
	)
	want := []byte{
		0x45, 0, 0, 0, // version and header length, TOS, total length
		0, 0, 0, 0, // identification, flags and offset
		64, 17, 0xbe, 0xef, // TTL, protocol, checksum
		10, 0, 0, 1,
		10, 0, 0, 2,
		0, 1, 0, 2, // ports
		0, 7, 0, 0, // length, checksum
	}
	if !bytes.Equal(frame, want) {
		t.Errorf("got  %x\nwant %x", frame, want)
	}
}

func TestFragmentsCarryThePacket(t *testing.T) {
	inside := []pkttest.Layer{pkttest.UDP{SrcPort: 1, DstPort: 2}, pkttest.Zeros(3000)}
	for _, ip := range []pkttest.Layer{pkttest.IPv4{}, pkttest.IPv6{}} {
		whole := pkttest.Frame(append([]pkttest.Layer{ip}, inside...)...)
		var joined []byte
		parts := pkttest.Fragments(1480, 77, append([]pkttest.Layer{ip}, inside...)...)
		header := 20
		if _, six := ip.(pkttest.IPv6); six {
			header = 48
		}
		for _, p := range parts {
			joined = append(joined, p[header:]...)
		}
		if len(parts) != 3 || !bytes.HasSuffix(whole, joined) || len(joined) != 3008 {
			t.Errorf("%T: %d fragments that join to %d bytes", ip, len(parts), len(joined))
		}
	}
}
