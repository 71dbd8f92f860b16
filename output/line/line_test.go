package line

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pkt/capture/pcapfile"
	"pkt/decode"
	"pkt/decode/app"
	"pkt/packet"
)

const pcaps = "../../testdata/pcaps/"

// first returns the first batch of a capture, decoded.
func first(t testing.TB, path string) *packet.Batch {
	t.Helper()
	src, err := pcapfile.Open([]string{path}, pcapfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	b := new(packet.Batch)
	if err := src.Next(b); err != nil && err != io.EOF {
		t.Fatal(err)
	}
	t.Cleanup(b.Reset)
	decode.Batch(b, b.All())
	return b
}

// combinations are options that lead through all of the package.
func combinations() []Options {
	clock := func() Clock { return NewClock(StampTime, time.UTC, false) }
	return []Options{
		{Clock: clock()},
		{Clock: clock(), Numeric: true, Details: Fields, Number: true, Link: true, Dump: BothLink, Color: true},
		{Clock: NewClock(StampDelta, time.UTC, true), Quick: true, Absolute: true, Dump: ASCII, ASCII: true},
	}
}

// maxInitial is how many allocations the decryption of a QUIC Initial may take.
const maxInitial = 60

// initials counts the QUIC packets of a batch that are decrypted.
func initials(b *packet.Batch) (n int) {
	for i := range b.N {
		l := &b.Layers[i]
		if q, ok := app.AsQUIC(b.Frame(i)[l.Payload:l.End]); ok && l.Has.Any(packet.HasUDP) && q.Type == app.QUICInitial {
			n++
		}
	}
	return n
}

// No packet costs an allocation, whatever it is and whatever is shown of it but
// for its layer tree, and for QUIC packets that are decrypted.
func TestAllocatesNothing(t *testing.T) {
	files, err := filepath.Glob(pcaps + "*/*.pcap*")
	if err != nil || len(files) == 0 {
		t.Fatal("no captures", err)
	}
	for _, path := range files {
		info, err := os.Stat(path)
		if err != nil || filepath.Base(filepath.Dir(path)) == "damage" || info.Size() < 100 {
			continue
		}
		b := first(t, path)
		for n, opt := range combinations() {
			p := New(io.Discard, opt)
			write := func() {
				if err := p.Batch(b, b.All()); err != nil {
					t.Fatal(err)
				}
			}
			write()
			allowed := float64(maxInitial * initials(b))
			if got := testing.AllocsPerRun(5, write); got > allowed {
				t.Errorf("%s, options %d: %.1f allocations a batch, %.0f allowed", path, n, got, allowed)
			}
		}
	}
}

// FuzzLine writes any frame of any link type. What comes out is one line, or
// more where details or bytes are asked for, of printable characters.
func FuzzLine(f *testing.F) {
	files, _ := filepath.Glob(pcaps + "*/*.pcap*")
	for _, path := range files {
		src, err := pcapfile.Open([]string{path}, pcapfile.Options{})
		if err != nil {
			continue
		}
		var b packet.Batch
		if src.Next(&b) == nil {
			for i := range min(b.N, 20) {
				f.Add(b.Records[i].Link, bytes.Clone(b.Frame(i)), b.Records[i].WireLen)
			}
			b.Reset()
		}
		src.Close()
	}
	printers := make([]*Printer, len(combinations()))
	for i, opt := range combinations() {
		opt.Color = false
		printers[i] = New(io.Discard, opt)
	}
	f.Fuzz(func(t *testing.T, link uint16, frame []byte, wire uint32) {
		b := packet.Batch{Block: packet.NewBlock(frame, nil), N: 1}
		b.Records[0] = packet.Record{CapLen: uint32(len(frame)), WireLen: max(wire, uint32(len(frame))), Link: link}
		decode.Batch(&b, b.All())
		for n, p := range printers {
			out := p.append(nil, &b, 0)
			if n == 0 && bytes.Count(out, []byte("\n")) != 1 {
				t.Errorf("%d lines: %q", bytes.Count(out, []byte("\n")), out)
			}
			for _, c := range out {
				if c < 0x20 && c != '\n' && c != '\t' || c == 0x7f {
					t.Errorf("options %d: %q", n, out)
				}
			}
		}
	})
}

// BenchmarkLine writes lines of the packets of a batch: the office capture, and
// the first ones of the captures of $PKT_BENCH.
func BenchmarkLine(b *testing.B) {
	files := map[string]string{"office": pcaps + "office/in.pcap"}
	if dir := os.Getenv("PKT_BENCH"); dir != "" {
		for _, name := range []string{"small", "mixed"} {
			files[name] = filepath.Join(dir, name+".pcap")
		}
	}
	for name, path := range files {
		b.Run(name, func(b *testing.B) {
			batch := first(b, path)
			p := New(io.Discard, Options{Numeric: true})
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				if err := p.Batch(batch, batch.All()); err != nil {
					b.Fatal(err)
				}
				n += batch.N
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/pkt")
		})
	}
}
