package pcapfile

import (
	"bytes"
	"path/filepath"
	"testing"

	"pkt/packet"
)

// FuzzRewrite reads any bytes, writes what they hold, and wants the same packets
// back.
func FuzzRewrite(f *testing.F) {
	for _, data := range samples() {
		f.Add(data, true)
		f.Add(data, false)
	}
	f.Fuzz(func(t *testing.T, data []byte, ng bool) {
		if _, ok := findCompression(data); ok {
			return
		}
		name := "out.pcap"
		if ng {
			name = "out.pcapng"
		}
		var out bytes.Buffer
		w, err := NewWriter(&out, name, WriteOptions{})
		if err != nil {
			t.Fatal(err)
		}
		rd := openBytes(data)
		var b packet.Batch
		var want []got
		for rd.Next(&b) == nil {
			if err := w.Write(&b, b.All()); err != nil {
				return // two link types or byte orders
			}
			want = appendBatch(t, want, &b)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		back := openBytes(out.Bytes())
		read := readAll(t, back)
		if len(back.Damage()) != 0 || len(read) != len(want) {
			t.Fatalf("%d packets, want %d; %v", len(read), len(want), back.Damage())
		}
		for i := range read {
			g, w := read[i], want[i]
			w.Nanos, w.Iface = max(w.Nanos, 0), g.Iface
			if !ng {
				w.Nanos, w.Dir = min(w.Nanos, 1<<32*1e9-1), packet.DirUnknown
			}
			if g.Record != w.Record || !bytes.Equal(g.Frame, w.Frame) {
				t.Fatalf("packet %d: %+v, want %+v", i+1, g.Record, w.Record)
			}
		}
	})
}

// FuzzRotate writes what any bytes hold into files of any size, and wants the same
// packets and notes back, in order, from all files together.
func FuzzRotate(f *testing.F) {
	for _, data := range samples() {
		f.Add(data, uint16(100))
		f.Add(data, uint16(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, size uint16) {
		if _, ok := findCompression(data); ok || size == 0 || len(data) > 4096 {
			return
		}
		dir := t.TempDir()
		var names []string
		r, err := NewRotator(filepath.Join(dir, "a.pcapng"), WriteOptions{}, Rotation{
			Size: int64(size), Complete: func(path string) { names = append(names, filepath.Base(path)) },
		})
		if err != nil {
			t.Fatal(err)
		}
		rd := openBytes(data)
		var b packet.Batch
		var want []got
		for rd.Next(&b) == nil {
			if err := r.Write(&b, b.All()); err != nil {
				t.Fatal(err)
			}
			want = appendBatch(t, want, &b)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		compareTrip(t, "files", true, joined(t, dir, names), want)
	})
}
