package main

import "pkt/internal/pkttest"

// linkKind is a link type and what stands in front of the IP header.
type linkKind struct {
	name  string
	link  uint32
	six   bool // IPv6 inside
	outer layers
}

// linkTypes returns the same conversation on every kind of link.
func linkTypes() testCase {
	wifi := func(tap pkttest.Radiotap, w pkttest.WiFi) layers {
		return layers{tap, w, pkttest.LLC{}, pkttest.SNAP{}}
	}
	kinds := []linkKind{
		{"ethernet", pkttest.LinkEthernet, false, layers{pkttest.Ethernet{}}},
		{"ethernet-padded", pkttest.LinkEthernet, false, layers{pkttest.Ethernet{Min: 60}}},
		{"ethernet-snap", pkttest.LinkEthernet, false, layers{pkttest.Ethernet{}, pkttest.LLC{}, pkttest.SNAP{}}},
		{"null", pkttest.LinkNull, false, layers{pkttest.Null{}}},
		{"null-ipv6", pkttest.LinkNull, true, layers{pkttest.Null{}}},
		{"null-other-order", pkttest.LinkNull, false, layers{pkttest.Null{BigEndian: true}}},
		{"loop", pkttest.LinkLoop, true, layers{pkttest.Loop{}}},
		{"raw", pkttest.LinkRaw, false, nil},
		{"raw-ipv6", pkttest.LinkRaw, true, nil},
		{"ipv4", pkttest.LinkIPv4, false, nil},
		{"ipv6", pkttest.LinkIPv6, true, nil},
		{"ppp", pkttest.LinkPPP, false, layers{pkttest.PPP{HDLC: true}}},
		{"ppp-without-address", pkttest.LinkPPP, true, layers{pkttest.PPP{}}},
		{"ppp-hdlc", pkttest.LinkPPPHDLC, false, layers{pkttest.PPP{HDLC: true}}},
		{"pppoe", pkttest.LinkPPPEther, false, layers{pkttest.PPPoE{Session: 1}, pkttest.PPP{}}},
		{"cisco-hdlc", pkttest.LinkCiscoHDLC, false, layers{pkttest.CiscoHDLC{}}},
		{"sll", pkttest.LinkSLL, false, layers{pkttest.SLL{}}},
		{"sll-vlan", pkttest.LinkSLL, false, layers{pkttest.SLL{}, pkttest.VLAN{ID: 12}}},
		{"sll2", pkttest.LinkSLL2, true, layers{pkttest.SLL2{Interface: 2}}},
		{"wifi", pkttest.LinkWiFi, false, layers{pkttest.WiFi{ToDS: true}, pkttest.LLC{}, pkttest.SNAP{}}},
		{"wifi-four-addresses", pkttest.LinkWiFi, false, layers{pkttest.WiFi{ToDS: true, FromDS: true, QoS: true}, pkttest.LLC{}, pkttest.SNAP{}}},
		{"radiotap", pkttest.LinkRadiotap, false, wifi(pkttest.Radiotap{FCS: true}, pkttest.WiFi{FromDS: true, QoS: true})},
		{"radiotap-padded", pkttest.LinkRadiotap, true, wifi(pkttest.Radiotap{Extended: true, Padding: true}, pkttest.WiFi{QoS: true})},
		{"ppi", pkttest.LinkPPI, false, layers{pkttest.PPI{DLT: 1}, pkttest.Ethernet{}}},
		{"nflog", pkttest.LinkNFLOG, false, layers{pkttest.NFLOG{Group: 5, Prefix: "drop: "}}},
	}
	kinds = append(kinds, rareLinks()...)
	var files []file
	var flows []flowFact
	about := `
In each file the same conversation over TCP: handshake, a request, an answer, close; 10 packets. From 10.0.0.1 port 40000 to
10.0.0.2 port 80, or where the table says 6 from 2001:db8::1 to 2001:db8::2.

| file | LINKTYPE_ | inside |
|---|---|---|
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
		files = append(files, file{k.name + ".pcap", pkttest.Pcap{Link: k.link, Packets: c.Packets}.Bytes()})
		flows = append(flows, of(k.name+".pcap", c, "SF", "ShADadFf", ""))
		about += "| " + k.name + ".pcap | " + text(k.link) + " | " + version + " |\n"
	}
	unknown := pkttest.Pcap{Link: 147, Packets: web("10.0.0.1:40000", 100).Packets} // LINKTYPE_USER0
	files = append(files, file{"unknown.pcap", unknown.Bytes()})
	return testCase{
		name:  "link-types",
		title: "Link types",
		about: about + `
` + "`unknown.pcap` has the link type 147, which is for private use: its 10 packets are counted, not decoded. The frames of\n" +
			"`null-other-order.pcap`" + ` have their address family in the byte order that the file does not have. Those of
` + "`radiotap.pcap`" + ` end in a check sequence of four bytes.`,
		files: files,
		flows: flows,
	}
}
