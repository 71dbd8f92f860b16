package main

import (
	"time"

	"pkt/internal/pkttest"
)

// layers is the inside of a frame.
type layers = []pkttest.Layer

// ether returns a frame with the given layers in Ethernet.
func ether(inside ...pkttest.Layer) []byte {
	return pkttest.Frame(append(layers{pkttest.Ethernet{}}, inside...)...)
}

// fragments returns datagrams in pieces.
func fragments() testCase {
	v4 := func(port uint16, id uint32) [][]byte {
		return pkttest.Fragments(1000, id, pkttest.Ethernet{}, pkttest.IPv4{},
			pkttest.UDP{SrcPort: port, DstPort: 7000}, pkttest.Zeros(2400))
	}
	v6 := func(port uint16, id uint32) [][]byte {
		return pkttest.Fragments(1000, id, pkttest.Ethernet{}, pkttest.IPv6{},
			pkttest.UDP{SrcPort: port, DstPort: 7000}, pkttest.Zeros(2400))
	}
	order := func(f [][]byte, positions ...int) (out [][]byte) {
		for _, p := range positions {
			out = append(out, f[p])
		}
		return out
	}
	tcp := pkttest.Fragments(600, 8, pkttest.Ethernet{}, pkttest.IPv4{},
		pkttest.TCP{SrcPort: 50007, DstPort: 80, Seq: 1, Ack: 1, Flags: pkttest.ACK}, pkttest.Zeros(1400))
	atomic := ether(pkttest.IPv6{}, pkttest.IPv6Fragment{ID: 9},
		pkttest.UDP{SrcPort: 50006, DstPort: 7000}, pkttest.Text("whole"))
	var frames [][]byte
	frames = append(frames, order(v4(50001, 1), 0, 1, 2)...)
	frames = append(frames, order(v4(50002, 2), 2, 0, 1)...)
	frames = append(frames, order(v4(50003, 3), 1, 2)...)
	frames = append(frames, order(v4(50004, 4), 1, 2, 0)...)
	frames = append(frames, order(v4(50005, 5), 0, 1, 1, 2)...)
	frames = append(frames, order(v6(50001, 1), 0, 1, 2)...)
	frames = append(frames, order(v6(50002, 2), 2, 1, 0)...)
	frames = append(frames, order(v6(50003, 3), 1, 2)...)
	frames = append(frames, atomic)
	frames = append(frames, tcp...)
	// A packet long after the others lets the time of incomplete datagrams run out.
	packets := pkttest.Every(at, 10*time.Millisecond, frames...)
	late := pkttest.Datagram("10.0.0.9:50009", "10.0.0.2:7000", pkttest.Text("a minute later"))
	packets = append(packets, pkttest.At(at+int64(time.Minute), late))
	return testCase{
		name:  "fragments",
		title: "IP fragments",
		about: `
UDP datagrams of 2,400 bytes to port 7000 in three fragments each (1,000, 1,000 and 408 bytes of IP payload), from
10.0.0.1 to 10.0.0.2 and, where the table says 6, from 2001:db8::1 to 2001:db8::2. Every fragment counts for the ports of
its first one; those of a datagram without a first one have none.

| source port | version | fragments in the order of the capture |
|---|---|---|
| 50001 | 4, 6 | 1 2 3 |
| 50002 | 4 | 3 1 2 |
| 50002 | 6 | 3 2 1 |
| 50003 | 4, 6 | 2 3: the first is missing |
| 50004 | 4 | 2 3 1: the first comes last |
| 50005 | 4 | 1 2 2 3: one twice |
| 50006 | 6 | an atomic fragment: a fragment header around a whole datagram |
| 50007 | 4 | a TCP segment of 1,400 bytes to port 80 in three fragments |
| 50009 | 4 | none: one datagram a minute later, from 10.0.0.9 |`,
		files: one(packets),
		flows: fragmentFlows(),
	}
}

// fragmentFlows returns what the fragments are to count for.
func fragmentFlows() []flowFact {
	const (
		header4, header6 = 14 + 20, 14 + 40 + 8
		content          = 2408 // of a datagram, with its UDP header
	)
	flow := func(proto, src, dst string, packets, bytes int, note string) flowFact {
		return flowFact{file: "in.pcap", proto: proto, src: src, dst: dst, srcPackets: packets, srcBytes: bytes, note: note}
	}
	const to4, to6 = "10.0.0.2:7000", "[2001:db8::2]:7000"
	return []flowFact{
		flow("udp", "10.0.0.1:50001", to4, 3, 3*header4+content, "in order"),
		flow("udp", "10.0.0.1:50002", to4, 3, 3*header4+content, "the last first"),
		flow("udp", "10.0.0.1", "10.0.0.2", 2, 2*header4+content-1000, "the first is missing: no ports"),
		flow("udp", "10.0.0.1:50004", to4, 3, 3*header4+content, "the first last"),
		flow("udp", "10.0.0.1:50005", to4, 4, 4*header4+content+1000, "one twice"),
		flow("udp", "[2001:db8::1]:50001", to6, 3, 3*header6+content, "in order"),
		flow("udp", "[2001:db8::1]:50002", to6, 3, 3*header6+content, "in reverse"),
		flow("udp", "2001:db8::1", "2001:db8::2", 2, 2*header6+content-1000, "the first is missing: no ports"),
		flow("udp", "[2001:db8::1]:50006", to6, 1, header6+8+len("whole"), "an atomic fragment"),
		flow("tcp", "10.0.0.1:50007", "10.0.0.2:80", 3, 3*header4+20+1400, "a segment in fragments"),
		flow("udp", "10.0.0.9:50009", to4, 1, header4+8+len("a minute later"), "whole"),
	}
}

// extensionHeaders returns IPv6 packets with every extension header.
func extensionHeaders() testCase {
	routing := pkttest.Routing{2, 0, 0, 0, 0, 0, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}
	pad := []byte{1, 4, 0, 0, 0, 0} // PadN
	chains := []layers{
		{pkttest.HopByHop(pad)},
		{pkttest.DestOpts(pad)},
		{routing},
		{pkttest.HopByHop(pad), pkttest.DestOpts(pad), routing, pkttest.AH{SPI: 1, Seq: 1}, pkttest.DestOpts(pad)},
		{pkttest.AH{SPI: 7, Seq: 1}},
	}
	var frames [][]byte
	for i, chain := range chains {
		inside := append(layers{pkttest.IPv6{}}, chain...)
		frames = append(frames, ether(append(inside,
			pkttest.UDP{SrcPort: uint16(50001 + i), DstPort: 53}, pkttest.DNSQuery(1, "example.com", pkttest.TypeAAAA))...))
	}
	frames = append(frames,
		ether(pkttest.IPv6{}),
		ether(pkttest.IPv6{}, pkttest.ESP{SPI: 0x1234, Seq: 1}, pkttest.Zeros(64)),
		ether(pkttest.IPv6{Next: pkttest.Exactly(0)}, pkttest.Payload{17, 255, 0, 0}),
		ether(pkttest.IPv4{}, pkttest.AH{SPI: 7, Seq: 1}, pkttest.UDP{SrcPort: 50009, DstPort: 53}, pkttest.DNSQuery(1, "example.com", pkttest.TypeA)),
		ether(pkttest.IPv4{Options: []byte{7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0}}, pkttest.UDP{SrcPort: 50010, DstPort: 53}, pkttest.DNSQuery(1, "example.com", pkttest.TypeA)),
	)
	return testCase{
		name:  "extension-headers",
		title: "IPv6 extension headers, AH and IPv4 options",
		about: `
From 2001:db8::1 to 2001:db8::2, DNS queries from the ports in the table:

| packet | source port | headers between IPv6 and UDP |
|---|---|---|
| 1 | 50001 | hop-by-hop options |
| 2 | 50002 | destination options |
| 3 | 50003 | routing |
| 4 | 50004 | hop-by-hop, destination options, routing, AH, destination options |
| 5 | 50005 | AH |
| 6 | none | no next header |
| 7 | none | ESP: the rest is encrypted |
| 8 | none | a hop-by-hop header that claims 2,048 bytes and has 4 |

Packets 9 and 10 are IPv4 from 10.0.0.1 to 10.0.0.2: AH before UDP from port 50009, and a record-route option before UDP
from port 50010.`,
		files: one(pkttest.Every(at, time.Millisecond, frames...)),
	}
}

// icmpErrors returns messages that quote the packet they are about.
func icmpErrors() testCase {
	request := pkttest.Datagram("10.0.0.1:50001", "10.0.0.2:7", pkttest.Text("anyone there?"))
	syn := ether(pkttest.IPv4{Dst: "10.0.0.3"}, pkttest.TCP{SrcPort: 50002, DstPort: 80, Seq: 1, Flags: pkttest.SYN})
	request6 := pkttest.Datagram("[2001:db8::1]:50003", "[2001:db8::2]:7", pkttest.Text("anyone there?"))
	ping := ether(pkttest.IPv4{Dst: "10.0.0.4"}, pkttest.ICMP{Type: pkttest.Echo, Rest: pkttest.Ping(7, 1)}, pkttest.Zeros(32))
	const ethernet = 14
	quote := func(frame []byte, n int) pkttest.Payload { return pkttest.Payload(frame[ethernet : ethernet+n]) }
	back := pkttest.IPv4{Src: "10.0.0.2", Dst: "10.0.0.1"}
	router := pkttest.IPv4{Src: "10.0.0.254", Dst: "10.0.0.1"}
	frames := [][]byte{
		request,
		ether(back, pkttest.ICMP{Type: pkttest.Unreachable, Code: 3}, quote(request, 28)),
		syn,
		ether(router, pkttest.ICMP{Type: pkttest.Unreachable, Code: 1}, quote(syn, 28)),
		syn,
		ether(router, pkttest.ICMP{Type: pkttest.TimeExceeded}, quote(syn, 28)),
		request6,
		ether(pkttest.IPv6{Src: "2001:db8::2", Dst: "2001:db8::1"}, pkttest.ICMP{Type: pkttest.Unreachable6, Code: 4}, quote(request6, len(request6)-ethernet)),
		ether(router, pkttest.ICMP{Type: pkttest.Redirect, Code: 1, Rest: 0x0a0000fd}, quote(request, 28)),
		ping,
		ether(router, pkttest.ICMP{Type: pkttest.TimeExceeded}, quote(ping, 28)),
		ether(router, pkttest.ICMP{Type: pkttest.Unreachable, Code: 4, Rest: 1400}, quote(syn, 12)),
	}
	return testCase{
		name:  "icmp-errors",
		title: "ICMP errors quote a packet",
		about: `
What an ICMP error quotes is not traffic: it never counts for the ports in the quotation. 10.0.0.1 sends UDP to port 7 of
10.0.0.2 (refused), two SYNs to 10.0.0.3:80 (host unreachable, time exceeded) and an echo request to 10.0.0.4 (time
exceeded); 2001:db8::1 sends UDP to port 7 of 2001:db8::2 (refused). 10.0.0.254 also sends a redirect that quotes the first
datagram, and an error whose quotation is cut inside the IP header.

Expected: one packet from 10.0.0.1 to UDP port 7, two SYNs, one packet over IPv6 to UDP port 7; all else is ICMP.`,
		files: one(pkttest.Every(at, 5*time.Millisecond, frames...)),
	}
}
