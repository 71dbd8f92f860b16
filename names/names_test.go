package names

import (
	"sort"
	"testing"
	"testing/fstest"
)

func TestService(t *testing.T) {
	tests := []struct {
		proto uint8
		port  uint16
		want  string
	}{
		{6, 22, "ssh"},
		{17, 22, ""},
		{17, 21, "fsp"},
		{6, 21, "ftp"},
		{6, 443, "https"},
		{17, 443, "https"},
		{6, 1, "tcpmux"},
		{6, 60179, "fido"},
		{6, 65535, ""},
		{6, 0, ""},
		{132, 5672, "amqp"},
		{136, 53, "domain"},
		{1, 8, ""},
		{17, 4789, "vxlan"},
	}
	for _, c := range tests {
		if got := Service(c.proto, c.port); got != c.want {
			t.Errorf("Service(%d, %d) = %q, want %q", c.proto, c.port, got, c.want)
		}
		if Registered(c.proto, c.port) != (c.want != "") {
			t.Errorf("Registered(%d, %d) is wrong", c.proto, c.port)
		}
	}
}

// TestTable holds what lookups rely on: order, one name for each port of a
// transport, and names that lead back to their port.
func TestTable(t *testing.T) {
	if !sort.SliceIsSorted(services[:], func(i, j int) bool { return services[i].port < services[j].port }) {
		t.Error("services are not sorted by port")
	}
	for _, proto := range []uint8{6, 17, 132} {
		seen := map[uint16]string{}
		for _, s := range services {
			if s.on&transport(proto) == 0 {
				continue
			}
			if seen[s.port] != "" {
				t.Errorf("port %d of protocol %d is both %s and %s", s.port, proto, seen[s.port], s.name)
			}
			seen[s.port] = s.name
			// The alias of port 104 comes before the name of port 11112, as it
			// does in the file.
			if p, ok := Port(s.name, proto); s.name != "dicom" && (!ok || p != s.port) {
				t.Errorf("Port(%q, %d) = %d, want %d", s.name, proto, p, s.port)
			}
		}
	}
}

func TestPort(t *testing.T) {
	tests := []struct {
		name  string
		proto uint8
		want  uint16
		ok    bool
	}{
		{"www", 6, 80, true},
		{"www", 17, 0, false},
		{"kerberos-sec", 17, 88, true},
		{"gds_db", 6, 3050, true},
		{"HTTP", 6, 0, false},
		{"", 6, 0, false},
		{"dicom", 6, 104, true},
	}
	for _, c := range tests {
		if got, ok := Port(c.name, c.proto); got != c.want || ok != c.ok {
			t.Errorf("Port(%q, %d) = %d, %v", c.name, c.proto, got, ok)
		}
	}
}

func TestProtocol(t *testing.T) {
	for p, want := range map[uint8]string{0: "hopopt", 4: "ipv4", 6: "tcp", 58: "ipv6-icmp", 61: "", 132: "sctp", 255: ""} {
		if got := Protocol(p); got != want {
			t.Errorf("Protocol(%d) = %q, want %q", p, got, want)
		}
	}
	for name, want := range map[string]uint16{"ip": 0, "IP": 0, "hopopt": 0, "ipencap": 4, "ospf": 89, "OSPFIGP": 89, "ipv6-icmp": 58, "IPv6-ICMP": 58, "mptcp": 262, "AX.25": 93} {
		if got, ok := ProtocolNumber(name); !ok || got != want {
			t.Errorf("ProtocolNumber(%q) = %d, %v, want %d", name, got, ok, want)
		}
	}
	if _, ok := ProtocolNumber("foo"); ok {
		t.Error("foo is a protocol")
	}
}

func TestSystem(t *testing.T) {
	dir := fstest.MapFS{
		"services":  {Data: []byte("# comment\nssh 2222/tcp shell2 # moved\nbad line\nworse x/tcp\n")},
		"protocols": {Data: []byte("mine 253 MINE\n")},
		"networks":  {Data: []byte("office 10.20\n")},
		"ethers":    {Data: []byte("0:1:2:3:4:5f gate\n")},
	}
	s, err := ReadSystem(dir)
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := s.Port("ssh", 6); p != 2222 {
		t.Errorf("ssh is %d", p)
	}
	if p, _ := s.Port("shell2", 6); p != 2222 {
		t.Errorf("shell2 is %d", p)
	}
	if p, _ := s.Port("http", 6); p != 80 {
		t.Errorf("http is %d", p)
	}
	if n, _ := s.ProtocolNumber("MINE"); n != 253 {
		t.Errorf("MINE is %d", n)
	}
	if a, _ := s.Network("office"); a.String() != "10.20.0.0" {
		t.Errorf("office is %v", a)
	}
	if m, _ := s.Ether("gate"); m != [6]byte{0, 1, 2, 3, 4, 0x5f} {
		t.Errorf("gate is %x", m)
	}
	var none *System
	if p, _ := none.Port("ssh", 6); p != 22 {
		t.Errorf("embedded ssh is %d", p)
	}
	if _, ok := none.Ether("gate"); ok {
		t.Error("gate without a file")
	}
}

func TestServiceAllocates(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Service(6, 443); Protocol(6); Port("kdc", 17) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkService(b *testing.B) {
	b.ReportAllocs()
	ports := [...]uint16{443, 53, 80, 22, 51820, 40000, 8080, 1}
	for i := 0; b.Loop(); i++ {
		Service(6, ports[i%len(ports)])
	}
}
