package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

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

// TestStreamsLive captures a transfer between two namespaces: it is in its file while it goes on,
// and whole at the end.
func TestStreamsLive(t *testing.T) {
	near, far := pkttest.NewNetns(t), pkttest.NewNetns(t)
	pkttest.Veth(near, "veth0", "10.97.0.1/24", far, "veth1", "10.97.0.2/24")
	var listener net.Listener
	var err error
	far.Do(func() { listener, err = net.Listen("tcp", "10.97.0.2:7000") })
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	out := filepath.Join(t.TempDir(), "out")
	cmd := near.Command("pkt", "streams", "-i", "veth0", "--dir", out, "--name", "{side}", "tcp port 7000")
	cmd.Env = quietEnv()
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	waitFor(t, "the capture", func() bool { _, err := os.Stat(filepath.Join(out, "index.json")); return err == nil })
	time.Sleep(300 * time.Millisecond) // the folder is made before the taps are in place
	var conn net.Conn
	near.Do(func() { conn, err = net.Dial("tcp", "10.97.0.2:7000") })
	if err != nil {
		t.Fatal(err)
	}
	peer, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	content := bytes.Repeat([]byte("0123456789abcdef"), 40_000)
	go func() {
		io.ReadFull(peer, make([]byte, len("ask")))
		peer.Write(content)
		peer.Close()
	}()
	if _, err := conn.Write([]byte("ask")); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(conn); err != nil || len(got) != len(content) {
		t.Fatal(len(got), err)
	}
	waitFor(t, "the file", func() bool {
		got, _ := os.ReadFile(filepath.Join(out, "server"))
		return bytes.Equal(got, content)
	})
	conn.Close()
	cmd.Process.Signal(os.Interrupt)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	for _, row := range readIndex(t, out) {
		if fileSum(t, filepath.Join(out, row["file"].(string))) != row["sha256"] {
			t.Errorf("a wrong sum: %v", row)
		}
	}
	if n := len(readIndex(t, out)); n != 2 {
		t.Errorf("%d rows: %s", n, said.String())
	}
}
