package app

import (
	"bytes"
	"encoding/binary"
	"testing"

	"pkt/internal/pkttest"
)

func TestDNS(t *testing.T) {
	m, ok := AsDNS(pkttest.DNSAnswer(7, "www.example.com", pkttest.TypeA, "192.0.2.1", "192.0.2.2"))
	if !ok || m.ID() != 7 || m.Flags()&DNSResponse == 0 || m.Code() != 0 {
		t.Fatalf("id %d flags %x", m.ID(), m.Flags())
	}
	r := m.Records()
	q, ok := r.Question()
	if got := string(q.Name(nil)); !ok || got != "www.example.com." || q.Type != DNSTypeA || q.Class != 1 {
		t.Errorf("question %q type %d class %d", got, q.Type, q.Class)
	}
	for _, want := range [][]byte{{192, 0, 2, 1}, {192, 0, 2, 2}} {
		d, ok := r.Record()
		if !ok || !bytes.Equal(d.Data(), want) || string(d.Name(nil)) != "www.example.com." || d.TTL != 300 {
			t.Errorf("record %q %v ttl %d", d.Name(nil), d.Data(), d.TTL)
		}
	}
	if _, ok := r.Record(); ok {
		t.Error("a record behind the last one")
	}
}

// Names of the network may hold anything, and pointers may lead anywhere.
func TestDNSNames(t *testing.T) {
	header := make([]byte, dnsLen)
	tests := map[string]struct {
		name string
		want string
		ok   bool
	}{
		"root":            {"\x00", ".", true},
		"dot in a label":  {"\x03a.b\x00", `a\.b.`, true},
		"control":         {"\x02\x1b[\x00", `\027[.`, true},
		"not ASCII":       {"\x02\xc3\xa9\x00", `\195\169.`, true},
		"without an end":  {"\x03www", "www.", false},
		"label too long":  {"\x3fwww", "", false},
		"to itself":       {"\xc0\x0c", "", false},
		"behind the end":  {"\xc1\x00", "", false},
		"half a pointer":  {"\x01a\xc0", "a.", false},
		"unassigned type": {"\x80a\x00", "", false},
	}
	for what, test := range tests {
		m := DNS{append(bytes.Clone(header), test.name...)}
		got, ok := m.appendName(nil, dnsLen)
		if string(got) != test.want || ok != test.ok {
			t.Errorf("%s: %q, %v, want %q, %v", what, got, ok, test.want, test.ok)
		}
	}
}

func TestHTTP(t *testing.T) {
	tests := []struct {
		text, method, target, version string
		status                        uint16
		host                          string
		ok                            bool
	}{
		{"GET /a?b HTTP/1.1\r\nHost: example.com \r\n\r\n", "GET", "/a?b", "HTTP/1.1", 0, "example.com", true},
		{"POST / HTTP/1.0\nX: 1\nHOST:h\n\nhost: no", "POST", "/", "HTTP/1.0", 0, "h", true},
		{"HTTP/1.1 404 Not Found\r\n\r\n", "", "", "HTTP/1.1", 404, "", true},
		{"INVITE sip:a@b SIP/2.0\r\n\r\n", "INVITE", "sip:a@b", "SIP/2.0", 0, "", true},
		{"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n", "M-SEARCH", "*", "HTTP/1.1", 0, "239.255.255.250:1900", true},
		{"GET /cut-off-here", "GET", "/cut-off-here", "", 0, "", true},
		{"220 mail.example.com ESMTP\r\n", "", "", "", 0, "", false},
		{"GET nothing of HTTP\r\n", "", "", "", 0, "", false},
		{"HTTP/1.1 ok what\r\n", "", "", "", 0, "", false},
		{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00", "", "", "", 0, "", false},
		{"GET", "", "", "", 0, "", false},
		{"AAAA------- ", "", "", "", 0, "", false},
		{"AAAA------ a", "AAAA------", "a", "", 0, "", true},
	}
	for _, test := range tests {
		h, ok := AsHTTP([]byte(test.text))
		if ok != test.ok || string(h.Method) != test.method || string(h.Target) != test.target ||
			string(h.Version) != test.version || h.Status != test.status || string(h.Header("host")) != test.host {
			t.Errorf("%q: %v %q %q %q %d host %q", test.text, ok, h.Method, h.Target, h.Version, h.Status, h.Header("host"))
		}
	}
}

func TestTLS(t *testing.T) {
	c, ok := AsTLS(pkttest.ClientHello("www.example.com", "h2", "http/1.1"))
	var alpn []string
	c.Hello.ALPN(func(name []byte) bool { alpn = append(alpn, string(name)); return true })
	if !ok || !c.Clear || c.Message != TLSClientHello || c.Hello.Version != 0x304 || string(c.Hello.SNI) != "www.example.com" ||
		len(alpn) != 2 || alpn[0] != "h2" || alpn[1] != "http/1.1" {
		t.Errorf("client: %+v %v", c, alpn)
	}
	s, ok := AsTLS(pkttest.ServerHello())
	if !ok || s.Message != TLSServerHello || s.Hello.Version != 0x304 || s.Hello.Cipher != 0x1301 {
		t.Errorf("server: %+v", s)
	}
	if a, ok := AsTLS([]byte{21, 3, 3, 0, 2, 2, 40}); !ok || !a.HasAlert || a.Level != 2 || a.Alert != 40 {
		t.Errorf("alert: %+v", a)
	}
	if d, ok := AsTLS(pkttest.TLSData(60)); !ok || d.Type != TLSData || d.Clear {
		t.Errorf("data: %+v", d)
	}
	if _, ok := AsTLS([]byte("SSH-2.0-OpenSSH_9.2\r\n")); ok {
		t.Error("SSH is taken for TLS")
	}
}

// A hello that was cut anywhere gives what is in front of the cut.
func TestHelloCut(t *testing.T) {
	whole := pkttest.ClientHello("www.example.com", "h2")
	for n := range len(whole) {
		c, _ := AsTLS(whole[:n])
		if c.Hello.SNI != nil && string(c.Hello.SNI) != "www.example.com" {
			t.Errorf("cut at %d: server %q", n, c.Hello.SNI)
		}
	}
}

func TestQUIC(t *testing.T) {
	connection := []byte{1, 2, 3, 4, 5, 6, 7, 8}
	q, ok := AsQUIC(pkttest.QUICInitial(connection, "example.com"))
	if !ok || q.Type != QUICInitial || q.Version != quicV1 || !bytes.Equal(q.DCID, connection) {
		t.Errorf("%+v", q)
	}
	two := append([]byte{0xd0, 0x6b, 0x33, 0x43, 0xcf, 1, 9, 0}, make([]byte, 20)...)
	if q, ok := AsQUIC(two); !ok || q.Type != QUICInitial || len(q.DCID) != 1 {
		t.Errorf("version 2: %+v", q)
	}
	for what, b := range map[string][]byte{
		"short header": {0x40, 0, 0, 0, 1, 0, 0, 0}, "unknown version": {0xc0, 0x12, 0x34, 0x56, 0x78, 0, 0, 0},
		"identifier too long": {0xc0, 0, 0, 0, 1, 21, 0, 0}, "cut": {0xc0, 0, 0, 0, 1, 8, 0, 0},
	} {
		if _, ok := AsQUIC(b); ok {
			t.Errorf("%s is taken for QUIC", what)
		}
	}
}

func TestQUICHello(t *testing.T) {
	datagram := pkttest.QUICInitial([]byte{1, 2, 3, 4, 5, 6, 7, 8}, "www.example.com")
	q, _ := AsQUIC(datagram)
	var alpn string
	h, ok := q.ClientHello(datagram)
	h.ALPN(func(name []byte) bool { alpn += string(name); return true })
	if !ok || string(h.SNI) != "www.example.com" || h.Version != 0x304 || alpn != "h3" {
		t.Errorf("%v, SNI %q, version %x, ALPN %q", ok, h.SNI, h.Version, alpn)
	}
	// A packet that was changed does not decrypt.
	datagram[700] ^= 1
	if _, ok := q.ClientHello(datagram); ok {
		t.Error("a forged packet has a hello")
	}
}

// Browsers cut the hello in pieces and send them in any order.
func TestCryptoData(t *testing.T) {
	frames := []byte{0, 1, 6, 4, 3, 'e', 'f', 'g', 2, 9, 0, 0, 0, 6, 0, 2, 'a', 'b', 0, 6, 2, 2, 'c', 'd'}
	if got := string(cryptoData(frames)); got != "abcdefg" {
		t.Errorf("%q", got)
	}
	if got := string(cryptoData([]byte{6, 0, 1, 'a', 6, 2, 1, 'c'})); got != "a" {
		t.Errorf("with a hole: %q", got)
	}
	if got := string(cryptoData([]byte{6, 0, 9, 'a'})); got != "" {
		t.Errorf("cut: %q", got)
	}
}

// dhcp returns a DHCP request with options.
func dhcp(options ...byte) []byte {
	b := make([]byte, dhcpLen)
	b[0], b[1], b[2] = 1, 1, 6
	binary.BigEndian.PutUint32(b[4:], 0x3903f326)
	copy(b[28:], []byte{2, 0, 10, 1, 20, 11})
	return append(binary.BigEndian.AppendUint32(b, dhcpMagic), options...)
}

func TestDHCP(t *testing.T) {
	m, ok := AsDHCP(dhcp(53, 1, 3, 0, 50, 4, 10, 1, 20, 11, 12, 2, 'p', 'c', 255, 54, 1, 1))
	mac, isMAC := m.Client()
	ip, _ := m.Option(DHCPRequested)
	name, _ := m.Option(DHCPHostName)
	if !ok || m.Message() != "Request" || !isMAC || mac != [6]byte{2, 0, 10, 1, 20, 11} || m.XID() != 0x3903f326 ||
		!bytes.Equal(ip, []byte{10, 1, 20, 11}) || string(name) != "pc" {
		t.Errorf("%q %v %v %q", m.Message(), mac, ip, name)
	}
	if _, ok := m.Option(DHCPServer); ok {
		t.Error("an option behind the end")
	}
	if m, _ := AsDHCP(dhcp(53, 9, 1)); m.Message() != "" {
		t.Error("an option that was cut has a value")
	}
}

func TestNTP(t *testing.T) {
	b := make([]byte, ntpLen)
	b[0], b[1] = 0x24, 2
	m, ok := AsNTP(b)
	if stratum, has := m.Stratum(); !ok || m.Version() != 4 || m.Mode() != "Server" || !has || stratum != 2 {
		t.Errorf("version %d mode %s stratum %d", m.Version(), m.Mode(), stratum)
	}
	if _, ok := AsNTP([]byte{0, 0, 0, 0}); ok {
		t.Error("version 0 is taken for NTP")
	}
}

// The parsers run for every packet of a capture, but for that of protected QUIC.
func TestAllocatesNothing(t *testing.T) {
	inputs := [][]byte{
		pkttest.DNSAnswer(7, "www.example.com", pkttest.TypeA, "192.0.2.1"), pkttest.ClientHello("www.example.com", "h2"),
		pkttest.ServerHello(), pkttest.QUICInitial([]byte{1, 2, 3, 4}, "example.com"), dhcp(53, 1, 3, 255),
		[]byte("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"),
	}
	dst := make([]byte, 0, 1024)
	for _, b := range inputs {
		if n := testing.AllocsPerRun(20, func() { dst = readAll(dst[:0], b) }); n != 0 {
			t.Errorf("%q: %.0f allocations", b, n)
		}
	}
}

// readAll reads b as a message of every protocol and appends what it finds.
func readAll(dst, b []byte) []byte {
	if m, ok := AsDNS(b); ok {
		r := m.Records()
		q, _ := r.Question()
		if q.m.b != nil {
			dst = q.Name(dst)
		}
		for {
			d, ok := r.Record()
			if !ok || len(dst) > 1<<16 {
				break
			}
			dst = append(d.Name(dst), d.Data()...)
			dst, _ = d.NameIn(dst, 2)
		}
	}
	if h, ok := AsHTTP(b); ok {
		dst = append(append(append(dst, h.Line...), h.Target...), h.Header("host")...)
	}
	if t, ok := AsTLS(b); ok {
		dst = append(dst, t.Hello.SNI...)
		t.Hello.ALPN(func(name []byte) bool { dst = append(dst, name...); return true })
	}
	if h, ok := AsHello(b); ok {
		dst = append(dst, h.SNI...)
	}
	if q, ok := AsQUIC(b); ok {
		dst = append(append(append(dst, q.DCID...), q.SCID...), q.Type.String()...)
	}
	if m, ok := AsDHCP(b); ok {
		v, _ := m.Option(DHCPHostName)
		dst = append(append(dst, v...), m.Message()...)
	}
	if m, ok := AsNTP(b); ok {
		dst = append(dst, m.Mode()...)
	}
	line, _ := FirstLine(b)
	return append(dst, line...)
}
