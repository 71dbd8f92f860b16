package app

import (
	"testing"

	"pkt/internal/pkttest"
)

// FuzzDNS reads any message to its end. Names come out printable.
func FuzzDNS(f *testing.F) {
	f.Add([]byte(pkttest.DNSAnswer(7, "www.example.com", pkttest.TypeA, "192.0.2.1")))
	f.Add([]byte(pkttest.DNSQuery(7, "www.example.com", pkttest.TypePTR)))
	f.Add([]byte("\x00\x01\x80\x00\x00\x01\x00\x01\x00\x00\x00\x00\xc0\x0c\x00\x01\x00\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, ok := AsDNS(b)
		if !ok {
			return
		}
		var name []byte
		check := func(name []byte) {
			if len(name) > 5*dnsMaxName+64 {
				t.Errorf("a name of %d bytes", len(name))
			}
			for _, c := range name {
				if c <= 0x20 || c >= 0x7f {
					t.Errorf("%q", name)
				}
			}
		}
		r := m.Records()
		for {
			q, ok := r.Question()
			if !ok {
				break
			}
			name = q.Name(name[:0])
			check(name)
		}
		r = m.Records()
		for {
			d, ok := r.Record()
			if !ok {
				break
			}
			name = d.Name(name[:0])
			check(name)
			name, _ = d.NameIn(name[:0], 2)
			check(name)
			_ = d.Data()
		}
	})
}

// FuzzHTTP reads any text.
func FuzzHTTP(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, ok := AsHTTP(b)
		if ok && h.Method == nil && len(h.Version) == 0 {
			t.Errorf("neither request nor response: %q", b)
		}
		h.Header("host")
		FirstLine(b)
	})
}

// FuzzTLS reads any record, and any hello.
func FuzzTLS(f *testing.F) {
	f.Add(pkttest.ClientHello("www.example.com", "h2"))
	f.Add(pkttest.ServerHello())
	f.Add([]byte{21, 3, 3, 0, 2, 2, 40})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, ok := AsTLS(b)
		if !ok && r.Type != 0 {
			t.Error("facts of what is no record")
		}
		r.Hello.ALPN(func([]byte) bool { return true })
		if h, ok := AsHello(b); ok {
			h.ALPN(func([]byte) bool { return true })
		}
	})
}

// FuzzQUIC reads any header.
func FuzzQUIC(f *testing.F) {
	f.Add(pkttest.QUICInitial([]byte{1, 2, 3, 4}, "example.com"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if q, ok := AsQUIC(b); ok && (len(q.DCID) > quicMaxCID || len(q.SCID) > quicMaxCID || q.Type.String() == "") {
			t.Errorf("%+v", q)
		}
	})
}

// FuzzInitial decrypts any datagram, and reads any frames that one may have had.
func FuzzInitial(f *testing.F) {
	f.Add(pkttest.QUICInitial([]byte{1, 2, 3, 4, 5, 6, 7, 8}, "example.com"))
	f.Add([]byte{0, 1, 6, 4, 3, 'e', 'f', 'g', 2, 9, 0, 0, 0, 6, 0, 2, 'a', 'b'})
	f.Fuzz(func(t *testing.T, b []byte) {
		if q, ok := AsQUIC(b); ok {
			q.ClientHello(b)
		}
		AsHello(cryptoData(b))
	})
}

// FuzzDHCP reads any message.
func FuzzDHCP(f *testing.F) {
	f.Add(dhcp(53, 1, 3, 12, 2, 'p', 'c', 255))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, ok := AsDHCP(b); ok {
			m.Option(DHCPHostName)
			m.Message()
			m.Client()
			m.Your()
		}
	})
}

// FuzzNTP reads any message.
func FuzzNTP(f *testing.F) {
	f.Add([]byte{0x24, 2, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, ok := AsNTP(b); ok {
			m.Mode()
			m.Stratum()
		}
	})
}
