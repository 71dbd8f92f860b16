package pkttest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
)

// QUICInitial returns a datagram of 1200 bytes with a client's first Initial
// packet of QUIC version 1, protected as RFC 9001 section 5 says, that carries a
// ClientHello for the given server. The connection ID is 8 bytes.
func QUICInitial(connection []byte, server string) []byte {
	const (
		size   = 1200
		number = 4 // bytes of packet number
		tag    = 16
	)
	hello := handshake(1, ClientHelloBody(server, "h3"))
	header := append([]byte{0xc0 | number - 1, 0, 0, 0, 1, byte(len(connection))}, connection...)
	header = append(header, 0, 0) // no source connection ID, no token
	rest := size - len(header) - 2
	header = append(header, 0x40|byte(rest>>8), byte(rest))
	header = append(header, 0, 0, 0, 0) // packet number 0
	crypto := append([]byte{6, 0, 0x40 | byte(len(hello)>>8), byte(len(hello))}, hello...)
	plain := append(crypto, make([]byte, size-len(header)-tag-len(crypto))...)

	key, iv, mask := initialKeys(connection)
	block := must(aes.NewCipher(key))
	out := must(cipher.NewGCM(block)).Seal(header, iv, plain, header)
	at := len(header) - number
	sample := make([]byte, 16)
	must(aes.NewCipher(mask)).Encrypt(sample, out[at+4:at+20])
	out[0] ^= sample[0] & 0x0f
	for i := range number {
		out[at+i] ^= sample[1+i]
	}
	return out
}

// initialKeys derives the client's key, initialisation vector and header
// protection key from the connection ID.
func initialKeys(connection []byte) (key, iv, mask []byte) {
	salt := []byte{0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
		0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a}
	secret := must(hkdf.Extract(sha256.New, connection, salt))
	client := expand(secret, "client in", 32)
	return expand(client, "quic key", 16), expand(client, "quic iv", 12), expand(client, "quic hp", 16)
}

// expand is HKDF-Expand-Label of RFC 8446 section 7.1 without context.
func expand(secret []byte, label string, n int) []byte {
	info := append([]byte{0, byte(n), byte(6 + len(label))}, "tls13 "+label...)
	return must(hkdf.Expand(sha256.New, secret, string(append(info, 0)), n))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
