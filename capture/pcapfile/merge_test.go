package pcapfile

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"pkt/packet"
)

// timedPcap returns a pcap file with packets at the given seconds.
func timedPcap(seconds ...uint32) []byte {
	bo := binary.LittleEndian
	b := header(bo, 0xa1b2c3d4, 4, 65535, 1)
	for i, s := range seconds {
		frame := fmt.Sprintf("at %d, number %d", s, i+1)
		b = append(b, record(bo, s, 0, uint32(len(frame)), 100, nil, []byte(frame))...)
	}
	return b
}

func TestMerge(t *testing.T) {
	o := littleEndian
	ng := blocks(ngSection(o), ngInterface(o, 101, 0, ngOption(o, 2, []byte("tun0"))),
		ngEnhanced(o, 0, 2_000_000, []byte("at 2, number 1"), ngOption(o, optComment, []byte("noted"))),
		ngEnhanced(o, 0, 6_000_000, []byte("at 6, number 2"), ngOption(o, optComment, []byte("noted too"))))
	paths := []string{
		writeFile(t, "a.pcap", timedPcap(1, 5, 3, 9)), // the clock goes back after the second
		writeFile(t, "b.pcapng", ng),
		writeFile(t, "c.pcap.gz", compress(t, "gzip", timedPcap(1, 2, 5))),
		writeFile(t, "none.pcap", timedPcap()),
	}
	rd, err := Open(paths, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		file  int
		frame string
	}{
		{0, "at 1, number 1"}, {2, "at 1, number 1"}, {1, "at 2, number 1"}, {2, "at 2, number 2"},
		{0, "at 5, number 2"}, {0, "at 3, number 3"}, {2, "at 5, number 3"}, {1, "at 6, number 2"}, {0, "at 9, number 4"},
	}
	all := readAll(t, rd)
	if len(all) != len(want) {
		t.Fatalf("%d packets, want %d", len(all), len(want))
	}
	for i, w := range want {
		p := all[i]
		file := rd.Ifaces()[p.Iface].File
		number := fmt.Sprintf("number %d", p.Num)
		if file != paths[w.file] || string(p.Frame) != w.frame || p.WireLen < p.CapLen || w.frame[len(w.frame)-len(number):] != number {
			t.Errorf("packet %d: %q of %s, number %d; want %q of %s", i+1, p.Frame, file, p.Num, w.frame, paths[w.file])
		}
		if noted := len(p.Notes) == 1; noted != (w.file == 1) {
			t.Errorf("packet %d has the notes %v", i+1, p.Notes)
		}
	}
	if s := rd.Stats(); s.Read.Load() != s.Size.Load() || len(rd.Damage()) != 0 || len(rd.Files()) != 4 {
		t.Errorf("%d of %d bytes, damage %v, files %v", s.Read.Load(), s.Size.Load(), rd.Damage(), rd.Files())
	}
}

// TestMergeAgainstSort compares with a stable sort of all packets.
func TestMergeAgainstSort(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for round := range 20 {
		type key struct {
			sec, file, num int
		}
		var want []key
		var paths []string
		for file := range 1 + rnd.IntN(8) {
			seconds := make([]uint32, rnd.IntN(2000))
			for i := range seconds {
				seconds[i] = uint32(rnd.IntN(500))
			}
			slices.Sort(seconds)
			for i, s := range seconds {
				want = append(want, key{int(s), file, i + 1})
			}
			paths = append(paths, writeFile(t, fmt.Sprintf("%d-%d.pcap", round, file), timedPcap(seconds...)))
		}
		slices.SortStableFunc(want, func(a, b key) int { return cmp.Compare(a.sec, b.sec) })
		rd, err := Open(paths, Options{})
		if err != nil {
			t.Fatal(err)
		}
		all := readAll(t, rd)
		if len(all) != len(want) {
			t.Fatalf("%d packets, want %d", len(all), len(want))
		}
		for i, w := range want {
			file := slices.Index(paths, rd.Ifaces()[all[i].Iface].File)
			if got := (key{int(all[i].Nanos / 1e9), file, int(all[i].Num)}); got != w {
				t.Fatalf("round %d, packet %d: %v, want %v", round, i+1, got, w)
			}
		}
	}
}

// Files that follow each other are open one at a time.
func TestMergeOfRotatedFiles(t *testing.T) {
	const files = 300
	dir := t.TempDir()
	for i := range files {
		seconds := make([]uint32, 300)
		for j := range seconds {
			seconds[j] = uint32(i*300 + j)
		}
		writeFileTo(t, filepath.Join(dir, fmt.Sprintf("%04d.pcap", i)), timedPcap(seconds...))
	}
	rd, err := Open([]string{filepath.Join(dir, "*.pcap")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b packet.Batch
	last, packets := int64(-1), 0
	for rd.Next(&b) == nil {
		for i := range b.N {
			if b.Records[i].Nanos <= last {
				t.Fatalf("packet %d comes too late", packets+i)
			}
			last = b.Records[i].Nanos
		}
		packets += b.N
		open := 0
		for _, s := range rd.streams {
			if s.file != nil {
				open++
			}
		}
		if open > 2 {
			t.Fatalf("%d files are open", open)
		}
	}
	if packets != files*300 {
		t.Errorf("%d packets, want %d", packets, files*300)
	}
}

// Damage names the file and the packet's number in it.
func TestMergeDamage(t *testing.T) {
	a, b := timedPcap(1, 3), timedPcap(2, 4)
	paths := []string{writeFile(t, "a.pcap", a[:len(a)-1]), writeFile(t, "b.pcap", b)}
	rd, err := Open(paths, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if all := readAll(t, rd); len(all) != 3 {
		t.Errorf("%d packets, want 3", len(all))
	}
	if d := rd.Damage(); len(d) != 1 || d[0].File != paths[0] || d[0].Packet != 2 {
		t.Errorf("damage %v", d)
	}
}
