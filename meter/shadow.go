package meter

import (
	"pkt/flow"
	"pkt/fragment"
	"pkt/packet"
)

// shadow keeps flows ahead of the selection, which needs to know what packets
// are in them. It leaves no trace in the batch.
type shadow struct {
	fragments *fragment.Stage
	table     *flow.Table
	keys      *flow.Keys
	refs      flow.Refs
	layers    []packet.Layers
}

func newShadow(cfg flow.Config, sink flow.Sink) *shadow {
	s := &shadow{fragments: fragment.NewStage(), table: flow.NewTable(cfg, sink)}
	s.keys = s.table.NewKeys()
	return s
}

// update takes the packets of the set to their flows, and fills s.refs.
func (s *shadow) update(b *packet.Batch, in packet.Set) {
	// The fragment stage gives later fragments the ports of the first.
	s.layers = append(s.layers[:0], b.Layers[:b.N]...)
	whole, credits := s.fragments.Batch(b, in)
	s.keys.Fill(b, whole)
	s.table.Update(b, whole, s.keys, credits, &s.refs)
	copy(b.Layers[:b.N], s.layers)
}

// marker is a Filter that lets everything through, and marks packets by what
// came before them in their flows.
type marker struct{ *shadow }

// NewMarker returns a Filter that sets the marks of packets. It belongs before
// all other filters of decoded packets: what it does not see, it does not miss.
func NewMarker(cfg flow.Config) Filter { return marker{newShadow(cfg, noSink{})} }

// Filter implements Filter.
func (m marker) Filter(b *packet.Batch, in packet.Set) (packet.Set, error) {
	m.update(b, in)
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		marks := packet.Marks(0)
		if m.refs.Flow[i] != flow.NoFlow {
			marks = packet.Marked
		}
		if m.refs.Info[i]&flow.RefRetrans != 0 {
			marks |= packet.MarkRetrans
		}
		if m.refs.Info[i]&flow.RefOutOfOrder != 0 {
			marks |= packet.MarkOutOfOrder
		}
		b.Records[i].Marks = marks
	}
	return in, nil
}

// noSink takes no notice of flows that end.
type noSink struct{}

// Ended implements flow.Sink.
func (noSink) Ended([]flow.Row) {}
