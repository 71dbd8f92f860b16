package flow_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"pkt/flow"
	"pkt/internal/pkttest"
)

// second is a time in tests, as seconds since their beginning.
func second(s float64) int64 { return 1e18 + int64(s*1e9) }

// datagram returns a UDP packet.
func datagram(at float64, src, dst string, n int) pkttest.Packet {
	return pkttest.At(second(at), pkttest.Datagram(src, dst, pkttest.Payload(text(n))))
}

func TestUDP(t *testing.T) {
	for _, c := range []struct {
		name string
		list []pkttest.Packet
		want string
	}{
		{"asked", []pkttest.Packet{datagram(0, "10.0.0.1:40000", "10.0.0.2:53", 30)}, "40000>53 S0 D 1/0"},
		{"answered", []pkttest.Packet{
			datagram(0, "10.0.0.1:40000", "10.0.0.2:53", 30),
			datagram(1, "10.0.0.2:53", "10.0.0.1:40000", 90),
		}, "40000>53 SF Dd 1/1"},
		{"only the answer", []pkttest.Packet{datagram(0, "10.0.0.2:53", "10.0.0.1:40000", 90)}, "40000>53 SHR ^d 0/1"},
		{"the answer first", []pkttest.Packet{
			datagram(0, "10.0.0.2:53", "10.0.0.1:40000", 90),
			datagram(1, "10.0.0.1:40000", "10.0.0.2:53", 30),
		}, "40000>53 SF ^dD 1/1"},
		{"to a group", []pkttest.Packet{datagram(0, "10.0.0.2:53", "224.0.0.1:40000", 90)}, "53>40000 S0 D 1/0"},
		{"DHCP", []pkttest.Packet{datagram(0, "10.0.0.2:67", "10.0.0.1:68", 90)}, "68>67 SHR ^d 0/1"},
		{"itself", []pkttest.Packet{datagram(0, "10.0.0.1:7", "10.0.0.1:7", 90)}, "7>7 S0 D 1/0"},
		{"IPv6", []pkttest.Packet{
			datagram(0, "[2001:db8::2]:40000", "[2001:db8::1]:53", 30),
			datagram(1, "[2001:db8::1]:53", "[2001:db8::2]:40000", 90),
		}, "40000>53 SF Dd 1/1"},
	} {
		have := newPipeline(flow.Config{}).packets(c.list, 512)
		if len(have) != 1 {
			t.Errorf("%s: %d flows", c.name, len(have))
			continue
		}
		r := &have[0]
		got := fmt.Sprintf("%d>%d %s %s %d/%d", r.SrcPort, r.DstPort, flow.StateNames[r.State], r.History(),
			r.SrcSent.Packets, r.DstSent.Packets)
		if got != c.want {
			t.Errorf("%s: have %s, want %s", c.name, got, c.want)
		}
	}
}

func TestICMP(t *testing.T) {
	icmp := func(src, dst string, typ, code uint8) []byte {
		return pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{Src: src, Dst: dst},
			pkttest.ICMP{Type: typ, Code: code, Rest: uint32(typ)<<16 | 1}, pkttest.Payload(text(20)))
	}
	list := pkttest.Every(second(0), time.Millisecond,
		icmp("10.0.0.1", "10.0.0.2", 8, 0), icmp("10.0.0.2", "10.0.0.1", 0, 0), // echo
		icmp("10.0.0.1", "10.0.0.2", 3, 3), icmp("10.0.0.2", "10.0.0.1", 3, 3), // one way each
		icmp("10.0.0.9", "10.0.0.1", 0, 0), // a reply that nobody asked for
	)
	var got []string
	for _, r := range newPipeline(flow.Config{}).packets(list, 512) {
		got = append(got, fmt.Sprintf("%v>%v %d>%d %s %d/%d", r.Src.Addr(), r.Dst.Addr(), r.SrcPort, r.DstPort,
			flow.PortViaNames[r.PortVia], r.SrcSent.Packets, r.DstSent.Packets))
	}
	want := []string{
		"10.0.0.1>10.0.0.2 8>0 none 1/1",
		"10.0.0.1>10.0.0.2 3>3 none 1/0",
		"10.0.0.2>10.0.0.1 3>3 none 1/0",
		"10.0.0.9>10.0.0.1 0>8 none 1/0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("have %q, want %q", got, want)
	}
}

func TestCounters(t *testing.T) {
	// 14 bytes of Ethernet, 4 of VLAN, 20 of IP, 8 of UDP, and padding to 60.
	frame := pkttest.Frame(pkttest.Ethernet{}, pkttest.VLAN{ID: 7}, pkttest.IPv4{}, pkttest.UDP{SrcPort: 41000, DstPort: 42000},
		pkttest.Payload(text(5)))
	frame = append(frame, make([]byte, 64-len(frame))...)
	have := newPipeline(flow.Config{}).packets(pkttest.Every(second(0), time.Second, frame, frame), 512)
	want := flow.Counters{Packets: 2, Bytes: 128, IPBytes: 66, Payload: 10}
	if len(have) != 1 || have[0].SrcSent != want || !have[0].HasVLAN || have[0].VLAN != 7 {
		t.Errorf("have %+v, want %+v", have, want)
	}
	if d := have[0].End - have[0].Start; d != 1e9 {
		t.Errorf("lasts %d ns", d)
	}
}

// TestWide counts beyond what fits into 32 bits.
func TestWide(t *testing.T) {
	p := newPipeline(flow.Config{})
	big := datagram(0, "10.0.0.1:41000", "10.0.0.2:42000", 100)
	big.WireLen = 1 << 30
	for range 10 {
		p.batch(batchOf([]pkttest.Packet{big, datagram(0, "10.0.0.2:42000", "10.0.0.1:41000", 100)}))
	}
	p.end()
	r := &p.rows[0]
	if r.SrcSent.Packets != 10 || r.SrcSent.Bytes != 10<<30 || r.DstSent.Packets != 10 || r.DstSent.Payload != 1000 {
		t.Errorf("have %+v and %+v", r.SrcSent, r.DstSent)
	}
}

func TestVLANKey(t *testing.T) {
	frame := func(id uint16) []byte {
		return pkttest.Frame(pkttest.Ethernet{}, pkttest.VLAN{ID: id}, pkttest.IPv4{}, pkttest.UDP{SrcPort: 41000, DstPort: 42000})
	}
	list := pkttest.Every(second(0), time.Second, frame(7), frame(8), frame(7))
	if n := len(newPipeline(flow.Config{}).packets(list, 512)); n != 1 {
		t.Errorf("%d flows without the VLAN in the key", n)
	}
	if n := len(newPipeline(flow.Config{VLANKey: true}).packets(list, 512)); n != 2 {
		t.Errorf("%d flows with the VLAN in the key", n)
	}
}

// TestPeers has 2,500 clients talk to one server on a high port, without
// handshakes: its port must be told by the number of its peers alone.
func TestPeers(t *testing.T) {
	const server = "192.0.2.1:31337"
	var list []pkttest.Packet
	for i := range 2500 {
		client := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), uint16(1024+i*13%30000)).String()
		for _, tcp := range []bool{false, true} {
			to := []pkttest.Packet{datagram(float64(i)/100, client, server, 10), datagram(float64(i)/100, server, client, 10)}
			if tcp {
				c := pkttest.Dial(second(float64(i)/100), client, server)
				c.Lose(func() { c.Handshake() })
				c.Server.Send(text(10))
				to = c.Packets
			}
			if i%2 == 1 {
				slices.Reverse(to)
				to[0].Nanos, to[1].Nanos = to[1].Nanos, to[0].Nanos
			}
			list = append(list, to...)
		}
	}
	rows := newPipeline(flow.Config{Registered: func(uint8, uint16) bool { return false }}).packets(list, 512)
	if len(rows) != 5000 {
		t.Fatalf("%d flows", len(rows))
	}
	for i := range rows {
		if r := &rows[i]; r.ServicePort != 31337 || r.PortVia != flow.PortPeers {
			t.Fatalf("%v:%d > %v:%d has port %d by %s", r.Src.Addr(), r.SrcPort, r.Dst.Addr(), r.DstPort,
				r.ServicePort, flow.PortViaNames[r.PortVia])
		}
	}
}

func TestServicePort(t *testing.T) {
	registered := func(proto uint8, port uint16) bool { return port == 5000 || port == 40000 }
	for _, c := range []struct {
		src, dst string
		want     uint16
		via      flow.PortVia
	}{
		{"10.0.0.1:6000", "10.0.0.2:5000", 5000, flow.PortRegistered},
		{"10.0.0.1:5000", "10.0.0.2:6000", 5000, flow.PortRegistered},
		{"10.0.0.1:40000", "10.0.0.2:6000", 6000, flow.PortLower}, // registered, but too high
		{"10.0.0.1:7000", "10.0.0.2:6000", 6000, flow.PortLower},
		{"10.0.0.1:6000", "10.0.0.2:7000", 6000, flow.PortLower},
	} {
		rows := newPipeline(flow.Config{Registered: registered}).packets([]pkttest.Packet{datagram(0, c.src, c.dst, 1)}, 512)
		if r := &rows[0]; r.ServicePort != c.want || r.PortVia != c.via {
			t.Errorf("%s > %s: have %d by %s, want %d by %s", c.src, c.dst, r.ServicePort,
				flow.PortViaNames[r.PortVia], c.want, flow.PortViaNames[c.via])
		}
	}
}

// TestIdle ends flows by the capture's clock, in the order of their last
// packets.
func TestIdle(t *testing.T) {
	p := newPipeline(flow.Config{Idle: 10e9})
	p.batch(batchOf([]pkttest.Packet{
		datagram(0, "10.0.0.1:1", "10.0.0.9:9", 1),
		datagram(1, "10.0.0.2:2", "10.0.0.9:9", 1),
		datagram(2, "10.0.0.3:3", "10.0.0.9:9", 1),
		datagram(3, "10.0.0.1:1", "10.0.0.9:9", 1),
	}))
	p.batch(batchOf([]pkttest.Packet{datagram(12.5, "10.0.0.4:4", "10.0.0.9:9", 1)}))
	p.batch(batchOf([]pkttest.Packet{datagram(60, "10.0.0.4:4", "10.0.0.9:9", 1)}))
	p.batch(batchOf(nil))
	var got []uint16
	for _, r := range p.rows {
		if r.EndReason != flow.EndIdle {
			t.Errorf("%d ended by %s", r.SrcPort, flow.EndReasonNames[r.EndReason])
		}
		got = append(got, r.SrcPort)
	}
	if want := []uint16{2, 3, 1, 4}; !slices.Equal(got, want) {
		t.Errorf("ended %v, want %v", got, want)
	}
}

// TestClock lets one packet come from the far future: it ends the flows there
// are, but not those that go on.
func TestClock(t *testing.T) {
	p := newPipeline(flow.Config{})
	future := datagram(1e9, "10.0.0.7:7", "10.0.0.9:9", 1)
	p.batch(batchOf([]pkttest.Packet{datagram(0, "10.0.0.1:1", "10.0.0.9:9", 1)}))
	p.batch(batchOf([]pkttest.Packet{future}))
	for i := range 100 {
		p.batch(batchOf([]pkttest.Packet{datagram(float64(i), "10.0.0.1:1", "10.0.0.9:9", 1)}))
	}
	p.end()
	if n := len(p.rows); n != 3 {
		t.Errorf("%d flows, want 3", n)
	}
}

func TestEviction(t *testing.T) {
	p := newPipeline(flow.Config{MaxFlows: 10})
	for i := range 100 {
		src := fmt.Sprintf("10.0.0.1:%d", 1000+i)
		p.batch(batchOf([]pkttest.Packet{
			datagram(float64(10*i), src, "10.0.0.9:9", 1),
			datagram(float64(10*i)+1, "10.0.0.1:1", "10.0.0.9:9", 1), // always there
		}))
		if n := p.table.Stats().Live; n > 10 {
			t.Fatalf("%d flows", n)
		}
	}
	p.end()
	if s := p.table.Stats(); s.Evicted+s.Opened == 0 || s.Evicted != s.Opened-10 || s.Opened != 101 {
		t.Errorf("%+v", s)
	}
	for i := range p.rows {
		if r := &p.rows[i]; r.SrcPort == 1 && r.SrcSent.Packets != 100 {
			t.Error("the busy flow was evicted")
		} else if r.EndReason == flow.EndEvicted && r.SrcPort != uint16(1000+i) {
			t.Errorf("%d was evicted in place %d", r.SrcPort, i)
		}
	}
}

func TestActive(t *testing.T) {
	p := newPipeline(flow.Config{Active: 10e9})
	c := pkttest.Dial(second(0), "10.0.0.1:40000", "10.0.0.2:8000")
	c.Handshake()
	for range 5 {
		c.Client.Send(text(100))
		c.Wait(6 * time.Second)
	}
	rows := p.packets(c.Packets, 1)
	var packets, bytes uint64
	for i := range rows {
		r := &rows[i]
		packets += r.SrcSent.Packets
		bytes += r.TCP[0].StreamBytes
		if why := r.EndReason; (why == flow.EndActive) != (i < len(rows)-1) {
			t.Errorf("row %d: %s", i, flow.EndReasonNames[why])
		}
		if r.ID != rows[0].ID {
			t.Error("the rows of a flow have different ids")
		}
		if r.State != flow.S1 || r.End-r.Start > 13e9 || i > 0 && r.Start <= rows[i-1].End {
			t.Errorf("row %d: %+v", i, r)
		}
	}
	if len(rows) != 3 || packets != 7 || bytes != 500 {
		t.Errorf("%d rows, %d packets, %d bytes", len(rows), packets, bytes)
	}
}
