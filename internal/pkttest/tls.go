package pkttest

// ClientHello returns a TLS record with a ClientHello that names a server and
// offers application protocols (RFC 8446 section 4.1.2).
func ClientHello(server string, protocols ...string) []byte {
	return tlsRecord(22, handshake(1, ClientHelloBody(server, protocols...)))
}

// ClientHelloBody returns a ClientHello without the handshake header around it.
func ClientHelloBody(server string, protocols ...string) []byte {
	body := append([]byte{3, 3}, make([]byte, 32)...) // version, random
	body = append(body, 0)                            // no session
	body = append(body, 0, 6, 0x13, 0x01, 0x13, 0x02, 0xc0, 0x2f)
	body = append(body, 1, 0) // null compression
	name := vector(append([]byte{0}, vector([]byte(server))...))
	var names []byte
	for _, p := range protocols {
		names = append(append(names, byte(len(p))), p...)
	}
	extensions := extend(nil, 0, name)
	extensions = extend(extensions, 10, []byte{0, 2, 0, 29})      // X25519
	extensions = extend(extensions, 43, []byte{4, 3, 4, 3, 3})    // TLS 1.3 and 1.2
	extensions = extend(extensions, 13, []byte{0, 4, 4, 3, 8, 4}) // signatures
	if len(protocols) > 0 {
		extensions = extend(extensions, 16, vector(names))
	}
	return append(body, vector(extensions)...)
}

// ServerHello returns a TLS record with a ServerHello that selects TLS 1.3 and
// TLS_AES_128_GCM_SHA256.
func ServerHello() []byte {
	body := append([]byte{3, 3}, make([]byte, 32)...)
	body = append(body, 0, 0x13, 0x01, 0)
	body = append(body, vector(extend(nil, 43, []byte{3, 4}))...)
	return tlsRecord(22, handshake(2, body))
}

// TLSData returns a record of application data that is n bytes long in all.
func TLSData(n int) []byte {
	const header = 5
	return tlsRecord(23, make([]byte, max(n-header, 0)))
}

// tlsRecord returns a record of the given content type.
func tlsRecord(typ byte, content []byte) []byte {
	return append(be.AppendUint16([]byte{typ, 3, 3}, uint16(len(content))), content...)
}

// handshake returns a handshake message of the given type.
func handshake(typ byte, body []byte) []byte {
	return append([]byte{typ, 0, byte(len(body) >> 8), byte(len(body))}, body...)
}

// extend appends a TLS extension.
func extend(dst []byte, typ uint16, data []byte) []byte {
	return append(be.AppendUint16(dst, typ), vector(data)...)
}

// vector returns data behind its length in 16 bits.
func vector(data []byte) []byte {
	return append(be.AppendUint16(nil, uint16(len(data))), data...)
}
