package pcapfile

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pkt/packet"
)

// copyTo writes all packets of a reader that pass into a file and returns the
// error of the writer.
func copyTo(tb testing.TB, rd *Reader, path string, opt WriteOptions, pass func(b *packet.Batch) packet.Set) error {
	tb.Helper()
	w, err := Create(path, opt)
	if err != nil {
		tb.Fatal(err)
	}
	var b packet.Batch
	var failed error
	for {
		err := rd.Next(&b)
		if err == io.EOF {
			break
		}
		if err != nil {
			tb.Fatal(err)
		}
		if failed = w.Write(&b, pass(&b)); failed != nil {
			break
		}
	}
	b.Reset()
	if failed == nil {
		failed = w.Write(&packet.Batch{Ifaces: rd.Ifaces()}, packet.Set{})
	}
	if err := w.Close(); err != nil && failed == nil {
		tb.Fatalf("only Close fails: %v", err)
	}
	return failed
}

func everything(b *packet.Batch) packet.Set { return b.All() }

func open(tb testing.TB, paths ...string) *Reader {
	tb.Helper()
	rd, err := Open(paths, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { rd.Close() })
	return rd
}

// cases are the captures of the repository that can be opened.
func cases(tb testing.TB) (files []string) {
	tb.Helper()
	all, err := filepath.Glob("../../testdata/pcaps/*/*.pcap*")
	if err != nil || len(all) == 0 {
		tb.Fatal("no cases", err)
	}
	for _, path := range all {
		if rd, err := Open([]string{path}, Options{}); err == nil {
			rd.Close()
			files = append(files, path)
		}
	}
	return files
}

// Reading what was written gives the same packets, in every format. What pcap
// has no room for is left out of the comparison: directions, notes, names.
func TestRoundTrip(t *testing.T) {
	for _, path := range append(cases(t), corpusFiles(t)...) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			want := readAll(t, open(t, path))
			for _, name := range []string{"out.pcapng", "out.pcap", "out.pcapng.zst", "out.pcap.gz", "out"} {
				out := filepath.Join(t.TempDir(), name)
				rd := open(t, path)
				err := copyTo(t, rd, out, WriteOptions{Application: "pkt test"}, everything)
				if strings.Contains(name, ".pcap") && !strings.Contains(name, "ng") && errors.Is(err, ErrMixed) {
					continue
				}
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				back := open(t, out)
				got := readAll(t, back)
				if len(back.Damage()) != 0 {
					t.Fatalf("%s: %v", name, back.Damage())
				}
				ng := back.Files()[0].Format == "pcapng"
				compareTrip(t, name, ng, got, want)
				if ng {
					compareIfaces(t, name, back.Ifaces(), rd.Ifaces())
					in, out := rd.Stats(), back.Stats()
					if in.Drops.Load() != out.Drops.Load() {
						t.Errorf("%s: %d drops, want %d", name, out.Drops.Load(), in.Drops.Load())
					}
				}
			}
		})
	}
}

func compareTrip(t *testing.T, name string, ng bool, got, want []got) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d packets, want %d", name, len(got), len(want))
	}
	for i := range got {
		g, w := got[i], want[i]
		w.Nanos = max(w.Nanos, 0) // neither format has times before 1970
		if !ng {
			w.Nanos = min(w.Nanos, 1<<32*1e9-1)
			w.Dir, g.Dir, w.Notes, g.Notes, w.Iface, g.Iface = 0, 0, nil, nil, 0, 0
		}
		byKind := func(a, b packet.Note) int { return cmp.Compare(a.Kind, b.Kind) }
		slices.SortStableFunc(g.Notes, byKind)
		slices.SortStableFunc(w.Notes, byKind)
		w.Iface = g.Iface // compared by content
		if g.Record != w.Record || !bytes.Equal(g.Frame, w.Frame) || !slices.Equal(g.Notes, w.Notes) {
			t.Fatalf("%s: packet %d: %+v %v, want %+v %v", name, i+1, g.Record, g.Notes, w.Record, w.Notes)
		}
	}
}

// compareIfaces compares what files say of interfaces. Some that differ only in
// their byte order or their file are one in the other file.
func compareIfaces(t *testing.T, name string, got, want []packet.Iface) {
	t.Helper()
	plain := func(ifaces []packet.Iface) (all []packet.Iface) {
		for _, i := range ifaces {
			i.File, i.BigEndian, i.Micros = "", false, false
			if !slices.Contains(all, i) {
				all = append(all, i)
			}
		}
		return all
	}
	if g, w := plain(got), plain(want); !slices.Equal(g, w) {
		t.Errorf("%s: interfaces %+v, want %+v", name, g, w)
	}
}

func TestWriteNames(t *testing.T) {
	tests := []struct {
		name        string
		format      string
		compression string
	}{
		{"a.pcap", "pcap", ""},
		{"a.pcapng", "pcapng", ""},
		{"a.PCAPNG", "pcapng", ""},
		{"a.dump", "pcap", ""},
		{"a.pcap.gz", "pcap", "gzip"},
		{"a.pcapng.zst", "pcapng", "zstd"},
		{"a.gz", "pcap", "gzip"},
	}
	in := writeFile(t, "in.pcap", pcapBytes(1000))
	for _, tt := range tests {
		out := filepath.Join(t.TempDir(), tt.name)
		if err := copyTo(t, open(t, in), out, WriteOptions{}, everything); err != nil {
			t.Fatal(err)
		}
		rd := open(t, out)
		if n := len(readAll(t, rd)); n != 1000 {
			t.Errorf("%s: %d packets", tt.name, n)
		}
		if f := rd.Files()[0]; f.Format != tt.format || f.Compression != tt.compression {
			t.Errorf("%s: %s %s", tt.name, f.Format, f.Compression)
		}
	}
	for _, name := range []string{"a.pcap.xz", "a.pcap.lz4", "a.pcap.bz2"} {
		if _, err := Create(filepath.Join(t.TempDir(), name), WriteOptions{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Two link types do not go into one pcap file; with a name that leaves the
// choice they get pcapng. One of them alone goes into either.
func TestWriteMixedLinkTypes(t *testing.T) {
	o := littleEndian
	in := writeFile(t, "in.pcapng", blocks(ngSection(o), ngInterface(o, 1, 0), ngInterface(o, 101, 0),
		ngEnhanced(o, 0, 1, []byte("ethernet")), ngEnhanced(o, 1, 2, []byte("raw"))))
	dir := t.TempDir()
	err := copyTo(t, open(t, in), filepath.Join(dir, "a.pcap"), WriteOptions{}, everything)
	if !errors.Is(err, ErrMixed) || !strings.Contains(err.Error(), "EN10MB and RAW") {
		t.Errorf("mixed into pcap: %v", err)
	}
	if n := len(readAll(t, open(t, filepath.Join(dir, "a.pcap")))); n != 1 {
		t.Errorf("%d packets before the error, want 1", n)
	}
	if err := copyTo(t, open(t, in), filepath.Join(dir, "a.pcap.zst"), WriteOptions{}, everything); !errors.Is(err, ErrMixed) {
		t.Errorf("mixed into compressed pcap: %v", err)
	}
	if n := len(readAll(t, open(t, filepath.Join(dir, "a.pcap.zst")))); n != 1 {
		t.Errorf("%d compressed packets before the error, want 1", n)
	}
	if err := copyTo(t, open(t, in), filepath.Join(dir, "b"), WriteOptions{}, everything); err != nil {
		t.Error(err)
	}
	if all := readAll(t, open(t, filepath.Join(dir, "b"))); len(all) != 2 || all[1].Link != 101 {
		t.Errorf("mixed into a free name: %+v", all)
	}
	second := func(b *packet.Batch) (in packet.Set) { in.Add(1); return in }
	if err := copyTo(t, open(t, in), filepath.Join(dir, "c.pcap"), WriteOptions{}, second); err != nil {
		t.Error(err)
	}
	if all := readAll(t, open(t, filepath.Join(dir, "c.pcap"))); len(all) != 1 || all[0].Link != 101 {
		t.Errorf("one link type into pcap: %+v", all)
	}
}

func TestWriteResolution(t *testing.T) {
	o := littleEndian
	nanos := ngOption(o, ifResolution, []byte{9})
	in := writeFile(t, "in.pcapng", blocks(ngSection(o), ngInterface(o, 1, 0, nanos), ngEnhanced(o, 0, 1_000_002_003, []byte("x"))))
	tests := []struct {
		name, in string
		r        Resolution
		nanos    int64
		magic    uint32
	}{
		{"ns source", in, Auto, 1_000_002_003, 0xa1b23c4d},
		{"ns to us", in, Microseconds, 1_000_002_000, 0xa1b2c3d4},
		{"us source", writeFile(t, "us.pcap", pcapBytes(1)), Auto, 0, 0xa1b2c3d4},
		{"us to ns", writeFile(t, "us.pcap", pcapBytes(1)), Nanoseconds, 0, 0xa1b23c4d},
	}
	for _, tt := range tests {
		out := filepath.Join(t.TempDir(), "out.pcap")
		if err := copyTo(t, open(t, tt.in), out, WriteOptions{Resolution: tt.r}, everything); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if magic := o.u32(data); magic != tt.magic {
			t.Errorf("%s: magic number %x", tt.name, magic)
		}
		if all := readAll(t, open(t, out)); len(all) != 1 || all[0].Nanos != tt.nanos {
			t.Errorf("%s: %+v", tt.name, all)
		}
	}
	out := filepath.Join(t.TempDir(), "out.pcapng")
	if err := copyTo(t, open(t, in), out, WriteOptions{Resolution: Microseconds}, everything); err != nil {
		t.Fatal(err)
	}
	if all := readAll(t, open(t, out)); len(all) != 1 || all[0].Nanos != 1_000_002_000 {
		t.Errorf("pcapng in microseconds: %+v", all)
	}
}

func TestWriteSnapLen(t *testing.T) {
	in := writeFile(t, "in.pcap", pcapBytes(100))
	for _, name := range []string{"out.pcap", "out.pcapng"} {
		out := filepath.Join(t.TempDir(), name)
		if err := copyTo(t, open(t, in), out, WriteOptions{SnapLen: 70}, everything); err != nil {
			t.Fatal(err)
		}
		rd := open(t, out)
		for i, p := range readAll(t, rd) {
			if size := uint32(60 + i*37%61); p.WireLen != size || p.CapLen != min(size, 70) || len(p.Frame) != int(p.CapLen) {
				t.Fatalf("%s: packet %d: %+v", name, i+1, p.Record)
			}
		}
		if n := rd.Ifaces()[0].SnapLen; n != 70 {
			t.Errorf("%s: snapshot length %d", name, n)
		}
	}
}

// Packets lost before packets that are left out are lost before the next one.
func TestWriteKeepsDrops(t *testing.T) {
	o := littleEndian
	drops := func(n byte) []byte { return ngOption(o, epbDropCount, []byte{n, 0, 0, 0, 0, 0, 0, 0}) }
	in := writeFile(t, "in.pcapng", blocks(ngSection(o), ngInterface(o, 1, 0),
		ngEnhanced(o, 0, 1, []byte("a"), drops(1)),
		ngStatistics(o, 0, ngOption(o, isbIfDrops, []byte{5, 0, 0, 0, 0, 0, 0, 0})),
		ngEnhanced(o, 0, 2, []byte("b"), drops(2)),
		ngEnhanced(o, 0, 3, []byte("c")),
		ngEnhanced(o, 0, 4, []byte("d"), drops(4))))
	third := func(*packet.Batch) (in packet.Set) { in.Add(2); return in }
	out := filepath.Join(t.TempDir(), "out.pcapng")
	if err := copyTo(t, open(t, in), out, WriteOptions{}, third); err != nil {
		t.Fatal(err)
	}
	rd := open(t, out)
	all := readAll(t, rd)
	want := []packet.Note{{Kind: packet.NoteIfaceDrop, Count: 5}, {Kind: packet.NoteDrops, Count: 3}}
	if len(all) != 1 || !slices.Equal(all[0].Notes, want) {
		t.Errorf("%+v", all)
	}
	if s := rd.Stats(); s.Drops.Load() != 3 || s.IfaceDrops.Load() != 9 {
		t.Errorf("%d drops, %d of interfaces", s.Drops.Load(), s.IfaceDrops.Load())
	}
}

// The files of a live capture end with what it counted while each was written.
func TestWriteCounters(t *testing.T) {
	b := oneBatch(t, writeFile(t, "in.pcap", pcapBytes(2*packet.BatchLen)))
	dir := t.TempDir()
	var now Counters
	r, err := NewRotator(filepath.Join(dir, "a.pcapng"), WriteOptions{Counters: func() Counters { return now }}, Rotation{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Counters{{512, 7}, {1000, 7}, {1600, 20}} {
		if err := r.Write(b, b.All()); err != nil {
			t.Fatal(err)
		}
		now = c
		if err := r.Turn(); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	o := littleEndian
	for name, want := range map[string]Counters{"a.pcapng": {512, 7}, "a.pcapng1": {488, 0}, "a.pcapng2": {600, 13}} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		last := data[len(data)-int(o.u32(data[len(data)-4:])):]
		if o.u32(last) != blockStatistics {
			t.Fatalf("%s ends with a block of type %d", name, o.u32(last))
		}
		var got Counters
		for opts := o.options(last[blockHeaderLen+12 : len(last)-4]); opts.next(); {
			switch opts.code {
			case isbIfReceived:
				got.Received = o.u64(opts.value)
			case isbIfDrops:
				got.Dropped = o.u64(opts.value)
			}
		}
		if got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
		rd := open(t, filepath.Join(dir, name))
		if readAll(t, rd); rd.Stats().IfaceDrops.Load() != want.Dropped {
			t.Errorf("%s: %d drops are read, want %d", name, rd.Stats().IfaceDrops.Load(), want.Dropped)
		}
	}
}

// A section in another byte order begins where a header depends on it.
func TestWriteByteOrders(t *testing.T) {
	var in []byte
	for _, o := range []order{bigEndian, littleEndian, bigEndian} {
		in = append(in, ngSection(o)...)
		in = append(in, ngInterface(o, 0, 0)...)
		in = append(in, ngEnhanced(o, 0, 1, o.append32(nil, 2))...)
	}
	path := writeFile(t, "in.pcapng", in)
	out := filepath.Join(t.TempDir(), "out.pcapng")
	if err := copyTo(t, open(t, path), out, WriteOptions{}, everything); err != nil {
		t.Fatal(err)
	}
	rd := open(t, out)
	for i, p := range readAll(t, rd) {
		o := order(rd.Ifaces()[p.Iface].BigEndian)
		if o.u32(p.Frame) != 2 {
			t.Errorf("packet %d: % x in a section of order %v", i+1, p.Frame, o)
		}
	}
	if err := copyTo(t, open(t, path), filepath.Join(t.TempDir(), "out.pcap"), WriteOptions{}, everything); !errors.Is(err, ErrMixed) {
		t.Errorf("two byte orders into pcap: %v", err)
	}
}

// Other readers find as many packets in what was written, in both formats.
func TestOthersRead(t *testing.T) {
	capinfos, err := exec.LookPath("capinfos")
	if err != nil {
		t.Skip("capinfos is not installed")
	}
	dir := t.TempDir()
	args := []string{"-T", "-r", "-M", "-c"}
	want := make(map[string]string)
	for _, path := range append(cases(t), corpusFiles(t)...) {
		packets := len(readAll(t, open(t, path)))
		for _, ending := range []string{".pcap", ".pcapng"} {
			out := filepath.Join(dir, filepath.Base(filepath.Dir(path))+"-"+filepath.Base(path)+ending)
			if copyTo(t, open(t, path), out, WriteOptions{}, everything) == nil {
				want[out] = strconv.Itoa(packets)
				args = append(args, out)
			}
		}
	}
	var refused bytes.Buffer
	cmd := exec.Command(capinfos, args...)
	cmd.Stderr = &refused
	lines, _ := cmd.Output() // fails for link types that capinfos does not know
	for line := range strings.Lines(string(lines)) {
		name, packets, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if want[name] != packets {
			t.Errorf("%s: %s packets, want %s", name, packets, want[name])
		}
		delete(want, name)
	}
	for name := range want {
		if !strings.Contains(refused.String(), name+`" contains record data that capinfos doesn't support`) {
			t.Errorf("%s is not read: %s", name, &refused)
		}
	}
}
