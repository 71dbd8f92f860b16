package app

// QUIC, RFC 9000 section 17.2 and RFC 8999, long headers:
//
//	+---+---+--------+------------+-----------+------+------------+------+------------+
//	| 1 | 1 | type 2 | specific 4 | version 4 | length 1 | dcid | length 1 | scid |
//	+---+---+--------+------------+-----------+------+------------+------+------------+
//
// Short headers say nothing that could be told from noise.
const (
	quicMinLen = 7
	quicMaxCID = 20

	quicV1 = 0x00000001
	quicV2 = 0x6b3343cf // RFC 9369
)

// QUICType is the kind of a packet with a long header.
type QUICType uint8

// Kinds of packets.
const (
	QUICInitial QUICType = iota
	QUICZeroRTT
	QUICHandshake
	QUICRetry
	QUICNegotiation
)

// String returns the name of the kind.
func (t QUICType) String() string {
	return [...]string{"Initial", "0-RTT", "Handshake", "Retry", "Version Negotiation"}[t]
}

// QUIC is what a long header says. The identifiers lie in the payload.
type QUIC struct {
	Type       QUICType
	Version    uint32
	DCID, SCID []byte // destination's and source's connection identifier
}

// AsQUIC returns the long header that a datagram begins with. Versions that are
// not in use are taken for noise.
func AsQUIC(b []byte) (q QUIC, ok bool) {
	if len(b) < quicMinLen || b[0]&0x80 == 0 {
		return QUIC{}, false
	}
	q.Version = be32(b[1:])
	if q.Version != 0 && (b[0]&0x40 == 0 || !knownQUIC(q.Version)) {
		return QUIC{}, false
	}
	n := int(b[5])
	if n > quicMaxCID || len(b) < quicMinLen+n {
		return QUIC{}, false
	}
	q.DCID = b[6 : 6+n]
	rest := b[6+n:]
	if n = int(rest[0]); n > quicMaxCID || len(rest) < 1+n {
		return QUIC{}, false
	}
	q.SCID = rest[1 : 1+n]
	q.Type = quicType(b[0]>>4&3, q.Version)
	if q.Version == 0 && (len(rest) < 1+n+4 || (len(rest)-1-n)%4 != 0) {
		return QUIC{}, false // a list of versions follows
	}
	return q, true
}

// knownQUIC reports whether a version is one of RFC 9000, RFC 9369, or of the
// drafts since 23.
func knownQUIC(v uint32) bool {
	return v == quicV1 || v == quicV2 || v >= 0xff000017 && v <= 0xff000022
}

// quicType returns the kind that two bits stand for: version 2 counts from
// another one.
func quicType(bits byte, version uint32) QUICType {
	switch version {
	case 0:
		return QUICNegotiation
	case quicV2:
		bits = (bits + 3) & 3
	}
	return QUICType(bits)
}
