package app

import (
	"bytes"
	"math/bits"

	"pkt/field"
	"pkt/packet"
)

// entry is a field of packets with what reads it.
type entry = field.Entry[*packet.Batch]

// Ports of protocols that nothing else tells.
const (
	portDNS   = 53
	portDHCP  = 67
	portDHCPc = 68
	portMDNS  = 5353
	portLLMNR = 5355
)

// Fields returns what payloads say about their application, one packet at a
// time: a message that goes on in other packets has the facts of its first
// one. A column reads batches that were decoded.
func Fields() []entry {
	return []entry{
		textField("dns.qname", "name that a DNS message asks for", packet.HasUDP|packet.HasTCP, dnsName),
		textField("dns.qtype", "type of the records that a DNS message asks for", packet.HasUDP|packet.HasTCP, dnsType),
		numberField("dns.id", "identifier of a DNS message", packet.HasUDP|packet.HasTCP,
			ofDNS(func(m DNS) uint64 { return uint64(m.ID()) })),
		boolField("dns.response", "a DNS message is an answer", packet.HasUDP|packet.HasTCP,
			ofDNS(func(m DNS) uint64 { return uint64(m.Flags() >> 15) })),
		textField("dns.rcode", "response code of a DNS answer", packet.HasUDP|packet.HasTCP, dnsCode),
		textField("http.method", "method of an HTTP request", packet.HasTCP, ofHTTP(func(h *HTTP) []byte { return h.Method })),
		textField("http.host", "host of an HTTP request", packet.HasTCP, ofHTTP(func(h *HTTP) []byte { return h.host() })),
		textField("http.target", "target of an HTTP request", packet.HasTCP, ofHTTP(func(h *HTTP) []byte { return h.Target })),
		numberField("http.status", "status of an HTTP response", packet.HasTCP, httpStatus),
		textField("tls.sni", "server that a TLS ClientHello names", packet.HasTCP, tlsName),
		textField("tls.alpn", "application protocols that a TLS hello names, joined with commas", packet.HasTCP, tlsALPN),
		textField("tls.version", "highest version that a TLS ClientHello offers, or that the server chose", packet.HasTCP, tlsVersion),
		textField("quic.type", "kind of a QUIC packet with a long header", packet.HasUDP, quicKind),
		textField("quic.sni", "server that the ClientHello in a QUIC Initial packet names", packet.HasUDP, quicName),
		textField("dhcp.type", "kind of a DHCP message", packet.HasUDP, dhcpType),
		textField("dhcp.host_name", "host name in a DHCP message", packet.HasUDP, dhcpHost),
	}
}

// textReader appends what a payload says; ok is false if it says nothing.
type textReader func(dst, payload []byte, l *packet.Layers) (_ []byte, ok bool)

// numberReader returns what a payload says, likewise.
type numberReader func(payload []byte, l *packet.Layers) (_ uint64, ok bool)

func textField(name, doc string, need packet.Has, read textReader) entry {
	col := func(b *packet.Batch, in packet.Set, dst *field.Vector) (has packet.Set) {
		dst.Text = dst.Text[:0]
		for word, set := range in {
			for ; set != 0; set &= set - 1 {
				i := word<<6 + bits.TrailingZeros64(set)
				payload, ok := payloadOf(b, i, need)
				if !ok {
					continue
				}
				from := len(dst.Text)
				if dst.Text, ok = read(dst.Text, payload, &b.Layers[i]); !ok {
					dst.Text = dst.Text[:from]
					continue
				}
				dst.Cells[i] = field.Cell{Lo: uint64(from)<<32 | uint64(len(dst.Text)-from)}
				has[word] |= set & -set
			}
		}
		return has
	}
	return entry{Field: field.Field{Name: name, Doc: doc, Kind: field.String, Scope: field.Packet}, Col: col}
}

func numberField(name, doc string, need packet.Has, read numberReader) entry {
	col := func(b *packet.Batch, in packet.Set, dst *field.Vector) (has packet.Set) {
		for word, set := range in {
			for ; set != 0; set &= set - 1 {
				i := word<<6 + bits.TrailingZeros64(set)
				if payload, ok := payloadOf(b, i, need); ok {
					if v, ok := read(payload, &b.Layers[i]); ok {
						dst.Cells[i] = field.Cell{Lo: v}
						has[word] |= set & -set
					}
				}
			}
		}
		return has
	}
	return entry{Field: field.Field{Name: name, Doc: doc, Kind: field.Uint, Scope: field.Packet}, Col: col}
}

func boolField(name, doc string, need packet.Has, read numberReader) entry {
	e := numberField(name, doc, need, read)
	e.Kind = field.Bool
	return e
}

// payloadOf returns the payload of packet i, if it has one of the facts need
// and is no fragment.
func payloadOf(b *packet.Batch, i int, need packet.Has) ([]byte, bool) {
	l := &b.Layers[i]
	if !l.Has.Any(need) || l.Has.Any(packet.HasFragment) || l.Payload >= l.End {
		return nil, false
	}
	return b.Frame(i)[l.Payload:l.End], true
}

// dnsOf returns the DNS message of a payload, by its ports. Over TCP its length
// stands in front of it.
func dnsOf(payload []byte, l *packet.Layers) (DNS, bool) {
	if !isDNS(l.SrcPort) && !isDNS(l.DstPort) {
		return DNS{}, false
	}
	if l.Has.Any(packet.HasTCP) {
		if len(payload) < 2 {
			return DNS{}, false
		}
		payload = payload[2:]
	}
	return AsDNS(payload)
}

func isDNS(port uint16) bool { return port == portDNS || port == portMDNS || port == portLLMNR }

func ofDNS(read func(DNS) uint64) numberReader {
	return func(payload []byte, l *packet.Layers) (uint64, bool) {
		m, ok := dnsOf(payload, l)
		if !ok {
			return 0, false
		}
		return read(m), true
	}
}

// dnsName appends the first name asked for, without the dot at its end.
func dnsName(dst, payload []byte, l *packet.Layers) ([]byte, bool) {
	m, ok := dnsOf(payload, l)
	if !ok || be16(m.b[4:]) == 0 {
		return dst, false
	}
	r := m.Records()
	q, ok := r.Question()
	if !ok {
		return dst, false
	}
	from := len(dst)
	if dst = q.Name(dst); len(dst)-from > 1 {
		dst = dst[:len(dst)-1]
	}
	return dst, true
}

func dnsType(dst, payload []byte, l *packet.Layers) ([]byte, bool) {
	m, ok := dnsOf(payload, l)
	if !ok || be16(m.b[4:]) == 0 {
		return dst, false
	}
	r := m.Records()
	q, ok := r.Question()
	return AppendDNSType(dst, q.Type), ok
}

func dnsCode(dst, payload []byte, l *packet.Layers) ([]byte, bool) {
	m, ok := dnsOf(payload, l)
	if !ok || m.Flags()&DNSResponse == 0 {
		return dst, false
	}
	return append(dst, m.CodeName()...), true
}

// ofHTTP returns a reader of a part of an HTTP message, not of SIP and RTSP,
// that begin like it.
func ofHTTP(read func(*HTTP) []byte) textReader {
	return func(dst, payload []byte, _ *packet.Layers) ([]byte, bool) {
		h, ok := AsHTTP(payload)
		if !ok || !h.isHTTP() {
			return dst, false
		}
		text := read(&h)
		return append(dst, text...), text != nil
	}
}

func httpStatus(payload []byte, _ *packet.Layers) (uint64, bool) {
	h, ok := AsHTTP(payload)
	return uint64(h.Status), ok && h.Status != 0 && h.isHTTP()
}

// isHTTP reports whether the message is HTTP's, as far as it tells.
func (h *HTTP) isHTTP() bool {
	return len(h.Version) == 0 || bytes.HasPrefix(h.Version, []byte("HTTP"))
}

// host returns the host of a request.
func (h *HTTP) host() []byte {
	if h.Method == nil {
		return nil
	}
	return h.Header("host")
}

// helloOf returns the TLS hello that a payload begins with.
func helloOf(payload []byte) (Hello, bool) {
	if payload[0] != TLSHandshake {
		return Hello{}, false
	}
	t, ok := AsTLS(payload)
	return t.Hello, ok && t.Hello.Version != 0
}

func tlsName(dst, payload []byte, _ *packet.Layers) ([]byte, bool) {
	h, ok := helloOf(payload)
	return append(dst, h.SNI...), ok && h.SNI != nil
}

func tlsALPN(dst, payload []byte, _ *packet.Layers) ([]byte, bool) {
	h, ok := helloOf(payload)
	from := len(dst)
	h.ALPN(func(name []byte) bool {
		if len(dst) > from {
			dst = append(dst, ',')
		}
		dst = append(dst, name...)
		return true
	})
	return dst, ok && len(dst) > from
}

func tlsVersion(dst, payload []byte, _ *packet.Layers) ([]byte, bool) {
	h, ok := helloOf(payload)
	return AppendTLSVersion(dst, h.Version), ok
}

func quicKind(dst, payload []byte, _ *packet.Layers) ([]byte, bool) {
	q, ok := AsQUIC(payload)
	return append(dst, q.Type.String()...), ok
}

func quicName(dst, payload []byte, _ *packet.Layers) ([]byte, bool) {
	q, ok := AsQUIC(payload)
	if !ok || q.Type != QUICInitial {
		return dst, false
	}
	h, ok := q.ClientHello(payload)
	return append(dst, h.SNI...), ok && h.SNI != nil
}

// dhcpOf returns the DHCP message of a payload, by its ports.
func dhcpOf(payload []byte, l *packet.Layers) (DHCP, bool) {
	if l.SrcPort != portDHCP && l.SrcPort != portDHCPc && l.DstPort != portDHCP {
		return DHCP{}, false
	}
	return AsDHCP(payload)
}

func dhcpType(dst, payload []byte, l *packet.Layers) ([]byte, bool) {
	m, ok := dhcpOf(payload, l)
	if !ok {
		return dst, false
	}
	name := m.Message()
	return append(dst, name...), name != ""
}

func dhcpHost(dst, payload []byte, l *packet.Layers) ([]byte, bool) {
	m, ok := dhcpOf(payload, l)
	if !ok {
		return dst, false
	}
	name, ok := m.Option(DHCPHostName)
	return append(dst, name...), ok
}
