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
	const minLen = etherLen + ipv4MinLen + udpLen
	if len(frame) < minLen || uint32(len(frame)) > maxWire {
		return false
	}
	switch binary.BigEndian.Uint16(frame[etherTypeAt:]) {
	case etherIPv4:
		h := (*[ipv4MinLen]byte)(frame[etherLen:])
		if h[0] != 0x45 || binary.BigEndian.Uint16(h[ipv4FragAt:])&(ipv4MF|ipv4OffsetMask) != 0 {
			return false
		}
		return commonTransport(frame, wire, l, commonIP{
			off:   etherLen + ipv4MinLen,
			end:   etherLen + uint32(binary.BigEndian.Uint16(h[ipv4TotalAt:])),
			has:   packet.HasMAC | packet.HasIPv4,
			proto: h[ipv4ProtoAt],
			et:    etherIPv4,
		})
	case etherIPv6:
		if len(frame) < etherLen+ipv6Len+udpLen || frame[etherLen]>>4 != 6 {
			return false
		}
		h := (*[ipv6Len]byte)(frame[etherLen:])
		return commonTransport(frame, wire, l, commonIP{
			off:   etherLen + ipv6Len,
			end:   etherLen + ipv6Len + uint32(binary.BigEndian.Uint16(h[ipv6PayloadAt:])),
			has:   packet.HasMAC | packet.HasIPv6,
			proto: h[ipv6NextAt],
			et:    etherIPv6,
		})
	}
	return false
}

// commonIP is what is known of a common packet behind its IP header: where
// that and the packet end, and what goes into the layers.
type commonIP struct {
	off, end uint32
	has      packet.Has
	et       uint16
	proto    uint8
}

func commonTransport(frame []byte, wire uint32, l *packet.Layers, ip commonIP) bool {
	off, end, has := ip.off, ip.end, ip.has
	if end > uint32(len(frame)) || end < off+udpLen {
		return false
	}
	h := frame[off:end]
	ports := binary.BigEndian.Uint32(h)
	src, dst := uint16(ports>>16), uint16(ports)
	var payload uint32
	switch ip.proto {
	case protoTCP:
		if len(h) < tcpMinLen {
			return false
		}
		n := uint32(h[tcpOffsetAt]>>4) * 4
		if n < tcpMinLen || n > end-off {
			return false
		}
		payload = off + n
		has |= packet.HasTCP | packet.HasPorts
	case protoUDP:
		if uint32(binary.BigEndian.Uint16(h[udpLengthAt:])) != end-off || isTunnelPort(src) || isTunnelPort(dst) {
			return false
		}
		payload = off + udpLen
		has |= packet.HasUDP | packet.HasPorts
	default:
		return false
	}
	if max(wire, uint32(len(frame))) > end {
		has |= packet.HasPadding
	}
	*l = packet.Layers{
		L3: etherLen, L4: off, Payload: payload, End: end, WireEnd: end,
		Has: has, SrcPort: src, DstPort: dst, EtherType: ip.et, Proto: ip.proto,
	}
	return true
}
