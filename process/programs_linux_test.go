package process

import (
	"bufio"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const cases = "../cmd/pkt/testdata/owners/cases.py"

// TestWorkers connects to a server whose workers accept from one listener: with and
// without the tracepoints of use the worker is named, not its parent.
func TestWorkers(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip(err)
	}
	for _, best := range []Rung{RungExact, RungOpen} {
		t.Run(best.String(), func(t *testing.T) {
			w := watch(t, best)
			cmd := exec.Command("python3", cases, "prefork", "127.0.0.1", "7911")
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			out, _ := cmd.StdoutPipe()
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() {
				syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
				cmd.Wait()
			}()
			var workers []uint32
			for lines := bufio.NewScanner(out); len(workers) < 3 && lines.Scan(); {
				var pid uint32
				if n, _ := fmt.Sscanf(lines.Text(), "own %d", &pid); n == 1 {
					workers = append(workers, pid)
				}
			}
			c, err := net.Dial("tcp4", "127.0.0.1:7911")
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			c.Write([]byte("hello"))
			f := Flow{netip.MustParseAddrPort(c.LocalAddr().String()), netip.MustParseAddrPort(c.RemoteAddr().String()), 6}
			var o Owner
			var via Via
			for range 40 { // the worker has to be scheduled, and somebody to look again
				time.Sleep(50 * time.Millisecond)
				w.Refresh()
				side := w.Owners(f)[1]
				if o, via = w.Table().Owner(side.ID), side.Via; slices.Contains(workers, o.PID) {
					break
				}
			}
			if !slices.Contains(workers, o.PID) || o.Comm != "python3" || via == ViaListener {
				t.Errorf("owner %s/%d via %s, want one of %v, children of %d", o.Comm, o.PID, ViaNames[via], workers, cmd.Process.Pid)
			}
		})
	}
}

// TestGoneBeforeAsked asks about a process that has ended: what it ran is known.
func TestGoneBeforeAsked(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip(err)
	}
	w := watch(t, RungExact)
	out, err := exec.Command("sh", "-c", `echo $$; exec python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b'x', ('127.0.0.1', 7912))
print(s.getsockname()[1])"`).Output()
	if err != nil {
		t.Fatal(err)
	}
	var pid uint32
	var port uint16
	if _, err := fmt.Sscan(string(out), &pid, &port); err != nil {
		t.Fatal(err, string(out))
	}
	w.Refresh()
	f := Flow{netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port), netip.MustParseAddrPort("127.0.0.1:7912"), 17}
	side := w.Owners(f)[0]
	o := w.Table().Owner(side.ID)
	if o.PID != pid || o.Comm != "python3" || !strings.Contains(o.Exe, "python") || !strings.Contains(o.Args, "import socket") || o.User == "" || o.Start == 0 {
		t.Errorf("%+v via %s, want pid %d", o, ViaNames[side.Via], pid)
	}
}

// TestNamesFollowExec asks about one process before and after it runs another program.
func TestNamesFollowExec(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip(err)
	}
	w := watch(t, RungExact)
	cmd := exec.Command("python3", "-c", `
import os, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.1', 0))
s.sendto(b'x', ('127.0.0.1', 7913))
os.set_inheritable(s.fileno(), True)
print(s.getsockname()[1], flush=True)
sys.stdin.readline()
os.execvp('cat', ['cat'])`)
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	var port uint16
	fmt.Fscan(out, &port)
	f := Flow{netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port), netip.MustParseAddrPort("127.0.0.1:7913"), 17}
	w.Refresh()
	before := w.Owners(f)[0]
	if o := w.Table().Owner(before.ID); o.PID != uint32(cmd.Process.Pid) || o.Comm != "python3" {
		t.Errorf("before: %+v", o)
	}
	in.Write([]byte("\n"))
	for range 40 {
		time.Sleep(50 * time.Millisecond)
		if w.Refresh(); w.Table().Owner(before.ID).Comm == "cat" {
			break
		}
	}
	after := w.Owners(f)[0]
	if o := w.Table().Owner(after.ID); after.ID != before.ID || o.Comm != "cat" || o.Args != "cat" {
		t.Errorf("after: %+v", o)
	}
}
