//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for what should happen at once.
const patience = 20 * time.Second

// background starts the command and kills it when the test is over, or has
// waited for too long.
func background(t *testing.T, stdin io.Reader, stdout io.Writer, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	cmd := exec.Command("pkt", args...)
	cmd.Env = quietEnv()
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, &stderr
	cmd.WaitDelay = patience
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	t.Cleanup(func() {
		timer.Stop()
		cmd.Process.Kill()
	})
	return cmd, &stderr
}

// exitOf returns how a process ended, as a shell does: 128 and the signal, or
// the exit code.
func exitOf(cmd *exec.Cmd) int {
	if s, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && s.Signaled() {
		return 128 + int(s.Signal())
	}
	return cmd.ProcessState.ExitCode()
}

// TestInterrupt ends a run whose input does not: what was read until then is
// printed, in a form that is whole, with exit code 130.
func TestInterrupt(t *testing.T) {
	data, err := os.ReadFile(pcaps + "office/in.pcap")
	if err != nil {
		t.Fatal(err)
	}
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		for _, args := range [][]string{{"flows"}, {"top", "--limit", "0"}} {
			t.Run(fmt.Sprint(signal, " ", args[0]), func(t *testing.T) {
				t.Parallel()
				in, feed, err := os.Pipe()
				if err != nil {
					t.Fatal(err)
				}
				defer feed.Close()
				var stdout bytes.Buffer
				cmd, stderr := background(t, in, &stdout, append(args, "-r", "-", "-o", "json")...)
				in.Close()
				// A pipe holds less than the capture: when all is written, most is read.
				if _, err := feed.Write(data); err != nil {
					t.Fatal(err)
				}
				if err := cmd.Process.Signal(signal); err != nil {
					t.Fatal(err)
				}
				cmd.Wait()
				if code := exitOf(cmd); code != exitInterrupted {
					t.Errorf("exit code %d, want %d: %s", code, exitInterrupted, stderr)
				}
				text := stdout.String()
				if !strings.HasPrefix(text, "[\n") || !strings.HasSuffix(text, "\n]\n") {
					t.Errorf("not a whole array: %.80q ... %q", text, text[max(0, len(text)-80):])
				}
				if !strings.Contains(text, `"packets":`) {
					t.Error("no results")
				}
			})
		}
	}
}

// TestBrokenPipe ends silently when the reader of the output goes away.
func TestBrokenPipe(t *testing.T) {
	for _, args := range [][]string{
		{"flows", "-r", pcaps + "game-server/udp.pcap.gz", "-o", "ndjson"},
		{"flows", "-r", pcaps + "game-server/udp.pcap.gz"},
		{"top", "-r", pcaps + "game-server/udp.pcap.gz", "--by", "host", "-o", "csv", "--limit", "0"},
	} {
		t.Run(strings.Join(args[:1], " "), func(t *testing.T) {
			out, stdout, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			cmd, stderr := background(t, nil, stdout, args...)
			stdout.Close()
			line := make([]byte, 20)
			if _, err := io.ReadFull(out, line); err != nil {
				t.Error(err)
			}
			out.Close()
			cmd.Wait()
			if code := exitOf(cmd); code != exitPipe {
				t.Errorf("exit code %d, want %d", code, exitPipe)
			}
			if stderr.Len() > 0 {
				t.Errorf("it says %q", stderr)
			}
		})
	}
}

// TestFollow reads what is appended to a file while it is read, in pieces that
// end anywhere.
func TestFollow(t *testing.T) {
	data, err := os.ReadFile(pcaps + "merge/a.pcap")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "growing.pcap")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	write := func(b []byte) {
		if _, err := file.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	write(data[:10]) // not even the header of the file
	var stdout bytes.Buffer
	cmd, stderr := background(t, nil, &stdout, "top", "-r", path, "--follow", "-c", "16", "--by", "proto", "-o", "csv",
		"--fields", "proto,packets", "--no-header")
	for rest := data[10:]; len(rest) > 0; {
		n := min(len(rest), 2500)
		write(rest[:n])
		rest = rest[n:]
		time.Sleep(100 * time.Millisecond)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err, stderr)
	}
	if want := "item,tcp,15\nitem,udp,1\n"; stdout.String() != want {
		t.Errorf("%q, want %q", stdout.String(), want)
	}
}

// TestFullDisk says that nothing can be written, with exit code 1.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	cmd, stderr := background(t, nil, full, "flows", "-r", pcaps+"office/in.pcap", "-o", "json")
	cmd.Wait()
	if code := exitOf(cmd); code != exitFailed || !strings.Contains(stderr.String(), "no space left on device") {
		t.Errorf("exit code %d, it says %q", code, stderr)
	}
}
