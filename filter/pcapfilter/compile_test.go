package pcapfilter

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"

	"pkt/names"
	"pkt/packet"
)

// TestListing compares whole programs with what tcpdump -d prints.
func TestListing(t *testing.T) {
	tests := []struct {
		expr string
		want string
	}{
		{"", "(000) ret      #262144\n"},
		{"1 = 2", "(000) ret      #0\n"},
		{"tcp", `(000) ldh      [12]
(001) jeq      #0x800           jt 2	jf 4
(002) ldb      [23]
(003) jeq      #0x6             jt 10	jf 11
(004) jeq      #0x86dd          jt 5	jf 11
(005) ldb      [20]
(006) jeq      #0x6             jt 10	jf 7
(007) jeq      #0x2c            jt 8	jf 11
(008) ldb      [54]
(009) jeq      #0x6             jt 10	jf 11
(010) ret      #262144
(011) ret      #0
`},
		{"tcp[tcpflags] & tcp-syn != 0", `(000) ldh      [12]
(001) jeq      #0x800           jt 2	jf 9
(002) ldb      [23]
(003) jeq      #0x6             jt 4	jf 9
(004) ldh      [20]
(005) jset     #0x1fff          jt 9	jf 6
(006) ldxb     4*([14]&0xf)
(007) ldb      [x + 27]
(008) jset     #0x2             jt 10	jf 9
(009) ret      #0
(010) ret      #262144
`},
		{"ip[2:2] > len - 14", `(000) ldh      [12]
(001) jeq      #0x800           jt 2	jf 8
(002) ld       #pktlen
(003) add      #-14
(004) tax      
(005) ldh      [16]
(006) jgt      x                jt 7	jf 8
(007) ret      #262144
(008) ret      #0
`},
	}
	for _, c := range tests {
		p, err := Compile(c.expr, Options{Link: 1})
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		got := string(p.Append(nil))
		// libpcap has the two returns in either order.
		if got != c.want && swapReturns(got) != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.expr, got, c.want)
		}
	}
}

// swapReturns exchanges the last two lines of a listing and the jumps to them.
func swapReturns(listing string) string {
	lines := strings.Split(strings.TrimSuffix(listing, "\n"), "\n")
	n := len(lines)
	if n < 2 {
		return listing
	}
	a, b := lines[n-2][1:4], lines[n-1][1:4]
	lines[n-2], lines[n-1] = "("+a+lines[n-1][4:], "("+b+lines[n-2][4:]
	trim := func(s string) string { return strings.TrimLeft(s, "0") }
	for i, l := range lines {
		for _, jump := range []string{"jt ", "jf "} {
			l = replaceJump(l, jump, trim(a), trim(b))
		}
		lines[i] = l
	}
	return strings.Join(lines, "\n") + "\n"
}

func replaceJump(line, jump, a, b string) string {
	before, rest, ok := strings.Cut(line, jump)
	if !ok {
		return line
	}
	target, tail, _ := strings.Cut(rest, "\t")
	switch target {
	case a:
		target = b
	case b:
		target = a
	}
	if jump == "jt " {
		tail = "\t" + tail
	}
	return before + jump + target + tail
}

func TestOtherListings(t *testing.T) {
	p, err := Compile("ip", Options{Link: 1, SnapLen: 96})
	if err != nil {
		t.Fatal(err)
	}
	const c = "{ 0x28, 0, 0, 0x0000000c },\n{ 0x15, 0, 1, 0x00000800 },\n{ 0x6, 0, 0, 0x00000060 },\n{ 0x6, 0, 0, 0x00000000 },\n"
	if got := string(p.AppendC(nil)); got != c {
		t.Errorf("-dd:\n%s", got)
	}
	if got := string(p.AppendDecimal(nil)); got != "4\n40 0 0 12\n21 0 1 2048\n6 0 0 96\n6 0 0 0\n" {
		t.Errorf("-ddd:\n%s", got)
	}
}

// TestErrors checks messages and places.
func TestErrors(t *testing.T) {
	tests := []struct{ expr, at, msg string }{
		{"tcp udp", "udp", syntaxError},
		{"host 1.2.3.4 and", "", syntaxError},
		{"host 300.1", "300.1", "invalid IPv4 address '300.1'"},
		{"net 1.2.3.4/24 or tcp", "1.2.3.4/24", `non-network bits set in "1.2.3.4/24"`},
		{"udp port ssh", "ssh", "port 'ssh' is tcp"},
		{"port 80 or nosuch", "nosuch", "unknown port 'nosuch'"},
		{"vlan 5000", "vlan 5000", "VLAN tag 5000 greater than maximum 4095"},
		{"len = 4294967296", "4294967296", "number 4294967296 overflows 32 bits"},
		{"tcp[0:3] = 1", "tcp[0:3]", "data size must be 1, 2, or 4"},
		{"(tcp port 80) or 443", "443", "syntax error in filter expression"},
		{"TCP", "TCP", syntaxError},
		{"len / 0 = 1", "0", "division by zero"},
		{"(5+6=11", "", syntaxError},
		{"host example.org", "example.org", "unknown host 'example.org'"},
		{strings.Repeat("(", 3000) + "tcp", "(", "can't parse filter expression: memory exhausted"},
		{"len = " + strings.Repeat("1+", 20000) + "1", "+", "can't parse filter expression: memory exhausted"},
	}
	for _, c := range tests {
		_, err := Compile(c.expr, Options{Link: 1})
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%.40s: %v", c.expr, err)
			continue
		}
		if e.Msg != c.msg || e.Expr[e.Pos:e.End] != c.at {
			t.Errorf("%.40s: %q at %q, want %q at %q", c.expr, e.Msg, e.Expr[e.Pos:e.End], c.msg, c.at)
		}
	}
}

func TestCaret(t *testing.T) {
	_, err := Compile("ip and\tport ssö or", Options{Link: 1})
	var e *Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	if got := string(e.AppendCaret(nil)); got != "ip and port ssö or\n              ^\n" {
		t.Errorf("caret:\n%s", got)
	}
}

// TestEquivalent holds pairs that have to be the same program: they show how
// qualifiers are inherited and operators bind.
func TestEquivalent(t *testing.T) {
	tests := [][2]string{
		{"tcp or udp and port 53", "(tcp or udp) and port 53"},
		{"tcp port 80 or 443 and not 22", "(tcp port 80 or tcp port 443) and not tcp port 22"},
		{"port (80 or 443)", "port 80 or port 443"},
		{"host 1.2.3.4 and (5.6.7.8 or 9.10.11.12)", "host 1.2.3.4 and (host 5.6.7.8 or host 9.10.11.12)"},
		{"not tcp and udp", "(not tcp) and udp"},
		{"len = 2 + 3 * 4", "len = 14"},
		{"len = 2 ^ 3 + 1", "len = 6"},
		{"len = -1 ^ 2", "len = 0xfffffffd"},
		{"len = 7 - 2 - 1", "len = 4"},
		{"len = 1 << 2 + 1", "len = 8"},
		{"len = 017", "len = 15"},
		{"net 10", "net 10.0.0.0/8"},
		{"net 192.168", "net 192.168.0.0 mask 255.255.0.0"},
		{"ether host 00:11:22:33:44:55", "ether host 0011.2233.4455"},
		{"ether host 0-11-22-33-44-55", "ether host 001122334455"},
		{"portrange 22-20", "portrange 20-22"},
		{"port http", "tcp port 80"},
		{"ip proto \\tcp", "ip proto 6"},
		{"vlan (100)", "vlan 100"},
		{"less 100", "len <= 100"},
		{"  tcp   port\t80\n", "tcp port 80"},
		{"tcp && !udp || icmp", "tcp and not udp or icmp"},
	}
	for _, c := range tests {
		var listing [2]string
		for i, expr := range c {
			p, err := Compile(expr, Options{Link: 1})
			if err != nil {
				t.Errorf("%s: %v", expr, err)
				continue
			}
			listing[i] = string(p.Append(nil))
		}
		if listing[0] != listing[1] {
			t.Errorf("%s:\n%s\n%s:\n%s", c[0], listing[0], c[1], listing[1])
		}
	}
}

// hosts is a Resolver for tests.
type hosts map[string][]netip.Addr

func (h hosts) LookupHost(name string) []netip.Addr { return h[name] }

func TestNames(t *testing.T) {
	sys, err := names.ReadSystem(fstest.MapFS{
		"services":  {Data: []byte("mine 4242/udp\n")},
		"networks":  {Data: []byte("office 10.20.0.0\n")},
		"ethers":    {Data: []byte("00:11:22:33:44:55 gate\n")},
		"protocols": {Data: []byte("mine 253\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	opt := Options{Link: 1, Names: sys, Resolver: hosts{"db": {netip.MustParseAddr("10.1.2.3"), netip.MustParseAddr("fe80::1")}}}
	tests := [][2]string{
		{"port mine", "udp port 4242"},
		{"ip proto mine", "ip proto 253"},
		{"ether host gate", "ether host 00:11:22:33:44:55"},
		{"host db", "host 10.1.2.3 or host fe80::1"},
		{"ip6 host db", "host fe80::1"},
		{"ip host localhost", "ip host 127.0.0.1"},
	}
	for _, c := range tests {
		a, errA := Compile(c[0], opt)
		b, errB := Compile(c[1], Options{Link: 1})
		if errA != nil || errB != nil {
			t.Errorf("%s: %v, %v", c[0], errA, errB)
		} else if string(a.Append(nil)) != string(b.Append(nil)) {
			t.Errorf("%s:\n%s", c[0], a.Append(nil))
		}
	}
}

// TestLong checks programs whose jumps do not fit into eight bits, and the
// limit on their size.
func TestLong(t *testing.T) {
	var expr strings.Builder
	expr.WriteString("(tcp or udp) and (")
	for i := range 2000 {
		if i > 0 {
			expr.WriteString(" or ")
		}
		expr.WriteString("host " + netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 1}).String())
	}
	expr.WriteString(")")
	p, err := Compile(expr.String(), Options{Link: 1})
	if err != nil {
		t.Fatal(err)
	}
	m := p.Matcher()
	frame := make([]byte, 60)
	frame[12], frame[13], frame[14], frame[23] = 8, 0, 0x45, 6
	copy(frame[26:], []byte{10, 7, 0xcf, 1}) // the last host
	if !m.Match(frame, 60) || !run(p.Raw(), frame, 60) {
		t.Error("the last host does not match")
	}
	frame[29] = 2
	if m.Match(frame, 60) || run(p.Raw(), frame, 60) {
		t.Error("another host matches")
	}
	if !p.UserSpaceOnly() {
		t.Errorf("%d instructions for the kernel", len(p.Raw()))
	}
	expr.Reset()
	for i := range 70000 {
		fmt.Fprintf(&expr, "len = %d or ", i)
	}
	expr.WriteString("tcp")
	if _, err := Compile(expr.String(), Options{Link: 1}); err == nil || err.Error() != tooComplex {
		t.Errorf("a program without end: %v", err)
	}
}

// TestCache filters a batch of two link types.
func TestCache(t *testing.T) {
	b := mixedFrames()
	ip := append([]byte(nil), b.Frame(5)[14:]...)
	b.Block.Bytes = append(b.Block.Bytes, ip...)
	b.Records[7] = packet.Record{Off: uint32(len(b.Block.Bytes) - len(ip)), CapLen: uint32(len(ip)), WireLen: uint32(len(ip)), Link: linkTypeRaw}
	c := NewCache("ip or ip6 or arp", Options{})
	got, err := c.Filter(b, b.All())
	if err != nil || got.Len() != b.N {
		t.Errorf("%d of %d packets match, %v", got.Len(), b.N, err)
	}
	if n := testing.AllocsPerRun(10, func() { c.Filter(b, b.All()) }); n != 0 {
		t.Errorf("%v allocations a batch", n)
	}
	_, err = NewCache("ether broadcast", Options{}).Filter(b, b.All())
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "RAW") {
		t.Errorf("ether broadcast of raw IP: %v", err)
	}
}
