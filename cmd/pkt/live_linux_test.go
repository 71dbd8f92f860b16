package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
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

// TestLiveAndFile records and ranks at the same time: the record gives the same
// totals, and the interface's counters are the same.
func TestLiveAndFile(t *testing.T) {
	w := newWire(t)
	file := filepath.Join(t.TempDir(), "x.pcapng")
	before := w.near.Counters("near0")
	dump := listen(t, w.near, "dump", "-i", "near0", "-w", file)
	top := listen(t, w.near, "top", "-i", "near0", "--by", "dst_port", "-o", "ndjson", "--interval", "200ms")
	s, back := w.far.NewSender("far0"), w.near.NewSender("near0")
	for i := range 3000 {
		if err := s.Send(datagram(60+i%1000, uint16(1+i%5))); err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 {
			if err := back.Send(datagram(200, 53)); err != nil {
				t.Fatal(err)
			}
		}
	}
	time.Sleep(300 * time.Millisecond) // what waits between the ends of the wire
	dump.end()
	top.end()
	after := w.near.Counters("near0")
	totals := func(text string) map[string][4]uint64 {
		found := map[string][4]uint64{}
		for _, r := range records(t, text, "top") {
			key := fmt.Sprint(r["key"])
			found[key] = [4]uint64{r.num(t, "packets"), r.num(t, "bytes"), r.num(t, "tx_bytes"), r.num(t, "rx_bytes")}
		}
		return found
	}
	live, read := totals(top.stdout.String()), totals(pkt(t, "top", "-r", file, "--by", "dst_port", "-o", "ndjson").stdout)
	if len(live) < 6 || fmt.Sprint(live) != fmt.Sprint(read) {
		t.Errorf("live %v\nfile %v", live, read)
	}
	var sum [4]uint64
	for _, v := range live {
		for i := range sum {
			sum[i] += v[i]
		}
	}
	want := [4]uint64{
		after.RxPackets + after.TxPackets - before.RxPackets - before.TxPackets,
		after.RxBytes + after.TxBytes - before.RxBytes - before.TxBytes,
		after.TxBytes - before.TxBytes, after.RxBytes - before.RxBytes,
	}
	if sum != want {
		t.Errorf("packets, bytes, sent and received are %v, the interface has counted %v", sum, want)
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

// unprivileged copies pkt to where anybody can run it, and returns the path.
func unprivileged(t *testing.T) string {
	t.Helper()
	self, err := exec.LookPath("pkt")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "pkt")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "pkt")
	if err := os.WriteFile(path, data, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// asNobody are words that run a command as nobody, without any privilege.
var asNobody = []string{"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"}

// TestLivePermission names the missing capability; with it, and without root,
// everything works.
func TestLivePermission(t *testing.T) {
	for _, tool := range []string{"setpriv", "setcap"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("needs " + tool)
		}
	}
	w := newWire(t)
	path := unprivileged(t)
	cmd := w.near.Command(append(asNobody, path, "dump", "-i", "near0")...)
	out, _ := cmd.CombinedOutput()
	if exitOf(cmd) != exitPermission || !strings.Contains(string(out), "sudo setcap cap_net_raw=ep "+path+"\n") {
		t.Errorf("exit code %d: %s", exitOf(cmd), out)
	}
	if out, err := exec.Command("setcap", "cap_net_raw=ep", path).CombinedOutput(); err != nil {
		t.Skipf("no capabilities of files here: %s", out)
	}
	r := listenAs(t, w.near, nil, append(asNobody, path, "dump", "-i", "near0", "-c", "1", "-o", "ndjson")...)
	checkStatus(t, r.cmd.Process.Pid, 65534)
	if err := w.far.NewSender("far0").Send(datagram(100, 9)); err != nil {
		t.Fatal(err)
	}
	if code := r.wait(); code != exitOK || !strings.Contains(r.stdout.String(), `"dst_port":9`) {
		t.Errorf("exit code %d, %s%s", code, r.stdout.String(), r.stderr.String())
	}
}

// TestLiveUser goes on as the user behind sudo, with all threads, and writes files
// as this user.
func TestLiveUser(t *testing.T) {
	w := newWire(t)
	dir := t.TempDir()
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		os.Chmod(d, 0o755)
	}
	if err := os.Chown(dir, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "x.pcap")
	for _, tt := range []struct {
		env  []string
		args []string
		uid  int
	}{
		{[]string{"SUDO_UID=65534", "SUDO_GID=65534"}, nil, 65534},
		{nil, []string{"-Z", "nobody"}, 65534},
		{[]string{"SUDO_UID=65534", "SUDO_GID=65534"}, []string{"-Z", "root"}, 0},
	} {
		os.Remove(file)
		r := listenAs(t, w.near, tt.env, append([]string{"pkt", "dump", "-i", "near0", "-w", file}, tt.args...)...)
		checkStatus(t, r.cmd.Process.Pid, tt.uid)
		if err := w.far.NewSender("far0").Send(datagram(100, 9)); err != nil {
			t.Fatal(err)
		}
		r.end()
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if owner := int(info.Sys().(*syscall.Stat_t).Uid); owner != tt.uid {
			t.Errorf("%v %v: the file is owned by %d", tt.env, tt.args, owner)
		}
		if n, _ := countPackets(t, file); n != 1 {
			t.Errorf("%v %v: %d packets", tt.env, tt.args, n)
		}
	}
	cmd := w.near.Command("pkt", "dump", "-i", "near0", "-Z", "no-such-user")
	if out, _ := cmd.CombinedOutput(); exitOf(cmd) != exitUsage || !strings.Contains(string(out), "no such user") {
		t.Errorf("exit code %d: %s", exitOf(cmd), out)
	}
}

// withCgo says that the test's binary is linked with cgo, where only the user can
// be changed for all threads.
func withCgo(pid int) bool {
	exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		return false
	}
	out, err := exec.Command("go", "version", "-m", exe).Output()
	return err == nil && bytes.Contains(out, []byte("CGO_ENABLED=1"))
}

// checkStatus checks that all threads of a process are a user's, without
// privileges unless that is root.
func checkStatus(t *testing.T, pid, uid int) {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(tasks) < 2 {
		t.Fatalf("%d threads: %v", len(tasks), err)
	}
	capabilities := regexp.MustCompile(`(?m)^Cap(Prm|Eff):\t(0*)$`)
	for _, task := range tasks {
		status, err := os.ReadFile(task)
		if err != nil {
			continue // the thread has ended
		}
		if !strings.Contains(string(status), fmt.Sprintf("\nUid:\t%d\t%[1]d\t%[1]d\t%[1]d\n", uid)) {
			t.Errorf("a thread is not of user %d: %s", uid, status)
		}
		if uid == 0 || withCgo(pid) {
			continue
		}
		if !strings.Contains(string(status), "\nNoNewPrivs:\t1\n") || len(capabilities.FindAll(status, -1)) != 2 {
			t.Errorf("a thread has privileges: %s", status)
		}
	}
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

// TestLiveMemory captures for some seconds at full rate: memory stays flat.
func TestLiveMemory(t *testing.T) {
	w := newWire(t)
	r := listen(t, w.near, "top", "-i", "near0", "--by", "port", "-o", "ndjson", "--buffer-size", "8192")
	s := w.far.NewSender("far0")
	rss := func() (kB int) {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		_, after, _ := strings.Cut(string(status), "VmRSS:")
		kB, err = strconv.Atoi(strings.Fields(after)[0])
		if err != nil {
			t.Fatal(err)
		}
		return kB
	}
	frame := datagram(60, 9)
	flood := func(d time.Duration) {
		for end := time.Now().Add(d); time.Now().Before(end); {
			binary.BigEndian.PutUint16(frame[34:], uint16(s.Sent.Load()%1000)) // as many flows
			if err := s.Send(frame); err != nil {
				t.Fatal(err)
			}
		}
	}
	flood(time.Second)
	before := rss()
	flood(3 * time.Second)
	if after := rss(); after > before+16<<10 {
		t.Errorf("memory has grown from %d kB to %d kB", before, after)
	}
	r.end()
}

// TestLiveDrops stops pkt for a while, so that the kernel has to drop packets: the
// numbers add up, and the file tells them.
func TestLiveDrops(t *testing.T) {
	w := newWire(t)
	file := filepath.Join(t.TempDir(), "x.pcapng")
	r := listen(t, w.near, "dump", "-i", "near0", "-w", file, "-B", "512")
	s := w.far.NewSender("far0")
	send := func() {
		for range 10 {
			for range 200 {
				if err := s.Send(datagram(1000, 9)); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	r.signal(syscall.SIGSTOP)
	send()
	r.signal(syscall.SIGCONT)
	time.Sleep(300 * time.Millisecond)
	send()
	time.Sleep(300 * time.Millisecond)
	r.end()
	var n [3]uint64
	lines := strings.Split(strings.TrimSpace(r.stderr.String()), "\n")
	for i, line := range lines[1:4] {
		if _, err := fmt.Sscan(line, &n[i]); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
	}
	if captured, received, dropped := n[0], n[1], n[2]; dropped == 0 || captured+dropped != received {
		t.Errorf("%d captured, %d received, %d dropped", captured, received, dropped)
	}
	sum := records(t, pkt(t, "dump", "-r", file, "-o", "ndjson", "--summary").stdout, "summary")
	if len(sum) != 1 || sum[0].num(t, "packets") != n[0] || sum[0].num(t, "iface_drops") != n[2] {
		t.Errorf("the file says %v, want %d packets and %d dropped", sum, n[0], n[2])
	}
}
