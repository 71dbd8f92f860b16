package reassembly_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pkt/flow"
	"pkt/internal/pkttest"
	"pkt/reassembly"
)

// dial returns a conversation that begins now.
func dial() *pkttest.Conn {
	return pkttest.Dial(1e18, "10.0.0.1:40000", "10.0.0.2:8000")
}

// run puts the streams of packets together, in batches of several sizes, which must not matter.
func run(t *testing.T, cfg reassembly.Config, list []pkttest.Packet) []stream {
	t.Helper()
	var first []stream
	for i, size := range []int{1, 3, 512} {
		k := &keeper{open: map[*reassembly.Stream]*[2][]byte{}}
		p := newPipeline(cfg, flow.Config{VLANKey: false}, k)
		p.packets(list, size)
		if i == 0 {
			first = k.streams
		} else if have, want := texts(k.streams), texts(first); have != want {
			t.Errorf("batches of %d: have %s, want %s", size, have, want)
		}
	}
	return first
}

// texts returns what all flows have said.
func texts(list []stream) string {
	var s []string
	for _, x := range list {
		s = append(s, x.data[0]+"|"+x.data[1])
	}
	return strings.Join(s, " ")
}

// at sends a segment of the client at an offset behind its SYN.
func at(c *pkttest.Conn, isn uint32, off int, flags uint16, text string) {
	c.Client.Emit(pkttest.TCP{Seq: isn + 1 + uint32(off), Flags: flags}, pkttest.Payload(text))
}

var cases = []struct {
	name string
	cfg  reassembly.Config
	do   func(c *pkttest.Conn)
	want string
	fact func(x *stream) string // "" where all is well
}{
	{"both sides", reassembly.Config{}, func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Send([]byte("hello"))
		c.Server.Send([]byte("world"))
		c.Close()
	}, "hello|world", nil},
	{"half closed", reassembly.Config{}, func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Send([]byte("a"))
		c.Client.FIN()
		c.Server.Send([]byte("later"))
		c.Server.FIN()
	}, "a|later", nil},
	{"FIN before the content", reassembly.Config{}, func(c *pkttest.Conn) {
		c.Handshake()
		c.Reverse(func() {
			c.Client.Segment([]byte("first "), false)
			c.Client.Segment([]byte("second"), false)
			c.Client.FIN()
		})
	}, "first second|", nil},
	{"content behind the FIN", reassembly.Config{}, func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Send([]byte("all"))
		c.Client.FIN()
		c.Client.Segment([]byte("no more"), false)
	}, "all|", func(x *stream) string { return want(x.facts[0].AfterFIN, 7) }},
	{"text of a RST", reassembly.Config{}, func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Send([]byte("a"))
		c.Server.Emit(pkttest.TCP{Seq: c.Server.Seq, Flags: pkttest.RST}, pkttest.Payload("go away"))
	}, "a|", func(x *stream) string { return want(x.facts[1].RSTText, 7) }},
	{"content after an injected RST", reassembly.Config{}, func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Send([]byte("a"))
		c.Client.Emit(pkttest.TCP{Seq: c.Client.Seq, Flags: pkttest.RST})
		c.Client.Send([]byte("b"))
	}, "ab|", nil},
	{"keep-alives", reassembly.Config{}, func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.KeepAlive()
		c.Client.Send([]byte("ab"))
		c.Client.KeepAlive()
		c.Client.Send([]byte("cd"))
	}, "abcd|", func(x *stream) string { return want(x.facts[0].Conflicts, 0) }},
	{"a hole", reassembly.Config{}, func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Send([]byte("ab"))
		c.Lose(func() { c.Client.Segment([]byte("lost"), false) })
		c.Client.Send([]byte("cd"))
	}, "ab[4]cd|", func(x *stream) string { return want(uint64(x.facts[0].GapBytes), 4) }},
	{"a missing end", reassembly.Config{}, func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Send([]byte("ab"))
		c.Lose(func() { c.Client.Segment([]byte("lost"), false) })
		c.Client.FIN()
	}, "ab|", func(x *stream) string { return want(uint64(x.facts[0].MissingTail), 4) }},
	{"a hole that comes late, behind a pipe's patience", reassembly.Config{}, func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Segment([]byte("ab"), false)
		c.Lose(func() { c.Client.Segment([]byte("xyz"), false) })
		c.Client.Segment([]byte("cd"), false)
		c.Server.ACK()
		c.Wait(2 * time.Second)
		c.Server.ACK()
		at(c, 1000, 2, pkttest.ACK, "xyz")
	}, "ab[3]cd|", func(x *stream) string { return want(x.facts[0].Late, 3) }},
	{"a conflict in what was handed out", reassembly.Config{}, func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Send([]byte("abc"))
		at(c, c.Client.Seq-4, 0, pkttest.ACK, "xyz")
	}, "abc|", func(x *stream) string { return want(x.facts[0].Retransmitted, 3) }},
	{"a SYN with content", reassembly.Config{}, func(c *pkttest.Conn) {
		c.Client.Emit(pkttest.TCP{Seq: 999, Flags: pkttest.SYN}, pkttest.Payload("fast"))
		c.Client.Seq = 1000
		c.Server.SYNACK()
		c.Client.Send([]byte("fast open"))
	}, "fast open|", nil},
	{"a stray", reassembly.Config{}, func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Send([]byte("ab"))
		at(c, c.Client.Seq, 5<<20, pkttest.ACK, "stray")
		c.Client.Send([]byte("cd"))
	}, "abcd|", func(x *stream) string { return want(x.facts[0].Strays, 1) }},
	{"far, but confirmed", reassembly.Config{}, func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Send([]byte("ab"))
		c.Client.Seq += 5 << 20
		c.Client.Send([]byte("cd"))
	}, "ab[9]cd|", nil},
	{"urgent", reassembly.Config{UrgentOOB: true}, func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Emit(pkttest.TCP{Seq: c.Client.Seq, Flags: pkttest.ACK | pkttest.URG, Urgent: 2}, pkttest.Payload("a!b"))
	}, "ab|", func(x *stream) string { return want(x.facts[0].Urgent, 1) }},
	{"a limit", reassembly.Config{MaxStream: 4}, func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Send([]byte("abc"))
		c.Client.Send([]byte("def"))
		c.Client.Send([]byte("ghi"))
	}, "abcd|", func(x *stream) string { return want(uint64(x.facts[0].Cut), 5) }},
	{"in the middle, out of order", reassembly.Config{}, func(c *pkttest.Conn) {
		c.Reverse(func() {
			c.Client.Segment([]byte("one "), false)
			c.Client.Segment([]byte("two "), false)
			c.Client.Segment([]byte("three"), false)
		})
		c.Server.ACK()
	}, "one two three|", nil},
	{"a SYN-ACK of another, after the first was acknowledged", reassembly.Config{}, func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Send([]byte("ask"))
		c.Server.Emit(pkttest.TCP{Seq: c.Server.Seq + 100_000_000, Flags: pkttest.SYN | pkttest.ACK})
		c.Server.Send([]byte("answer"))
	}, "ask|answer", nil},
	{"reuse of ports", reassembly.Config{}, func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Send([]byte("old"))
		c.Close()
		c.Client.Seq, c.Server.Seq = 77, 88
		c.Handshake()
		c.Client.Send([]byte("new"))
	}, "old| new|", nil},
	{"reuse without a close, by a SYN with content", reassembly.Config{}, func(c *pkttest.Conn) {
		c.Handshake()
		c.Client.Send([]byte("old"))
		c.Client.Seq, c.Server.Seq = 7_000_000, 8_000_000
		c.Client.Emit(pkttest.TCP{Seq: c.Client.Seq, Flags: pkttest.SYN}, pkttest.Payload("new"))
		c.Client.Seq += 4
		c.Server.SYNACK()
		c.Client.Send([]byte("er"))
	}, "old| newer|", nil},
}

func want(have, wanted uint64) string {
	if have != wanted {
		return fmt.Sprintf("have %d, want %d", have, wanted)
	}
	return ""
}

func TestCases(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			conn := dial()
			c.do(conn)
			got := run(t, c.cfg, conn.Packets)
			if texts(got) != c.want {
				t.Fatalf("have %q, want %q", texts(got), c.want)
			}
			if c.fact != nil {
				if wrong := c.fact(&got[0]); wrong != "" {
					t.Error(wrong)
				}
			}
		})
	}
}

// TestChecksums drops what a receiver drops, but not what a network card was to complete.
func TestChecksums(t *testing.T) {
	bad := uint16(0x1234)
	for _, c := range []struct {
		mode reassembly.Checksum
		bad  int // of 20 segments, how many are wrong first
		want string
	}{
		{reassembly.Off, 1, "x"}, {reassembly.Strict, 1, ""}, {reassembly.Auto, 1, ""},
		{reassembly.Off, 10, "xxxxxxxxxx"}, {reassembly.Strict, 10, ""}, {reassembly.Auto, 10, "xxxxxxxx"},
	} {
		conn := dial().Handshake()
		for range 20 {
			conn.Client.Send([]byte("."))
		}
		for range c.bad {
			conn.Client.Emit(pkttest.TCP{Seq: conn.Client.Seq, Flags: pkttest.ACK, Checksum: &bad}, pkttest.Payload("x"))
			conn.Client.Seq++
		}
		got := run(t, reassembly.Config{Checksum: c.mode}, conn.Packets)
		text := strings.ReplaceAll(got[0].data[0], ".", "")
		if i := strings.IndexByte(text, ']'); i >= 0 {
			text = text[i+1:]
		}
		if text != c.want {
			t.Errorf("%s with %d wrong: have %q, want %q", reassembly.ChecksumNames[c.mode], c.bad, got[0].data[0], c.want)
		}
	}
}

// TestFragments puts segments together that come in IP fragments, in any order, and datagrams.
func TestFragments(t *testing.T) {
	conn := dial().Handshake()
	var list []pkttest.Packet
	body := strings.Repeat("0123456789abcdef", 20)
	for i := range 3 {
		frames := pkttest.Fragments(64, uint32(i), pkttest.Ethernet{}, pkttest.IPv4{Src: "10.0.0.1", Dst: "10.0.0.2"},
			pkttest.TCP{SrcPort: 40000, DstPort: 8000, Seq: conn.Client.Seq, Flags: pkttest.ACK}, pkttest.Payload(body))
		conn.Client.Seq += uint32(len(body))
		for k := range frames {
			k = (k*5 + i) % len(frames)
			list = append(list, pkttest.At(conn.Now+int64(i), frames[k]))
		}
	}
	got := run(t, reassembly.Config{}, append(conn.Packets, list...))
	if len(got) != 1 || got[0].data[0] != strings.Repeat(body, 3) {
		t.Errorf("have %q", texts(got))
	}
	frames := pkttest.Fragments(64, 9, pkttest.Ethernet{}, pkttest.IPv6{}, pkttest.UDP{SrcPort: 5, DstPort: 6}, pkttest.Payload(body))
	list = list[:0]
	for _, f := range frames {
		list = append(list, pkttest.At(1, f))
	}
	got = run(t, reassembly.Config{UDP: true}, list)
	if len(got) != 1 || got[0].data[0] != body {
		t.Errorf("UDP: have %q", texts(got))
	}
}

// TestCut counts what a snapshot length has cut off as a hole, which a retransmission fills.
func TestCut(t *testing.T) {
	conn := dial().Handshake()
	conn.Client.Segment([]byte("abcdef"), false)
	last := &conn.Packets[len(conn.Packets)-1]
	last.WireLen = len(last.Data)
	last.Data = last.Data[:len(last.Data)-4]
	conn.Client.Segment([]byte("ghi"), false)
	if got := texts(run(t, reassembly.Config{}, conn.Packets)); got != "ab[4]ghi|" {
		t.Error(got)
	}
	conn.Client.Resend(2)
	if got := texts(run(t, reassembly.Config{}, conn.Packets)); got != "abcdefghi|" {
		t.Error(got)
	}
}

// TestBounds floods an assembler with connections whose first segment is missing, and with SYNs: what
// it holds is bounded, and nothing that was captured is lost.
func TestBounds(t *testing.T) {
	const flows, segments = 3000, 8
	c := &counter{}
	p := newPipeline(reassembly.Config{Held: 1 << 20, Checksum: reassembly.Off}, flow.Config{}, c)
	payload := pkttest.Zeros(1000)
	for i := range segments {
		for f := 0; f < flows; f += 500 {
			var list []pkttest.Packet
			for k := f; k < f+500; k++ {
				ip := pkttest.IPv4{Src: fmt.Sprintf("10.1.%d.%d", k>>8, k&255)}
				if i == 0 {
					list = append(list, pkttest.At(1, pkttest.Frame(pkttest.Ethernet{}, ip, pkttest.TCP{SrcPort: 9, DstPort: 80, Flags: pkttest.SYN})))
				} else {
					list = append(list, pkttest.At(2, pkttest.Frame(pkttest.Ethernet{}, ip, pkttest.TCP{SrcPort: 9, DstPort: 80, Seq: 1 + uint32(i)*1000, Flags: pkttest.ACK}, payload)))
				}
			}
			p.batch(batchOf(list))
		}
	}
	p.table.Flush()
	st, _ := p.a.Stats()
	if st.MostHeld > 1<<20 {
		t.Errorf("%d bytes were held", st.MostHeld)
	}
	if st.Skipped == 0 || c.gaps != flows*1000 || c.bytes != flows*(segments-1)*1000 {
		t.Errorf("%+v, gaps of %d, %d bytes", st, c.gaps, c.bytes)
	}
	// Connections that nobody answers have no streams at all.
	c = &counter{}
	p = newPipeline(reassembly.Config{}, flow.Config{}, c)
	for f := 0; f < 100_000; f += 500 {
		var list []pkttest.Packet
		for k := f; k < f+500; k++ {
			ip := pkttest.IPv4{Src: fmt.Sprintf("10.%d.%d.%d", k>>16, k>>8&255, k&255)}
			list = append(list, pkttest.At(1, pkttest.Frame(pkttest.Ethernet{}, ip, pkttest.TCP{SrcPort: 9, DstPort: 80, Flags: pkttest.SYN})))
		}
		p.batch(batchOf(list))
	}
	if st, _ := p.a.Stats(); st.Streams != 0 || st.MostHeld != 0 || p.table.Stats().Live != 100_000 {
		t.Errorf("%+v of %d flows", st, p.table.Stats().Live)
	}
}
