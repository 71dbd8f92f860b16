//go:build unix

package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// countPackets returns how many packets a capture file holds, and whether it is
// damaged.
func countPackets(t *testing.T, paths ...string) (n int, damaged bool) {
	t.Helper()
	var args []string
	for _, p := range paths {
		args = append(args, "-r", p)
	}
	cmd := exec.Command("pkt", append([]string{"dump", "-o", "tsv", "--fields", "num", "--no-header"}, args...)...)
	cmd.Env = quietEnv()
	out, err := cmd.Output()
	if code := exitOf(cmd); err != nil && code != exitDamaged {
		t.Fatalf("%v: %v", paths, err)
	}
	return strings.Count(string(out), "\n"), err != nil
}

// numbers are the bytes of a capture with so many packets, each with its number
// in it.
func numbers(from, n int) (b []byte) {
	if from == 0 {
		b = binary.LittleEndian.AppendUint32(b, 0xa1b2c3d4)
		b = append(b, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0)
	}
	for i := from; i < from+n; i++ {
		b = binary.LittleEndian.AppendUint32(b, uint32(1_700_000_000+i/1000))
		b = binary.LittleEndian.AppendUint32(b, uint32(i%1000*1000))
		b = append(b, 60, 0, 0, 0, 60, 0, 0, 0)
		b = binary.LittleEndian.AppendUint32(b, uint32(i))
		b = append(b, make([]byte, 56)...)
	}
	return b
}

// waitFor waits until something is so.
func waitFor(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited too long for %s", what)
		}
	}
}

// size returns the length of a file, -1 if there is none.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return -1
	}
	return info.Size()
}

// TestTurn closes the file at SIGHUP and goes on in the next one, or in the same
// one if it was renamed; all packets are in one of them. SIGUSR1 tells counters.
func TestTurn(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.pcap")
	in, feed, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Close()
	said, stderr, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	cmd := exec.Command("pkt", "dump", "-r", "-", "-U", "-w", path)
	cmd.Env, cmd.Stdin, cmd.Stderr = quietEnv(), in, stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	in.Close()
	stderr.Close()
	write := func(from, n int) {
		if _, err := feed.Write(numbers(from, n)); err != nil {
			t.Fatal(err)
		}
	}
	write(0, 100)
	waitFor(t, "the first packets", func() bool { return size(path) == 24+100*76 })
	cmd.Process.Signal(syscall.SIGUSR1)
	lines := bufio.NewReader(said)
	line, err := lines.ReadString('\n')
	if want := "pkt: 100 packets captured, 100 written to " + path + ", 7.62 kB\n"; err != nil || line != want {
		t.Errorf("%q, want %q", line, want)
	}
	cmd.Process.Signal(syscall.SIGHUP)
	time.Sleep(50 * time.Millisecond) // the signal is on its way; the next packet comes behind it
	write(100, 200)
	waitFor(t, "the second file", func() bool { return size(path+"1") == 24+200*76 })
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	cmd.Process.Signal(syscall.SIGHUP)
	time.Sleep(50 * time.Millisecond)
	write(300, 50)
	feed.Close()
	rest, _ := io.ReadAll(lines)
	if err := cmd.Wait(); err != nil || len(rest) > 0 {
		t.Fatalf("%v, it says %q", err, rest)
	}
	for name, want := range map[string]int{path + ".old": 100, path + "1": 200, path: 50} {
		if n, damaged := countPackets(t, name); n != want || damaged {
			t.Errorf("%s: %d packets, want %d", name, n, want)
		}
	}
}

// TestKill leaves what was written when the process is killed: in files that are
// complete under their names, and in the last one up to the last whole write.
func TestKill(t *testing.T) {
	const n = 100_000
	for _, name := range []string{"a.pcap", "a.pcapng", "a.pcap.gz", "a.pcapng.zst"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), name)
			in, feed, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer feed.Close()
			cmd, _ := background(t, in, nil, "dump", "-r", "-", "-w", path, "-C", "1")
			in.Close()
			if _, err := feed.Write(numbers(0, n)); err != nil {
				t.Fatal(err)
			}
			cmd.Process.Kill()
			cmd.Wait()
			whole, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
			whole = slices.DeleteFunc(whole, func(f string) bool { return strings.HasSuffix(f, ".part") })
			if err != nil || len(whole) < 5 {
				t.Fatal(whole, err)
			}
			complete, damaged := countPackets(t, whole...)
			if damaged {
				t.Error("a complete file is damaged")
			}
			parts, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*.part"))
			if err != nil || len(parts) > 1 {
				t.Fatal(parts, err)
			}
			all := complete
			if len(parts) > 0 && size(parts[0]) > 0 { // the kill did not come between two files
				all, _ = countPackets(t, append(whole, parts...)...)
			}
			// What is not there waited in buffers: of the writer, a compressor, the pipe.
			const held = (128<<10+64<<10+1<<20)/76 + 1
			if all < complete || all < n-held || all > n {
				t.Errorf("%d packets in complete files, %d in all", complete, all)
			}
		})
	}
}

// TestWritePipeGone ends silently when the reader of -w - goes away.
func TestWritePipeGone(t *testing.T) {
	out, stdout, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd, stderr := background(t, nil, stdout, "dump", "-r", pcaps+"office/in.pcap", "-w", "-")
	stdout.Close()
	if _, err := io.ReadFull(out, make([]byte, 24)); err != nil {
		t.Error(err)
	}
	out.Close()
	cmd.Wait()
	if code := exitOf(cmd); code != exitPipe || stderr.Len() > 0 {
		t.Errorf("exit code %d, want %d; it says %q", code, exitPipe, stderr)
	}
}

// TestInterruptWrite keeps what was read when a run is interrupted.
func TestInterruptWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.pcap.gz")
	in, feed, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Close()
	cmd, stderr := background(t, in, nil, "dump", "-r", "-", "-w", path, "-C", "1", "-z", "true")
	in.Close()
	if _, err := feed.Write(numbers(0, 2000)); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "a flush", func() bool { return size(path+".part") > 0 })
	cmd.Process.Signal(os.Interrupt)
	cmd.Wait()
	if code := exitOf(cmd); code != exitInterrupted {
		t.Errorf("exit code %d, want %d: %s", code, exitInterrupted, stderr)
	}
	if n, damaged := countPackets(t, path); n == 0 || n > 2000 || damaged {
		t.Errorf("%d packets, damaged: %v", n, damaged)
	}
}

// TestHangup ends the run when its terminal goes away, with everything written.
func TestHangup(t *testing.T) {
	master, slave, err := pty.Open()
	if err != nil {
		t.Skip("no pseudo-terminal:", err)
	}
	defer master.Close()
	in, feed, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Close()
	path := filepath.Join(t.TempDir(), "a.pcap")
	cmd := exec.Command("pkt", "dump", "-r", "-", "-U", "-w", path)
	cmd.Env, cmd.Stdin, cmd.Stderr = quietEnv(), in, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 2}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer timer.Stop()
	in.Close()
	slave.Close()
	if _, err := feed.Write(numbers(0, 100)); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the packets", func() bool { return size(path) == 24+100*76 })
	master.Close()
	cmd.Wait()
	if code := exitOf(cmd); code != exitInterrupted || size(path+"1") >= 0 {
		t.Errorf("exit code %d, want %d; a second file: %v", code, exitInterrupted, size(path+"1") >= 0)
	}
}
