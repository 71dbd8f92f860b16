package main

import (
	"time"

	"pkt/internal/pkttest"
)

// transports returns what runs over IP beside TCP and UDP.
func transports() testCase {
	const a, b = "10.0.0.1", "10.0.0.2"
	there, back := pkttest.IPv4{Src: a, Dst: b}, pkttest.IPv4{Src: b, Dst: a}
	lite := func(src, dst uint16, covered int) pkttest.UDPLite {
		return pkttest.UDPLite{SrcPort: src, DstPort: dst, Coverage: covered}
	}
	igmp := func(kind uint8, group string) []byte {
		alert := []byte{0x94, 4, 0, 0} // router alert (RFC 2113)
		return ether(pkttest.IPv4{Src: a, Dst: group, TTL: 1, Options: alert}, pkttest.IGMP{Type: kind, Group: group})
	}
	ping := func(ip pkttest.Layer, kind uint8, seq uint16) []byte {
		return ether(ip, pkttest.ICMP{Type: kind, Rest: pkttest.Ping(77, seq)}, pkttest.Zeros(56))
	}
	frames := append(sctp(there, back),
		ether(there, lite(50001, 5004, 0), pkttest.Zeros(40)),
		ether(there, lite(50001, 5004, 8), pkttest.Zeros(40)),
		ether(back, lite(5004, 50001, 20), pkttest.Zeros(40)),
		igmp(0x16, "239.1.2.3"),
		igmp(0x17, "239.1.2.3"),
		ping(there, pkttest.Echo, 1), ping(back, pkttest.EchoReply, 1),
		ping(there, pkttest.Echo, 2), ping(back, pkttest.EchoReply, 2),
		ping(pkttest.IPv6{}, pkttest.Echo6, 1),
		ping(pkttest.IPv6{Src: "2001:db8::2", Dst: "2001:db8::1"}, pkttest.EchoReply6, 1),
		ether(there, pkttest.ESP{SPI: 0xabcd, Seq: 1}, pkttest.Zeros(84)),
		ether(pkttest.IPv4{Src: a, Dst: "224.0.0.5", TTL: 1, Proto: pkttest.Exactly(89)}, pkttest.Zeros(44)),
		ether(pkttest.ARP{SrcIP: a, DstIP: b}),
		ether(pkttest.ARP{Op: 2, SrcIP: b, DstIP: a}),
		pkttest.Frame(pkttest.Ethernet{Src: pkttest.MAC(a), Dst: "01:80:c2:00:00:00"}, pkttest.LLC{DSAP: 0x42, SSAP: 0x42}, pkttest.Zeros(35)),
	)
	return testCase{
		name:  "transports",
		title: "What runs over IP beside TCP and UDP",
		about: `
Between 10.0.0.1 and 10.0.0.2:

* an SCTP association from port 40001 to port 3868: handshake, content both ways, shutdown; 12 packets
* UDP-Lite from port 50001 to port 5004 and back, with all, 8 and 20 bytes under the checksum; 3 packets
* IGMP: a report and a leave for the group 239.1.2.3, with router alert
* two pings over IPv4, and one over IPv6 from 2001:db8::1 to 2001:db8::2
* one packet of ESP, one of OSPF (filled with zeros), an ARP question and its answer, and a frame of spanning tree, which
  is no IP`,
		files: one(pkttest.Every(at, 2*time.Millisecond, frames...)),
	}
}

// sctp returns the packets of an association.
func sctp(there, back pkttest.IPv4) [][]byte {
	const tagA, tagB = 0x11111111, 0x22222222
	number := func(b []byte, v uint32) []byte { return append(b, byte(v>>24), byte(v>>16), byte(v>>8), byte(v)) }
	client := func(tag uint32, chunks ...pkttest.Layer) []byte {
		head := layers{there, pkttest.SCTP{SrcPort: 40001, DstPort: 3868, Tag: tag}}
		return ether(append(head, chunks...)...)
	}
	server := func(chunks ...pkttest.Layer) []byte {
		head := layers{back, pkttest.SCTP{SrcPort: 3868, DstPort: 40001, Tag: tagA}}
		return ether(append(head, chunks...)...)
	}
	opening := func(tag, first uint32) []byte { // tag, window, streams out and in, first number
		return number(append(number(number(nil, tag), 65536), 0, 10, 0, 10), first)
	}
	data := func(n uint32, text string) pkttest.Chunk { // number, stream, order in it, protocol, content
		head := append(number(nil, n), 0, 1, 0, byte(n), 0, 0, 0, 46)
		return pkttest.Chunk{Type: pkttest.ChunkData, Flags: 3, Value: append(head, text...)}
	}
	sack := func(n uint32) pkttest.Chunk {
		return pkttest.Chunk{Type: pkttest.ChunkSack, Value: append(number(number(nil, n), 65536), 0, 0, 0, 0)}
	}
	cookie := append([]byte{0, 7, 0, 12}, make([]byte, 8)...)
	return [][]byte{
		client(0, pkttest.Chunk{Type: pkttest.ChunkInit, Value: opening(tagA, 1)}),
		server(pkttest.Chunk{Type: pkttest.ChunkInitAck, Value: append(opening(tagB, 1), cookie...)}),
		client(tagB, pkttest.Chunk{Type: pkttest.ChunkCookieEcho, Value: make([]byte, 8)}),
		server(pkttest.Chunk{Type: pkttest.ChunkCookieAck}),
		client(tagB, data(1, "a question")),
		server(sack(1)),
		server(data(1, "an answer"), data(2, "that goes on")),
		client(tagB, sack(2)),
		client(tagB, data(2, "thanks")),
		client(tagB, pkttest.Chunk{Type: pkttest.ChunkShutdown, Value: number(nil, 2)}),
		server(pkttest.Chunk{Type: pkttest.ChunkShutdownAck}),
		client(tagB, pkttest.Chunk{Type: pkttest.ChunkShutdownDone}),
	}
}
