package app

import "strconv"

// Transport layer security, RFC 8446 sections 5.1 and 4:
//
//	record:    | type 1 | version 2 | length 2 | fragment |
//	handshake: | type 1 | length 3 | body |
//
// Version 1.3 says so in an extension; the fields for it stay at 1.2.
const (
	tlsRecordLen    = 5
	tlsHandshakeLen = 4
	tlsMaxRecord    = 1<<14 + 2048

	extServerName = 0
	extALPN       = 16
	extVersions   = 43
)

// Types of TLS records.
const (
	TLSChangeCipher = 20
	TLSAlert        = 21
	TLSHandshake    = 22
	TLSData         = 23
	TLSHeartbeat    = 24
)

// Types of handshake messages that have facts.
const (
	TLSClientHello = 1
	TLSServerHello = 2
)

// TLS is what the first record of a payload says. Lengths are of what was
// captured; the slices lie in the payload.
type TLS struct {
	Type    uint8  // of the record
	Record  uint16 // version of the record layer
	Length  uint16 // of the record
	Message uint8  // type of the first handshake message; valid only if Clear
	// Clear says that the record is a handshake message that can be read.
	Clear bool
	// Level and Alert are an alert's; valid only if Type is TLSAlert and HasAlert.
	Level, Alert uint8
	HasAlert     bool
	Hello        Hello // valid only if Message is one of the hellos
}

// Hello is what a ClientHello or a ServerHello offers or chooses.
type Hello struct {
	Version uint16 // the highest offered, or the chosen one
	Cipher  uint16 // chosen by the server
	SNI     []byte // name of the server, nil if none is named
	alpn    []byte // list of names, each behind its length
}

// AsTLS returns the record that b begins with.
func AsTLS(b []byte) (t TLS, ok bool) {
	if len(b) < tlsRecordLen || b[0] < TLSChangeCipher || b[0] > TLSHeartbeat || b[1] != 3 || b[2] > 4 {
		return TLS{}, false
	}
	t = TLS{Type: b[0], Record: be16(b[1:]), Length: be16(b[3:])}
	if t.Length == 0 || t.Length > tlsMaxRecord {
		return TLS{}, false
	}
	body := b[tlsRecordLen:]
	body = body[:min(len(body), int(t.Length))]
	switch {
	case t.Type == TLSAlert && t.Length == 2 && len(body) == 2:
		t.Level, t.Alert, t.HasAlert = body[0], body[1], true
	case t.Type == TLSHandshake:
		t.handshake(body)
	}
	return t, true
}

// handshake reads a handshake message. Encrypted ones have a length that does
// not fit, but for one in some 60,000.
func (t *TLS) handshake(b []byte) {
	if len(b) < tlsHandshakeLen {
		return
	}
	n := int(b[1])<<16 | int(be16(b[2:]))
	if b[0] > 25 || n > tlsMaxRecord*4 || int(t.Length) < tlsHandshakeLen {
		return
	}
	t.Message, t.Clear = b[0], true
	body := b[tlsHandshakeLen:]
	body = body[:min(len(body), n)]
	if t.Message == TLSClientHello || t.Message == TLSServerHello {
		t.Hello.read(body, t.Message == TLSServerHello)
	}
}

// AsHello reads the body of a hello that is not in a record, such as QUIC's.
func AsHello(b []byte) (h Hello, ok bool) {
	if len(b) < tlsHandshakeLen || b[0] != TLSClientHello && b[0] != TLSServerHello {
		return Hello{}, false
	}
	h.read(b[tlsHandshakeLen:], b[0] == TLSServerHello)
	return h, h.Version != 0
}

// read reads as much of a hello as there is: version, random, session, then
// ciphers and compression, offered as lists or chosen.
func (h *Hello) read(b []byte, server bool) {
	if len(b) < 35 {
		return
	}
	h.Version = be16(b)
	b, ok := skip(b[34:], int(b[34])+1)
	if server {
		if !ok || len(b) < 3 {
			return
		}
		h.Cipher = be16(b)
		b = b[3:]
	} else {
		if !ok || len(b) < 2 {
			return
		}
		if b, ok = skip(b, int(be16(b))+2); !ok || len(b) < 1 {
			return
		}
		if b, ok = skip(b, int(b[0])+1); !ok {
			return
		}
	}
	if len(b) >= 2 {
		h.extensions(b[2:], server)
	}
}

func (h *Hello) extensions(b []byte, server bool) {
	for len(b) >= 4 {
		kind, n := be16(b), int(be16(b[2:]))
		b = b[4:]
		if n > len(b) {
			return
		}
		value := b[:n]
		b = b[n:]
		switch kind {
		case extServerName:
			h.serverName(value)
		case extALPN:
			if len(value) >= 2 {
				h.alpn = value[2:]
			}
		case extVersions:
			h.versions(value, server)
		}
	}
}

// serverName reads a list of names, of which there is one: kind, length, name.
func (h *Hello) serverName(b []byte) {
	if len(b) >= 5 && b[2] == 0 && int(be16(b[3:])) <= len(b)-5 {
		h.SNI = b[5 : 5+int(be16(b[3:]))]
	}
}

// versions takes the version that was chosen, or the highest that is offered
// and is not one of RFC 8701, which have no meaning.
func (h *Hello) versions(b []byte, server bool) {
	if server {
		if len(b) == 2 {
			h.Version = be16(b)
		}
		return
	}
	if len(b) == 0 {
		return
	}
	for b = b[1:]; len(b) >= 2; b = b[2:] {
		if v := be16(b); v&0x0f0f != 0x0a0a && v > h.Version && v < 0x0400 {
			h.Version = v
		}
	}
}

// ALPN calls f for each protocol name, as it is in the message, until f returns
// false.
func (h *Hello) ALPN(f func(name []byte) bool) {
	for b := h.alpn; len(b) > 0; {
		n := int(b[0])
		if n > len(b)-1 || !f(b[1:1+n]) {
			return
		}
		b = b[1+n:]
	}
}

// skip returns b without its first n bytes, if it has them.
func skip(b []byte, n int) (rest []byte, ok bool) {
	if n > len(b) {
		return nil, false
	}
	return b[n:], true
}

// tlsVersions are the versions from 0x0300 on.
var tlsVersions = [...]string{"SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"}

// AppendTLSVersion appends the name of a version, or its number.
func AppendTLSVersion(dst []byte, version uint16) []byte {
	if n := int(version) - 0x300; n >= 0 && n < len(tlsVersions) {
		return append(dst, tlsVersions[n]...)
	}
	return strconv.AppendUint(append(dst, "0x"...), uint64(version), 16)
}
