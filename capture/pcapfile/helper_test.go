package pcapfile

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"pkt/packet"
)

// got is a packet that a reader delivered, with its frame copied.
type got struct {
	packet.Record
	Frame []byte
	Num   uint64
	Notes []packet.Note // their positions are 0
}

// readAll reads to the end and checks what every batch promises.
func readAll(tb testing.TB, rd *Reader) (all []got) {
	tb.Helper()
	var b packet.Batch
	for {
		err := rd.Next(&b)
		if err == io.EOF {
			if b.N != 0 || b.Block != nil || len(b.Notes) != 0 {
				tb.Fatalf("a batch of %d packets and %d notes comes with the end", b.N, len(b.Notes))
			}
			if n := rd.Stats().Packets.Load(); n != uint64(len(all)) {
				tb.Fatalf("%d packets were counted, %d delivered", n, len(all))
			}
			return all
		}
		if err != nil {
			tb.Fatal(err)
		}
		all = appendBatch(tb, all, &b)
	}
}

// appendBatch copies the packets of a batch.
func appendBatch(tb testing.TB, all []got, b *packet.Batch) []got {
	tb.Helper()
	note := 0
	for i := range b.N {
		r := b.Records[i]
		if int(r.Iface) >= len(b.Ifaces) || b.Ifaces[r.Iface].Link != r.Link {
			tb.Fatalf("packet %d: interface %d of %d, link type %d", i, r.Iface, len(b.Ifaces), r.Link)
		}
		g := got{Record: r, Frame: bytes.Clone(b.Frame(i)), Num: b.Num(i)}
		g.Off = 0 // depends on how the input was cut
		for ; note < len(b.Notes) && b.Notes[note].Packet == i; note++ {
			n := b.Notes[note]
			n.Packet = 0
			g.Notes = append(g.Notes, n)
		}
		all = append(all, g)
	}
	if note != len(b.Notes) {
		tb.Fatalf("note %d of %d is of packet %d of %d", note, len(b.Notes), b.Notes[note].Packet, b.N)
	}
	return all
}

// writeFile writes a file into a folder of its own and returns its path.
func writeFile(tb testing.TB, name string, b []byte) (path string) {
	tb.Helper()
	path = filepath.Join(tb.TempDir(), name)
	writeFileTo(tb, path, b)
	return path
}

func writeFileTo(tb testing.TB, path string, b []byte) {
	tb.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		tb.Fatal(err)
	}
}
