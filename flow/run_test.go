package flow_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"pkt/capture/pcapfile"
	"pkt/decode"
	"pkt/flow"
	"pkt/fragment"
	"pkt/internal/pkttest"
	"pkt/names"
	"pkt/packet"
)

// rows is a sink that keeps what it gets.
type rows []flow.Row

func (r *rows) Ended(ended []flow.Row) { *r = append(*r, ended...) }

// pipeline is what a worker puts together: decoded batches to rows.
type pipeline struct {
	rows  rows
	stage *fragment.Stage
	table *flow.Table
	keys  *flow.Keys
	refs  flow.Refs
}

func newPipeline(cfg flow.Config) *pipeline {
	if cfg.Registered == nil {
		cfg.Registered = names.Registered
	}
	p := &pipeline{stage: fragment.NewStage()}
	p.table = flow.NewTable(cfg, &p.rows)
	p.keys = p.table.NewKeys()
	return p
}

// batch takes a batch that was decoded.
func (p *pipeline) batch(b *packet.Batch) {
	in, credits := p.stage.Batch(b, b.All())
	p.keys.Fill(b, in)
	p.table.Update(b, in, p.keys, credits, &p.refs)
}

// end ends the capture.
func (p *pipeline) end() {
	var empty packet.Batch
	p.keys.Fill(&empty, packet.Set{})
	p.table.Update(&empty, packet.Set{}, p.keys, p.stage.Flush(), &p.refs)
	p.table.Flush()
}

// readFile takes all batches of a capture file, and gives each to see.
func (p *pipeline) readFile(tb testing.TB, path string, see func(*packet.Batch)) {
	tb.Helper()
	src, err := pcapfile.Open([]string{path}, pcapfile.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	defer src.Close()
	b := new(packet.Batch)
	for {
		err := src.Next(b)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			tb.Fatal(err)
		}
		decode.Batch(b, b.All())
		p.batch(b)
		if see != nil {
			see(b)
		}
	}
	p.end()
}

// corpus returns a path below the shared corpus, and skips the test without it.
func corpus(tb testing.TB, path string) string {
	tb.Helper()
	full := filepath.Join("..", "..", "shared", "corpus", path)
	if _, err := os.Stat(full); err != nil {
		tb.Skipf("no corpus: %v", err)
	}
	return full
}

// packets takes packets in batches of the given size, and ends the capture.
func (p *pipeline) packets(list []pkttest.Packet, size int) rows {
	for len(list) > 0 {
		n := min(size, len(list))
		p.batch(batchOf(list[:n]))
		list = list[n:]
	}
	p.end()
	return p.rows
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
