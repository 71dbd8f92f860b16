package flow_test

import (
	"testing"
	"time"

	"pkt/flow"
	"pkt/internal/pkttest"
)

// In these conversations the server is 10 ms away from the capture, the client
// 50 µs.
const (
	toServer = int64(10 * time.Millisecond)
	toClient = int64(50 * time.Microsecond)
)

// roundTrips are conversations and the times in them.
var roundTrips = []struct {
	name              string
	stamps            bool
	talk              func(c *pkttest.Conn)
	handshake, client int64
	server            int64
}{
	{"handshake", false, func(c *pkttest.Conn) { c.Handshake() }, toServer + toClient, toClient, toServer},
	{"SYN sent again", false, func(c *pkttest.Conn) {
		c.Client.SYN()
		c.Client.Seq--
		c.Wait(time.Second)
		c.Handshake()
	}, toServer + toClient, toClient, toServer},
	{"slow handshake", false, func(c *pkttest.Conn) {
		c.Client.SYN()
		c.Wait(5 * time.Second)
		c.Server.SYNACK()
		c.Client.ACK()
	}, toServer + toClient + 5e9, toClient, toServer + 5e9},
	{"without the SYN-ACK", false, func(c *pkttest.Conn) {
		c.Client.SYN()
		c.Lose(c.Server.SYNACK)
		c.Client.ACK()
	}, 0, 0, 0},
	{"midstream", false, func(c *pkttest.Conn) {
		c.Lose(func() { c.Handshake() })
		c.Server.ACK()
		c.Client.Send(text(10))
	}, 0, 0, toServer},
	{"sent again", false, func(c *pkttest.Conn) {
		// Which copy the acknowledgement is for, nobody knows.
		c.Lose(func() { c.Handshake() })
		c.Server.ACK()
		c.Client.Segment(text(10), true)
		c.Wait(time.Second)
		c.Client.Resend(1)
		c.Server.ACK()
	}, 0, 0, 0},
	{"sent again with timestamps", true, func(c *pkttest.Conn) {
		c.Lose(func() { c.Handshake() })
		c.Server.ACK()
		stamp(c, 100, 0)
		c.Client.Segment(text(10), true)
		c.Wait(time.Second)
		stamp(c, 101, 0)
		c.Client.Resend(1)
		stamp(c, 500, 101)
		c.Server.ACK()
	}, 0, 0, toServer},
	{"the first copy answered", true, func(c *pkttest.Conn) {
		c.Lose(func() { c.Handshake() })
		c.Server.ACK()
		stamp(c, 100, 0)
		c.Client.Segment(text(10), true)
		c.Wait(time.Second)
		stamp(c, 101, 0)
		c.Client.Resend(1)
		stamp(c, 500, 100)
		c.Server.ACK()
	}, 0, 0, 0},
}

// TestRTT times the paths from the capture to both sides.
func TestRTT(t *testing.T) {
	for _, c := range roundTrips {
		conv := pkttest.Dial(second(0), "10.0.0.1:40000", "10.0.0.2:8000")
		c.talk(conv)
		rows := newPipeline(flow.Config{}).packets(conv.Packets, 512)
		if len(rows) != 1 {
			t.Fatalf("%s: %d flows", c.name, len(rows))
		}
		r := &rows[0]
		if r.Handshake != c.handshake || r.TCP[0].RTT != c.client || r.TCP[1].RTT != c.server {
			t.Errorf("%s: handshake %d, client %d, server %d; want %d, %d, %d", c.name,
				r.Handshake, r.TCP[0].RTT, r.TCP[1].RTT, c.handshake, c.client, c.server)
		}
	}
}

// stamp gives the segments that follow a timestamp.
func stamp(c *pkttest.Conn, value, echo uint32) {
	o := pkttest.Options(pkttest.NOP(), pkttest.NOP(), pkttest.Timestamps(value, echo))
	c.Client.Options, c.Server.Options = o, o
}

// TestRTTSmooths has one slow answer among fast ones.
func TestRTTSmooths(t *testing.T) {
	c := pkttest.Dial(second(0), "10.0.0.1:40000", "10.0.0.2:8000")
	c.Handshake()
	c.RTT = 90 * time.Millisecond
	c.Client.Send(text(10))
	rows := newPipeline(flow.Config{}).packets(c.Packets, 512)
	if want := int64(20 * time.Millisecond); rows[0].TCP[1].RTT != want { // 10 + (90-10)/8
		t.Errorf("have %d, want %d", rows[0].TCP[1].RTT, want)
	}
}
