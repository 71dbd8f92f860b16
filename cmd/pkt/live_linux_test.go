package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pkt/internal/pkttest"
)

// wire is two namespaces joined by the interfaces near0 and far0.
type wire struct {
	near, far *pkttest.Netns
}

func newWire(t *testing.T) wire {
	t.Helper()
	w := wire{pkttest.NewNetns(t), pkttest.NewNetns(t)}
	pkttest.Veth(w.near, "near0", "10.9.0.1/24", w.far, "far0", "10.9.0.2/24")
	return w
}

// running is pkt at work on an interface.
type running struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdout safeBuffer
	stderr safeBuffer
}

// safeBuffer is written by a process while a test reads it.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// listen starts pkt in a namespace and waits until it captures.
func listen(t *testing.T, n *pkttest.Netns, args ...string) *running {
	t.Helper()
	return listenAs(t, n, nil, append([]string{"pkt"}, args...)...)
}

// listenAs does so with a command line that runs pkt, and more environment.
func listenAs(t *testing.T, n *pkttest.Netns, env []string, words ...string) *running {
	t.Helper()
	r := &running{t: t, cmd: n.Command(words...)}
	r.cmd.Env = quietEnv(env...)
	r.cmd.Stdout, r.cmd.Stderr = &r.stdout, &r.stderr
	r.cmd.WaitDelay = patience
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.cmd.Process.Kill() })
	waitFor(t, "pkt to listen", func() bool {
		if r.cmd.ProcessState == nil && strings.Contains(r.stderr.String(), "listening on") {
			return true
		}
		if len(r.stderr.String()) > 0 && !strings.Contains(r.stderr.String(), "listening on") && !alive(r.cmd.Process.Pid) {
			t.Fatalf("it ended: %s", r.stderr.String())
		}
		return false
	})
	return r
}

// alive reports whether a process that was not waited for still runs.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !bytes.Contains(stat, []byte(") Z "))
}

// signal sends a signal.
func (r *running) signal(s os.Signal) {
	r.t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		r.t.Fatal(err)
	}
}

// wait waits for the end and returns the exit code.
func (r *running) wait() int {
	r.t.Helper()
	timer := time.AfterFunc(patience, func() { r.cmd.Process.Kill() })
	defer timer.Stop()
	r.cmd.Wait()
	return exitOf(r.cmd)
}

// end interrupts pkt and expects that all is well.
func (r *running) end() {
	r.t.Helper()
	r.signal(os.Interrupt)
	if code := r.wait(); code != exitOK {
		r.t.Errorf("exit code %d: %s", code, r.stderr.String())
	}
}

// datagram is a frame from the far end to the near one.
func datagram(size int, port uint16) []byte {
	return pkttest.Frame(
		pkttest.Ethernet{Src: "02:00:00:00:00:02", Dst: "02:00:00:00:00:01", Min: size},
		pkttest.IPv4{Src: "10.9.0.2", Dst: "10.9.0.1"},
		pkttest.UDP{SrcPort: 40000, DstPort: port}, pkttest.Payload(make([]byte, max(size-42, 0))))
}

// TestLiveSignals ends live runs by signals: what was captured is there, in a form
// that is whole, with exit code 0.
func TestLiveSignals(t *testing.T) {
	// What this process catches its children do not ignore, also under nohup.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGHUP)
	defer signal.Stop(caught)
	w := newWire(t)
	s := w.far.NewSender("far0")
	for _, tt := range []struct {
		signal os.Signal
		args   []string
	}{
		{os.Interrupt, []string{"dump", "-i", "near0", "-o", "json"}},
		{syscall.SIGTERM, []string{"flows", "-i", "near0", "-o", "json"}},
		{syscall.SIGHUP, []string{"top", "-i", "near0", "-o", "json"}},
		{os.Interrupt, []string{"stats", "-i", "near0", "-o", "json"}},
	} {
		r := listen(t, w.near, tt.args...)
		for range 10 {
			if err := s.Send(datagram(100, 9)); err != nil {
				t.Fatal(err)
			}
		}
		r.signal(tt.signal)
		if code := r.wait(); code != exitOK {
			t.Errorf("%v %v: exit code %d: %s", tt.signal, tt.args, code, r.stderr.String())
		}
		text := r.stdout.String()
		if !strings.HasPrefix(text, "[\n") || !strings.HasSuffix(text, "\n]\n") || !strings.Contains(text, "10") {
			t.Errorf("%v: not a whole array with the packets: %.200s", tt.args, text)
		}
	}
}

// TestLiveCounters checks the three lines that end dump, and SIGUSR1.
func TestLiveCounters(t *testing.T) {
	w := newWire(t)
	r := listen(t, w.near, "dump", "-i", "near0", "-w", filepath.Join(t.TempDir(), "x.pcap"), "udp port 9")
	s := w.far.NewSender("far0")
	for range 25 {
		if err := s.Send(datagram(100, 9), datagram(100, 10)); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, "the counters", func() bool {
		r.signal(syscall.SIGUSR1)
		time.Sleep(50 * time.Millisecond)
		return strings.Contains(r.stderr.String(), "pkt: 25 packets captured, 25 written to")
	})
	r.end()
	if want := "\n25 packets captured\n25 packets received by filter\n0 packets dropped by kernel\n"; !strings.HasSuffix(r.stderr.String(), want) {
		t.Errorf("it ends with %q", r.stderr.String())
	}
	other := listen(t, w.near, "flows", "-i", "near0")
	waitFor(t, "the counters of flows", func() bool {
		other.signal(syscall.SIGUSR1)
		time.Sleep(50 * time.Millisecond)
		return strings.Contains(other.stderr.String(), "pkt: 0 packets dropped by kernel\n")
	})
	other.end()
}

// TestLiveEnds ends runs without a signal: by a number of packets, and by time.
func TestLiveEnds(t *testing.T) {
	w := newWire(t)
	s := w.far.NewSender("far0")
	r := listen(t, w.near, "dump", "-i", "near0", "-c", "3", "-o", "ndjson")
	for range 5 {
		if err := s.Send(datagram(100, 9)); err != nil {
			t.Fatal(err)
		}
	}
	if code := r.wait(); code != exitOK || len(records(t, r.stdout.String(), "packet")) != 3 {
		t.Errorf("exit code %d, it printed %s", code, r.stdout.String())
	}
	start := time.Now()
	r = listen(t, w.near, "flows", "-i", "near0", "--duration", "500ms")
	if code := r.wait(); code != exitOK {
		t.Errorf("exit code %d: %s", code, r.stderr.String())
	}
	if d := time.Since(start); d < 500*time.Millisecond || d > 5*time.Second {
		t.Errorf("half a second without packets took %v", d)
	}
}

// TestLiveFlows prints flows when they end: a closed connection soon, one that is
// idle after its time, all others with the run.
func TestLiveFlows(t *testing.T) {
	w := newWire(t)
	r := listen(t, w.near, "flows", "-i", "near0", "--idle", "1s", "-o", "ndjson")
	s := w.far.NewSender("far0")
	if err := s.Send(datagram(100, 9)); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the idle flow", func() bool { return strings.Contains(r.stdout.String(), `"dst_port":9`) })
	refused := w.near.Command("python3", "-c", "import socket;socket.socket().connect_ex(('10.9.0.2',7))")
	if out, err := refused.CombinedOutput(); err != nil {
		t.Skipf("%v: %s", err, out)
	}
	waitFor(t, "the refused connection", func() bool { return strings.Contains(r.stdout.String(), `"state":"REJ"`) })
	if err := s.Send(datagram(100, 11)); err != nil {
		t.Fatal(err)
	}
	r.end()
	if !strings.Contains(r.stdout.String(), `"dst_port":11`) {
		t.Error("the flow that was open is missing")
	}
}

// TestLiveReads has tcpdump read what dump writes: the loopback interface shows
// each packet once, and names of interfaces, VLAN tags and lengths are kept.
func TestLiveReads(t *testing.T) {
	if _, err := exec.LookPath("tcpdump"); err != nil {
		t.Skip("needs tcpdump")
	}
	w := newWire(t)
	file := filepath.Join(t.TempDir(), "x.pcap")
	r := listen(t, w.near, "dump", "-i", "any", "-w", file, "icmp or udp port 9")
	w.near.Run("ping", "-c2", "-i0.2", "127.0.0.1")
	if err := w.far.NewSender("far0").Send(datagram(100, 9), datagram(1000, 9), datagram(100, 10)); err != nil {
		t.Fatal(err)
	}
	r.end()
	out, err := exec.Command("tcpdump", "-nr", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(out), "\n"); n != 6 || strings.Count(string(out), "ICMP echo request") != 2 ||
		!strings.Contains(string(out), "length 958") {
		t.Errorf("tcpdump reads\n%s", out)
	}
	piped := w.near.Command("sh", "-c", "pkt dump -i near0 -c 2 -w - | tcpdump -nr -")
	var text bytes.Buffer
	piped.Stdout, piped.Stderr = &text, &text
	piped.Env = quietEnv()
	if err := piped.Start(); err != nil {
		t.Fatal(err)
	}
	s := w.far.NewSender("far0")
	done := make(chan error, 1)
	go func() { done <- piped.Wait() }()
	for range 100 {
		s.Send(datagram(100, 9))
		select {
		case err := <-done:
			if err != nil || strings.Count(text.String(), "10.9.0.1.9") != 2 {
				t.Errorf("%v: %s", err, text.String())
			}
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
	piped.Process.Kill()
	t.Error("tcpdump gets nothing through a pipe")
}

// TestLiveGone deletes the interface: results are printed, exit code 1 says why.
func TestLiveGone(t *testing.T) {
	w := newWire(t)
	r := listen(t, w.near, "flows", "-i", "near0", "-o", "json")
	if err := w.far.NewSender("far0").Send(datagram(100, 9)); err != nil {
		t.Fatal(err)
	}
	w.near.Run("ip", "link", "set", "near0", "down")
	waitFor(t, "the note", func() bool { return strings.Contains(r.stderr.String(), "near0 went down") })
	w.near.Run("ip", "link", "del", "near0")
	if code := r.wait(); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(r.stderr.String(), "pkt: capturing from near0: the interface was deleted\n") {
		t.Errorf("it says %q", r.stderr.String())
	}
	if !strings.Contains(r.stdout.String(), `"dst_port":9`) || !strings.HasSuffix(r.stdout.String(), "\n]\n") {
		t.Errorf("it printed %q", r.stdout.String())
	}
}

// TestLiveDefault captures from the interface of the default route, and says so.
func TestLiveDefault(t *testing.T) {
	w := newWire(t)
	cmd := w.near.Command("pkt", "flows")
	out, err := cmd.CombinedOutput()
	if err == nil || exitOf(cmd) != exitUsage || !strings.Contains(string(out), "there is no default route") {
		t.Errorf("without a route: %v: %s", err, out)
	}
	w.near.Run("ip", "route", "add", "default", "via", "10.9.0.2")
	r := listen(t, w.near, "flows")
	if !strings.Contains(r.stderr.String(), "listening on near0 (EN10MB)") {
		t.Errorf("it says %q", r.stderr.String())
	}
	r.end()
}

// TestLiveLists prints interfaces and link types.
func TestLiveLists(t *testing.T) {
	w := newWire(t)
	if out := w.near.Run("pkt", "dump", "-D"); !strings.Contains(out, "near0 [Up] EN10MB 10.9.0.1/24\n") || !strings.Contains(out, ".any [Up] LINUX_SLL2") {
		t.Errorf("-D: %s", out)
	}
	if out := w.near.Run("pkt", "dump", "-L", "-i", "near0"); !strings.Contains(out, "  EN10MB (Ethernet)\n  LINUX_SLL2") {
		t.Errorf("-L: %s", out)
	}
	r := listen(t, w.near, "dump", "-i", "near0", "-y", "LINUX_SLL2", "-c1", "-o", "ndjson", "--fields", "link,iface,dir,len")
	if err := w.far.NewSender("far0").Send(datagram(100, 9)); err != nil {
		t.Fatal(err)
	}
	if code := r.wait(); code != exitOK || !strings.Contains(r.stdout.String(), `"link":"LINUX_SLL2","iface":"near0","dir":"in","len":106`) {
		t.Errorf("exit code %d: %s", code, r.stdout.String())
	}
}

// TestLivePipe ends silently when the reader goes away.
func TestLivePipe(t *testing.T) {
	w := newWire(t)
	out, stdout, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := w.near.Command("pkt", "dump", "-i", "near0", "-o", "ndjson", "--quiet")
	var stderr safeBuffer
	cmd.Stdout, cmd.Stderr, cmd.Env = stdout, &stderr, quietEnv()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stdout.Close()
	defer cmd.Process.Kill()
	s := w.far.NewSender("far0")
	line := make(chan error, 1)
	go func() {
		_, err := bufio.NewReader(out).ReadString('\n')
		line <- err
	}()
	for read := false; !read; {
		s.Send(datagram(100, 9))
		select {
		case err := <-line:
			if err != nil && err != io.EOF {
				t.Error(err)
			}
			read = true
		case <-time.After(50 * time.Millisecond):
		}
	}
	out.Close()
	ended := make(chan bool)
	go func() { cmd.Wait(); close(ended) }()
	for deadline := time.After(patience); ; {
		s.Send(datagram(100, 9))
		select {
		case <-ended:
			if code := exitOf(cmd); code != exitPipe || stderr.String() != "" {
				t.Errorf("exit code %d, it says %q", code, stderr.String())
			}
			return
		case <-deadline:
			t.Fatal("it goes on without a reader")
		case <-time.After(50 * time.Millisecond):
		}
	}
}
