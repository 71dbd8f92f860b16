package main

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pkt/internal/pkttest"
)

// routed are a namespace of clients, one that translates their addresses, and one
// that sees only the router's.
type routed struct {
	*wires
	inside *pkttest.Netns
}

// newRouted makes them. The router also hands its port 8080 to 7012 inside.
func newRouted(t *testing.T) *routed {
	t.Helper()
	if _, err := exec.LookPath("nft"); err != nil {
		t.Skip("needs the program nft")
	}
	n := &routed{&wires{t, pkttest.NewNetns(t), pkttest.NewNetns(t)}, pkttest.NewNetns(t)}
	pkttest.Veth(n.here, "outer0", "10.9.0.1/24", n.there, "there0", "10.9.0.2/24")
	pkttest.Veth(n.here, "inner0", "10.8.0.1/24", n.inside, "inside0", "10.8.0.2/24")
	n.inside.Run("ip", "route", "add", "default", "via", "10.8.0.1")
	n.here.Run("sysctl", "-qw", "net.ipv4.ip_forward=1")
	rules := `table ip nat {
		chain out { type nat hook postrouting priority srcnat; oifname "outer0" masquerade random; }
		chain in { type nat hook prerouting priority dstnat; iifname "outer0" tcp dport 8080 dnat to 10.8.0.2:7012; }
	}`
	cmd := n.here.Command("nft", "-f", "-")
	cmd.Stdin = strings.NewReader(rules)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("no NAT here: %v: %s", err, out)
	}
	return n
}

// TestOwnersBehindNAT measures outside of a router: all bytes are those of the
// processes inside, also of a connection that is refused and forgotten at once.
func TestOwnersBehindNAT(t *testing.T) {
	n := newRouted(t)
	n.python(n.there, "sink", "::", "7000").until("ready")
	older := n.python(n.inside, "older", "10.9.0.2", "7008")
	older.until("ready") // it is translated before anybody listens
	stop := n.top("outer0", "--by", "process,port")
	before := n.here.Counters("outer0")
	want := map[uint16]*started{}
	began := func(port uint16, r *started) *started { want[port] = r; return r }
	began(7001, n.python(n.inside, "tcp", "10.9.0.2", "7001")).until("")
	began(7003, n.python(n.inside, "udp_connected", "10.9.0.2", "7003")).until("")
	began(7005, n.start(n.inside, "sh", "-c", "echo own $$; exec curl -s -o /dev/null http://10.9.0.2:7005/")).until("")
	began(9, n.start(n.inside, "sh", "-c", "echo own $$; exec curl -s -o /dev/null http://10.9.0.2:9/")).until("")
	older.in.Write([]byte("\n"))
	began(7008, older).until("")
	server := began(8080, n.python(n.inside, "sendfile", "10.8.0.2", "7012"))
	server.until("ready")
	n.python(n.there, "tcp", "10.9.0.1", "8080").until("")
	began(7004, n.python(n.here, "udp", "10.9.0.2", "7004")).until("") // of the router itself
	rows, snapshot := stop()
	after := n.here.Counters("outer0")

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
		got[port] += r.Bytes
		if program := want[port]; program == nil || !slices.Contains(program.owns, r.Key.Process.PID) {
			t.Errorf("port %d: %d bytes of %s/%d via %s", port, r.Bytes, r.Key.Process.Comm, r.Key.Process.PID, r.Process.Via)
		}
		if strings.HasSuffix(r.Process.Via, "+nat") != (port != 7004) {
			t.Errorf("port %d: via %s", port, r.Process.Via)
		}
	}
	for port := range want {
		if got[port] == 0 {
			t.Errorf("port %d: no bytes", port)
		}
	}
	moved := after.RxBytes + after.TxBytes - before.RxBytes - before.TxBytes
	if snapshot["kernel_drops"] == 0.0 && sum != moved {
		t.Errorf("rows add up to %d bytes, the interface has counted %d", sum, moved)
	}
	if snapshot["unowned_bytes"] != 0.0 || snapshot["forwarded_bytes"] != 0.0 {
		t.Errorf("snapshot: %v", snapshot)
	}
	t.Logf("%d rows, %d bytes, %v of processes", len(rows), sum, snapshot["process_bytes"])
	n.examine()
}

// examine holds what pkt doctor says of NAT, with and without permission.
func (n *routed) examine() {
	n.t.Helper()
	path := copyOfPkt(n.t)
	for _, c := range []struct {
		words []string
		ok    bool
		note  string
	}{
		{[]string{path}, true, "conntrack"},
		{[]string{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", path}, false, "CAP_NET_ADMIN"},
	} {
		if _, err := exec.LookPath(filepath.Base(c.words[0])); err != nil && c.words[0] == "setpriv" {
			continue
		}
		out, err := n.here.Command(append(c.words, "doctor", "-o", "json")...).Output()
		var checks []struct {
			Name, Note string
			OK         bool
		}
		if err == nil {
			err = json.Unmarshal(out, &checks)
		}
		if err != nil {
			n.t.Fatalf("doctor: %v: %s", err, out)
		}
		i := slices.IndexFunc(checks, func(c struct {
			Name, Note string
			OK         bool
		}) bool {
			return c.Name == "NAT"
		})
		if i < 0 || checks[i].OK != c.ok || !strings.Contains(checks[i].Note, c.note) {
			n.t.Errorf("%v: %+v", c.words, checks)
		}
	}
}
