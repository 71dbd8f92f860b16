package main

import (
	"time"

	"pkt/internal/pkttest"
)

// portReuse returns connections that follow one another on the same ports.
func portReuse() testCase {
	var packets [][]pkttest.Packet
	var flows []flowFact
	play := func(port, note string, first, second [2]string, end func(c *pkttest.Conn), wait time.Duration, isn uint32) {
		client := "10.0.0.1:" + port
		c := pkttest.Dial(at+int64(len(packets))*int64(time.Minute), client, "10.0.0.2:80").Handshake()
		talk(c)
		end(c)
		d := pkttest.Dial(c.Now+int64(wait), client, "10.0.0.2:80")
		d.Client.Seq = isn
		d.Server.Seq = 900000
		d.Handshake()
		d.Client.Send([]byte("second connection"))
		d.Close()
		packets = append(packets, c.Packets, d.Packets)
		flows = append(flows,
			of("in.pcap", c, first[0], first[1], note+": first"),
			of("in.pcap", d, second[0], second[1], note+": second"))
	}
	sf, second := [2]string{"SF", "ShADadFf"}, [2]string{"SF", "ShADaFf"}
	closed := func(c *pkttest.Conn) { c.Close() }
	play("41001", "after an ordinary close", sf, second, closed, 2*time.Second, 5_000_000)
	play("41002", "at once after a close", sf, second, closed, time.Millisecond, 5_000_000)
	play("41003", "after a close, with the same ISN", sf, second, closed, time.Second, 1000)
	play("41004", "after a close, with an ISN below the first", sf, second, closed, time.Second, 10)
	play("41005", "after a reset", [2]string{"RSTO", "ShADadR"}, second, func(c *pkttest.Conn) { c.Client.RST() }, time.Second, 5_000_000)
	play("41006", "the first never closed", [2]string{"S1", "ShADad"}, second, func(*pkttest.Conn) {}, 5*time.Second, 5_000_000)

	// A SYN into a living connection that is answered by a challenge ACK (RFC
	// 5961 section 4) does not begin another one.
	c := pkttest.Dial(at+int64(len(packets))*int64(time.Minute), "10.0.0.1:41007", "10.0.0.2:80").Handshake()
	talk(c)
	c.Client.Emit(pkttest.TCP{Seq: 5_000_000, Flags: pkttest.SYN})
	c.Server.ACK()
	talk(c)
	c.Close()
	packets = append(packets, c.Packets)
	flows = append(flows, of("in.pcap", c, "SF", "", "a SYN that is challenged: still the same connection"))
	return testCase{
		name:  "port-reuse",
		title: "Connections that follow one another on the same ports",
		about: `
Two connections each on client ports 41001 to 41006 of 10.0.0.1, to port 80 of 10.0.0.2, and one on 41007 in which a stray
SYN is challenged. 13 flows in all. ` + "`expected.json`" + ` counts otherwise: tshark joins the two on 41003, which have the same
ISN, and splits the one on 41007.`,
		files: one(pkttest.Merge(packets...)),
		flows: flows,
	}
}

// streams returns connections whose segments do not come as they were sent.
func streams() testCase {
	text := make([]byte, 6*1460)
	for i := range text {
		text[i] = byte('a' + i/1460)
	}
	fate := func(lost ...int) func(int) pkttest.Loss {
		return func(n int) pkttest.Loss {
			for _, l := range lost {
				if n == l {
					return pkttest.LostAfter
				}
			}
			return pkttest.Arrives
		}
	}
	packets, flows := playAll([]scene{
		{"two segments sent again", "SF", "ShAdtFf", func(c *pkttest.Conn) {
			c.Handshake()
			c.Server.SendLossy(text, 6, fate(1, 3))
			c.Close()
		}},
		{"segment 2 lost before the capture: comes late", "SF", "", func(c *pkttest.Conn) {
			c.Handshake()
			c.Server.SendLossy(text, 6, func(n int) pkttest.Loss {
				if n == 2 {
					return pkttest.LostBefore
				}
				return pkttest.Arrives
			})
			c.Close()
		}},
		{"segments captured in reverse", "SF", "", func(c *pkttest.Conn) {
			c.Handshake()
			c.Reverse(func() {
				for i := range 4 {
					c.Server.Segment(text[i*1460:(i+1)*1460], i == 3)
				}
			})
			c.Client.ACK()
			c.Close()
		}},
		{"1460 bytes acknowledged but never captured", "SF", "", func(c *pkttest.Conn) {
			c.Handshake()
			c.Server.Segment(text[:1460], false)
			c.Lose(func() { c.Server.Segment(text[1460:2920], false) })
			c.Server.Segment(text[2920:4380], true)
			c.Client.ACK()
			c.Close()
		}},
		{"the client closes its window, the server probes", "", "", func(c *pkttest.Conn) {
			c.Handshake()
			c.Server.Segment(text[:1460], true)
			c.Client.Window = 0
			c.Client.ACK()
			for range 2 {
				c.Wait(time.Second)
				c.Server.KeepAlive()
				c.Client.ACK()
			}
			c.Client.Window = 64240
			c.Client.ACK()
			c.Server.Send(text[1460:2920])
			c.Close()
		}},
		{"keep-alives", "", "", func(c *pkttest.Conn) {
			c.Handshake()
			talk(c)
			for range 3 {
				c.Wait(10 * time.Second)
				c.Client.KeepAlive()
				c.Server.ACK()
			}
			c.Close()
		}},
		{"half closed: content after the client's FIN", "SF", "ShADaFdf", func(c *pkttest.Conn) {
			c.Handshake()
			c.Client.Send([]byte("all I have to say"))
			c.Client.FIN()
			c.Server.ACK()
			c.Server.Send([]byte("but I go on"))
			c.Server.FIN()
			c.Client.ACK()
		}},
		{"sequence numbers pass 2^32", "SF", "ShAdFf", func(c *pkttest.Conn) {
			c.Server.Seq = 0xffffff00
			c.Handshake()
			c.Server.Send(text)
			c.Close()
		}},
		{"only the client's side was captured", "SH", "SADF", func(c *pkttest.Conn) {
			c.Client.SYN()
			c.Lose(c.Server.SYNACK)
			c.Client.ACK()
			c.Client.Segment([]byte("question"), true)
			c.Lose(func() { c.Server.Segment([]byte("answer"), true) })
			c.Client.FIN()
		}},
		{"urgent data", "SF", "ShADaFf", func(c *pkttest.Conn) {
			c.Handshake()
			c.Client.Emit(pkttest.TCP{Seq: c.Client.Seq, Flags: pkttest.PSH | pkttest.ACK | pkttest.URG, Urgent: 3}, pkttest.Text("abcdef"))
			c.Client.Seq += 6
			c.Server.ACK()
			c.Close()
		}},
	})
	return testCase{
		name:  "streams",
		title: "Segments lost, late, twice and never",
		about: `
TCP connections from 10.0.0.1 to port 80 of 10.0.0.2, with client ports from 40001 up. The server's content is up to six
segments of 1460 bytes, "aaa…" to "fff…".`,
		files: one(packets),
		flows: flows,
	}
}
