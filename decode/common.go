package decode

import (
	"encoding/binary"

	"pkt/packet"
)

// common decodes the packets that most captures consist of: Ethernet, one IP
// header without options or fragments, TCP or UDP, with nothing odd about it
// and all of it captured. It reports false, with l as it was, for everything
// else. It finds exactly what general does; a fuzz target holds the two
// together.
func common(frame []byte, wire uint32, l *packet.Layers) bool {
	off, end, et, proto := commonIP(frame)
	if end > uint32(len(frame)) || end < off+udpLen {
		return false
	}
	h := frame[off:end:end]
	ports := binary.BigEndian.Uint32(h)
	size, has := uint32(udpLen), packet.HasMAC|packet.HasPorts|packet.HasUDP
	switch proto {
	case protoTCP:
		if len(h) < tcpMinLen {
			return false
		}
		size = uint32(h[tcpOffsetAt]>>4) * 4
		if size < tcpMinLen || size > end-off {
			return false
		}
		has ^= packet.HasUDP | packet.HasTCP
	case protoUDP:
		if uint32(binary.BigEndian.Uint16(h[udpLengthAt:])) != end-off ||
			isTunnelPort(uint16(ports>>16)) || isTunnelPort(uint16(ports)) {
			return false
		}
	default:
		return false
	}
	if et == etherIPv4 {
		has |= packet.HasIPv4
	} else {
		has |= packet.HasIPv6
	}
	if max(wire, uint32(len(frame))) > end {
		has |= packet.HasPadding
	}
	*l = packet.Layers{
		L3: etherLen, L4: off, Payload: off + size, End: end, WireEnd: end, Has: has,
		SrcPort: uint16(ports >> 16), DstPort: uint16(ports), EtherType: et, Proto: proto,
	}
	return true
}

// commonIP returns where the IP header of an Ethernet frame and its packet
// end, and what they are; end is 0 where they are not common.
func commonIP(frame []byte) (off, end uint32, et uint16, proto uint8) {
	const minLen = etherLen + ipv4MinLen + udpLen
	if len(frame) < minLen || len(frame) > maxWire {
		return 0, 0, 0, 0
	}
	h := frame[etherLen:]
	switch binary.BigEndian.Uint16(frame[etherTypeAt:]) {
	case etherIPv4:
		if h[0] != 0x45 || binary.BigEndian.Uint16(h[ipv4FragAt:])&(ipv4MF|ipv4OffsetMask) != 0 {
			return 0, 0, 0, 0
		}
		total := uint32(binary.BigEndian.Uint16(h[ipv4TotalAt:]))
		return etherLen + ipv4MinLen, etherLen + total, etherIPv4, h[ipv4ProtoAt]
	case etherIPv6:
		if h[0]>>4 != 6 {
			return 0, 0, 0, 0
		}
		size := uint32(binary.BigEndian.Uint16(h[ipv6PayloadAt:]))
		return etherLen + ipv6Len, etherLen + ipv6Len + size, etherIPv6, h[ipv6NextAt]
	}
	return 0, 0, 0, 0
}
