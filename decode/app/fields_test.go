package app

import (
	"strconv"
	"testing"

	"pkt/decode"
	"pkt/field"
	"pkt/internal/pkttest"
	"pkt/packet"
)

// tcp and udp return a frame with a payload between two ports.
func tcp(src, dst uint16, payload []byte) []byte {
	return pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.TCP{SrcPort: src, DstPort: dst, Flags: pkttest.ACK}, pkttest.Payload(payload))
}

func udp(src, dst uint16, payload []byte) []byte {
	return pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.UDP{SrcPort: src, DstPort: dst}, pkttest.Payload(payload))
}

// batch returns decoded frames.
func batch(frames ...[]byte) *packet.Batch {
	b := &packet.Batch{N: len(frames)}
	var mem []byte
	for i, f := range frames {
		b.Records[i] = packet.Record{Off: uint32(len(mem)), CapLen: uint32(len(f)), WireLen: uint32(len(f)), Link: 1}
		mem = append(mem, f...)
	}
	b.Block = packet.NewBlock(mem, nil)
	decode.Batch(b, b.All())
	return b
}

func TestFields(t *testing.T) {
	answer := pkttest.DNSAnswer(7, "www.example.com", pkttest.TypeAAAA)
	overTCP := append([]byte{0, byte(len(answer))}, answer...)
	b := batch(
		udp(40000, 53, pkttest.DNSQuery(7, "www.example.com", pkttest.TypeA)),
		tcp(53, 40000, overTCP),
		tcp(40000, 8080, []byte("GET /a HTTP/1.1\r\nHost: example.com\r\n\r\n")),
		tcp(8080, 40000, []byte("HTTP/1.1 404 Not Found\r\n\r\n")),
		tcp(40000, 443, pkttest.ClientHello("www.example.com", "h2", "http/1.1")),
		tcp(443, 40000, pkttest.ServerHello()),
		udp(40000, 443, pkttest.QUICInitial([]byte{1, 2, 3, 4, 5, 6, 7, 8}, "example.com")),
		udp(68, 67, dhcp(53, 1, 3, 12, 2, 'p', 'c', 255)),
		tcp(40000, 5060, []byte("INVITE sip:a@b SIP/2.0\r\nHost: no\r\n\r\n")),
		tcp(40000, 53, nil),
	)
	want := map[string]map[int]string{
		"dns.qname": {0: "www.example.com", 1: "www.example.com"}, "dns.qtype": {0: "A", 1: "AAAA"}, "dns.id": {0: "7", 1: "7"},
		"dns.response": {0: "0", 1: "1"}, "dns.rcode": {1: "NXDomain"},
		"http.method": {2: "GET"}, "http.host": {2: "example.com"}, "http.target": {2: "/a"}, "http.status": {3: "404"},
		"tls.sni": {4: "www.example.com"}, "tls.alpn": {4: "h2,http/1.1"}, "tls.version": {4: "TLS 1.3", 5: "TLS 1.3"},
		"quic.type": {6: "Initial"}, "quic.sni": {6: "example.com"}, "dhcp.type": {7: "Request"}, "dhcp.host_name": {7: "pc"},
	}
	var v field.Vector
	for _, e := range Fields() {
		has := e.Col(b, b.All(), &v)
		for i := range b.N {
			got, ok := "", has.Has(i)
			if ok && e.Kind == field.String {
				got = string(v.TextAt(i))
			} else if ok {
				got = strconv.FormatUint(v.Cells[i].Lo, 10)
			}
			if text, wanted := want[e.Name][i]; ok != wanted || got != text {
				t.Errorf("%s of packet %d: %q, %v, want %q", e.Name, i, got, ok, text)
			}
		}
		if want[e.Name] == nil {
			t.Errorf("%s is not tested", e.Name)
		}
		if n := testing.AllocsPerRun(20, func() { e.Col(b, b.All(), &v) }); n != 0 && e.Name != "quic.sni" {
			t.Errorf("%s: %.0f allocations a batch", e.Name, n)
		}
	}
}
