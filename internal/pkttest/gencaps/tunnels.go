package main

import (
	"time"

	"pkt/internal/pkttest"
)

// tunnels returns the same conversation in every kind of tunnel.
func tunnels() testCase {
	outer := layers{pkttest.Ethernet{}, pkttest.IPv4{Src: "192.0.2.1", Dst: "192.0.2.2"}}
	outer6 := layers{pkttest.Ethernet{}, pkttest.IPv6{Src: "2001:db8:ff::1", Dst: "2001:db8:ff::2"}}
	in := func(ip layers, inside ...pkttest.Layer) layers { return append(append(layers{}, ip...), inside...) }
	udp := func(port uint16) pkttest.UDP { return pkttest.UDP{SrcPort: port} }
	key := pkttest.GRE{Checksum: true, Key: pkttest.Number(42), Seq: pkttest.Number(1)}
	inner := pkttest.Ethernet{}
	kinds := []struct {
		name  string
		six   bool // the conversation inside is IPv6
		outer layers
	}{
		{"ipip", false, in(outer)},
		{"6in4", true, in(outer)},
		{"4in6", false, in(outer6)},
		{"ip6ip6", true, in(outer6)},
		{"gre", false, in(outer, pkttest.GRE{})},
		{"gre-key", true, in(outer, key)},
		{"gre-ethernet", false, in(outer, pkttest.GRE{}, inner)},
		{"gre-ppp", false, in(outer, pkttest.GRE{Key: pkttest.Number(3), Seq: pkttest.Number(1)}, pkttest.PPP{HDLC: true})},
		{"gre-mpls", false, in(outer, pkttest.GRE{}, pkttest.MPLS{Label: 100})},
		{"gre-in-ipv6", false, in(outer6, pkttest.GRE{})},
		{"erspan", false, in(outer, pkttest.GRE{Seq: pkttest.Number(1)}, pkttest.ERSPAN{VLAN: 5, Session: 3}, inner)},
		{"vxlan", false, in(outer, udp(33000), pkttest.VXLAN{VNI: 5001}, inner)},
		{"vxlan-vlan", true, in(outer6, udp(33000), pkttest.VXLAN{VNI: 5001}, inner, pkttest.VLAN{ID: 8})},
		{"geneve", false, in(outer, udp(33000), pkttest.Geneve{VNI: 6001}, inner)},
		{"geneve-options", true, in(outer, udp(33000), pkttest.Geneve{VNI: 6001, Options: []byte{0, 1, 2, 1, 9, 9, 9, 9}})},
		{"gtp-u", false, in(outer, pkttest.UDP{SrcPort: 2152}, pkttest.GTPU{TEID: 77})},
		{"gtp-u-extension", true, in(outer, pkttest.UDP{SrcPort: 2152}, pkttest.GTPU{TEID: 77, Seq: pkttest.Exactly(1), Extensions: []byte{0x85, 1, 0, 9, 0}})},
		{"teredo", true, in(outer, pkttest.UDP{SrcPort: 40000})},
		{"mpls-udp", false, in(outer, udp(33000), pkttest.MPLS{Label: 200})},
		{"l2tp", false, in(outer, pkttest.UDP{SrcPort: 1701}, pkttest.L2TP{Tunnel: 5, Session: 6}, pkttest.PPP{HDLC: true})},
		{"etherip", false, in(outer, pkttest.EtherIP{}, inner)},
		{"mpls", false, layers{pkttest.Ethernet{}, pkttest.MPLS{Label: 16}, pkttest.MPLS{Label: 17}}},
		{"pppoe", true, layers{pkttest.Ethernet{}, pkttest.PPPoE{Session: 9}, pkttest.PPP{}}},
		{"ipip-gre-vxlan", false, in(outer, pkttest.IPv4{Src: "192.0.2.3", Dst: "192.0.2.4"}, pkttest.GRE{}, pkttest.IPv4{Src: "192.0.2.5", Dst: "192.0.2.6"}, udp(33000), pkttest.VXLAN{VNI: 1}, inner)},
	}
	var files []file
	var flows []flowFact
	about := `
In each file the same conversation over TCP: handshake, a request, an answer, close; 10 packets. From 10.0.0.1 port 40000 to
10.0.0.2 port 80, or where the table says 6 from 2001:db8::1 to 2001:db8::2. Both directions have the same outer addresses.

| file | inside |
|---|---|
`
	for _, k := range kinds {
		c := pkttest.Dial(at, "10.0.0.1:40000", "10.0.0.2:80")
		version := "4"
		if k.six {
			c, version = pkttest.Dial(at, "[2001:db8::1]:40000", "[2001:db8::2]:80"), "6"
		}
		c.Outer = k.outer
		c.Handshake()
		talk(c)
		c.Close()
		c.Wait(time.Second)
		files = append(files, file{k.name + ".pcap", capture(c.Packets)})
		flows = append(flows, of(k.name+".pcap", c, "SF", "ShADadFf", ""))
		about += "| " + k.name + ".pcap | " + version + " |\n"
	}
	return testCase{
		name:  "tunnels",
		title: "Tunnels",
		about: about + "\nThe flow is the innermost one; `ipip-gre-vxlan` nests three tunnels, and the outermost addresses are 192.0.2.1 and .2.",
		files: files,
		flows: flows,
	}
}

// vlans returns tagged traffic.
func vlans() testCase {
	talkIn := func(client string, outer ...pkttest.Layer) []pkttest.Packet {
		c := pkttest.Dial(at, client, "10.0.0.2:80")
		c.Outer = append(layers{pkttest.Ethernet{}}, outer...)
		c.Handshake()
		talk(c)
		return c.Close().Packets
	}
	// The answers of the last conversation are not tagged, as on a mirror port.
	asymmetric := talkIn("10.0.0.1:40006", pkttest.VLAN{ID: 10})
	for i, p := range asymmetric {
		if p.Data[5] == 1 { // to the client
			asymmetric[i].Data = append(append([]byte(nil), p.Data[:12]...), p.Data[16:]...)
		}
	}
	return testCase{
		name:  "vlan",
		title: "VLAN tags",
		about: `
TCP connections of 10.0.0.1 to port 80 of 10.0.0.2, all at the same time:

| client port | tags |
|---|---|
| 40001 | none |
| 40002 | 802.1Q, VLAN 10 |
| 40003 | 802.1ad 100 (0x88a8), then 802.1Q 10 |
| 40004 | the old QinQ: 0x9100 with 200, then 802.1Q 20 |
| 40005 | 802.1Q 300, then 802.1Q 301, then 802.1Q 302 |
| 40006 | VLAN 10 to the server, no tag back |
| 40007 | priority tag: VLAN 0 with priority 5 |

The VLAN of a packet is that of its outermost tag.`,
		files: one(pkttest.Merge(
			talkIn("10.0.0.1:40001"),
			talkIn("10.0.0.1:40002", pkttest.VLAN{ID: 10}),
			talkIn("10.0.0.1:40003", pkttest.VLAN{TPID: 0x88a8, ID: 100}, pkttest.VLAN{ID: 10}),
			talkIn("10.0.0.1:40004", pkttest.VLAN{TPID: 0x9100, ID: 200}, pkttest.VLAN{ID: 20}),
			talkIn("10.0.0.1:40005", pkttest.VLAN{ID: 300}, pkttest.VLAN{ID: 301}, pkttest.VLAN{ID: 302}),
			asymmetric,
			talkIn("10.0.0.1:40007", pkttest.VLAN{ID: 0, PCP: 5}),
		)),
	}
}
