package pcapfile

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"pkt/packet"
)

// Close interrupts a read from a pipe whose writer is silent.
func TestCloseInterruptsPipes(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	setStdin(t, r)
	defer r.Close()
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	go func() {
		f, err := os.OpenFile(fifo, os.O_WRONLY, 0)
		if err != nil {
			t.Error(err)
			return
		}
		f.Write(pcapBytes(2))
		t.Cleanup(func() { f.Close() })
	}()
	if _, err := w.Write(pcapBytes(2)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"-", fifo} {
		rd, err := Open([]string{path}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var b packet.Batch
		if err := rd.Next(&b); err != nil || b.N != 2 {
			t.Fatalf("%s: %d packets, %v", path, b.N, err)
		}
		time.AfterFunc(20*time.Millisecond, func() { rd.Close() })
		if err := rd.Next(&b); err != io.EOF || len(rd.Damage()) != 0 {
			t.Errorf("%s: %v, damage %v", path, err, rd.Damage())
		}
	}
}
