package pcapfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pkt/packet"
)

// fullDisk writes to a file as long as there is room.
type fullDisk struct {
	*os.File
	room int
}

var errFull = errors.New("no space left on device")

func (d *fullDisk) Write(p []byte) (int, error) {
	n := min(len(p), d.room)
	d.room -= n
	if _, err := d.File.Write(p[:n]); err != nil {
		return 0, err
	}
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

// A disk that is full leaves a file that can be read to its end, wherever the
// room ends.
func TestFullDisk(t *testing.T) {
	in := writeFile(t, "in.pcap", pcapBytes(3000))
	for _, name := range []string{"out.pcap", "out.pcapng", "out.pcap.gz", "out.pcapng.zst"} {
		last := -1
		for room := 200; room < 300_000; room += 1 + room/3 {
			path := filepath.Join(t.TempDir(), name)
			compressed := name != "out.pcap" && name != "out.pcapng"
			w, err := Create(path, WriteOptions{Unbuffered: compressed})
			if err != nil {
				t.Fatal(err)
			}
			w.dst = &fullDisk{w.file, room}
			rd := open(t, in)
			var b packet.Batch
			for err == nil {
				if err = rd.Next(&b); err == nil {
					err = w.Write(&b, b.All())
				}
			}
			b.Reset()
			rd.Close()
			errClose := w.Close()
			if errClose == nil && compressed {
				break // all has room
			}
			if !errors.Is(errClose, errFull) || !strings.HasPrefix(errClose.Error(), "writing "+path+": ") {
				t.Fatalf("room for %d bytes: %v", room, errClose)
			}
			if info, err := os.Stat(path); err == nil && info.Size() == 0 && compressed && room < 20_000 {
				continue // not even the first block of the compressor has room
			}
			out := open(t, path)
			n := len(readAll(t, out))
			if len(out.Damage()) > 0 || n < last {
				t.Fatalf("room for %d bytes: %d packets, %v", room, n, out.Damage())
			}
			last = n
		}
		if last < 1000 {
			t.Errorf("%s: no more than %d packets", name, last)
		}
	}
}

func TestCreateErrors(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "none", "a.pcap")} {
		_, err := Create(path, WriteOptions{})
		var wrong *WriteError
		if !errors.As(err, &wrong) || wrong.Path != path {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// Until the first packet nothing happens to the file that is there, and none is
// left behind.
func TestDiscard(t *testing.T) {
	old := writeFile(t, "old.pcap", []byte("old"))
	w, err := Create(old, WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	w.Discard()
	if b, _ := os.ReadFile(old); string(b) != "old" {
		t.Errorf("%q is left", b)
	}
	made := filepath.Join(t.TempDir(), "new.pcap")
	if w, err = Create(made, WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	w.Discard()
	if _, err := os.Stat(made); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a new file is left: %v", err)
	}
}

// What was there before is gone, also where less is written.
func TestCreateReplaces(t *testing.T) {
	path := writeFile(t, "a.pcap", make([]byte, 1<<20))
	w, err := Create(path, WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(path); len(b) != pcapHeaderLen {
		t.Errorf("%d bytes", len(b))
	}
	if n := len(readAll(t, open(t, path))); n != 0 {
		t.Errorf("%d packets", n)
	}
}
