package meter

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"pkt/capture/pcapfile"
	"pkt/engine"
	"pkt/flow"
	"pkt/fragment"
	"pkt/names"
	"pkt/packet"
)

// someFlows holds for a share of the flows, by their numbers, and adds up what
// they have sent.
type someFlows struct {
	among          uint64
	packets, bytes uint64
}

func (s *someFlows) Filter(rows []flow.Row, in packet.Set) (out packet.Set) {
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		if rows[i].ID%s.among == 0 {
			out.Add(i)
			s.packets += rows[i].SrcSent.Packets + rows[i].DstSent.Packets
			s.bytes += rows[i].SrcSent.Bytes + rows[i].DstSent.Bytes
		}
	}
	return out
}

// keep is a tap that notes what the layers of the packets were.
type keep struct{ layers []packet.Layers }

func (k *keep) Batch(b *packet.Batch, in packet.Set, _ []fragment.Credit, _ *flow.Refs) {
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		k.layers = append(k.layers, b.Layers[i])
	}
}

func (k *keep) Ended([]flow.Row) {}

// passOver runs a meter over a capture, or over what of it can be read.
func passOver(t testing.TB, path string, m *Meter) {
	t.Helper()
	if src, err := pcapfile.Open([]string{path}, pcapfile.Options{}); err == nil {
		engine.Run(context.Background(), src, m, false)
		src.Close()
	}
	m.Finish()
}

// captures are those of the tests, and those that PKT_CORPUS names.
func captures(t testing.TB) (paths []string) {
	for _, pattern := range []string{"../testdata/pcaps/*/*.pcap*", os.Getenv("PKT_CORPUS")} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	if len(paths) < 50 {
		t.Fatalf("%d captures", len(paths))
	}
	return paths
}

// The packets of the chosen flows are as many as these have sent, whatever
// became of flows that were evicted, cut, used again, or met their fragments
// late.
func TestChoice(t *testing.T) {
	configs := []flow.Config{{}, {Idle: 1e9}, {MaxFlows: 20}}
	late := 0
	for _, path := range captures(t) {
		for _, cfg := range configs {
			for _, among := range []uint64{1, 2, 5} {
				cfg.Registered = names.Registered
				first := New(Config{Flows: &cfg})
				some := &someFlows{among: among}
				c := NewChoice(some, first.Flows())
				first.Add(c)
				passOver(t, path, first)
				late += len(c.late)
				second := New(Config{Where: []Filter{c.Filter(cfg)}})
				second.Add(new(keep))
				passOver(t, path, second)
				if got := second.Totals(); got.Packets != some.packets || got.Bytes != some.bytes {
					t.Errorf("%s, one of %d: %d packets, %d bytes, want %d and %d", path, among, got.Packets, got.Bytes, some.packets, some.bytes)
				}
			}
		}
	}
	if late < 10 {
		t.Errorf("%d packets came before their flow was known: nothing is tested", late)
	}
}

// A Choice of all flows leaves the layers of fragments as they were.
func TestChoiceLeavesLayers(t *testing.T) {
	for _, path := range captures(t) {
		plain, chosen := new(keep), new(keep)
		inFlow := New(Config{})
		inFlow.Add(plain)
		passOver(t, path, inFlow)
		cfg := flow.Config{}
		first := New(Config{Flows: &cfg})
		first.Add(NewChoice(&someFlows{among: 1}, first.Flows()))
		c := NewChoice(&someFlows{among: 1}, first.Flows())
		first.Add(c)
		passOver(t, path, first)
		second := New(Config{Where: []Filter{c.Filter(cfg)}})
		second.Add(chosen)
		passOver(t, path, second)
		at := 0
		for i := range chosen.layers {
			for at < len(plain.layers) && plain.layers[at] != chosen.layers[i] {
				at++
			}
			if at++; at > len(plain.layers) {
				t.Errorf("%s: packet %d of flows has other layers", path, i)
				break
			}
		}
	}
}

// BenchmarkChoice measures the second pass: decoding, flows, and what is chosen.
func BenchmarkChoice(b *testing.B) {
	cfg := flow.Config{Registered: names.Registered}
	first := New(Config{Flows: &cfg})
	some := &someFlows{among: 2}
	c := NewChoice(some, first.Flows())
	first.Add(c)
	const path = "../testdata/pcaps/office/in.pcap"
	passOver(b, path, first)
	packets := uint64(0)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		second := New(Config{Where: []Filter{c.Filter(cfg)}})
		second.Add(new(keep))
		passOver(b, path, second)
		packets += first.Totals().Packets
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(packets), "ns/pkt")
}

var _ FlowFilter = (*someFlows)(nil)
