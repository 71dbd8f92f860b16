package pcapfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pkt/packet"
)

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const no = "not a pcap or pcapng file"
	tests := []struct {
		path, reason string
		is           error
	}{
		{file("empty", ""), "empty file", ErrEmpty},
		{dir, "is a directory", ErrDirectory},
		{filepath.Join(dir, "missing"), "no such file or directory", fs.ErrNotExist},
		{filepath.Join(dir, "*.none"), "no file matches", ErrNoMatch},
		{filepath.Join(dir, "[x"), "no file matches", ErrNoMatch},
		{file("short", "\xd4\xc3"), no, nil},
		{file("text", "hello, world: this is no capture\n"), no + ", it looks like text", nil},
		{file("cut", "caf\xc3\xa9 au lait \xc3"), no + ", it looks like text", nil},
		{file("elf", "\x7fELF\x02\x01\x01\x00"), no + ", it looks like a program (ELF)", nil},
		{file("snoop", "snoop\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x04"), no + ", it looks like a snoop capture (RFC 1761)", nil},
		{file("noise", "\x01\x02\xff\xfe\x00\x00\x00\x00\x00\x00\x00\x00"), no, nil},
		{file("bad-order", "\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x00\x00\x00\x00"), no, nil},
		{file("pcap-9", "\xd4\xc3\xb2\xa1\x09\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x01\x00\x00\x00"), no + ", it looks like pcap of version 9.4", nil},
		{file("bad.gz", "\x1f\x8b\x08\x00\x00"), "truncated", nil},
		{file("bad.xz", "\xfd7zXZ\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "xz: invalid checksum for file header", nil},
	}
	for _, tt := range tests {
		// Beside another file too: an error must not depend on merging.
		good := writeFile(t, "good.pcap", pcapBytes(1))
		for _, paths := range [][]string{{tt.path}, {good, tt.path}} {
			_, err := Open(paths, Options{})
			var e *Error
			if !errors.As(err, &e) || e.Path != tt.path || err.Error() != "reading "+tt.path+": "+tt.reason {
				t.Errorf("%v\n got %v\nwant %s", paths, err, tt.reason)
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%s: %v is no %v", tt.path, err, tt.is)
			}
		}
	}
	if _, err := Open(nil, Options{}); !errors.Is(err, ErrNoMatch) {
		t.Errorf("no paths: %v", err)
	}
}

// A file that ends in its header has damage at its first packet.
func TestHeaderIsTruncated(t *testing.T) {
	for _, n := range []int{4, 23} {
		path := writeFile(t, "a.pcap", pcapBytes(1)[:n])
		rd, err := Open([]string{path}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if all := readAll(t, rd); len(all) != 0 || len(rd.Damage()) != 1 || rd.Damage()[0].Packet != 1 {
			t.Errorf("%d bytes: %d packets, damage %v", n, len(all), rd.Damage())
		}
	}
}

func TestExpand(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.pcap", "a.pcap", "c[1].pcap", "c1.pcap"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in := func(names ...string) (paths []string) {
		for _, n := range names {
			paths = append(paths, filepath.Join(dir, n))
		}
		return paths
	}
	tests := []struct{ give, want []string }{
		{in("?.pcap"), in("a.pcap", "b.pcap")},
		{in("c[1].pcap"), in("c[1].pcap")},
		{in("b.pcap", "[ab].pcap"), in("b.pcap", "a.pcap", "b.pcap")},
		{[]string{"-", "missing"}, []string{"-", "missing"}},
	}
	for _, tt := range tests {
		if got, err := expand(tt.give); err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("expand(%q) = %q, %v; want %q", tt.give, got, err, tt.want)
		}
	}
}

// A followed file delivers what is appended to it, waits at a record that is
// not whole, and ends with Close.
func TestFollow(t *testing.T) {
	data := pcapBytes(4)
	ends := recordEnds(data)
	path := writeFile(t, "growing.pcap", nil)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rd, err := Open([]string{path}, Options{Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	var b packet.Batch
	packets, written := 0, 0
	for _, upTo := range []int{10, 24, 30, 150, len(data) - 3} {
		if _, err := f.Write(data[written:upTo]); err != nil {
			t.Fatal(err)
		}
		written = upTo
		for range 2 { // one of them may find nothing
			if err := rd.Next(&b); err != nil {
				t.Fatal(err)
			}
			packets += b.N
		}
		want := 0
		for end := range ends {
			if end > pcapHeaderLen && end <= upTo {
				want++
			}
		}
		if packets != want {
			t.Errorf("%d packets of %d bytes, want %d", packets, upTo, want)
		}
	}
	time.AfterFunc(pollEvery/4, func() { rd.Close() })
	if err := rd.Next(&b); err != io.EOF || b.N != 0 {
		t.Errorf("after Close: %d packets, %v", b.N, err)
	}
	if len(rd.Damage()) != 0 || rd.Stats().Size.Load() != -1 {
		t.Errorf("damage %v, size %d", rd.Damage(), rd.Stats().Size.Load())
	}
}

// Close ends the wait for a header too.
func TestFollowEmptyFile(t *testing.T) {
	rd, err := Open([]string{writeFile(t, "empty.pcap", nil)}, Options{Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	var b packet.Batch
	if err := rd.Next(&b); err != nil || b.N != 0 {
		t.Errorf("%d packets, %v; want an empty batch", b.N, err)
	}
	time.AfterFunc(pollEvery/4, func() { rd.Close() })
	if err := rd.Next(&b); err != io.EOF {
		t.Errorf("after Close: %v", err)
	}
}

func TestFollowRefuses(t *testing.T) {
	plain := writeFile(t, "a.pcap", pcapBytes(1))
	if _, err := Open([]string{plain, stdin}, Options{Follow: true}); !errors.Is(err, ErrFollow) {
		t.Errorf("a file and the standard input: %v", err)
	}
	rd, err := Open([]string{writeFile(t, "a.pcap.gz", compress(t, "gzip", pcapBytes(1)))}, Options{Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	var b packet.Batch
	if err := rd.Next(&b); !errors.Is(err, ErrFollow) {
		t.Errorf("compressed: %v", err)
	}
}

// After Close there are no packets, and no damage is found.
func TestClose(t *testing.T) {
	path := writeFile(t, "a.pcap", pcapBytes(20_000))
	for _, paths := range [][]string{{path}, {path, path}} {
		rd, err := Open(paths, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var b packet.Batch
		if err := rd.Next(&b); err != nil {
			t.Fatal(err)
		}
		rd.Close()
		rd.Close()
		if frame := b.Frame(0); len(frame) != 60 {
			t.Errorf("the batch before has a frame of %d bytes", len(frame))
		}
		if err := rd.Next(&b); err != io.EOF || len(rd.Damage()) != 0 {
			t.Errorf("%v, damage %v", err, rd.Damage())
		}
	}
}

// What comes through a pipe is looked at by the first Next.
func TestPipeThatIsNoCapture(t *testing.T) {
	r, w := io.Pipe()
	go func() {
		io.WriteString(w, "tcpdump: eth0: You don't have permission\n")
		w.Close()
	}()
	rd := NewReader(r, "-", Options{})
	var b packet.Batch
	err := rd.Next(&b)
	if want := "reading -: not a pcap or pcapng file, it looks like text"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := rd.Next(&b); err != io.EOF {
		t.Errorf("then: %v", err)
	}
}
