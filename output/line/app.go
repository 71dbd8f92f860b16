package line

import (
	"pkt/decode/app"
	"pkt/packet"
)

// stream appends what the payload of a segment begins with, where it says
// something.
func (p *Printer) stream(dst, b []byte, l *packet.Layers) []byte {
	if len(b) < 2 {
		return dst
	}
	if b[0] >= app.TLSChangeCipher && b[0] <= app.TLSHeartbeat {
		if t, ok := app.AsTLS(b); ok {
			return p.tls(append(dst, ": "...), &t)
		}
		return dst
	}
	if b[0] >= 'A' && b[0] <= 'Z' {
		if h, ok := app.AsHTTP(b); ok {
			return p.firstLine(append(dst, ": "...), &h)
		}
	}
	switch low := min(l.SrcPort, l.DstPort); low {
	case 21, 25, 110, 143, 587: // FTP, SMTP, POP3, IMAP
		if text, ok := app.FirstLine(b); ok && len(text) > 2 {
			return p.safe(append(append(dst, textProtocol(low)...), ": "...), text)
		}
	case portDNS:
		if m, ok := app.AsDNS(b[2:]); ok {
			return p.dns(append(dst, ' '), m, uint32(be16(b)), false)
		}
	}
	return dst
}

// textProtocol returns the name of a protocol of lines by its port.
func textProtocol(port uint16) string {
	switch port {
	case 21:
		return ": FTP"
	case 110:
		return ": POP3"
	case 143:
		return ": IMAP"
	}
	return ": SMTP"
}

// firstLine appends the first line of HTTP, SIP or RTSP, and the host of an
// HTTP request.
func (p *Printer) firstLine(dst []byte, h *app.HTTP) []byte {
	name := h.Version
	for i, c := range name {
		if c == '/' {
			name = name[:i]
			break
		}
	}
	if len(name) == 0 {
		name = http
	}
	dst = append(append(dst, name...), ": "...)
	dst = p.safe(dst, h.Line)
	if h.Method != nil {
		if host := h.Header("host"); host != nil {
			dst = p.safe(append(dst, ", host "...), host)
		}
	}
	return dst
}

var http = []byte("HTTP")

var (
	tlsTypes    = [...]string{app.TLSChangeCipher: "ChangeCipherSpec", app.TLSAlert: "Alert", app.TLSHandshake: "Handshake", app.TLSData: "data", app.TLSHeartbeat: "Heartbeat"}
	tlsMessages = [...]string{0: "HelloRequest", 1: "ClientHello", 2: "ServerHello", 4: "NewSessionTicket", 8: "EncryptedExtensions",
		11: "Certificate", 12: "ServerKeyExchange", 13: "CertificateRequest", 14: "ServerHelloDone", 15: "CertificateVerify",
		16: "ClientKeyExchange", 20: "Finished", 22: "CertificateStatus", 24: "KeyUpdate"}
	tlsAlerts = map[uint8]string{0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 22: "record_overflow",
		40: "handshake_failure", 42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked",
		45: "certificate_expired", 46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied",
		50: "decode_error", 51: "decrypt_error", 70: "protocol_version", 71: "insufficient_security", 80: "internal_error",
		86: "inappropriate_fallback", 90: "user_canceled", 109: "missing_extension", 110: "unsupported_extension",
		112: "unrecognized_name", 116: "certificate_required", 120: "no_application_protocol"}
)

// tls appends the first record of a segment.
func (p *Printer) tls(dst []byte, t *app.TLS) []byte {
	dst = append(dst, "TLS "...)
	switch {
	case t.HasAlert:
		level := "warning "
		if t.Level == 2 {
			level = "fatal "
		}
		dst = append(append(dst, "Alert "...), level...)
		if name := tlsAlerts[t.Alert]; name != "" {
			return append(dst, name...)
		}
		return appendUint(dst, "", t.Alert)
	case t.Clear:
		dst = appendName(dst, tlsMessages[:], int(t.Message), "handshake ")
		return p.hello(dst, &t.Hello, t.Message == app.TLSServerHello)
	}
	return append(dst, tlsTypes[t.Type]...)
}

// hello appends what a hello offers or chooses.
func (p *Printer) hello(dst []byte, h *app.Hello, server bool) []byte {
	if h.Version == 0 {
		return dst
	}
	dst = app.AppendTLSVersion(append(dst, ", "...), h.Version)
	if h.SNI != nil {
		dst = p.safe(append(dst, ", SNI "...), h.SNI)
	}
	word := ", ALPN "
	h.ALPN(func(name []byte) bool {
		dst = p.safe(append(dst, word...), name)
		word = ","
		return true
	})
	if server && h.Cipher != 0 {
		dst = appendHex(append(dst, ", cipher 0x"...), uint64(h.Cipher), 4)
	}
	return dst
}

// quic appends the long header of datagram b, and what the hello says that a
// client's first packet carries.
func (p *Printer) quic(dst, b []byte, q *app.QUIC, length uint32) []byte {
	dst = append(append(dst, "QUIC "...), q.Type.String()...)
	switch {
	case q.Version == 1:
		dst = append(dst, ", v1"...)
	case q.Version == 0x6b3343cf:
		dst = append(dst, ", v2"...)
	case q.Version>>8 == 0xff0000:
		dst = appendUint(dst, ", draft-", q.Version&0xff)
	}
	if len(q.DCID) > 0 {
		dst = appendBytes(append(dst, ", dcid "...), q.DCID)
	}
	if len(q.SCID) > 0 {
		dst = appendBytes(append(dst, ", scid "...), q.SCID)
	}
	dst = appendUint(dst, ", length ", length)
	if h, ok := q.ClientHello(b); ok {
		dst = p.hello(append(dst, ": TLS ClientHello"...), &h, false)
	}
	return dst
}

// ntp appends a message about time.
func (p *Printer) ntp(dst []byte, m app.NTP, length uint32) []byte {
	dst = appendUint(dst, "NTPv", m.Version())
	dst = append(append(dst, ", "...), m.Mode()...)
	if stratum, ok := m.Stratum(); ok && p.opt.Details >= Headers {
		dst = appendUint(dst, ", stratum ", stratum)
	}
	return appendUint(dst, ", length ", length)
}

// dhcp appends a message of DHCP: what it is, whose, and about which address.
func (p *Printer) dhcp(dst []byte, m app.DHCP, length uint32) []byte {
	dst = append(dst, "BOOTP/DHCP, "...)
	switch m.Op() {
	case 1:
		dst = append(dst, "Request"...)
		if mac, ok := m.Client(); ok {
			dst = appendMAC(append(dst, " from "...), mac[:])
		}
	case 2:
		dst = append(dst, "Reply"...)
	default:
		dst = append0x(append(dst, "unknown ("...), uint64(m.Op()))
		dst = append(dst, ')')
	}
	dst = appendUint(dst, ", length ", length)
	if name := m.Message(); name != "" {
		dst = append(append(dst, ", "...), name...)
	}
	if ip, ok := m.Option(app.DHCPRequested); ok && len(ip) == 4 {
		dst = appendAddr4(append(dst, ", wants "...), ip)
	}
	if your := m.Your(); your != [4]byte{} {
		dst = appendAddr4(append(dst, ", gives "...), your[:])
	}
	if name, ok := m.Option(app.DHCPHostName); ok {
		dst = p.safe(append(dst, ", host name "...), name)
	}
	return dst
}
