package main

import (
	"time"

	"pkt/internal/pkttest"
)

// web returns a short conversation with an answer of the given size.
func web(client string, size int) *pkttest.Conn {
	c := pkttest.Dial(at, client, "10.0.0.2:80").Handshake()
	c.Client.Send([]byte("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n"))
	c.Server.Send(make([]byte, size))
	return c.Close()
}

// snaplen returns packets of which the beginning was captured.
func snaplen() testCase {
	cut := func(n int) []byte {
		var packets []pkttest.Packet
		for _, p := range pkttest.Merge(web("10.0.0.1:40001", 8000).Packets, dnsPair()) {
			packets = append(packets, p.Snap(n))
		}
		return pkttest.Pcap{Link: pkttest.LinkEthernet, SnapLen: uint32(n), Packets: packets}.Bytes()
	}
	return testCase{
		name:  "snaplen",
		title: "Cut by a snapshot length",
		about: `
The same packets three times: a web page of 8,000 bytes from 10.0.0.2:80 to 10.0.0.1:40001, and a DNS query with its answer,
cut after 96 bytes (inside the payload), 60 (inside TCP options or the payload) and 40 (inside the transport header).

Expected: packets and bytes are the same in all three, since bytes are original lengths. Ports are still known after 40
bytes; TCP flags are not, they lie at bytes 46 and 47.`,
		files: []file{{"96.pcap", cut(96)}, {"60.pcap", cut(60)}, {"40.pcap", cut(40)}},
	}
}

// dnsPair returns a query and its answer.
func dnsPair() []pkttest.Packet {
	const client, server = "10.0.0.1:50053", "10.0.0.3:53"
	return pkttest.Every(at, 3*time.Millisecond,
		pkttest.Datagram(client, server, pkttest.DNSQuery(1, "www.example.com", pkttest.TypeA)),
		pkttest.Datagram(server, client, pkttest.DNSAnswer(1, "www.example.com", pkttest.TypeA, "10.0.0.2")))
}

// offload returns what a sending host captures of packets that its network card
// would have completed.
func offload() testCase {
	const client, server = "10.0.0.1", "10.0.0.2"
	segment := func(seq uint32, n int) []byte {
		return ether(pkttest.IPv4{Src: client, Dst: server}, pkttest.TCP{
			SrcPort: 40001, DstPort: 80, Seq: seq, Ack: 1, Flags: pkttest.ACK,
			Checksum: pkttest.Exactly(pkttest.PseudoSum(client, server, 6, 20+n)),
		}, pkttest.Zeros(n))
	}
	datagram := ether(pkttest.IPv4{Src: client, Dst: server}, pkttest.UDP{
		SrcPort: 50001, DstPort: 9000, Checksum: pkttest.Exactly(pkttest.PseudoSum(client, server, 17, 8+100)),
	}, pkttest.Zeros(100))
	whole := ether(pkttest.IPv4{Src: client, Dst: server, Length: pkttest.Exactly(0), Checksum: pkttest.Exactly(0)},
		pkttest.TCP{SrcPort: 40002, DstPort: 80, Seq: 1, Ack: 1, Flags: pkttest.ACK, Checksum: pkttest.Exactly(0)},
		pkttest.Zeros(5000))
	ack := func(n uint32) []byte {
		return ether(pkttest.IPv4{Src: server, Dst: client}, pkttest.TCP{
			SrcPort: 80, DstPort: 40001, Seq: 1, Ack: n, Flags: pkttest.ACK})
	}
	return testCase{
		name:  "offload",
		title: "Checksums and lengths left to the network card",
		about: `
Captured on 10.0.0.1, which leaves work to its network card:

* 40001 to 80: eight segments of 1,000 bytes whose checksum field holds the sum over the pseudo-header alone. The four
  acknowledgements of 10.0.0.2 are right.
* UDP from 50001 to 9000: likewise.
* 40002 to 80: one segment of 5,000 bytes with IP length 0, and checksums of 0.

Expected: 5,000 bytes of payload in the last flow. Wrong checksums come from one host only, which is the mark of offloading.`,
		files: one(pkttest.Every(at, time.Millisecond,
			segment(1, 1000), segment(1001, 1000), ack(2001), segment(2001, 1000), segment(3001, 1000), ack(4001),
			segment(4001, 1000), segment(5001, 1000), ack(6001), segment(6001, 1000), segment(7001, 1000), ack(8001),
			datagram, whole)),
	}
}

// superPackets returns segments larger than any wire would take.
func superPackets() testCase {
	c := pkttest.Dial(at, "10.0.0.1:40001", "10.0.0.2:80")
	c.MSS = 65160
	c.Handshake()
	c.Client.Send([]byte("GET /big HTTP/1.1\r\n\r\n"))
	c.Server.Send(make([]byte, 4*65160))
	c.Close()
	// A 200,000-byte packet: BIG TCP over IPv6 leaves the payload length 0 and
	// says it in a jumbo option (RFC 2675).
	const size = 200_000
	tcp := pkttest.TCP{SrcPort: 40002, DstPort: 80, Seq: 1, Ack: 1, Flags: pkttest.ACK, Checksum: pkttest.Exactly(0)}
	jumbo := uint32(8 + 20 + size)
	hop := pkttest.HopByHop{0xc2, 4, byte(jumbo >> 24), byte(jumbo >> 16), byte(jumbo >> 8), byte(jumbo)}
	big := ether(pkttest.IPv6{Length: pkttest.Exactly(0)}, hop, tcp, pkttest.Zeros(size))
	packets := append(c.Packets, pkttest.At(c.Now+1e6, big))
	for i := range packets {
		packets[i] = packets[i].Snap(128)
	}
	return testCase{
		name:  "super-packets",
		title: "Segments of 64 kB and more",
		about: `
What segmentation offload and receive offload show to a capture: a web answer of 260,640 bytes in four segments of 65,160
bytes (40001 to 80), and one IPv6 packet of 200,000 bytes of payload with a jumbo option and payload length 0 (40002 to 80),
as BIG TCP makes. All cut after 128 bytes.`,
		files: []file{{"in.pcap", pkttest.Pcap{Link: pkttest.LinkEthernet, SnapLen: 128, Packets: packets}.Bytes()}},
	}
}

// badChecksums returns packets that were damaged on their way.
func badChecksums() testCase {
	var frames [][]byte
	for i := range 100 {
		frames = append(frames, pkttest.Datagram("10.0.0.1:50001", "10.0.0.2:9000", pkttest.Zeros(20+i)))
	}
	const ip, transport, payload = 24, 40, 50 // offsets into the frames
	wrong := pkttest.Exactly(0x1234)
	frames[10] = pkttest.Corrupt(frames[10], ip)
	frames[20] = pkttest.Corrupt(frames[20], payload)
	frames[30] = pkttest.Corrupt(frames[30], transport)
	frames[40] = ether(pkttest.IPv4{}, pkttest.UDP{SrcPort: 50001, DstPort: 9000, Checksum: pkttest.Exactly(0)}, pkttest.Zeros(60))
	frames[50] = ether(pkttest.IPv4{}, pkttest.TCP{SrcPort: 40001, DstPort: 80, Flags: pkttest.SYN, Checksum: wrong})
	frames[60] = ether(pkttest.IPv4{}, pkttest.ICMP{Type: pkttest.Echo, Checksum: wrong}, pkttest.Zeros(10))
	frames[70] = ether(pkttest.IPv6{}, pkttest.ICMP{Type: pkttest.Echo6, Checksum: wrong}, pkttest.Zeros(10))
	frames[80] = ether(pkttest.IPv6{}, pkttest.UDP{SrcPort: 50001, DstPort: 9000, Checksum: pkttest.Exactly(0)}, pkttest.Zeros(10))
	return testCase{
		name:  "bad-checksums",
		title: "Wrong checksums",
		about: `
100 packets, nearly all UDP from 10.0.0.1:50001 to 10.0.0.2:9000. Wrong are: 11 (IPv4 header), 21 (UDP, by its payload),
31 (UDP), 51 (TCP), 61 (ICMP), 71 (ICMPv6), 81 (UDP over IPv6 with checksum 0, which IPv6 forbids). Packet 41 is right: UDP
over IPv4 with checksum 0 has none. So: IPv4 1, TCP 1, UDP 3, ICMP 1, ICMPv6 1.`,
		files: one(pkttest.Every(at, time.Millisecond, frames...)),
	}
}
