package flow_test

import (
	"fmt"
	"testing"
	"time"

	"pkt/flow"
	"pkt/internal/pkttest"
)

// again begins another connection between the ends of c with other sequence
// numbers.
func again(c *pkttest.Conn) {
	c.Client.Seq += 1 << 20
	c.Server.Seq += 1 << 20
}

// reuses are conversations in which the same ports are used again.
var reuses = []struct {
	name string
	talk func(c *pkttest.Conn)
	want []string
}{
	{"after the end", func(c *pkttest.Conn) {
		c.Handshake().Close()
		again(c)
		c.Handshake().Close()
	}, []string{
		"40000>8000 SF ShAFf fin 4/2 pkts 0/0 bytes",
		"40000>8000 SF ShAFf fin 4/2 pkts 0/0 bytes",
	}},
	{"after the end, with the same number", func(c *pkttest.Conn) {
		client, server := c.Client.Seq, c.Server.Seq
		c.Handshake().Close()
		c.Client.Seq, c.Server.Seq = client, server
		c.Handshake()
	}, []string{
		"40000>8000 SF ShAFf fin 4/2 pkts 0/0 bytes",
		"40000>8000 S1 ShA eof 2/1 pkts 0/0 bytes",
	}},
	{"after a RST", func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.RST()
		again(c)
		c.Client.SYN()
	}, []string{
		"40000>8000 RSTO ShAR rst 3/1 pkts 0/0 bytes",
		"40000>8000 S0 S eof 1/0 pkts 0/0 bytes",
	}},
	{"SYN not captured", func(c *pkttest.Conn) {
		c.Handshake().Close()
		again(c)
		c.Lose(c.Client.SYN)
		c.Server.SYNACK()
		c.Client.ACK()
	}, []string{
		"40000>8000 SF ShAFf fin 4/2 pkts 0/0 bytes",
		"40000>8000 S1 ^hA eof 1/1 pkts 0/0 bytes",
	}},
	{"confirmed by a SYN-ACK", func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Send(text(10))
		again(c)
		c.Handshake()
		c.Client.Send(text(20))
	}, []string{
		"40000>8000 S1 ShADa reuse 3/2 pkts 10/0 bytes",
		"40000>8000 S1 ShADa eof 3/2 pkts 20/0 bytes",
	}},
	{"confirmed by data", func(c *pkttest.Conn) {
		c.Handshake()
		again(c)
		c.Client.SYN()
		c.Lose(func() { c.Server.SYNACK(); c.Client.ACK() })
		c.Client.Segment(text(20), true)
	}, []string{
		"40000>8000 S1 ShA reuse 2/1 pkts 0/0 bytes",
		"40000>8000 S0 SD eof 2/0 pkts 20/0 bytes",
	}},
	{"a challenge", func(c *pkttest.Conn) {
		c.Handshake()
		seq := c.Client.Seq
		c.Client.Seq += 1 << 20
		c.Client.SYN()
		c.Client.Seq = seq
		c.Server.ACK()
		c.Client.Send(text(10))
	}, []string{"40000>8000 S1 ShAaD eof 4/3 pkts 10/0 bytes"}},
	{"SYN sent again", func(c *pkttest.Conn) {
		c.Client.SYN()
		c.Client.Seq--
		c.Wait(time.Second)
		c.Handshake()
	}, []string{"40000>8000 S1 ShA eof 3/1 pkts 0/0 bytes"}},
	{"another SYN before an answer", func(c *pkttest.Conn) {
		c.Client.SYN()
		c.Client.Seq += 1 << 24
		c.Handshake()
		c.Client.Send(text(10))
	}, []string{"40000>8000 S1 ShADa eof 4/2 pkts 10/0 bytes"}},
	{"simultaneous open", func(c *pkttest.Conn) {
		c.Client.SYN()
		c.Server.SYN()
		c.Client.Seq, c.Server.Seq = c.Client.Seq-1, c.Server.Seq-1
		c.Client.SYNACK()
		c.Server.SYNACK()
		c.Client.Send(text(10))
	}, []string{"40000>8000 S1 SsDa eof 3/3 pkts 10/0 bytes"}},
	{"idle", func(c *pkttest.Conn) {
		c.Handshake()
		c.Wait(301 * time.Second)
		c.Client.Send(text(10))
	}, []string{
		"40000>8000 S1 ShA idle 2/1 pkts 0/0 bytes",
		"40000>8000 OTH Da eof 1/1 pkts 10/0 bytes guessed",
	}},
	{"late packet of a closed connection", func(c *pkttest.Conn) {
		c.Handshake().Close()
		c.Wait(59 * time.Second)
		c.Server.ACK()
	}, []string{"40000>8000 SF ShAFfa fin 4/3 pkts 0/0 bytes"}},
	{"too late packet of a closed connection", func(c *pkttest.Conn) {
		c.Handshake().Close()
		c.Wait(61 * time.Second)
		c.Client.ACK()
	}, []string{
		"40000>8000 SF ShAFf fin 4/2 pkts 0/0 bytes",
		"40000>8000 OTH A eof 1/0 pkts 0/0 bytes guessed",
	}},
}

func TestReuse(t *testing.T) {
	for _, v := range reuses {
		for _, size := range []int{1, 3, 512} {
			c := pkttest.Dial(1e18, "10.0.0.1:40000", "10.0.0.2:8000")
			v.talk(c)
			check(t, fmt.Sprintf("%s, %d at a time", v.name, size), newPipeline(flow.Config{}).packets(c.Packets, size), v.want)
		}
	}
}

// TestReuseStart looks at when connections begin that were confirmed late.
func TestReuseStart(t *testing.T) {
	c := pkttest.Dial(1e18, "10.0.0.1:40000", "10.0.0.2:8000")
	c.Handshake()
	again(c)
	c.Wait(time.Minute)
	c.Client.SYN()
	syn := c.Now
	c.Server.SYNACK()
	c.Client.ACK()
	rows := newPipeline(flow.Config{}).packets(c.Packets, 512)
	if len(rows) != 2 || rows[1].Start != syn || rows[1].Handshake != int64(c.RTT+c.Gap) {
		t.Errorf("have %+v", rows)
	}
	if rows[0].ID == rows[1].ID {
		t.Error("both have the same id")
	}
}
