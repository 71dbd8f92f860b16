package reassembly_test

import (
	"context"
	"testing"

	"pkt/capture/pcapfile"
	"pkt/decode"
	"pkt/engine"
	"pkt/flow"
	"pkt/fragment"
	"pkt/internal/pkttest"
	"pkt/packet"
	"pkt/reassembly"
)

// counter is a Consumer that only counts.
type counter struct {
	bytes, gaps int64
	ends        int
}

func (c *counter) Open(*reassembly.Stream) bool { return true }
func (c *counter) Data(_ *reassembly.Stream, _ uint8, _ int64, b []byte, _ int64) {
	c.bytes += int64(len(b))
}
func (c *counter) Gap(_ *reassembly.Stream, _ uint8, _, n, _ int64) { c.gaps += n }
func (c *counter) End(*reassembly.Stream, *flow.Row)                { c.ends++ }

// stream is what a keeper got of a flow.
type stream struct {
	row   flow.Row
	data  [2]string // of the originator and the responder; a gap is [n]
	facts [2]reassembly.Facts
}

// keeper is a Consumer that keeps all.
type keeper struct {
	open    map[*reassembly.Stream]*[2][]byte
	streams []stream
}

func (k *keeper) Open(s *reassembly.Stream) bool {
	k.open[s] = new([2][]byte)
	return true
}

func (k *keeper) Data(s *reassembly.Stream, side uint8, _ int64, b []byte, _ int64) {
	k.open[s][side] = append(k.open[s][side], b...)
}

func (k *keeper) Gap(s *reassembly.Stream, side uint8, _, n, _ int64) {
	k.open[s][side] = append(k.open[s][side], "["...)
	k.open[s][side] = append(k.open[s][side], byte('0'+min(n, 9)))
	k.open[s][side] = append(k.open[s][side], "]"...)
}

func (k *keeper) End(s *reassembly.Stream, row *flow.Row) {
	x := stream{row: *row}
	for i := range x.data {
		side := i
		if row.SrcHigh {
			side ^= 1
		}
		x.data[i] = string(k.open[s][side])
		x.facts[i] = *s.Halves[side].Facts()
	}
	delete(k.open, s)
	k.streams = append(k.streams, x)
}

// pipeline is what a meter puts together, without one.
type pipeline struct {
	stage *fragment.Stage
	table *flow.Table
	keys  *flow.Keys
	refs  flow.Refs
	a     *reassembly.Assembler
}

func newPipeline(cfg reassembly.Config, flows flow.Config, to reassembly.Consumer) *pipeline {
	p := &pipeline{stage: fragment.NewStage()}
	p.table = flow.NewTable(flows, p)
	p.keys = p.table.NewKeys()
	p.a = reassembly.New(cfg, p.table, to)
	return p
}

// Ended implements flow.Sink.
func (p *pipeline) Ended(rows []flow.Row) { p.a.Ended(rows) }

// batch takes a batch that was decoded.
func (p *pipeline) batch(b *packet.Batch) {
	in, credits := p.stage.Batch(b, b.All())
	p.keys.Fill(b, in)
	p.table.Update(b, in, p.keys, credits, &p.refs)
	p.a.Batch(b, b.All(), credits, &p.refs)
}

// packets takes packets in batches of the given size, and ends the capture.
func (p *pipeline) packets(list []pkttest.Packet, size int) {
	for len(list) > 0 {
		n := min(size, len(list))
		p.batch(batchOf(list[:n]))
		list = list[n:]
	}
	p.table.Flush()
}

// batchOf returns a decoded batch of Ethernet frames.
func batchOf(list []pkttest.Packet) *packet.Batch {
	b := &packet.Batch{N: len(list)}
	var mem []byte
	for i, p := range list {
		wire := max(p.WireLen, len(p.Data))
		b.Records[i] = packet.Record{
			Nanos: p.Nanos, Off: uint32(len(mem)), CapLen: uint32(len(p.Data)), WireLen: uint32(wire), Link: 1,
		}
		mem = append(mem, p.Data...)
	}
	b.Block = packet.NewBlock(mem, nil)
	decode.Batch(b, b.All())
	return b
}

// readFile runs a capture file through an engine.Worker.
func readFile[A any](tb testing.TB, path string, w engine.Worker[A]) {
	tb.Helper()
	src, err := pcapfile.Open([]string{path}, pcapfile.Options{})
	if err != nil {
		tb.Skip(err)
	}
	defer src.Close()
	if err := engine.Run(context.Background(), src, w, false); err != nil {
		tb.Fatal(err)
	}
}
