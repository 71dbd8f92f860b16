package process

import (
	"fmt"
	"maps"
	"net"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pkt/process/sockdiag"
)

// TestSocketsAgreeWithSS lists the TCP and UDP sockets of this machine as ss -tunap
// does: the same sockets in the same states, with the same owners. Sockets that come
// and go between the two looks are forgiven by looking again.
func TestSocketsAgreeWithSS(t *testing.T) {
	if _, err := exec.LookPath("ss"); err != nil {
		t.Skip(err)
	}
	openSome(t)
	var only, missing []string
	for range 20 {
		ss, ours := listSS(t), listOwn(t)
		only, missing = differences(ours, ss), differences(ss, ours)
		if len(only)+len(missing) == 0 {
			t.Logf("%d sockets are the same", len(ss))
			if len(ss) < 8 {
				t.Errorf("%d sockets, though the test opened 8", len(ss))
			}
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("only here:\n%s\nonly in ss:\n%s", strings.Join(only, "\n"), strings.Join(missing, "\n"))
}

// openSome opens sockets of many kinds, some of them in another process.
func openSome(t *testing.T) {
	t.Helper()
	for _, address := range []string{"127.0.0.1:0", "[::1]:0", ":0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Skip(err)
		}
		t.Cleanup(func() { l.Close() })
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		u, err := net.ListenPacket("udp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { u.Close() })
	}
	c, err := net.Dial("udp", "127.0.0.1:9")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if python, err := exec.LookPath("python3"); err == nil {
		cmd := exec.Command(python, "-c", "import socket,time,os\ns=socket.create_server(('127.0.0.1',0))\nos.fork()\ntime.sleep(30)")
		if err := cmd.Start(); err == nil {
			t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
			time.Sleep(300 * time.Millisecond)
		}
	}
}

// differences returns what is in a more often than in b.
func differences(a, b map[string]int) (list []string) {
	for line, n := range a {
		if n > b[line] {
			list = append(list, line)
		}
	}
	slices.Sort(list)
	return list
}

var ssUser = regexp.MustCompile(`\("((?:[^"\\]|\\.)*)",pid=(\d+),fd=(\d+)\)`)

// listSS reads ss -tunap: netid state recv-q send-q local peer users.
func listSS(t *testing.T) map[string]int {
	t.Helper()
	out, err := exec.Command("ss", "-tunapH").Output()
	if err != nil {
		t.Skip("ss: ", err)
	}
	lines := map[string]int{}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if len(f) < 6 {
			continue
		}
		var users []string
		for _, m := range ssUser.FindAllStringSubmatch(line, -1) {
			users = append(users, m[1]+"/"+m[2]+":"+m[3])
		}
		lines[socketLine(f[0], strings.ToLower(f[1]), f[4], f[5], users)]++
	}
	return lines
}

// listOwn lists the same by this package.
func listOwn(t *testing.T) map[string]int {
	t.Helper()
	l, err := Sockets(SocketOptions{Protos: []sockdiag.Proto{sockdiag.TCP, sockdiag.UDP}, OwnSpace: true})
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]int{}
	for _, s := range l.Sockets {
		var users []string
		for _, h := range s.Holders {
			users = append(users, fmt.Sprintf("%s/%d:%d", h.Comm, h.PID, h.FD))
		}
		any6 := s.Local.Addr().Is6() && s.Local.Addr().IsUnspecified() && !s.V6Only
		end := func(a string, port uint16, any6 bool) string {
			if any6 {
				a = "*"
			}
			if strings.Contains(a, ":") {
				a = "[" + a + "]"
			}
			if port == 0 {
				return a + ":*"
			}
			return fmt.Sprintf("%s:%d", a, port)
		}
		local := end(s.Local.Addr().String(), s.Local.Port(), any6)
		if s.Iface != "" {
			local = strings.Replace(local, fmt.Sprintf(":%d", s.Local.Port()), fmt.Sprintf("%%%s:%d", s.Iface, s.Local.Port()), 1)
		}
		peer := end(s.Remote.Addr().String(), s.Remote.Port(), any6 && s.Remote.Port() == 0)
		lines[socketLine(sockdiag.ProtoNames[s.Proto], sockdiag.StateNames[s.State], local, peer, users)]++
	}
	return lines
}

func socketLine(proto, state, local, peer string, users []string) string {
	set := map[string]bool{}
	for _, u := range users {
		set[u] = true
	}
	return strings.Join([]string{proto, state, local, peer, strings.Join(slices.Sorted(maps.Keys(set)), " ")}, " ")
}
