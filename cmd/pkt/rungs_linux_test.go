package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// nobody is who the tests of permissions run pkt as.
const nobody = 65534

// withCaps returns a command that runs pkt as nobody, with these capabilities alone.
func withCaps(t *testing.T, path string, caps []uintptr, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(path, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}, AmbientCaps: caps}
	return cmd
}

// copyOfPkt puts pkt where nobody may run it.
func copyOfPkt(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "pkttest")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "pkt")
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(path, text, 0o755)); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestRungsByCapabilities runs pkt with exactly what each rung of attribution needs.
func TestRungsByCapabilities(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root, to give capabilities")
	}
	path := copyOfPkt(t)
	for _, c := range []struct {
		rung string
		caps []uintptr
		says string // what a live run says that it cannot know; empty: nothing
	}{
		{"1", []uintptr{unix.CAP_NET_RAW, unix.CAP_NET_ADMIN, unix.CAP_BPF, unix.CAP_PERFMON}, ""},
		{"2", []uintptr{unix.CAP_NET_RAW, unix.CAP_BPF, unix.CAP_PERFMON}, "before their first use"},
		{"3", []uintptr{unix.CAP_NET_RAW, unix.CAP_NET_ADMIN, unix.CAP_BPF}, "which process uses a socket"},
		{"4", []uintptr{unix.CAP_NET_RAW, unix.CAP_SYS_PTRACE, unix.CAP_DAC_READ_SEARCH}, "owners by port are guesses"},
		{"5", []uintptr{unix.CAP_NET_RAW}, "processes of other users"},
	} {
		t.Run(c.rung, func(t *testing.T) {
			out, err := withCaps(t, path, c.caps, "doctor", "-o", "ndjson").CombinedOutput()
			if err != nil {
				t.Skipf("capabilities cannot be given here: %v: %s", err, out)
			}
			best := ""
			for line := range strings.Lines(string(out)) {
				var check struct {
					Area, Name, Note string
					OK               bool
				}
				if err := json.Unmarshal([]byte(line), &check); err != nil {
					t.Fatal(err, line)
				}
				if check.Area != "attribution" {
					continue
				}
				if check.OK && best == "" {
					best = check.Name
				}
				if check.OK != strings.Contains(check.Note, "Does not know") || check.OK == strings.Contains(check.Note, "Needs") {
					t.Errorf("%s", line)
				}
			}
			if best != "rung "+c.rung {
				t.Errorf("doctor takes %s, want rung %s:\n%s", best, c.rung, out)
			}
			run := withCaps(t, path, c.caps, "top", "-i", "lo", "--by", "process", "--once", "--duration", "100ms", "-o", "ndjson")
			var said strings.Builder
			run.Stderr = &said
			out, err = run.Output()
			if err != nil || !strings.Contains(string(out), "(rung "+c.rung+")") {
				t.Errorf("top: %v: %s%s", err, out, said.String())
			}
			if strings.Contains(said.String(), "does not know") != (c.says != "") || !strings.Contains(said.String(), c.says) {
				t.Errorf("top says %q, want %q", said.String(), c.says)
			}
		})
	}
	out, err := withCaps(t, path, nil, "top", "-i", "lo", "--by", "process", "--once").CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitPermission || !strings.Contains(string(out), "setcap") {
		t.Errorf("without capabilities: %v: %s", err, out)
	}
}
