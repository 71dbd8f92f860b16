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

// counter is a tap that only counts.
type counter struct{ rows, packets uint64 }

func (c *counter) Batch(_ *packet.Batch, in packet.Set, _ []fragment.Credit, _ *flow.Refs) {
	c.packets += uint64(in.Len())
}
func (c *counter) Ended(rows []flow.Row) { c.rows += uint64(len(rows)) }

// BenchmarkFlows is the whole way of a packet from the file to its flow's row,
// over the captures of $PKT_BENCH, on one core and as a pipeline.
func BenchmarkFlows(b *testing.B) {
	dir := os.Getenv("PKT_BENCH")
	if dir == "" {
		b.Skip("PKT_BENCH names no folder of captures")
	}
	for _, name := range []string{"small", "mixed", "manyflows", "bulk"} {
		for _, parallel := range []bool{false, true} {
			mode := "/one"
			if parallel {
				mode = "/two"
			}
			b.Run(name+mode, func(b *testing.B) {
				var packets uint64
				for b.Loop() {
					packets += flows(b, filepath.Join(dir, name+".pcap"), parallel)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(packets), "ns/pkt")
			})
		}
	}
}

func flows(b *testing.B, file string, parallel bool) uint64 {
	src, err := pcapfile.Open([]string{file}, pcapfile.Options{})
	if err != nil {
		b.Skip(err)
	}
	defer src.Close()
	m := New(Config{Flows: &flow.Config{Registered: names.Registered}})
	var c counter
	m.Add(&c)
	if err := engine.Run(context.Background(), src, m, parallel); err != nil {
		b.Fatal(err)
	}
	m.Finish()
	if c.rows == 0 || c.packets != m.Totals().Packets {
		b.Fatalf("%d rows, %d of %d packets", c.rows, c.packets, m.Totals().Packets)
	}
	return c.packets
}
