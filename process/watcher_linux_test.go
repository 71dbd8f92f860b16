package process

import (
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"pkt/packet"
)

// watch returns a watcher on a rung, and skips where this machine does not allow it.
func watch(t testing.TB, best Rung) *Watcher {
	t.Helper()
	w, err := Open(Options{Best: best})
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { w.Close() })
	if best != w.Rung() {
		t.Skipf("rung %s of %s: %v", w.Rung(), best, w.Steps())
	}
	return w
}

// TestRungs asks on every rung who owns both ends of connections of this process.
func TestRungs(t *testing.T) {
	for best := RungExact; best < RungNone; best++ {
		t.Run(best.String(), func(t *testing.T) {
			w := watch(t, best)
			for _, network := range []string{"tcp4", "tcp6", "udp4", "udp6"} {
				f, done := talk(t, network)
				if err := w.Refresh(); err != nil {
					t.Error(err)
				}
				for i, side := range w.Owners(f) {
					o := w.Table().Owner(side.ID)
					if o.PID != uint32(os.Getpid()) || !side.Local {
						t.Errorf("%s side %d: %+v via %s, want pid %d", network, i, o, ViaNames[side.Via], os.Getpid())
					}
					if o.Comm == "" || o.Exe == "" || o.Args == "" || !o.HasUID || o.User == "" || len(o.Chain) == 0 || o.NetNS == 0 || o.Start == 0 {
						t.Errorf("%s side %d: %+v lacks something", network, i, o)
					}
				}
				done()
			}
			if w.Table().Len() != int(firstProcess)+1 {
				t.Errorf("%d owners, want one: %+v", w.Table().Len()-int(firstProcess), w.table.owners[firstProcess:])
			}
		})
	}
}

// talk sends a message over a connection to this process and back, and returns its
// flow seen from the client.
func talk(t *testing.T, network string) (f Flow, done func()) {
	t.Helper()
	address := "127.0.0.1:0"
	if network[3] == '6' {
		address = "[::1]:0"
	}
	var client, server net.Conn
	var err error
	if network[:3] == "udp" {
		s, err := net.ListenPacket(network, address)
		if err != nil {
			t.Skip(err)
		}
		server = s.(net.Conn)
		if client, err = net.Dial(network, s.LocalAddr().String()); err != nil {
			t.Fatal(err)
		}
		client.Write([]byte("hello"))
		b := make([]byte, 8)
		_, from, _ := s.ReadFrom(b)
		s.WriteTo(b, from)
	} else {
		l, err := net.Listen(network, address)
		if err != nil {
			t.Skip(err)
		}
		defer l.Close()
		if client, err = net.Dial(network, l.Addr().String()); err != nil {
			t.Fatal(err)
		}
		client.Write([]byte("hello"))
		if server, err = l.Accept(); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 8)
		server.Read(b)
		server.Write(b)
	}
	client.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err = client.Read(make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
	f = Flow{netip.MustParseAddrPort(client.LocalAddr().String()), netip.MustParseAddrPort(client.RemoteAddr().String()), 17}
	if network[:3] == "tcp" {
		f.Proto = 6
	}
	return f, func() { client.Close(); server.Close() }
}

func TestKernelForwardedUnowned(t *testing.T) {
	w := watch(t, RungExact)
	addr := netip.MustParseAddrPort
	// Nobody listens there: the kernel resets.
	if c, err := net.Dial("tcp4", "127.0.0.1:9"); err == nil {
		c.Close()
		t.Skip("somebody listens on port 9")
	}
	w.Refresh()
	for _, c := range []struct {
		what string
		flow Flow
		want [2]ID
	}{
		{"between others", Flow{addr("203.0.113.1:1"), addr("203.0.113.2:2"), 6}, [2]ID{Nobody, Nobody}},
		{"nobody's", Flow{addr("127.0.0.1:40001"), addr("203.0.113.2:2"), 6}, [2]ID{Unowned, Nobody}},
		{"icmp", Flow{addr("203.0.113.1:0"), addr("127.0.0.9:0"), 1}, [2]ID{Nobody, Kernel}},
		{"multicast", Flow{addr("203.0.113.1:5353"), addr("224.0.0.251:5353"), 17}, [2]ID{Nobody, Unowned}},
	} {
		got := w.Owners(c.flow)
		if got[0].ID != c.want[0] || got[1].ID != c.want[1] {
			t.Errorf("%s: %+v, want %v", c.what, got, c.want)
		}
	}
}

func TestCredit(t *testing.T) {
	here, there, space := Side{7, ViaIO, true}, Side{Via: ViaRule}, Side{9, ViaIO, false}
	other := Side{8, ViaIO, true}
	for _, c := range []struct {
		what             string
		sender, receiver Side
		way              packet.Dir
		want             ID
	}{
		{"sent", here, there, packet.DirOut, 7},
		{"received", there, here, packet.DirIn, 7},
		{"loopback, on its way out", here, other, packet.DirOut, 7},
		{"loopback, on its way in", here, other, packet.DirIn, 8},
		{"from a container through here", space, there, packet.DirIn, 9},
		{"from a container out of here", space, there, packet.DirOut, 9},
		{"to a container", there, space, packet.DirOut, 9},
		{"from a container to here", space, here, packet.DirIn, 7},
		{"forwarded", there, there, packet.DirIn, Forwarded},
		{"not asked", Side{}, Side{}, packet.DirIn, Nobody},
		{"file, sent", here, there, packet.DirUnknown, 7},
		{"file of a loopback interface", here, other, packet.DirUnknown, 7},
		{"file, received", there, here, packet.DirUnknown, 7},
	} {
		if got := Credit(c.sender, c.receiver, c.way); got.ID != c.want {
			t.Errorf("%s: %d, want %d", c.what, got.ID, c.want)
		}
	}
}
