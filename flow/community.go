package flow

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"

	"pkt/field"
)

// CommunityID appends the Community ID of a flow, version 1 with seed 0: a
// name of the flow that other tools give it too. It does not tell apart flows
// that have the same addresses and ports one after the other.
//
// https://github.com/corelight/community-id-spec
func CommunityID(row *Row, dst []byte) []byte {
	src, srcPort := row.Src, row.SrcPort
	to, dstPort := row.Dst, row.DstPort
	hasPorts, ordered := row.HasPorts, false
	if isICMP(row.Proto) {
		_, ok := counterpart(row.Proto, srcPort)
		hasPorts, ordered = true, !ok // without a reply there is one direction only
	}
	if !ordered && (less(to, src) || to == src && dstPort < srcPort) {
		src, srcPort, to, dstPort = to, dstPort, src, srcPort
	}
	var buf [2 + 16 + 16 + 2 + 4]byte // seed, addresses, protocol and padding, ports
	b := buf[:2]
	b = appendAddr(b, src, row.IPVersion)
	b = appendAddr(b, to, row.IPVersion)
	b = append(b, row.Proto, 0)
	if hasPorts {
		b = binary.BigEndian.AppendUint16(b, srcPort)
		b = binary.BigEndian.AppendUint16(b, dstPort)
	}
	sum := sha1.Sum(b)
	dst = append(dst, "1:"...)
	return base64.StdEncoding.AppendEncode(dst, sum[:])
}

// less orders addresses of one version as their bytes.
func less(a, b field.Cell) bool {
	if a.Hi != b.Hi {
		return a.Hi < b.Hi
	}
	return a.Lo < b.Lo
}

// appendAddr appends the 4 or 16 bytes of an address.
func appendAddr(b []byte, a field.Cell, version uint8) []byte {
	if version == 4 {
		return binary.BigEndian.AppendUint32(b, uint32(a.Lo))
	}
	b = binary.BigEndian.AppendUint64(b, a.Hi)
	return binary.BigEndian.AppendUint64(b, a.Lo)
}
