package trace

import (
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// open returns a tracer that lacks the parts named.
func open(t testing.TB, without ...Part) *Tracer {
	t.Helper()
	var opt Options
	opt.Sockets = 4096
	for _, p := range without {
		opt.Without[p] = true
	}
	tr, err := Open(opt)
	if err != nil {
		t.Skip("eBPF: ", err)
	}
	t.Cleanup(func() { tr.Close() })
	return tr
}

// flowOfConn returns the flow of a connection seen from its local end.
func flowOfConn(c net.Conn, proto uint8) *Flow {
	local, remote := netip.MustParseAddrPort(c.LocalAddr().String()), netip.MustParseAddrPort(c.RemoteAddr().String())
	return flowOf2(local, remote, proto)
}

func flowOf2(local, remote netip.AddrPort, proto uint8) *Flow {
	f := &Flow{LocalPort: local.Port(), RemotePort: remote.Port(), Proto: proto, IPVersion: 6}
	if local.Addr().Is4() {
		f.IPVersion = 4
	}
	copy(f.Local[:], local.Addr().AsSlice())
	copy(f.Remote[:], remote.Addr().AsSlice())
	return f
}

// ownSpace returns the cookie of the namespace that the test runs in.
func ownSpace(t *testing.T) uint64 {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	cookie, err := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
	if err != nil {
		t.Skip(err)
	}
	return cookie
}

func TestEveryPartLoads(t *testing.T) {
	tr := open(t)
	for p := range NumParts {
		if err := tr.Missing(p); err != nil {
			t.Errorf("%s: %v", PartNames[p], err)
		}
	}
}

// TestOwnersOfConnections talks over sockets of all kinds and asks who owns both ends.
func TestOwnersOfConnections(t *testing.T) {
	for _, c := range []struct {
		name                  string
		without               []Part
		client, accepted, udp How
	}{
		{"all", nil, HowIO, HowIO, HowIO},
		{"no use", []Part{PartIO}, HowState, HowInherit, HowCreate},
		{"creation only", []Part{PartIO, PartState, PartExec, PartFiles}, HowCreate, HowInherit, HowCreate},
		{"no packets", []Part{PartPackets, PartCreate}, HowIO, HowIO, HowIO},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := open(t, c.without...)
			for _, network := range []string{"tcp4", "tcp6", "udp4", "udp6"} {
				talk(t, network, func(client net.Conn, server net.Addr) {
					proto, clientHow, serverHow := uint8(6), c.client, c.accepted
					if network[:3] == "udp" {
						proto, clientHow, serverHow = 17, c.udp, c.udp
					}
					f := flowOfConn(client, proto)
					f.NetNS = ownSpace(t)
					check(t, tr, network+" client", f, clientHow)
					back := flowOf2(netip.MustParseAddrPort(client.RemoteAddr().String()), netip.MustParseAddrPort(client.LocalAddr().String()), proto)
					if proto == 17 && tr.Missing(PartPackets) != nil {
						back.Remote, back.RemotePort = [16]byte{}, 0 // the server's socket is not connected
					}
					check(t, tr, network+" server", back, serverHow)
					if back.NetNS != f.NetNS {
						t.Errorf("%s: namespace %d, want %d", network, back.NetNS, f.NetNS)
					}
				})
			}
		})
	}
}

// check asks who owns the socket of a flow: it has to be this process.
func check(t *testing.T, tr *Tracer, what string, f *Flow, how How) {
	t.Helper()
	s, ok := tr.Socket(f)
	if !ok {
		t.Errorf("%s: no socket", what)
		return
	}
	r, ok := tr.Owner(s.Cookie)
	if !ok || r.TGID != uint32(os.Getpid()) || r.How != how || r.Comm == "" || !r.HasUID || r.UID != uint32(os.Getuid()) {
		t.Errorf("%s: owner %+v %v, want pid %d by %d", what, r, ok, os.Getpid(), how)
	}
	if how == HowIO && (r.Start == 0 || r.PPID != uint32(os.Getppid())) {
		t.Errorf("%s: owner %+v: start or parent", what, r)
	}
}

// talk sends a message to a server and back, and calls do before both are closed.
func talk(t *testing.T, network string, do func(client net.Conn, server net.Addr)) {
	t.Helper()
	address := "127.0.0.1:0"
	if network[3] == '6' {
		address = "[::1]:0"
	}
	if network[:3] == "udp" {
		s, err := net.ListenPacket(network, address)
		if err != nil {
			t.Skip(err)
		}
		defer s.Close()
		c := dial(t, network, s.LocalAddr().String())
		defer c.Close()
		b := make([]byte, 16)
		n, from, err := s.ReadFrom(b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.WriteTo(b[:n], from); err != nil {
			t.Fatal(err)
		}
		c.Read(b)
		do(c, s.LocalAddr())
		return
	}
	// The socket of an MPTCP listener that packets come to is none that a process made.
	var plain net.ListenConfig
	plain.SetMultipathTCP(false)
	l, err := plain.Listen(t.Context(), network, address)
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	c := dial(t, network, l.Addr().String())
	defer c.Close()
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b := make([]byte, 16)
	n, _ := s.Read(b)
	s.Write(b[:n])
	c.Read(b)
	do(c, l.Addr())
}

func dial(t *testing.T, network, address string) net.Conn {
	t.Helper()
	c, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := c.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestMultipath asks for the owners of a connection whose packets belong to sockets
// that no process has made.
func TestMultipath(t *testing.T) {
	tr := open(t)
	var listen net.ListenConfig
	listen.SetMultipathTCP(true)
	l, err := listen.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	var d net.Dialer
	d.SetMultipathTCP(true)
	c, err := d.DialContext(t.Context(), "tcp4", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if multi, err := s.(*net.TCPConn).MultipathTCP(); err != nil || !multi {
		t.Skip("the kernel has no MPTCP: ", err)
	}
	b := make([]byte, 8)
	c.Write([]byte("hello"))
	s.Read(b)
	s.Write([]byte("hello"))
	c.Read(b)
	check(t, tr, "client", flowOfConn(c, 6), HowIO)
	check(t, tr, "server", flowOfConn(s, 6), HowIO)
}
