package flow_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pkt/flow"
	"pkt/internal/pkttest"
)

// brief returns what a test compares of a row: ends, state, history, why it
// ended, packets, content bytes, and what went wrong.
func brief(r *flow.Row) string {
	s := fmt.Sprintf("%d>%d %s %s %s %d/%d pkts %d/%d bytes", r.SrcPort, r.DstPort,
		flow.StateNames[r.State], r.History(), flow.EndReasonNames[r.EndReason],
		r.SrcSent.Packets, r.DstSent.Packets, r.TCP[0].StreamBytes, r.TCP[1].StreamBytes)
	for _, c := range []struct {
		name     string
		src, dst uint64
	}{
		{"again", uint64(r.TCP[0].RetransPackets), uint64(r.TCP[1].RetransPackets)},
		{"again-bytes", r.TCP[0].RetransBytes, r.TCP[1].RetransBytes},
		{"late", uint64(r.TCP[0].OutOfOrder), uint64(r.TCP[1].OutOfOrder)},
		{"zero", uint64(r.TCP[0].ZeroWindow), uint64(r.TCP[1].ZeroWindow)},
		{"missed", r.TCP[0].Missed, r.TCP[1].Missed},
	} {
		if c.src|c.dst != 0 {
			s += fmt.Sprintf(" %s %d/%d", c.name, c.src, c.dst)
		}
	}
	if r.Guessed {
		s += " guessed"
	}
	return s
}

func text(n int) []byte { return []byte(strings.Repeat("x", n)) }

// connections are conversations between 10.0.0.1:40000 and 10.0.0.2:8000, and
// the flows that are in them, in the order in which they end.
var connections = []struct {
	name string
	talk func(c *pkttest.Conn)
	want []string
}{
	{"whole", func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Send(text(100))
		c.Server.Send(text(3000))
		c.Close()
	}, []string{"40000>8000 SF ShADadFf fin 7/6 pkts 100/3000 bytes"}},
	{"SYN only", func(c *pkttest.Conn) { c.Client.SYN() },
		[]string{"40000>8000 S0 S eof 1/0 pkts 0/0 bytes"}},
	{"refused", func(c *pkttest.Conn) {
		c.Client.SYN()
		c.Server.Emit(pkttest.TCP{Flags: pkttest.RST | pkttest.ACK})
	}, []string{"40000>8000 REJ Sr rst 1/1 pkts 0/0 bytes"}},
	{"given up", func(c *pkttest.Conn) { c.Client.SYN(); c.Client.RST() },
		[]string{"40000>8000 RSTOS0 SR rst 2/0 pkts 0/0 bytes"}},
	{"established", func(c *pkttest.Conn) { c.Handshake() },
		[]string{"40000>8000 S1 ShA eof 2/1 pkts 0/0 bytes"}},
	{"half closed", func(c *pkttest.Conn) { c.Handshake(); c.Client.FIN(); c.Server.Send(text(10)) },
		[]string{"40000>8000 S2 ShAFd eof 4/2 pkts 0/10 bytes"}},
	{"half closed by the responder", func(c *pkttest.Conn) { c.Handshake(); c.Server.FIN() },
		[]string{"40000>8000 S3 ShAf eof 2/2 pkts 0/0 bytes"}},
	{"aborted", func(c *pkttest.Conn) { c.Handshake(); c.Client.Send(text(5)); c.Client.RST() },
		[]string{"40000>8000 RSTO ShADaR rst 4/2 pkts 5/0 bytes"}},
	{"aborted by the responder", func(c *pkttest.Conn) { c.Handshake(); c.Server.RST() },
		[]string{"40000>8000 RSTR ShAr rst 2/2 pkts 0/0 bytes"}},
	{"no SYN", func(c *pkttest.Conn) { c.Lose(c.Client.SYN); c.Server.SYNACK(); c.Client.ACK() },
		[]string{"40000>8000 S1 ^hA eof 1/1 pkts 0/0 bytes"}},
	{"SYN behind the SYN-ACK", func(c *pkttest.Conn) {
		c.Reverse(func() { c.Client.SYN(); c.Server.SYNACK() })
		c.Client.ACK()
		c.Client.Send(text(7))
	}, []string{"40000>8000 S1 ^hSADa eof 3/2 pkts 7/0 bytes"}},
	{"midstream", func(c *pkttest.Conn) {
		c.Lose(func() { c.Handshake() })
		c.Client.Send(text(7))
	}, []string{"40000>8000 OTH Da eof 1/1 pkts 7/0 bytes guessed"}},
	{"data before the SYN", func(c *pkttest.Conn) {
		c.Reverse(func() { c.Client.SYN(); c.Client.Segment(text(7), true) })
		c.Server.SYNACK()
	}, []string{"40000>8000 S1 DSh eof 2/1 pkts 7/0 bytes"}},
	{"retransmission", func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Send(text(100))
		c.Wait(time.Second)
		c.Client.Resend(1)
	}, []string{"40000>8000 S1 ShADaT eof 4/2 pkts 100/0 bytes again 1/0 again-bytes 100/0"}},
	{"ten retransmissions", func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Send(text(1))
		c.Client.Send(text(100))
		for range 10 {
			c.Client.Resend(1)
		}
	}, []string{"40000>8000 S1 ShADaTT eof 14/3 pkts 101/0 bytes again 10/0 again-bytes 1000/0"}},
	{"out of order", func(c *pkttest.Conn) {
		c.Handshake()
		c.Reverse(func() { c.Client.Segment(text(100), false); c.Client.Segment(text(50), false) })
		c.Server.ACK()
	}, []string{"40000>8000 S1 ShADTa eof 4/2 pkts 150/0 bytes late 1/0"}},
	{"lost before the capture", func(c *pkttest.Conn) {
		c.Handshake()
		c.Lose(func() { c.Client.Segment(text(100), false) })
		c.Client.Segment(text(50), false)
		c.Wait(300 * time.Millisecond)
		c.Client.Resend(2)
	}, []string{"40000>8000 S1 ShADT eof 4/1 pkts 150/0 bytes again 1/0 again-bytes 100/0"}},
	{"not captured", func(c *pkttest.Conn) {
		c.Handshake()
		c.Lose(func() { c.Client.Segment(text(100), false) })
		c.Client.Segment(text(50), false)
		c.Server.ACK()
	}, []string{"40000>8000 S1 ShADaG eof 3/2 pkts 150/0 bytes missed 100/0"}},
	{"end not captured", func(c *pkttest.Conn) {
		c.Handshake()
		c.Lose(func() { c.Server.Segment(text(2000), false) })
		c.Client.ACK()
		c.Close()
	}, []string{"40000>8000 SF ShAgFf fin 5/2 pkts 0/2000 bytes missed 0/2000"}},
	{"keep-alive", func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Send(text(10))
		c.Client.KeepAlive()
		c.Server.ACK()
	}, []string{"40000>8000 S1 ShADaT eof 4/3 pkts 10/0 bytes"}},
	{"zero window", func(c *pkttest.Conn) {
		c.Handshake()
		c.Server.Window = 0
		c.Client.Send(text(10))
		c.Server.Window = 1000
		c.Server.ACK()
	}, []string{"40000>8000 S1 ShADaw eof 3/3 pkts 10/0 bytes zero 0/1"}},
	{"FIN and RST", func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Emit(pkttest.TCP{Seq: c.Client.Seq, Flags: pkttest.FIN | pkttest.RST})
	}, []string{"40000>8000 RSTO ShAI rst 3/1 pkts 0/0 bytes"}},
	{"SYN and FIN", func(c *pkttest.Conn) {
		c.Client.Emit(pkttest.TCP{Seq: c.Client.Seq, Flags: pkttest.SYN | pkttest.FIN})
	}, []string{"40000>8000 SH Q eof 1/0 pkts 0/0 bytes guessed"}},
	{"far RST", func(c *pkttest.Conn) {
		c.Handshake()
		c.Server.Emit(pkttest.TCP{Seq: c.Server.Seq + 1<<24, Flags: pkttest.RST})
		c.Client.Send(text(10))
	}, []string{"40000>8000 S1 ShArDa eof 3/3 pkts 10/0 bytes"}},
	{"data behind a RST", func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.RST()
		c.Server.Segment(text(10), true)
	}, []string{"40000>8000 RSTO ShARd rst 3/2 pkts 0/10 bytes"}},
}

func TestConnections(t *testing.T) {
	for _, v := range connections {
		for _, size := range []int{1, 2, 512} {
			c := pkttest.Dial(1e18, "10.0.0.1:40000", "10.0.0.2:8000")
			v.talk(c)
			check(t, fmt.Sprintf("%s, %d at a time", v.name, size), newPipeline(flow.Config{}).packets(c.Packets, size), v.want)
		}
	}
}

// check compares rows by what is brief.
func check(t *testing.T, name string, have rows, want []string) {
	t.Helper()
	var got []string
	for i := range have {
		got = append(got, brief(&have[i]))
	}
	if a, b := strings.Join(got, "\n\t"), strings.Join(want, "\n\t"); a != b {
		t.Errorf("%s: have\n\t%s\nwant\n\t%s", name, a, b)
	}
}
