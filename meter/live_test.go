package meter

import (
	"context"
	"io"
	"testing"

	"pkt/capture"
	"pkt/engine"
	"pkt/flow"
	"pkt/internal/pkttest"
	"pkt/packet"
	"pkt/stats"
)

// clocked is a live source in small: a packet where there is one, else only the
// time, one second a batch.
type clocked struct {
	now    int64
	frames map[int64][]byte // by second
	until  int64
}

var _ capture.Source = (*clocked)(nil)

func (c *clocked) Next(b *packet.Batch) error {
	b.Reset()
	if c.now == c.until {
		return io.EOF
	}
	c.now++
	b.Now = c.now * 1e9
	b.Ifaces = []packet.Iface{{Name: "eth0", Link: 1}}
	if f := c.frames[c.now]; f != nil {
		b.Block = packet.NewBlock(f, nil)
		b.Block.Retain()
		b.N = 1
		b.Records[0] = packet.Record{Nanos: b.Now, CapLen: uint32(len(f)), WireLen: uint32(len(f)), Link: 1}
	}
	return nil
}

func (c *clocked) Close() error { return nil }

// when notes at which second rows came.
type when struct {
	recorder
	src *clocked
	at  []int64
}

func (w *when) Ended(rows []flow.Row) {
	for range rows {
		w.at = append(w.at, w.src.now)
	}
}

func query() []byte {
	return pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.UDP{SrcPort: 20000, DstPort: 53}, pkttest.Payload("query"))
}

// TestClock ends flows while no packet comes.
func TestClock(t *testing.T) {
	src := &clocked{frames: map[int64][]byte{3: query()}, until: 100}
	m, w := New(Config{Flows: &flow.Config{Idle: 10e9}}), &when{src: src}
	m.Add(w)
	if err := engine.Run(context.Background(), src, m, false); err != nil {
		t.Fatal(err)
	}
	// The wheel of timeouts turns in steps.
	if len(w.at) != 1 || w.at[0] < 13 || w.at[0] > 15 {
		t.Errorf("rows came at %v s, want one at 13 s", w.at)
	}
}

// TestClockSpan ends a run that gets no packets.
func TestClockSpan(t *testing.T) {
	src := &clocked{until: 100}
	m := New(Config{Span: 20e9})
	if err := engine.Run(context.Background(), src, m, false); err != nil {
		t.Fatal(err)
	}
	if src.now != 21 {
		t.Errorf("the run of 20 s that began at 1 s ended at %d s", src.now)
	}
}

// TestClockIntervals gives results for intervals without packets.
func TestClockIntervals(t *testing.T) {
	src := &clocked{frames: map[int64][]byte{3: query(), 4: query()}, until: 20}
	keys, err := stats.ParseBy(stats.Schema{Flow: flow.Fields(flow.Lookups{})}, "port")
	if err != nil {
		t.Fatal(err)
	}
	var packets []uint64
	m := New(Config{Flows: &flow.Config{}})
	m.Add(stats.NewRanking(stats.Config{Keys: keys, Interval: 5e9, Each: func(r *stats.Result) {
		packets = append(packets, r.Total.IntervalPackets)
	}}, m.Flows()))
	if err := engine.Run(context.Background(), src, m, false); err != nil {
		t.Fatal(err)
	}
	if len(packets) != 4 || packets[0] != 2 || packets[1]+packets[2]+packets[3] != 0 {
		t.Errorf("packets of the intervals up to second 20: %v, want 2 0 0 0", packets)
	}
}
