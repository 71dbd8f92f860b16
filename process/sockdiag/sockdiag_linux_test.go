package sockdiag

import (
	"net"
	"net/netip"
	"os"
	"testing"
)

// all returns the sockets of a kind in the own namespace.
func all(t *testing.T, proto Proto) (found []Socket) {
	t.Helper()
	c, err := Dial(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Dump(proto, func(s Socket) { found = append(found, s) }); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestDumpFindsOwnConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	server, client := netip.MustParseAddrPort(l.Addr().String()), netip.MustParseAddrPort(c.LocalAddr().String())
	var listening, sent, received bool
	for _, s := range all(t, TCP) {
		switch {
		case s.Local == server && s.State == Listen:
			listening = true
			if s.Inode == 0 || s.UID != uint32(os.Getuid()) {
				t.Errorf("listener: %+v", s)
			}
		case s.Local == client && s.Remote == server:
			sent = true
			if s.State != Established || s.TCP == nil || s.TCP.BytesAcked < 5 || s.TCP.Cwnd == 0 || s.TCP.Congestion == "" {
				t.Errorf("client: %+v %+v", s, s.TCP)
			}
		case s.Local == server && s.Remote == client:
			received = true
			if s.RecvQ != 5 {
				t.Errorf("%d bytes wait to be read, want 5", s.RecvQ)
			}
		}
	}
	if !listening || !sent || !received {
		t.Errorf("listener %v, client %v, server %v: want all", listening, sent, received)
	}
}

func TestDumpFindsUDPAndUnix(t *testing.T) {
	u, err := net.ListenPacket("udp6", "[::1]:0")
	if err != nil {
		t.Skip(err)
	}
	defer u.Close()
	name := "\x00pkt-sockdiag-test"
	x, err := net.ListenUnix("unix", &net.UnixAddr{Name: "@" + name[1:], Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	want := netip.MustParseAddrPort(u.LocalAddr().String())
	var udp, path bool
	for _, s := range all(t, UDP) {
		udp = udp || s.Local == want && s.State == Close
	}
	for _, s := range all(t, Unix) {
		path = path || s.Path == "@pkt-sockdiag-test" && s.State == Listen && s.Inode != 0
	}
	if !udp || !path {
		t.Errorf("udp %v, unix %v: want both", udp, path)
	}
}

func TestDumpRaw(t *testing.T) {
	c, err := net.ListenPacket("ip4:253", "127.0.0.1")
	if err != nil {
		t.Skip("raw sockets need CAP_NET_RAW: ", err)
	}
	defer c.Close()
	for _, s := range all(t, Raw) {
		if s.Protocol == 253 && s.Local.Addr() == netip.MustParseAddr("127.0.0.1") && s.Inode != 0 {
			return
		}
	}
	t.Error("a raw socket of protocol 253 is not among ", all(t, Raw))
}
