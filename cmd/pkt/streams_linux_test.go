package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"pkt/internal/pkttest"
)

// TestStreamsManyFiles keeps few files open, whatever the number of streams.
func TestStreamsManyFiles(t *testing.T) {
	var list []*pkttest.Conn
	for port := range 300 {
		c := pkttest.Dial(1_700_000_000e9, fmt.Sprintf("10.0.0.1:%d", 20000+port), "10.0.0.2:80").Handshake()
		for range 4 {
			c.Client.Send(bytes.Repeat([]byte{byte(port)}, 3000))
		}
		list = append(list, c)
	}
	in := writeConns(t, list...)
	dir := t.TempDir()
	// The shell lowers both limits, so that the command cannot raise its own.
	cmd := exec.Command("sh", "-c", `ulimit -n 24; exec pkt streams -r "$0" --dir "$1"`, in, dir)
	cmd.Env = quietEnv()
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v: %s", err, out)
	}
	index := readIndex(t, dir)
	if len(index) != 300 {
		t.Fatalf("%d files", len(index))
	}
	for _, row := range index {
		if row["bytes"].(float64) != 12000 || fileSum(t, filepath.Join(dir, row["file"].(string))) != row["sha256"] {
			t.Errorf("%v", row)
		}
	}
}

// TestStreamsDiskFull writes to a disk that is too small: one clear line, and the index tells
// truly what is there.
func TestStreamsDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip("no small disk: ", err)
	}
	defer syscall.Unmount(dir, 0)
	var list []*pkttest.Conn
	for port := range 8 {
		c := pkttest.Dial(1_700_000_000e9, fmt.Sprintf("10.0.0.1:%d", 20000+port), "10.0.0.2:80").Handshake()
		c.Client.Send(bytes.Repeat([]byte{byte(port)}, 400_000))
		list = append(list, c)
	}
	out := filepath.Join(dir, "out")
	r := pkt(t, "streams", "-r", writeConns(t, list...), "--dir", out)
	if r.code != exitFailed || !strings.HasPrefix(r.stderr, "pkt: writing "+out) || !strings.Contains(r.stderr, "no space left on device") {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	index, bytes := readIndex(t, out), 0.0
	for _, row := range index {
		if row["sha256"] == nil {
			continue // nothing of it could be written
		}
		bytes += row["bytes"].(float64)
		info, err := os.Stat(filepath.Join(out, row["file"].(string)))
		if err != nil || info.Size() != int64(row["bytes"].(float64)) || fileSum(t, filepath.Join(out, row["file"].(string))) != row["sha256"] {
			t.Errorf("%v: %v", row, err)
		}
	}
	if bytes < 500_000 {
		t.Errorf("%v bytes were written in %d files", bytes, len(index))
	}
}
