package pcapfile

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"testing"

	"pkt/packet"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// compressors write what compressions read.
var compressors = map[string]func(io.Writer) (io.WriteCloser, error){
	"gzip": func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil },
	"zstd": func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) },
	"lz4": func(w io.Writer) (io.WriteCloser, error) {
		l := lz4.NewWriter(w)
		return l, l.Apply(lz4.BlockSizeOption(lz4.Block64Kb))
	},
	"xz": func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) },
}

// compress returns b as one compressed member.
func compress(tb testing.TB, name string, b []byte) []byte {
	tb.Helper()
	var out bytes.Buffer
	w, err := compressors[name](&out)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := w.Write(b); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func TestCompressed(t *testing.T) {
	data := pcapBytes(10_000)
	want := readAll(t, openBytes(data))
	for name := range compressors {
		t.Run(name, func(t *testing.T) {
			one := compress(t, name, data)
			two := append(compress(t, name, data[:len(data)/2]), compress(t, name, data[len(data)/2:])...)
			for _, file := range [][]byte{one, two} {
				path := writeFile(t, "t", file)
				rd, err := Open([]string{path}, Options{})
				if err != nil {
					t.Fatal(err)
				}
				got := readAll(t, rd)
				if !cmp.Equal(want, got, equateGot) || len(rd.Damage()) != 0 {
					t.Errorf("%d packets, damage %v; want %d packets", len(got), rd.Damage(), len(want))
				}
				if f := rd.Files()[0]; f.Compression != name || f.Format != "pcap" {
					t.Errorf("file %+v", f)
				}
				if s := rd.Stats(); s.Read.Load() != int64(len(file)) || s.Size.Load() != int64(len(file)) {
					t.Errorf("%d of %d bytes, want %d", s.Read.Load(), s.Size.Load(), len(file))
				}
			}
		})
	}
}

// pzstd puts a skippable frame with the length of the next one first.
func TestPzstd(t *testing.T) {
	skippable := []byte{
		0x50, 0x2a, 0x4d, 0x18, // magic number
		4, 0, 0, 0, // length
		1, 2, 3, 4,
	}
	rd := openBytes(append(skippable, compress(t, "zstd", pcapBytes(10))...))
	if n := len(readAll(t, rd)); n != 10 || len(rd.Damage()) != 0 {
		t.Errorf("%d packets, damage %v", n, rd.Damage())
	}
}

// A compressed file that is cut or damaged gives what was there before.
func TestCompressedDamage(t *testing.T) {
	const packets = 4000
	data := header(binary.LittleEndian, 0xa1b2c3d4, 4, 1000, 1)
	rnd := rand.NewChaCha8([32]byte{})
	for range packets { // that do not compress, so that there are several blocks
		frame := make([]byte, 100)
		rnd.Read(frame)
		data = append(data, record(binary.LittleEndian, 0, 0, 100, 100, nil, frame)...)
	}
	for name := range compressors {
		file := compress(t, name, data)
		rd := openBytes(file[:len(file)*3/4])
		n := len(readAll(t, rd))
		if d := rd.Damage(); n == 0 || n >= packets || len(d) != 1 || d[0].Packet != uint64(n+1) || d[0].Reason != "truncated" {
			t.Errorf("%s, cut: %d packets, damage %v", name, n, d)
		}
		for i := range 8 {
			file[len(file)*3/4+i] ^= 0xff
		}
		rd = openBytes(file)
		n = len(readAll(t, rd))
		if d := rd.Damage(); n == 0 || len(d) != 1 {
			t.Errorf("%s, damaged: %d packets, damage %v", name, n, d)
		}
	}
}

// Merging opens compressed files twice.
func TestCompressedMerge(t *testing.T) {
	for name := range compressors {
		path := writeFile(t, "t", compress(t, name, pcapBytes(10_000)))
		rd, err := Open([]string{path, path}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		all := readAll(t, rd)
		if len(all) != 20_000 || len(rd.Damage()) != 0 {
			t.Errorf("%s: %d packets, damage %v", name, len(all), rd.Damage())
		}
		if s := rd.Stats(); s.Read.Load() != s.Size.Load() {
			t.Errorf("%s: %d of %d bytes", name, s.Read.Load(), s.Size.Load())
		}
	}
}

// An xz file may ask for a dictionary of 4 GiB in two bytes.
func TestHostileDictionary(t *testing.T) {
	file := compress(t, "xz", pcapBytes(1))
	const dictionary = 12 + 4 // behind the stream's header, block flags, filter and its length
	file[dictionary] = 39
	var b packet.Batch
	err := openBytes(file).Next(&b)
	if want := "reading t.pcap: xz: dictionary of 3072 MiB"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
