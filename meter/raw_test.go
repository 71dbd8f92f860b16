package meter

import (
	"bytes"
	"context"
	"testing"

	"pkt/capture/pcapfile"
	"pkt/engine"
	"pkt/flow"
	"pkt/fragment"
	"pkt/packet"
)

// layerCounter counts the packets that were decoded.
type layerCounter struct{ packets, decoded int }

func (c *layerCounter) Batch(b *packet.Batch, in packet.Set, _ []fragment.Credit, _ *flow.Refs) {
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		c.packets++
		if b.Layers[i].Has.Any(packet.HasUDP) {
			c.decoded++
		}
	}
}

func (c *layerCounter) Ended([]flow.Row) {}

// Packets are decoded where a tap, a filter or the flows need it, and only there.
func TestRawTapsSeeFrames(t *testing.T) {
	tests := []struct {
		name    string
		cfg     Config
		other   bool // a tap that needs layers is there, too
		decoded bool
	}{
		{"alone", Config{}, false, false},
		{"raw filter", Config{Raw: []Filter{odd{}}}, false, false},
		{"filter of layers", Config{Where: []Filter{odd{}}}, false, true},
		{"another tap", Config{}, true, true},
		{"flows", Config{Flows: &flow.Config{}}, false, true},
	}
	for _, tt := range tests {
		src := pcapfile.NewReader(bytes.NewReader(queries(100)), "test", pcapfile.Options{})
		m, c := New(tt.cfg), &layerCounter{}
		if tt.other {
			m.Add(&recorder{})
		}
		m.AddRaw(c)
		if err := engine.Run(context.Background(), src, m, false); err != nil {
			t.Fatal(err)
		}
		m.Finish()
		if c.packets == 0 || (c.decoded > 0) != tt.decoded || m.Totals().Packets != uint64(c.packets) {
			t.Errorf("%s: %d of %d packets are decoded, %d counted", tt.name, c.decoded, c.packets, m.Totals().Packets)
		}
	}
}
