package decode

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"

	"pkt/packet"
)

// Sum is what a checksum turned out to be.
type Sum uint8

// Verdicts.
const (
	// SumUnknown: there is none, or it cannot be told, because the packet was
	// cut, is a fragment, or has a route that changes what the sum counts.
	SumUnknown Sum = iota
	// SumNone: the sender chose to send none (UDP over IPv4).
	SumNone
	SumGood
	SumBad
	// SumOffload: left to the sender's network card, so that the capturing
	// host never saw it: zero, or the sum of the pseudo header alone.
	SumOffload
)

// String returns the verdict's spelling.
func (s Sum) String() string { return [...]string{"unknown", "none", "good", "bad", "offload"}[s] }

// castagnoli is the polynomial of SCTP's checksum.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Checksums verifies the innermost IPv4 header, and the transport checksum of
// TCP, UDP, UDP-Lite, ICMP, ICMPv6 and SCTP, of a frame that was decoded to l.
func Checksums(frame []byte, l *packet.Layers) (ip, transport Sum) {
	return ipSum(frame, l), transportSum(frame, l)
}

// WantedSums returns what the checksums should be where Checksums says that
// they are bad: valid only if it does, and not of SCTP.
func WantedSums(frame []byte, l *packet.Layers) (ip, transport uint16) {
	if h, ok := IPv4Of(frame, l); ok {
		ip = wanted(fold(sum(h.b, 0)), h.Checksum())
	}
	segment, at := frame[l.L4:l.End], 0
	switch {
	case l.Has.Any(packet.HasTCP):
		at = tcpChecksumAt
	case l.Has.Any(packet.HasUDP):
		at = udpChecksumAt
	case l.Has.Any(packet.HasICMP):
		at = icmpChecksumAt
	}
	if at == 0 || len(segment) < at+2 {
		return ip, 0
	}
	var pseudo uint64
	covered := segment
	if l.Proto != protoICMP {
		size := len(segment)
		pseudo, _ = pseudoSum(frame, l)
		pseudo += uint64(size>>16) + uint64(size&0xffff)
	}
	if l.Proto == protoUDPLite && l.Has.Any(packet.HasUDP) {
		if n := int(be16(segment[udpLengthAt:])); n >= udpLen && n < len(segment) {
			covered = segment[:n]
		}
	}
	transport = wanted(fold(sum(covered, pseudo)), be16(segment[at:]))
	if transport == 0 && l.Has.Any(packet.HasUDP) {
		transport = 0xffff // 0 would say that there is none
	}
	return ip, transport
}

// wanted returns the checksum that makes a sum right which counts another one.
func wanted(folded, stored uint16) uint16 {
	return ^fold(uint64(folded) + uint64(^stored))
}

// TransportSum is Checksums without that of the IPv4 header.
func TransportSum(frame []byte, l *packet.Layers) Sum { return transportSum(frame, l) }

// DatagramSum verifies the TCP or UDP checksum of a datagram that was put together
// from fragments; frame is one of them, decoded to l.
func DatagramSum(frame []byte, l *packet.Layers, datagram []byte) Sum {
	switch {
	case l.Proto == protoTCP && len(datagram) >= tcpMinLen:
		return internetSum(frame, l, datagram, len(datagram), tcpChecksumAt)
	case l.Proto == protoUDP && len(datagram) >= udpLen:
		if be16(datagram[udpChecksumAt:]) != 0 {
			return internetSum(frame, l, datagram, len(datagram), udpChecksumAt)
		}
		if l.Has.Any(packet.HasIPv4) {
			return SumNone
		}
		return SumBad // RFC 8200 section 8.1
	}
	return SumUnknown
}

func ipSum(frame []byte, l *packet.Layers) Sum {
	h, ok := IPv4Of(frame, l)
	if !ok || len(h.b) < h.HeaderLen() {
		return SumUnknown
	}
	switch {
	case fold(sum(h.b, 0)) == 0xffff:
		return SumGood
	case h.Checksum() == 0:
		return SumOffload
	}
	return SumBad
}

func transportSum(frame []byte, l *packet.Layers) Sum {
	if l.Has.Any(packet.HasCut|packet.HasFragment) || !l.Has.Any(packet.HasIP) || l.Problem != packet.ProblemNone {
		return SumUnknown
	}
	segment := frame[l.L4:l.End]
	switch {
	case l.Has.Any(packet.HasTCP):
		return internetSum(frame, l, segment, len(segment), tcpChecksumAt)
	case l.Has.Any(packet.HasUDP):
		return udpSum(frame, l, segment)
	case l.Has.Any(packet.HasICMP) && len(segment) >= icmpMinLen:
		if l.Proto == protoICMPv6 {
			return internetSum(frame, l, segment, len(segment), icmpChecksumAt)
		}
		return verdict(fold(sum(segment, 0)), be16(segment[icmpChecksumAt:]), 0)
	case l.Has.Any(packet.HasSCTP):
		return sctpSum(segment)
	}
	return SumUnknown
}

// udpSum verifies a UDP or UDP-Lite datagram. UDP-Lite counts the first bytes
// only, as many as its length field says, 0 for all.
func udpSum(frame []byte, l *packet.Layers, segment []byte) Sum {
	covered := segment
	if l.Proto == protoUDPLite {
		n := int(be16(segment[udpLengthAt:]))
		if n > len(segment) || n > 0 && n < udpLen {
			return SumBad // RFC 3828 section 3.1
		}
		if n > 0 {
			covered = segment[:n]
		}
	} else if be16(segment[udpChecksumAt:]) == 0 {
		if l.Has.Any(packet.HasIPv4) {
			return SumNone
		}
		return SumBad // RFC 8200 section 8.1
	}
	return internetSum(frame, l, covered, len(segment), udpChecksumAt)
}

// internetSum verifies a segment whose checksum at an offset counts a pseudo
// header too; size is the length that stands there.
func internetSum(frame []byte, l *packet.Layers, segment []byte, size, at int) Sum {
	pseudo, ok := pseudoSum(frame, l)
	if !ok {
		return SumUnknown
	}
	whole := pseudo + uint64(size>>16) + uint64(size&0xffff)
	v := verdict(fold(sum(segment, whole)), be16(segment[at:]), fold(whole))
	if v == SumBad && be16(segment[at:]) == fold(pseudo) {
		return SumOffload // of segments that the card will cut: without the length
	}
	return v
}

// verdict judges a folded sum; stored is the checksum in the header, pseudo
// what offloading would have left there.
func verdict(folded, stored, pseudo uint16) Sum {
	switch {
	case folded == 0xffff:
		return SumGood
	case stored == 0 || stored == pseudo:
		return SumOffload
	}
	return SumBad
}

// pseudoSum returns the sum of the addresses and the protocol of the pseudo
// header, not folded. It reports false where the packet's route names other
// addresses than the fixed header.
func pseudoSum(frame []byte, l *packet.Layers) (s uint64, ok bool) {
	if h, ok := IPv4Of(frame, l); ok {
		return sum(h.b[ipv4SrcAt:ipv4MinLen], uint64(l.Proto)), !h.rerouted()
	}
	h, ok := IPv6Of(frame, l)
	if !ok || h.rerouted() {
		return 0, false
	}
	return sum(h.b[ipv6SrcAt:ipv6Len], uint64(l.Proto)), true
}

// sctpSum verifies an SCTP packet, RFC 9260 section 6.8. The checksum is in
// little-endian order and counts as zero.
func sctpSum(segment []byte) Sum {
	if len(segment) < sctpLen {
		return SumUnknown
	}
	stored := binary.LittleEndian.Uint32(segment[sctpChecksumAt:])
	crc := crc32.Update(0, castagnoli, segment[:sctpChecksumAt])
	crc = crc32.Update(crc, castagnoli, zeros[:])
	crc = crc32.Update(crc, castagnoli, segment[sctpLen:])
	switch stored {
	case crc:
		return SumGood
	case 0:
		return SumOffload // or RFC 9653
	}
	return SumBad
}

// zeros stand for SCTP's checksum while it is computed.
var zeros [4]byte

// sum adds the 16-bit words of b in network byte order to s, as RFC 1071 has
// it, without folding. Words are added 64 bytes at a time as the processor reads
// them, with one chain of carries; the sum of swapped words is the swapped sum.
func sum(b []byte, s uint64) uint64 {
	var t, carry uint64
	for ; len(b) >= 64; b = b[64:] {
		w := (*[64]byte)(b)
		t, carry = bits.Add64(t, binary.LittleEndian.Uint64(w[:]), 0)
		t, carry = bits.Add64(t, binary.LittleEndian.Uint64(w[8:]), carry)
		t, carry = bits.Add64(t, binary.LittleEndian.Uint64(w[16:]), carry)
		t, carry = bits.Add64(t, binary.LittleEndian.Uint64(w[24:]), carry)
		t, carry = bits.Add64(t, binary.LittleEndian.Uint64(w[32:]), carry)
		t, carry = bits.Add64(t, binary.LittleEndian.Uint64(w[40:]), carry)
		t, carry = bits.Add64(t, binary.LittleEndian.Uint64(w[48:]), carry)
		t, carry = bits.Add64(t, binary.LittleEndian.Uint64(w[56:]), carry)
		t, carry = bits.Add64(t, 0, carry)
		t += carry
	}
	for ; len(b) >= 8; b = b[8:] {
		t, carry = bits.Add64(t, binary.LittleEndian.Uint64(b), 0)
		t += carry
	}
	if len(b) > 0 {
		var word [8]byte
		copy(word[:], b)
		t, carry = bits.Add64(t, binary.LittleEndian.Uint64(word[:]), 0)
		t += carry
	}
	s, carry = bits.Add64(s, uint64(bits.ReverseBytes16(fold(t))), 0)
	return s + carry
}

// fold reduces a sum to 16 bits.
func fold(s uint64) uint16 {
	s = s>>32 + s&0xffffffff
	s = s>>32 + s&0xffffffff
	s = s>>16 + s&0xffff
	s = s>>16 + s&0xffff
	return uint16(s)
}
