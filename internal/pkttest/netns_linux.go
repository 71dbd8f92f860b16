package pkttest

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Netns is a network namespace that a test has made. It is gone when the test
// is over.
type Netns struct {
	Name string // as ip netns knows it
	tb   testing.TB
}

var namespaces atomic.Int32 // made by this process

// NewNetns makes a network namespace with its loopback interface up. Without
// root, or without the program ip, the test is skipped.
func NewNetns(tb testing.TB) *Netns {
	tb.Helper()
	if os.Getuid() != 0 {
		tb.Skip("needs root, for network namespaces")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		tb.Skip("needs the program ip, for network namespaces")
	}
	n := &Netns{Name: fmt.Sprintf("pkttest-%d-%d", os.Getpid(), namespaces.Add(1)), tb: tb}
	if out, err := exec.Command("ip", "netns", "add", n.Name).CombinedOutput(); err != nil {
		tb.Skipf("no network namespaces here: %v: %s", err, out)
	}
	tb.Cleanup(func() { exec.Command("ip", "netns", "del", n.Name).Run() })
	n.Run("ip", "link", "set", "lo", "up")
	return n
}

// Command returns a command that runs in the namespace.
func (n *Netns) Command(args ...string) *exec.Cmd {
	return exec.Command("ip", append([]string{"netns", "exec", n.Name}, args...)...)
}

// Run runs a command in the namespace and returns what it printed. The test ends
// if it fails.
func (n *Netns) Run(args ...string) string {
	n.tb.Helper()
	out, err := n.Command(args...).CombinedOutput()
	if err != nil {
		n.tb.Fatalf("%s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Do calls f on a thread that is in the namespace: sockets that f opens stay
// there. f must not start goroutines that open any.
func (n *Netns) Do(f func()) {
	n.tb.Helper()
	failed := make(chan error, 1)
	go func() {
		// The thread is not unlocked: it ends with the goroutine.
		runtime.LockOSThread()
		file, err := os.Open("/run/netns/" + n.Name)
		if err == nil {
			err = unix.Setns(int(file.Fd()), unix.CLONE_NEWNET)
			file.Close()
		}
		if err == nil {
			f()
		}
		failed <- err
	}()
	if err := <-failed; err != nil {
		n.tb.Fatal(err)
	}
}

// Veth joins two namespaces with a pair of interfaces, which get addresses such
// as "10.9.0.1/24" and are up. IPv6 is off, so that nothing sends on its own,
// unless an address is of IPv6.
func Veth(a *Netns, aName, aAddr string, b *Netns, bName, bAddr string) {
	a.tb.Helper()
	a.Run("ip", "link", "add", aName, "type", "veth", "peer", "name", bName, "netns", b.Name)
	for _, e := range []struct {
		n          *Netns
		name, addr string
	}{{a, aName, aAddr}, {b, bName, bAddr}} {
		args := []string{"ip", "addr", "add", e.addr, "dev", e.name}
		if strings.Contains(e.addr, ":") {
			args = append(args, "nodad")
		} else {
			e.n.Run("sysctl", "-qw", "net.ipv6.conf."+e.name+".disable_ipv6=1")
		}
		e.n.Run(args...)
		e.n.Run("ip", "link", "set", e.name, "up")
	}
	a.waitUp(aName)
	b.waitUp(bName)
}

// waitUp waits until an interface sends: for a while after it was set up the
// kernel drops what it is given.
func (n *Netns) waitUp(iface string) {
	n.tb.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if strings.Contains(n.Run("ip", "-o", "link", "show", "dev", iface), " state UP ") {
			return
		}
		if time.Now().After(deadline) {
			n.tb.Fatalf("%s does not come up", iface)
		}
	}
}

// Counters are an interface's own.
type Counters struct {
	RxPackets, RxBytes, TxPackets, TxBytes uint64
}

// Counters returns the counters of an interface in the namespace.
func (n *Netns) Counters(iface string) Counters {
	n.tb.Helper()
	var links []struct {
		Stats struct {
			Rx, Tx struct{ Packets, Bytes uint64 }
		} `json:"stats64"`
	}
	text := n.Run("ip", "-json", "-s", "link", "show", "dev", iface)
	if err := json.Unmarshal([]byte(text), &links); err != nil || len(links) != 1 {
		n.tb.Fatalf("%v in %s", err, text)
	}
	s := links[0].Stats
	return Counters{s.Rx.Packets, s.Rx.Bytes, s.Tx.Packets, s.Tx.Bytes}
}
