package pcapfile

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"pkt/packet"
)

// oneBatch returns a full batch of frames of 60 to 120 bytes.
func oneBatch(tb testing.TB, path string) *packet.Batch {
	b := new(packet.Batch)
	if err := open(tb, path).Next(b); err != nil || b.N != packet.BatchLen {
		tb.Fatal(b.N, err)
	}
	return b
}

// benchmarkWrite writes one batch again and again to nowhere: what is measured
// is laying out the packets.
func benchmarkWrite(b *testing.B, name string, notes []packet.Note) {
	b.ReportAllocs()
	batch := oneBatch(b, writeFile(b, "in.pcap", pcapBytes(2*packet.BatchLen)))
	batch.Notes = notes
	w, err := NewWriter(io.Discard, name, WriteOptions{})
	if err != nil {
		b.Fatal(err)
	}
	packets := 0
	for b.Loop() {
		if err := w.Write(batch, batch.All()); err != nil {
			b.Fatal(err)
		}
		packets += batch.N
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(packets), "ns/pkt")
}

func BenchmarkWritePcap(b *testing.B)    { benchmarkWrite(b, "a.pcap", nil) }
func BenchmarkWritePcapng(b *testing.B)  { benchmarkWrite(b, "a.pcapng", nil) }
func BenchmarkWritePcapGz(b *testing.B)  { benchmarkWrite(b, "a.pcap.gz", nil) }
func BenchmarkWritePcapZst(b *testing.B) { benchmarkWrite(b, "a.pcap.zst", nil) }

// BenchmarkRewrite reads a file and writes it again.
func BenchmarkRewrite(b *testing.B) {
	in := writeFile(b, "in.pcap", pcapBytes(benchPackets))
	out := filepath.Join(b.TempDir(), "out.pcap")
	for _, path := range []string{os.DevNull, out} {
		b.Run(filepath.Base(path), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rd := open(b, in)
				if err := copyTo(b, rd, path, WriteOptions{}, everything); err != nil {
					b.Fatal(err)
				}
				rd.Close()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*benchPackets), "ns/pkt")
		})
	}
}

// Writing allocates nothing for packets, their directions and their notes.
func TestWriteAllocatesNothing(t *testing.T) {
	notes := []packet.Note{
		{Packet: 3, Kind: packet.NoteComment, Text: "a comment"},
		{Packet: 5, Kind: packet.NoteProcess, PID: 1, TID: 2},
		{Packet: 5, Kind: packet.NoteDrops, Count: 7},
		{Packet: 9, Kind: packet.NoteIfaceDrop, Count: 9},
	}
	for _, name := range []string{"a.pcap", "a.pcapng", "a.pcap.gz", "a.pcap.zst"} {
		b := oneBatch(t, writeFile(t, "in.pcap", pcapBytes(2*packet.BatchLen)))
		b.Notes = notes
		b.Records[8].Dir = packet.DirOut
		w, err := NewWriter(io.Discard, name, WriteOptions{SnapLen: 100})
		if err != nil {
			t.Fatal(err)
		}
		write := func() {
			if err := w.Write(b, b.All()); err != nil {
				t.Fatal(err)
			}
		}
		for range 20 {
			write() // the buffers of compressors grow
		}
		if n := testing.AllocsPerRun(200, write); n != 0 {
			t.Errorf("%s: %.1f allocations a batch", name, n)
		}
	}
}
