package app

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
)

// Initial packets are protected with keys that everybody can derive, from the
// destination's identifier that the client chose (RFC 9001 section 5.2), so
// that the client's hello can be read:
//
//	long header | length 1-4 | token | length 1-4 | number 1-4 | frames | tag 16
const (
	quicSampleAt  = 4 // behind the beginning of the packet number
	quicSampleLen = 16
	quicTagLen    = 16
	quicMinCID    = 8    // of the identifier that the client chooses
	quicMinSize   = 1200 // of datagrams with the client's Initial
	quicMaxHello  = 4096

	framePadding = 0x00
	framePing    = 0x01
	frameAck     = 0x02
	frameAckECN  = 0x03
	frameCrypto  = 0x06
)

var (
	quicSaltV1 = []byte{0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a}
	quicSaltV2 = []byte{0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9}
)

// ClientHello decrypts the Initial packet that the datagram b begins with, whose
// header is q, and returns what the client's hello says, as far as it is in this
// packet. It is the one function here that allocates, and takes microseconds: a
// connection has one or two such packets.
func (q *QUIC) ClientHello(b []byte) (h Hello, ok bool) {
	if q.Type != QUICInitial || len(q.DCID) < quicMinCID || len(b) < quicMinSize {
		return Hello{}, false
	}
	salt, labels := quicSaltV1, [...]string{"quic key", "quic iv", "quic hp"}
	switch {
	case q.Version == quicV2:
		salt, labels = quicSaltV2, [...]string{"quicv2 key", "quicv2 iv", "quicv2 hp"}
	case q.Version != quicV1:
		return Hello{}, false
	}
	header := 7 + len(q.DCID) + len(q.SCID)
	packet, number, ok := quicPacket(b, header)
	if !ok {
		return Hello{}, false
	}
	initial, err := hkdf.Extract(sha256.New, q.DCID, salt)
	if err != nil {
		return Hello{}, false
	}
	secret := expandLabel(initial, "client in", sha256.Size)
	frames, ok := quicOpen(packet, number, expandLabel(secret, labels[0], 16), expandLabel(secret, labels[1], 12), expandLabel(secret, labels[2], 16))
	if !ok {
		return Hello{}, false
	}
	return AsHello(cryptoData(frames))
}

// quicPacket passes the token and the length behind a long header, and returns
// the packet up to its end, and where its number begins.
func quicPacket(b []byte, header int) (packet []byte, number int, ok bool) {
	token, n, ok := varint(b[header:])
	if !ok || token > uint64(len(b)-header-n) {
		return nil, 0, false
	}
	at := header + n + int(token)
	length, n, ok := varint(b[at:])
	at += n
	if !ok || length > uint64(len(b)-at) || length < quicSampleAt+quicSampleLen {
		return nil, 0, false
	}
	return b[:at+int(length)], at, true
}

// quicOpen takes the protection off a packet whose number begins at an offset
// and returns its frames.
func quicOpen(packet []byte, at int, key, iv, hp []byte) (frames []byte, ok bool) {
	mask := make([]byte, aes.BlockSize)
	block, err := aes.NewCipher(hp)
	if err != nil {
		return nil, false
	}
	block.Encrypt(mask, packet[at+quicSampleAt:at+quicSampleAt+quicSampleLen])
	header := bytes.Clone(packet[:at+4])
	header[0] ^= mask[0] & 0x0f
	size := int(header[0]&3) + 1
	header = header[:at+size]
	for i := range size {
		header[at+i] ^= mask[1+i]
		iv[len(iv)-size+i] ^= header[at+i]
	}
	if block, err = aes.NewCipher(key); err != nil {
		return nil, false
	}
	aead, err := cipher.NewGCM(block)
	if err != nil || len(packet)-len(header) < quicTagLen {
		return nil, false
	}
	frames, err = aead.Open(nil, iv, packet[len(header):], header)
	return frames, err == nil
}

// expandLabel is HKDF-Expand-Label of RFC 8446 section 7.1 without a context.
func expandLabel(secret []byte, label string, n int) []byte {
	info := append([]byte{0, byte(n), byte(len("tls13 ") + len(label))}, "tls13 "+label...)
	out, err := hkdf.Expand(sha256.New, secret, string(append(info, 0)), n)
	if err != nil {
		return make([]byte, n)
	}
	return out
}

// cryptoData puts the CRYPTO frames of a packet in order and returns what is
// there from the beginning of the stream on without a hole.
func cryptoData(frames []byte) []byte {
	hello := make([]byte, quicMaxHello)
	var parts [32][2]int // where data is, from and to
	n := 0
	for len(frames) > 0 && n < len(parts) {
		kind := frames[0]
		frames = frames[1:]
		switch kind {
		case framePadding, framePing:
			continue
		case frameAck, frameAckECN:
			var ok bool
			if frames, ok = skipAck(frames, kind == frameAckECN); !ok {
				frames = nil
			}
			continue
		case frameCrypto:
		default:
			frames = nil
			continue
		}
		off, a, ok := varint(frames)
		if !ok {
			break
		}
		size, b, ok := varint(frames[a:])
		if !ok || size > uint64(len(frames)-a-b) || off > quicMaxHello || size > quicMaxHello-off {
			break
		}
		data := frames[a+b : a+b+int(size)]
		copy(hello[off:], data)
		parts[n] = [2]int{int(off), int(off) + len(data)}
		n++
		frames = frames[a+b+int(size):]
	}
	return hello[:whole(parts[:n])]
}

// whole returns how far parts reach from 0 without a hole.
func whole(parts [][2]int) (end int) {
	for range parts {
		for _, p := range parts {
			if p[0] <= end && p[1] > end {
				end = p[1]
			}
		}
	}
	return end
}

// skipAck passes the rest of an ACK frame, RFC 9000 section 19.3.
func skipAck(b []byte, ecn bool) (rest []byte, ok bool) {
	ranges := uint64(0)
	for i := range 4 { // largest, delay, ranges, first range
		v, n, ok := varint(b)
		if !ok {
			return nil, false
		}
		if i == 2 {
			ranges = v
		}
		b = b[n:]
	}
	more := 2 * min(ranges, 64)
	if ecn {
		more += 3
	}
	for range more {
		_, n, ok := varint(b)
		if !ok {
			return nil, false
		}
		b = b[n:]
	}
	return b, true
}

// varint reads an integer of RFC 9000 section 16, of n bytes.
func varint(b []byte) (v uint64, n int, ok bool) {
	if len(b) == 0 {
		return 0, 0, false
	}
	n = 1 << (b[0] >> 6)
	if len(b) < n {
		return 0, 0, false
	}
	v = uint64(b[0] & 0x3f)
	for _, c := range b[1:n] {
		v = v<<8 | uint64(c)
	}
	return v, n, true
}
