package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"pkt/internal/pkttest"
)

// ownedRow is what the tests look at of a row of pkt top --by process,port.
type ownedRow struct {
	Type string
	Key  struct {
		Process struct {
			PID  uint32
			Comm string
		}
		Port *uint16
	}
	Process        struct{ Via string }
	Bytes, Packets uint64
}

// started is a program that a test has started in the background.
type started struct {
	t     *testing.T
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan string
	eof   chan struct{} // closed when all output is in lines
	owns  []uint32
}

// start starts a program whose output says who owns what; see testdata/owners/cases.py.
func start(t *testing.T, cmd *exec.Cmd) *started {
	t.Helper()
	r := &started{t: t, cmd: cmd, lines: make(chan string, 1000), eof: make(chan struct{})}
	r.in, _ = cmd.StdinPipe()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	go func() {
		defer close(r.eof)
		defer close(r.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			r.lines <- s.Text()
		}
	}()
	t.Cleanup(r.kill)
	return r
}

// kill ends the program, with those that it has started.
func (r *started) kill() {
	syscall.Kill(-r.cmd.Process.Pid, syscall.SIGKILL)
	<-r.eof // Wait would close the pipe before all is read
	r.cmd.Wait()
}

// until reads the program's output up to a line; "" stands for its end.
func (r *started) until(line string) {
	r.t.Helper()
	timeout := time.After(60 * time.Second)
	for {
		select {
		case text, ok := <-r.lines:
			var pid uint32
			if n, _ := fmt.Sscanf(text, "own %d", &pid); n == 1 {
				r.owns = append(r.owns, pid)
			}
			if !ok && line == "" || ok && text == line {
				return
			}
			if !ok {
				r.t.Fatalf("%v ended before it said %q", r.cmd.Args, line)
			}
		case <-timeout:
			r.t.Fatalf("%v does not say %q", r.cmd.Args, line)
		}
	}
}

// wires are two namespaces with a wire between them, for both versions of IP.
type wires struct {
	t           *testing.T
	here, there *pkttest.Netns
}

func newWires(t *testing.T) *wires {
	t.Helper()
	w := &wires{t, pkttest.NewNetns(t), pkttest.NewNetns(t)}
	pkttest.Veth(w.here, "here0", "10.9.0.1/24", w.there, "there0", "10.9.0.2/24")
	for _, e := range []struct {
		n           *pkttest.Netns
		iface, addr string
	}{{w.here, "here0", "fd09::1/64"}, {w.there, "there0", "fd09::2/64"}} {
		e.n.Run("ip", "link", "set", e.iface, "addrgenmode", "none")
		e.n.Run("sysctl", "-qw", "net.ipv6.conf."+e.iface+".disable_ipv6=0")
		e.n.Run("ip", "addr", "add", e.addr, "dev", e.iface, "nodad")
	}
	time.Sleep(3 * time.Second) // until IPv6 has told the neighbours of its addresses
	return w
}

// python starts a case in a namespace.
func (w *wires) python(n *pkttest.Netns, args ...string) *started {
	w.t.Helper()
	script, _ := filepath.Abs("testdata/owners/cases.py")
	return w.start(n, append([]string{"python3", script}, args...)...)
}

func (w *wires) start(n *pkttest.Netns, args ...string) *started {
	w.t.Helper()
	if _, err := exec.LookPath(args[0]); err != nil {
		w.t.Skip(err)
	}
	cmd := n.Command(args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return start(w.t, cmd)
}

// top measures in the first namespace until stop is called, which returns the rows.
func (w *wires) top(iface string, args ...string) (stop func() (rows []ownedRow, snapshot map[string]any)) {
	w.t.Helper()
	cmd := w.here.Command(append([]string{"pkt", "top", "-i", iface, "--once", "--duration", "300s", "-o", "ndjson", "--limit", "0"}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var out strings.Builder
	cmd.Stdout = &out
	notes, err := cmd.StderrPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	lines := bufio.NewScanner(notes)
	for lines.Scan() && !strings.Contains(lines.Text(), "listening on") {
	}
	return func() (rows []ownedRow, snapshot map[string]any) {
		w.t.Helper()
		time.Sleep(time.Second)
		cmd.Process.Signal(os.Interrupt)
		said, _ := io.ReadAll(notes)
		if err := cmd.Wait(); err != nil {
			w.t.Fatalf("pkt: %v: %s", err, said)
		}
		for line := range strings.Lines(out.String()) {
			var r ownedRow
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				w.t.Fatal(err, line)
			}
			if r.Type == "top" {
				rows = append(rows, r)
			} else if err := json.Unmarshal([]byte(line), &snapshot); err != nil {
				w.t.Fatal(err)
			}
		}
		return rows, snapshot
	}
}

// TestEveryByteHasItsOwner runs programs that use sockets in all the ways that there
// are, and holds every row against who said that it would send.
func TestEveryByteHasItsOwner(t *testing.T) {
	w := newWires(t)
	w.python(w.there, "sink", "::", "7000").until("ready")
	older := w.python(w.here, "older", "10.9.0.2", "7008")
	older.until("ready")
	blocked := w.python(w.here, "blocked", "10.9.0.2", "7009")
	blocked.until("ready")
	prefork := w.python(w.here, "prefork", "10.9.0.1", "7010")
	prefork.until("ready")

	stop := w.top("here0", "--by", "process,port")
	before := w.here.Counters("here0")
	want := map[uint16]*started{}
	began := func(port uint16, r *started) *started { want[port] = r; return r }
	again := func(port uint16, r *started) { began(port, r).until("") }
	again(7001, w.python(w.here, "tcp", "10.9.0.2", "7001"))
	again(7002, w.python(w.here, "tcp", "fd09::2", "7002"))
	again(7003, w.python(w.here, "udp_connected", "10.9.0.2", "7003"))
	again(7004, w.python(w.here, "udp", "fd09::2", "7004"))
	again(7005, w.start(w.here, "sh", "-c", "echo own $$; exec curl -s -o /dev/null http://10.9.0.2:7005/"))
	again(7006, w.python(w.here, "oneshot", "10.9.0.2", "7006"))
	again(7007, w.start(w.here, "sh", "-c", "echo own $$; exec dig @fd09::2 -p 7007 +tries=1 +time=1 example.org >/dev/null"))
	older.in.Write([]byte("\n"))
	again(7008, older)
	again(7009, blocked)
	for range 12 {
		w.python(w.there, "tcp", "10.9.0.1", "7010").until("")
	}
	began(7010, prefork)
	inetd := began(7011, w.python(w.here, "inetd", "fd09::1", "7011"))
	inetd.until("ready")
	for range 3 {
		w.python(w.there, "tcp", "fd09::1", "7011").until("")
	}
	began(7012, w.python(w.here, "sendfile", "10.9.0.1", "7012")).until("ready")
	w.python(w.there, "tcp", "10.9.0.1", "7012").until("")
	again(7013, w.python(w.here, "orphan", "10.9.0.2", "7013"))
	closer := began(7014, w.python(w.here, "closer", "10.9.0.1", "7014"))
	closer.until("ready")
	for range 3 {
		w.start(w.there, "python3", "-c", "import socket;socket.create_connection(('10.9.0.1',7014)).recv(1)").until("")
	}
	iperf := began(7015, w.start(w.here, "sh", "-c", "echo own $$; exec iperf3 -s -1 -p 7015 >/dev/null"))
	time.Sleep(500 * time.Millisecond)
	w.there.Run("iperf3", "-c", "10.9.0.1", "-p", "7015", "-t", "1", "-b", "20M")
	iperf.until("")
	again(7016, inGroup(t, w))
	time.Sleep(2 * time.Second) // what the orphan has left is on its way

	rows, snapshot := stop()
	after := w.here.Counters("here0")
	for _, r := range []*started{prefork, inetd, closer} {
		r.kill()
		r.until("")
	}
	comms := map[uint16]string{7005: "curl", 7007: "dig", 7011: "cat", 7015: "iperf3"}
	got := map[uint16]uint64{}
	var sum uint64
	for _, r := range rows {
		sum += r.Bytes
		if r.Key.Port == nil {
			if r.Key.Process.Comm != "kernel" {
				t.Errorf("without a port: %+v", r)
			}
			continue
		}
		port := *r.Key.Port
		program := want[port]
		if program == nil {
			t.Errorf("nobody has sent to port %d: %+v", port, r)
			continue
		}
		comm := comms[port]
		if comm == "" {
			comm = "python3"
		}
		got[port] += r.Bytes
		if !slices.Contains(program.owns, r.Key.Process.PID) || r.Key.Process.Comm != comm {
			t.Errorf("port %d: %d bytes of %s/%d via %s, want %s of %v", port, r.Bytes, r.Key.Process.Comm, r.Key.Process.PID,
				r.Process.Via, comm, program.owns)
		}
	}
	for port := range want {
		if got[port] == 0 {
			t.Errorf("port %d: no bytes", port)
		}
	}
	moved := after.RxBytes + after.TxBytes - before.RxBytes - before.TxBytes
	if drops := snapshot["kernel_drops"]; sum != moved && drops != 0.0 {
		t.Logf("rows add up to %d bytes of %d: the kernel dropped %v packets", sum, moved, drops)
	} else if sum != moved {
		t.Errorf("rows add up to %d bytes, the interface has counted %d", sum, moved)
	}
	if snapshot["unowned_bytes"] != 0.0 || snapshot["forwarded_bytes"] != 0.0 {
		t.Errorf("snapshot: %v", snapshot)
	}
	t.Logf("%d rows, %d bytes, of processes %v, of the kernel %v", len(rows), sum, snapshot["process_bytes"], snapshot["kernel_bytes"])
}

// inGroup starts a case in a control group of its own.
func inGroup(t *testing.T, w *wires) *started {
	t.Helper()
	root := "/sys/fs/cgroup"
	if _, err := os.Stat(root + "/cgroup.procs"); err != nil {
		root += "/unified"
	}
	dir := fmt.Sprintf("%s/pkttest-%d", root, os.Getpid())
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Skip("no control group can be made: ", err)
	}
	t.Cleanup(func() { os.Remove(dir) })
	script, _ := filepath.Abs("testdata/owners/cases.py")
	return start(t, func() *exec.Cmd {
		cmd := exec.Command("sh", "-c", "echo $$ > "+dir+"/cgroup.procs; exec ip netns exec "+w.here.Name+" python3 "+script+" tcp 10.9.0.2 7016")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		return cmd
	}())
}

// TestManyShortConnections is what tools that look into /proc now and then cannot do:
// one server, and thousands of short connections from another namespace.
func TestManyShortConnections(t *testing.T) {
	w := newWires(t)
	dir := t.TempDir()
	conf := "daemon off; worker_processes 1; pid " + dir + "/pid; error_log stderr;\n" +
		"events { worker_connections 512; }\n" +
		"http { access_log off; server { listen 10.9.0.1:80; location / { return 200 hello; } } }\n"
	if err := os.WriteFile(dir+"/nginx.conf", []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	w.start(w.here, "nginx", "-c", dir+"/nginx.conf", "-p", dir)
	time.Sleep(time.Second)
	flows := w.here.Command("pkt", "flows", "-i", "here0", "-o", "csv", "--no-header", "--fields", "process.comm,process.via")
	var listed strings.Builder
	flows.Stdout = &listed
	notes, err := flows.StderrPipe()
	if err == nil {
		err = flows.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(notes); lines.Scan() && !strings.Contains(lines.Text(), "listening on"); {
	}
	stop := w.top("here0", "--by", "process")
	before := w.here.Counters("here0")
	const connections = 2000
	w.python(w.there, "many", "10.9.0.2", "1").kill() // compiled, so that the next one starts soon
	w.python(w.there, "many", "10.9.0.1", fmt.Sprint(connections)).until("")
	rows, snapshot := stop()
	after := w.here.Counters("here0")
	flows.Process.Signal(os.Interrupt)
	said, _ := io.ReadAll(notes)
	if err := flows.Wait(); err != nil {
		t.Errorf("flows: %v: %s", err, said)
	}
	if n := strings.Count(listed.String(), "nginx,io\n"); n < connections*999/1000 {
		t.Errorf("%d of %d flows have nginx as their owner; of %d flows; %s", n, connections, strings.Count(listed.String(), "\n"), said)
	}
	var nginx, all uint64
	var packets uint64
	for _, r := range rows {
		if all += r.Bytes; r.Key.Process.Comm == "nginx" {
			nginx += r.Bytes
			packets += r.Packets
		}
	}
	moved := after.RxBytes + after.TxBytes - before.RxBytes - before.TxBytes
	t.Logf("%d of %d bytes of nginx, %d by the interface, %v dropped", nginx, all, moved, snapshot["kernel_drops"])
	if float64(nginx) < 0.999*float64(all) || packets < connections*8 || snapshot["kernel_drops"] == 0.0 && all != moved {
		t.Errorf("rows: %+v", rows)
	}
}

// TestOwnersAreKept writes a capture with owners and reads it again.
func TestOwnersAreKept(t *testing.T) {
	w := newWires(t)
	w.python(w.there, "sink", "::", "7000").until("ready")
	path := filepath.Join(t.TempDir(), "owned.pcapng")
	cmd := w.here.Command("pkt", "dump", "-i", "here0", "--process", "-w", path)
	notes, _ := cmd.StderrPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(notes); lines.Scan() && !strings.Contains(lines.Text(), "listening on"); {
	}
	client := w.python(w.here, "tcp", "10.9.0.2", "7001")
	client.until("")
	other := w.start(w.here, "sh", "-c", "echo own $$; exec curl -s -o /dev/null http://10.9.0.2:7005/")
	other.until("")
	time.Sleep(time.Second)
	cmd.Process.Signal(os.Interrupt)
	io.Copy(io.Discard, notes)
	cmd.Wait()

	found := pkt(t, "top", "-r", path, "--by", "process", "-o", "ndjson")
	for _, want := range []struct {
		comm string
		pid  uint32
	}{{"python3", client.owns[0]}, {"curl", other.owns[0]}} {
		if text := fmt.Sprintf(`"process":{"pid":%d,"comm":"%s"}`, want.pid, want.comm); !strings.Contains(found.stdout, text) {
			t.Errorf("no %s in %s", text, found.stdout)
		}
	}
	holdCoverage(t, path)
	flows := pkt(t, "flows", "-r", path, "--where", `process.comm == "curl"`, "--fields", "dst_port,process.pid", "-o", "csv", "--no-header")
	if want := fmt.Sprintf("7005,%d\n", other.owns[0]); flows.stdout != want {
		t.Errorf("flows: %q, want %q", flows.stdout, want)
	}
	packets := pkt(t, "dump", "-r", path, "--comm", "curl", "-o", "csv", "--fields", "dst_port,src_port", "--no-header")
	if lines := strings.Fields(packets.stdout); len(lines) < 8 || strings.Contains(packets.stdout, "7001") {
		t.Errorf("packets: %s", packets.stdout)
	}
	if tshark, err := exec.LookPath("tshark"); err == nil {
		out, err := exec.Command(tshark, "-r", path, "-Y", `frame.comment contains "process=curl"`).Output()
		if lines := strings.Count(string(out), "\n"); err != nil || lines < 8 {
			t.Errorf("tshark shows %d packets of curl: %v", lines, err)
		}
	}
}

// holdCoverage holds that all rankings by what owners have say the same of what part of
// a capture is owned, and that it adds up.
func holdCoverage(t *testing.T, path string) {
	t.Helper()
	var want string
	for _, by := range []string{"process", "user", "unit", "exe", "comm", "container", "user,port", "port,unit"} {
		text := pkt(t, "top", "-r", path, "--by", by)
		_, said, ok := strings.Cut(text.stdout, "owners known for ")
		said, _, _ = strings.Cut(said, ", 0 damaged")
		if want == "" {
			want = said
		}
		if !ok || said != want || !strings.Contains(said, "% of bytes by the capture file, kernel") {
			t.Errorf("--by %s says %q, --by process %q:\n%s", by, said, want, text.stdout)
		}
		records := recordsIn(t, pkt(t, "top", "-r", path, "--by", by, "-o", "ndjson", "--limit", "0").stdout)
		var rows, parts float64
		for _, r := range records {
			if r["type"] == "top" {
				rows += r["bytes"].(float64)
				continue
			}
			for _, kind := range []string{"process_bytes", "kernel_bytes", "forwarded_bytes", "unowned_bytes"} {
				parts += r[kind].(float64)
			}
		}
		if rows == 0 || rows != parts {
			t.Errorf("--by %s: rows add up to %v bytes, kinds of owners to %v", by, rows, parts)
		}
	}
}

// TestCommandOfACapture captures what a command and its children send, and nothing else.
func TestCommandOfACapture(t *testing.T) {
	w := newWires(t)
	w.python(w.there, "sink", "::", "7000").until("ready")
	script, _ := filepath.Abs("testdata/owners/cases.py")
	w.start(w.here, "sh", "-c", "while :; do python3 "+script+" tcp 10.9.0.2 7001; done")
	cmd := w.here.Command("pkt", "dump", "-i", "any", "-o", "csv", "--fields", "src_port,dst_port,process.comm", "--no-header", "--",
		"sh", "-c", "curl -s -o /dev/null http://10.9.0.2:7005/; (python3 "+script+" udp 10.9.0.2 7003 &) ; sleep 1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	text := string(out)
	if strings.Contains(text, "7001") || strings.Count(text, "7005") < 8 || strings.Count(text, "7003") < 40 {
		t.Errorf("captured:\n%s", text)
	}
}
