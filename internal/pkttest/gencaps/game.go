package main

import (
	"fmt"
	"time"

	"pkt/internal/pkttest"
)

// gameServer returns 2,500 clients of one server on a high port, without a
// handshake to tell which side serves.
func gameServer() testCase {
	const clients, port = 2500, 31337
	roll := dice(31337)
	var udp, tcp [][]pkttest.Packet
	for n := range clients {
		client := fmt.Sprintf("100.64.%d.%d:%d", n/250, 1+n%250, 1024+roll.below(64000))
		server := fmt.Sprintf("198.51.100.10:%d", port)
		start := at + int64(roll.between(0, 9*time.Second))
		rtt := int64(roll.between(8*time.Millisecond, 90*time.Millisecond))
		ask := pkttest.Datagram(client, server, pkttest.Zeros(8+roll.below(9)))
		answer := pkttest.Datagram(server, client, pkttest.Zeros(12+roll.below(30)))
		packets := []pkttest.Packet{pkttest.At(start, ask), pkttest.At(start+rtt, answer)}
		if n%3 == 0 { // the server speaks first: the capture began in the middle
			packets = []pkttest.Packet{pkttest.At(start, answer), pkttest.At(start+rtt, ask)}
		}
		udp = append(udp, packets)

		c := pkttest.Dial(start, client, server)
		c.RTT = time.Duration(rtt)
		c.Client.Seq, c.Server.Seq = uint32(n)*7919, uint32(n)*104729
		if n%3 == 0 {
			c.Server.Segment(make([]byte, 12), true)
			c.Client.ACK()
		} else {
			c.Client.Segment(make([]byte, 8), true)
			c.Server.Segment(make([]byte, 12), true)
		}
		tcp = append(tcp, c.Packets)
	}
	return testCase{
		name:  "game-server",
		title: "2,500 clients of one server on a high port",
		about: `
Clients 100.64.0.1 to 100.64.9.250 on ports from 1024 up talk to 198.51.100.10 on port 31337, two packets each, all within
ten seconds: ` + "`udp.pcap.gz` over UDP, `tcp.pcap.gz`" + ` over TCP in the middle of connections, without a handshake. Every third
conversation begins with a packet of the server, and many clients have ports below 31337 or in the range of registered
ports. Only the number of peers tells which port is the service.

Expected: 2,500 flows and 5,000 packets in each file; a ranking by port has one row, 31337.`,
		files: []file{
			{"udp.pcap.gz", gzipped(capture(pkttest.Merge(udp...)))},
			{"tcp.pcap.gz", gzipped(capture(pkttest.Merge(tcp...)))},
		},
	}
}
