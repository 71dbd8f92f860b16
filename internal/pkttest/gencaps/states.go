package main

import (
	"fmt"
	"time"

	"pkt/internal/pkttest"
)

// scene is one TCP conversation that stands for something.
type scene struct {
	note    string
	state   string
	history string
	play    func(c *pkttest.Conn)
}

// playAll returns the packets of the scenes, a second apart, each with a client
// port of its own from 40001 up, and what is known of them.
func playAll(scenes []scene) ([]pkttest.Packet, []flowFact) {
	var packets [][]pkttest.Packet
	var flows []flowFact
	for i, s := range scenes {
		c := pkttest.Dial(at+int64(i)*int64(time.Second), fmt.Sprintf("10.0.0.1:%d", 40001+i), "10.0.0.2:80")
		s.play(c)
		packets = append(packets, c.Packets)
		flows = append(flows, of("in.pcap", c, s.state, s.history, s.note))
	}
	return pkttest.Merge(packets...), flows
}

// talk exchanges a request and an answer.
func talk(c *pkttest.Conn) {
	c.Client.Send([]byte("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n"))
	c.Server.Send([]byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"))
}

// connStates returns a flow in every state that Zeek knows.
func connStates() testCase {
	packets, flows := playAll([]scene{
		{"attempt without an answer", "S0", "S", func(c *pkttest.Conn) { c.Client.SYN() }},
		{"established, still open", "S1", "ShADad", func(c *pkttest.Conn) { c.Handshake(); talk(c) }},
		{"established and closed", "SF", "ShADadFf", func(c *pkttest.Conn) { c.Handshake(); talk(c); c.Close() }},
		{"refused", "REJ", "Sr", func(c *pkttest.Conn) {
			c.Client.SYN()
			c.Server.Emit(pkttest.TCP{Flags: pkttest.RST | pkttest.ACK, Ack: c.Client.Seq})
		}},
		{"closed by the originator only", "S2", "ShADadF", func(c *pkttest.Conn) {
			c.Handshake()
			talk(c)
			c.Client.FIN()
			c.Server.ACK()
		}},
		{"closed by the responder only", "S3", "ShADadf", func(c *pkttest.Conn) {
			c.Handshake()
			talk(c)
			c.Server.FIN()
			c.Client.ACK()
		}},
		{"reset by the originator", "RSTO", "ShADadR", func(c *pkttest.Conn) { c.Handshake(); talk(c); c.Client.RST() }},
		{"reset by the responder", "RSTR", "ShADadr", func(c *pkttest.Conn) { c.Handshake(); talk(c); c.Server.RST() }},
		{"SYN, then reset by the originator", "RSTOS0", "SR", func(c *pkttest.Conn) {
			c.Client.SYN()
			c.Wait(time.Millisecond)
			c.Client.Emit(pkttest.TCP{Seq: c.Client.Seq, Flags: pkttest.RST})
		}},
		{"SYN-ACK, then reset by the responder; the SYN was not captured", "RSTRH", "^hr", func(c *pkttest.Conn) {
			c.Lose(c.Client.SYN)
			c.Server.SYNACK()
			c.Server.Emit(pkttest.TCP{Seq: c.Server.Seq, Flags: pkttest.RST})
		}},
		{"SYN, then FIN of the originator; nothing of the responder", "SH", "SF", func(c *pkttest.Conn) {
			c.Client.SYN()
			c.Client.FIN()
		}},
		{"SYN-ACK, then FIN of the responder; nothing of the originator", "SHR", "^hf", func(c *pkttest.Conn) {
			c.Lose(c.Client.SYN)
			c.Server.SYNACK()
			c.Server.FIN()
		}},
		{"midstream, neither opened nor closed", "OTH", "DadA", func(c *pkttest.Conn) { c.Lose(func() { c.Handshake() }); talk(c) }},
	})
	return testCase{
		name:  "conn-states",
		title: "Every state of a connection",
		about: `
One TCP connection for each conn_state of Zeek, from 10.0.0.1 to port 80 of 10.0.0.2, with client ports from 40001 up.
Histories are in Zeek's letters: upper case for the originator, ^ where the first packet came from the responder.`,
		files: one(packets),
		flows: flows,
	}
}

// handshakes returns the ways in which connections open.
func handshakes() testCase {
	packets, flows := playAll([]scene{
		{"as it should be", "SF", "ShADadFf", func(c *pkttest.Conn) { c.Handshake(); talk(c); c.Close() }},
		{"SYN sent three times", "SF", "ShADadFf", func(c *pkttest.Conn) {
			for range 2 {
				c.Client.SYN()
				c.Client.Seq--
				c.Wait(time.Second)
			}
			c.Handshake()
			talk(c)
			c.Close()
		}},
		{"SYN-ACK sent twice", "SF", "ShADadFf", func(c *pkttest.Conn) {
			c.Client.SYN()
			c.Server.SYNACK()
			c.Server.Seq--
			c.Wait(time.Second)
			c.Server.SYNACK()
			c.Client.ACK()
			talk(c)
			c.Close()
		}},
		{"SYN-ACK captured before the SYN", "SF", "", func(c *pkttest.Conn) {
			c.Reverse(func() { c.Client.SYN(); c.Server.SYNACK() })
			c.Client.ACK()
			talk(c)
			c.Close()
		}},
		{"SYN not captured", "", "", func(c *pkttest.Conn) {
			c.Lose(c.Client.SYN)
			c.Server.SYNACK()
			c.Client.ACK()
			talk(c)
			c.Close()
		}},
		{"simultaneous open", "SF", "", func(c *pkttest.Conn) {
			c.Client.SYN()
			c.Server.SYN()
			c.Client.Emit(pkttest.TCP{Seq: c.Client.Seq - 1, Flags: pkttest.SYN | pkttest.ACK})
			c.Server.Emit(pkttest.TCP{Seq: c.Server.Seq - 1, Flags: pkttest.SYN | pkttest.ACK})
			talk(c)
			c.Close()
		}},
		{"split handshake: the server answers with an ACK and a SYN of its own", "SF", "", func(c *pkttest.Conn) {
			c.Client.SYN()
			c.Server.Emit(pkttest.TCP{Seq: 0, Flags: pkttest.ACK})
			c.Server.SYN()
			c.Client.Emit(pkttest.TCP{Seq: c.Client.Seq - 1, Flags: pkttest.SYN | pkttest.ACK})
			c.Server.ACK()
			talk(c)
			c.Close()
		}},
		{"TCP Fast Open: content in the SYN, accepted", "SF", "", func(c *pkttest.Conn) {
			hello := pkttest.Text("GET /fast HTTP/1.0\r\n\r\n")
			c.Client.Emit(pkttest.TCP{Seq: c.Client.Seq, Flags: pkttest.SYN, Options: pkttest.FastOpen(1, 2, 3, 4, 5, 6, 7, 8)}, hello)
			c.Client.Seq += 1 + uint32(len(hello))
			c.Server.SYNACK()
			c.Client.ACK()
			c.Server.Send([]byte("HTTP/1.0 200 OK\r\n\r\n"))
			c.Close()
		}},
		{"another SYN with a new ISN before any answer: the second counts", "SF", "", func(c *pkttest.Conn) {
			c.Client.SYN()
			c.Wait(time.Second)
			c.Client.Seq = 77_000_000
			c.Handshake()
			talk(c)
			c.Close()
		}},
		{"ECN asked for and granted", "SF", "ShADadFf", func(c *pkttest.Conn) {
			c.Client.Emit(pkttest.TCP{Seq: c.Client.Seq, Flags: pkttest.SYN | pkttest.ECE | pkttest.CWR})
			c.Client.Seq++
			c.Server.Emit(pkttest.TCP{Seq: c.Server.Seq, Flags: pkttest.SYN | pkttest.ACK | pkttest.ECE})
			c.Server.Seq++
			c.Client.ACK()
			talk(c)
			c.Close()
		}},
		{"SYN-ACK without the last ACK", "S1", "Sh", func(c *pkttest.Conn) { c.Client.SYN(); c.Server.SYNACK() }},
		{"the client resets after the SYN-ACK, as port scans do", "RSTO", "ShR", func(c *pkttest.Conn) {
			c.Client.SYN()
			c.Server.SYNACK()
			c.Client.Emit(pkttest.TCP{Seq: c.Client.Seq, Flags: pkttest.RST})
		}},
	})
	return testCase{
		name:  "handshakes",
		title: "How connections open",
		about: `
TCP connections from 10.0.0.1 to port 80 of 10.0.0.2 that open in different ways, with client ports from 40001 up. The
originator is 10.0.0.1 in all of them, and all but those without a SYN say so by their handshake. The time from SYN to
SYN-ACK is 10 ms.`,
		files: one(packets),
		flows: flows,
	}
}
