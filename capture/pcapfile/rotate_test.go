package pcapfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pkt/packet"
)

// longCapture writes a capture of some 3 MB in which a millisecond lies between
// two packets.
func longCapture(tb testing.TB) (path string, packets int) {
	tb.Helper()
	const n = 30_000
	b := pcapBytes(n)
	for at, i := pcapHeaderLen, 0; at < len(b); i++ {
		littleEndian.put32(b[at:], uint32(1_700_000_000+i/1000))
		littleEndian.put32(b[at+4:], uint32(i%1000*1000))
		at += pcapRecordLen + int(littleEndian.u32(b[at+8:]))
	}
	return writeFile(tb, "long.pcap", b), n
}

// rotate copies a capture into the files of a rotation and returns their names.
func rotate(tb testing.TB, in, out string, opt WriteOptions, rot Rotation) (names []string, err error) {
	tb.Helper()
	rot.Zone = time.UTC
	rot.Complete = func(path string) { names = append(names, filepath.Base(path)) }
	r, err := NewRotator(out, opt, rot)
	if err != nil {
		return nil, err
	}
	rd := open(tb, in)
	var b packet.Batch
	for err == nil {
		if err = rd.Next(&b); err == nil {
			err = r.Write(&b, b.All())
		}
	}
	b.Reset()
	if err == io.EOF {
		err = nil
	}
	if e := r.Close(); err == nil {
		err = e
	}
	return names, err
}

// joined are the packets of files, one behind the other.
func joined(tb testing.TB, dir string, names []string) (all []got) {
	tb.Helper()
	for _, name := range names {
		rd := open(tb, filepath.Join(dir, name))
		all = append(all, readAll(tb, rd)...)
		if d := rd.Damage(); len(d) > 0 {
			tb.Errorf("%s: %v", name, d)
		}
	}
	return all
}

func TestRotateNames(t *testing.T) {
	in, packets := longCapture(t)
	want := readAll(t, open(t, in))
	tests := []struct {
		name  string
		rot   Rotation
		files []string
		end   error
		all   bool // the files that remain hold all packets
	}{
		{"a.pcap", Rotation{}, []string{"a.pcap"}, nil, true},
		{"a.pcap", Rotation{Size: 1e6}, []string{"a.pcap", "a.pcap1", "a.pcap2", "a.pcap3"}, nil, true},
		{"a.pcap.gz", Rotation{Size: 1e6}, []string{"a.pcap.gz", "a.pcap1.gz", "a.pcap2.gz", "a.pcap3.gz"}, nil, true},
		{"a.pcapng.ZST", Rotation{Size: 1e6}, []string{"a.pcapng.ZST", "a.pcapng1.ZST", "a.pcapng2.ZST", "a.pcapng3.ZST"}, nil, true},
		{"a.pcap", Rotation{Size: 1e6, Files: 11}, []string{"a.pcap00", "a.pcap01", "a.pcap02", "a.pcap03"}, nil, true},
		{"a.pcap", Rotation{Size: 1e6, Files: 10}, []string{"a.pcap0", "a.pcap1", "a.pcap2", "a.pcap3"}, nil, true},
		{"a.pcap", Rotation{Size: 1e6, Files: 2}, []string{"a.pcap0", "a.pcap1", "a.pcap0", "a.pcap1"}, nil, false},
		{"a.pcap", Rotation{Size: 1e6, Files: 1}, []string{"a.pcap", "a.pcap", "a.pcap", "a.pcap"}, nil, false},
		{"%M%S.pcap", Rotation{Span: 10}, []string{"1320.pcap", "1330.pcap", "1340.pcap"}, nil, true},
		{"a.pcap", Rotation{Span: 10}, []string{"a.pcap", "a.pcap", "a.pcap"}, nil, false},
		{"%M%S.pcap", Rotation{Span: 10, Files: 2}, []string{"1320.pcap", "1330.pcap"}, ErrEnough, false},
		{"%S.pcap", Rotation{Span: 20, Size: 1e6}, []string{"20.pcap", "20.pcap1", "20.pcap2", "40.pcap", "40.pcap1"}, nil, true},
		{"%S.pcap", Rotation{Span: 20, Size: 1e6, Files: 2}, []string{"20.pcap0", "20.pcap1", "20.pcap0", "40.pcap0", "40.pcap1"}, nil, false},
	}
	for i, tt := range tests {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			dir := t.TempDir()
			names, err := rotate(t, in, filepath.Join(dir, tt.name), WriteOptions{}, tt.rot)
			if !errors.Is(err, tt.end) || !slices.Equal(names, tt.files) {
				t.Fatalf("%v, %v", names, err)
			}
			all := joined(t, dir, names)
			if tt.all && len(all) != packets {
				t.Fatalf("%d packets, want %d", len(all), packets)
			}
			for i := range all {
				if tt.all && (all[i].Nanos != want[i].Nanos || string(all[i].Frame) != string(want[i].Frame)) {
					t.Fatalf("packet %d differs", i+1)
				}
			}
			left, err := filepath.Glob(filepath.Join(dir, "*"+partEnding))
			if err != nil || len(left) > 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
}

// tcpdump makes the same files of the same capture.
func TestRotateAsTcpdump(t *testing.T) {
	tcpdump, err := exec.LookPath("tcpdump")
	if err != nil {
		t.Skip("tcpdump is not installed")
	}
	in, _ := longCapture(t)
	for _, files := range []int{0, 1, 2, 3, 10, 11} {
		theirs, ours := t.TempDir(), t.TempDir()
		args := []string{"-r", in, "-w", filepath.Join(theirs, "a.pcap"), "-C", "1"}
		if files > 0 {
			args = append(args, "-W", fmt.Sprint(files))
		}
		if os.Geteuid() == 0 {
			args = append(args, "-Z", "root")
		}
		if out, err := exec.Command(tcpdump, args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if _, err := rotate(t, in, filepath.Join(ours, "a.pcap"), WriteOptions{}, Rotation{Size: 1e6, Files: files}); err != nil {
			t.Fatal(err)
		}
		sameFiles(t, ours, theirs)
	}
}

// sameFiles compares the names of the files of two folders and what is in them.
func sameFiles(t *testing.T, ours, theirs string) {
	t.Helper()
	read := func(dir string) map[string]string {
		files := make(map[string]string)
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			data, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			files[e.Name()] = string(data)
		}
		return files
	}
	got, want := read(ours), read(theirs)
	for name, data := range want {
		// The headers of the files tell snapshot lengths, where tcpdump has its own.
		if len(got[name]) != len(data) || got[name][pcapHeaderLen:] != data[pcapHeaderLen:] {
			t.Errorf("%s: %d bytes, want %d", name, len(got[name]), len(data))
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d files, want %d", len(got), len(want))
	}
}

// Notes go with their packets, and interfaces into every file.
func TestRotateKeepsNotes(t *testing.T) {
	o := littleEndian
	in := blocks(ngSection(o), ngInterface(o, 1, 0), ngInterface(o, 101, 0))
	for i := range 3000 {
		frame := make([]byte, 100)
		var opts [][]byte
		if i%100 == 7 {
			opts = append(opts, ngOption(o, optComment, fmt.Appendf(nil, "comment %d", i)),
				ngOption(o, epbDropCount, o.append64(nil, uint64(i))))
		}
		in = append(in, ngEnhanced(o, uint32(i%2), uint64(i), frame, opts...)...)
	}
	path := writeFile(t, "in.pcapng", in)
	dir := t.TempDir()
	names, err := rotate(t, path, filepath.Join(dir, "a.pcapng"), WriteOptions{}, Rotation{Size: 50_000})
	if err != nil || len(names) < 5 {
		t.Fatal(names, err)
	}
	got, want := joined(t, dir, names), readAll(t, open(t, path))
	compareTrip(t, "parts", true, got, want)
	for _, name := range names {
		rd := open(t, filepath.Join(dir, name))
		readAll(t, rd)
		if len(rd.Ifaces()) != 2 {
			t.Errorf("%s: %d interfaces", name, len(rd.Ifaces()))
		}
	}
}

// The packet that reaches the limit is the last.
func TestRotateLimit(t *testing.T) {
	in, packets := longCapture(t)
	for _, limit := range []int64{1, pcapHeaderLen + 1, 1000, 123_456, 1e9} {
		for _, size := range []int64{0, 50_000} {
			dir := t.TempDir()
			names, err := rotate(t, in, filepath.Join(dir, "a.pcap"), WriteOptions{}, Rotation{Limit: limit, Size: size})
			if limit < 1e9 && !errors.Is(err, ErrEnough) || limit == 1e9 && err != nil {
				t.Fatalf("limit %d: %v", limit, err)
			}
			total := int64(0)
			for _, name := range names {
				info, err := os.Stat(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				total += info.Size()
			}
			n := len(joined(t, dir, names))
			if limit == 1e9 && n != packets || limit < 1e9 && (total < limit || total > limit+200) {
				t.Errorf("limit %d, files of %d: %d packets, %d bytes", limit, size, n, total)
			}
		}
	}
}

// A file is under its own name only when it is complete.
func TestRotateAtomicNames(t *testing.T) {
	in, _ := longCapture(t)
	dir := t.TempDir()
	r, err := NewRotator(filepath.Join(dir, "a.pcap"), WriteOptions{}, Rotation{Size: 1e6})
	if err != nil {
		t.Fatal(err)
	}
	rd := open(t, in)
	var b packet.Batch
	for rd.Next(&b) == nil {
		if err := r.Write(&b, b.All()); err != nil {
			t.Fatal(err)
		}
		whole, _ := filepath.Glob(filepath.Join(dir, "*[^t]"))
		parts, _ := filepath.Glob(filepath.Join(dir, "*"+partEnding))
		if len(parts) != 1 {
			t.Fatalf("being written: %v", parts)
		}
		for _, path := range whole {
			if info, err := os.Stat(path); err != nil || info.Size() <= 1e6 {
				t.Fatalf("%s: %v, %v", path, info, err)
			}
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

// A turn begins a file that has been renamed anew, and overwrites none.
func TestTurn(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.pcap")
	b := oneBatch(t, writeFile(t, "in.pcap", pcapBytes(2*packet.BatchLen)))
	r, err := NewRotator(path, WriteOptions{}, Rotation{})
	if err != nil {
		t.Fatal(err)
	}
	step := func(do ...func() error) {
		t.Helper()
		for _, f := range do {
			if err := f(); err != nil {
				t.Fatal(err)
			}
		}
	}
	write := func() error { return r.Write(b, b.All()) }
	step(write, r.Turn, write, write, func() error { return os.Rename(path, path+".old") }, r.Turn, write, r.Turn, r.Close)
	var files []string
	for _, name := range []string{"a.pcap", "a.pcap1", "a.pcap.old", "a.pcap2"} {
		files = append(files, fmt.Sprint(name, " ", len(joined(t, dir, []string{name}))/packet.BatchLen))
	}
	if want := "a.pcap 1,a.pcap1 2,a.pcap.old 1,a.pcap2 0"; strings.Join(files, ",") != want {
		t.Errorf("%v, want %s", files, want)
	}
}

// Time completes the file of a span without a packet, and ends the last one.
func TestTick(t *testing.T) {
	dir := t.TempDir()
	b := oneBatch(t, writeFile(t, "in.pcap", pcapBytes(2*packet.BatchLen)))
	const start = 1_700_000_000
	var names []string
	r, err := NewRotator(filepath.Join(dir, "%s.pcap"), WriteOptions{}, Rotation{
		Span: 5, Files: 2, Start: start * 1e9, Complete: func(path string) { names = append(names, filepath.Base(path)) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Tick(start*1e9 + 4_999_999_999); err != nil || len(names) != 0 {
		t.Fatal(names, err)
	}
	if err := r.Tick((start + 5) * 1e9); err != nil || len(names) != 1 {
		t.Fatal(names, err)
	}
	b.Records[0].Nanos = (start + 100) * 1e9
	if err := r.Write(b, packet.FirstN(1)); err != nil {
		t.Fatal(err)
	}
	if err := r.Tick((start + 105) * 1e9); !errors.Is(err, ErrEnough) {
		t.Fatal(err)
	}
	if err := r.Close(); !errors.Is(err, nil) {
		t.Fatal(err)
	}
	if want := []string{"1700000000.pcap", "1700000100.pcap"}; !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
}

// Looking for the end of a file allocates nothing for packets.
func TestRotateAllocatesNothing(t *testing.T) {
	b := oneBatch(t, writeFile(t, "in.pcap", pcapBytes(2*packet.BatchLen)))
	for _, name := range []string{"a.pcap", "a.pcapng"} {
		r, err := NewRotator(name, WriteOptions{}, Rotation{To: io.Discard, Limit: 1 << 40, Size: 1 << 40, Span: 1 << 30})
		if err != nil {
			t.Fatal(err)
		}
		write := func() {
			if err := r.Write(b, b.All()); err != nil {
				t.Fatal(err)
			}
		}
		write()
		if n := testing.AllocsPerRun(200, write); n != 0 {
			t.Errorf("%s: %.1f allocations a batch", name, n)
		}
	}
}

// BenchmarkRotate writes as benchmarkWrite does, with an eye on size and time.
func BenchmarkRotate(b *testing.B) {
	b.ReportAllocs()
	batch := oneBatch(b, writeFile(b, "in.pcap", pcapBytes(2*packet.BatchLen)))
	r, err := NewRotator("a.pcap", WriteOptions{}, Rotation{To: io.Discard, Size: 1 << 50, Span: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	packets := 0
	for b.Loop() {
		if err := r.Write(batch, batch.All()); err != nil {
			b.Fatal(err)
		}
		packets += batch.N
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(packets), "ns/pkt")
}
