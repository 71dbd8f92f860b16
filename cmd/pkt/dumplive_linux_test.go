package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"pkt/internal/pkttest"
)

// sendFrames sends frames of 500 bytes, which hold their numbers, from an
// interface. between, if not nil, is called before each.
func sendFrames(t *testing.T, n *pkttest.Netns, iface string, from, to int, between func(i int)) {
	t.Helper()
	var failed error
	n.Do(func() {
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
		if err != nil {
			failed = err
			return
		}
		defer unix.Close(fd)
		var ifr *unix.Ifreq
		if ifr, failed = unix.NewIfreq(iface); failed != nil {
			return
		}
		if failed = unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, ifr); failed != nil {
			return
		}
		target := &unix.SockaddrLinklayer{Ifindex: int(ifr.Uint32())}
		frame := make([]byte, 500)
		copy(frame, "\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x88\xb5")
		for i := from; i < to && failed == nil; i++ {
			if between != nil {
				between(i)
			}
			binary.BigEndian.PutUint32(frame[14:], uint32(i))
			failed = unix.Sendto(fd, frame, 0, target)
		}
	})
	if failed != nil {
		t.Fatal(failed)
	}
}

// liveDump starts the command on an interface of a namespace that is joined to
// another one, and waits until it listens.
func liveDump(t *testing.T, args ...string) (sender *pkttest.Netns, cmd *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	a, b := pkttest.NewNetns(t), pkttest.NewNetns(t)
	pkttest.Veth(a, "left", "10.9.0.1/24", b, "right", "10.9.0.2/24")
	said, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd = b.Command(append([]string{"pkt", "dump", "-i", "right"}, args...)...)
	cmd.Env = quietEnv()
	cmd.Stderr = write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	stderr = new(bytes.Buffer)
	listening, ended := make(chan bool, 1), make(chan bool)
	go func() {
		defer close(ended)
		part := make([]byte, 4096)
		for {
			n, err := said.Read(part)
			stderr.Write(part[:n])
			if strings.Contains(stderr.String(), "listening on") {
				select {
				case listening <- true:
				default:
				}
			}
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		<-ended
		said.Close()
	})
	select {
	case <-listening:
	case <-ended:
		t.Fatalf("it ended: %s", stderr)
	case <-time.After(patience):
		t.Fatal("it does not listen")
	}
	return a, cmd, stderr
}

// TestLiveRotate writes files as somebody else than the one who opened the
// interface; every packet is in one of them, in order, each ends with statistics,
// and a signal in between loses nothing.
func TestLiveRotate(t *testing.T) {
	dir, err := os.MkdirTemp("/tmp", "pkt-rotate-*") // others may enter it
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	const n = 20_000
	a, cmd, stderr := liveDump(t, "-Z", "nobody", "-B", "32768", "-w", filepath.Join(dir, "l.pcapng"), "-C", "1", "ether proto 0x88b5")
	sendFrames(t, a, "left", 0, n, func(i int) {
		if i%5000 == 2500 {
			cmd.Process.Signal(syscall.SIGHUP)
		}
		if i%100 == 0 {
			time.Sleep(time.Millisecond)
		}
	})
	time.Sleep(300 * time.Millisecond) // for the last block of the ring
	cmd.Process.Signal(os.Interrupt)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) < 11 {
		t.Fatal(files, err)
	}
	statistics := 0
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		if uid := info.Sys().(*syscall.Stat_t).Uid; uid != 65534 || strings.HasSuffix(f, ".part") {
			t.Errorf("%s is of user %d", f, uid)
		}
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		last := data[len(data)-int(binary.LittleEndian.Uint32(data[len(data)-4:])):]
		if binary.LittleEndian.Uint32(last) == 5 {
			statistics++
		}
	}
	if statistics != len(files) {
		t.Errorf("%d files of %d end with statistics", statistics, len(files))
	}
	if got, damaged := countPackets(t, filepath.Join(dir, "l.pcapng*")); got != n || damaged {
		t.Errorf("%d packets of %d, damaged: %v; it says %s", got, n, damaged, stderr)
	}
}

// TestLiveSpans completes files when their time is over, without a packet that
// would tell, and ends behind the last.
func TestLiveSpans(t *testing.T) {
	dir := t.TempDir()
	a, cmd, stderr := liveDump(t, "-Z", "root", "-w", filepath.Join(dir, "%s.pcap"), "-G", "1", "-W", "2", "ether proto 0x88b5")
	complete := func(n int) func() bool {
		return func() bool {
			files, err := filepath.Glob(filepath.Join(dir, "*.pcap"))
			return err == nil && len(files) == n
		}
	}
	waitFor(t, "the first file", complete(1))
	sendFrames(t, a, "left", 0, 10, nil)
	waitFor(t, "the second file", complete(2))
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}
	if n, damaged := countPackets(t, filepath.Join(dir, "*.pcap")); n != 10 || damaged {
		t.Errorf("%d packets, damaged: %v", n, damaged)
	}
}
