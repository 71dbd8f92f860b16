package line

import (
	"pkt/decode"
	"pkt/packet"
)

// link appends the link-layer header. What precedes the network header is told
// as tcpdump does for the usual types; of others, the names of the headers and
// the addresses.
func (p *Printer) link(dst, frame []byte, r *packet.Record, l *packet.Layers) []byte {
	headers := p.path.Headers()
	if len(headers) == 0 {
		return dst
	}
	b := frame[min(int(headers[0].Off), len(frame)):]
	switch first := headers[0].Layer; {
	case first == decode.LayerEthernet && len(b) >= 14:
		dst = appendMAC(dst, b[6:12])
		dst = appendMAC(append(dst, " > "...), b[:6])
		dst = etherOrLength(append(dst, ", "...), be16(b[12:]))
		dst = appendUint(dst, ", length ", r.WireLen)
	case first == decode.LayerSLL && len(b) >= 16:
		dst = append(dst, cookedDirs[be16(b)&7]...)
		dst = appendMAC(dst, b[6:6+min(be16(b[4:]), 8)])
		dst = etherOrLength(append(dst, ' '), be16(b[14:]))
		dst = appendUint(dst, ", length ", r.WireLen)
	case first == decode.LayerSLL2 && len(b) >= sll2Len:
		dst = append(appendUint(dst, "ifindex ", be32(b[4:])), ' ')
		dst = appendMAC(dst, b[12:12+min(b[11], 8)])
		dst = etherOrLength(append(dst, ' '), be16(b))
		dst = appendUint(dst, ", length ", r.WireLen)
	case first == decode.LayerNull && len(b) >= 4:
		dst = append(dst, "AF "...)
		switch {
		case l.Has.Any(packet.HasIPv4):
			dst = append(dst, "IPv4"...)
		case l.Has.Any(packet.HasIPv6):
			dst = append(dst, "IPv6"...)
		}
		family := be32(b)
		if family > 0xffff {
			family = family<<24 | family&0xff00<<8 | family>>8&0xff00 | family>>24
		}
		dst = appendUint(append(appendUint(dst, " (", family), ')'), ", length ", r.WireLen)
	case first == decode.LayerIPv4 || first == decode.LayerIPv6:
		dst = appendUint(dst, "raw, length ", r.WireLen)
	default:
		dst = p.otherLink(dst, frame, headers)
		dst = appendUint(dst, "length ", r.WireLen)
	}
	dst = append(dst, ": "...)
	return p.tags(dst, frame, headers)
}

// cookedDirs are the types of packets of cooked captures.
var cookedDirs = [8]string{"In  ", "B   ", "M   ", "P   ", "Out ", "", "", ""}

const sll2Len = 20

// otherLink appends the headers in front of the network header by name, and the
// addresses that they have.
func (p *Printer) otherLink(dst, frame []byte, headers []decode.Header) []byte {
	if src, to := p.path.Addresses(); src >= 0 {
		dst = appendMAC(dst, frame[src:src+6])
		if to >= 0 {
			dst = appendMAC(append(dst, " > "...), frame[to:to+6])
		}
		dst = append(dst, ", "...)
	}
	for _, h := range headers {
		if h.Layer >= decode.LayerMPLS || h.Layer == decode.LayerPPPoE || h.Layer == decode.LayerVLAN {
			break
		}
		dst = append(append(dst, h.Layer.String()...), ", "...)
	}
	return dst
}

// tags appends the VLAN tags in front of the first network header.
func (p *Printer) tags(dst, frame []byte, headers []decode.Header) []byte {
	for _, h := range headers {
		switch {
		case h.Layer >= decode.LayerMPLS:
			return dst
		case h.Layer != decode.LayerVLAN || len(frame) < int(h.Off)+4:
			continue
		}
		tag := be16(frame[h.Off:])
		dst = appendUint(dst, "vlan ", tag&0xfff)
		dst = appendUint(dst, ", p ", tag>>13)
		if tag&0x1000 != 0 {
			dst = append(dst, ", DEI"...)
		}
		dst = append(etherOrLength(append(dst, ", "...), be16(frame[h.Off+2:])), ", "...)
	}
	return dst
}

// etherOrLength appends the type field of a frame.
func etherOrLength(dst []byte, et uint16) []byte {
	if et < 0x600 {
		return append(dst, "802.3"...)
	}
	dst = append(dst, "ethertype "...)
	if name := etherName(et); name != "" {
		dst = append(dst, name...)
	} else {
		dst = append(dst, "Unknown"...)
	}
	return append(appendHex(append(dst, " (0x"...), uint64(et), 4), ')')
}
