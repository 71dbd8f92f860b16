package flow_test

import (
	"fmt"
	"slices"
	"testing"

	"pkt/flow"
	"pkt/fragment"
	"pkt/internal/pkttest"
)

// TestRefs holds what the ranking is told.
func TestRefs(t *testing.T) {
	c := pkttest.Dial(second(0), "10.0.0.1:40000", "10.0.0.2:8000")
	c.Handshake()
	c.Client.Send(text(10))
	c.Client.Resend(1)
	arp := pkttest.At(c.Now, pkttest.Frame(pkttest.Ethernet{}, pkttest.ARP{}))
	p := newPipeline(flow.Config{})
	p.batch(batchOf(append(c.Packets, arp)))
	want := []flow.Ref{
		flow.RefOpened | flow.RefFirst, flow.RefDst | flow.RefFirst | flow.RefHigh, 0, 0, flow.RefDst | flow.RefHigh, flow.RefRetrans, 0,
	}
	if got := p.refs.Info[:len(want)]; !slices.Equal(got, want) {
		t.Errorf("have %v, want %v", got, want)
	}
	for i, h := range p.refs.Flow[:6] {
		if h != p.refs.Flow[0] {
			t.Errorf("packet %d is in flow %d", i, h)
		}
	}
	if p.refs.Flow[6] != flow.NoFlow {
		t.Error("ARP has a flow")
	}
	src, dst := p.table.Counters(p.refs.Flow[0])
	if src.Packets != 4 || dst.Packets != 2 {
		t.Errorf("counters %+v %+v", src, dst)
	}
}

// TestRefsFlip holds what the ranking is told when a SYN says that a connection
// began at the other side.
func TestRefsFlip(t *testing.T) {
	from, to := pkttest.TCP{SrcPort: 50000, DstPort: 60000, Seq: 9, Flags: pkttest.ACK}, pkttest.TCP{SrcPort: 60000, DstPort: 50000, Seq: 7}
	back := pkttest.IPv4{Src: "10.0.0.2", Dst: "10.0.0.1"}
	syn := to
	syn.Flags, to.Flags = pkttest.SYN, pkttest.ACK
	var list []pkttest.Packet
	for i, frame := range [][]byte{
		pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{Src: "10.0.0.1", Dst: "10.0.0.2"}, from),
		pkttest.Frame(pkttest.Ethernet{}, back, syn),
		pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{Src: "10.0.0.1", Dst: "10.0.0.2"}, from),
		pkttest.Frame(pkttest.Ethernet{}, back, to),
	} {
		list = append(list, pkttest.At(second(float64(i)), frame))
	}
	p := newPipeline(flow.Config{})
	p.batch(batchOf(list))
	want := []flow.Ref{flow.RefOpened | flow.RefFirst, flow.RefFirst | flow.RefFlipped | flow.RefHigh, flow.RefDst, flow.RefHigh}
	if got := p.refs.Info[:len(want)]; !slices.Equal(got, want) {
		t.Errorf("have %v, want %v", got, want)
	}
}

// TestHandles checks that the flow of a packet can be read until the next
// batch, even if it ended in its own.
func TestHandles(t *testing.T) {
	p := newPipeline(flow.Config{MaxFlows: 4})
	var list []pkttest.Packet
	for i := range 300 {
		list = append(list, datagram(float64(i), fmt.Sprintf("10.0.0.1:%d", 1000+i), "10.0.0.9:9", 1))
	}
	p.batch(batchOf(list))
	var row flow.Row
	for i := range list {
		p.table.Row(p.refs.Flow[i], &row)
		if row.SrcPort != uint16(1000+i) {
			t.Fatalf("packet %d: flow of port %d", i, row.SrcPort)
		}
	}
	if len(p.rows) != 0 {
		t.Error("a flow was delivered before its packets were")
	}
}

// TestAllocatesNothing takes batches of known flows.
func TestAllocatesNothing(t *testing.T) {
	for _, tcp := range []bool{false, true} {
		in := newTraffic(4096, tcp)
		tab := newTable(flow.Config{})
		stage := fragment.NewStage()
		for range 100 {
			tab.batch(in.next())
		}
		n := testing.AllocsPerRun(100, func() {
			b := in.next()
			set, credits := stage.Batch(b, b.All())
			tab.keys.Fill(b, set)
			tab.Update(b, set, tab.keys, credits, &tab.refs)
		})
		if n != 0 {
			t.Errorf("tcp %v: %v allocations a batch", tcp, n)
		}
	}
}

// TestNoChurnAllocations opens and ends flows all the time.
func TestNoChurnAllocations(t *testing.T) {
	in := newTraffic(1<<20, true)
	tab := newTable(flow.Config{MaxFlows: 2000})
	for range 400 {
		tab.batch(in.next())
	}
	if n := testing.AllocsPerRun(200, func() { tab.batch(in.next()) }); n > 0 {
		t.Errorf("%v allocations a batch", n)
	}
}
