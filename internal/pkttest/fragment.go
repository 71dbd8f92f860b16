package pkttest

// Fragments splits a packet into IP fragments and returns a frame for each. The
// innermost IP header of the layers is repeated in every one; each but the last
// carries size bytes of its payload, a multiple of 8. An IPv6 packet gets a
// fragment header with the given identification behind its fixed header.
func Fragments(size int, id uint32, layers ...Layer) [][]byte {
	at := innermostIP(layers)
	if at < 0 || at+1 == len(layers) || size <= 0 || size%8 != 0 {
		panic("pkttest: fragments need an IP header, a payload, and a size that is a multiple of 8")
	}
	whole := assemble(layers, at+1)
	var frames [][]byte
	for off := 0; off < len(whole); off += size {
		end := min(off+size, len(whole))
		part := append([]Layer(nil), layers[:at]...)
		part = append(part, fragmentHeader(layers[at], layers[at+1], id, off, end < len(whole))...)
		frames = append(frames, Frame(append(part, Payload(whole[off:end]))...))
	}
	return frames
}

// fragmentHeader returns the header of one fragment of what the IP header ip
// carries.
func fragmentHeader(ip, inner Layer, id uint32, off int, more bool) []Layer {
	switch ip := ip.(type) {
	case IPv4:
		ip.Proto = Exactly(or(ip.Proto, ipProto(inner, protoICMP)))
		ip.ID, ip.Offset, ip.MF = uint16(id), off, more
		return []Layer{ip}
	default:
		next := Exactly(ipProto(inner, protoICMPv6))
		return []Layer{ip, IPv6Fragment{ID: id, Offset: off, More: more, Next: next}}
	}
}

// innermostIP returns the position of the last IP header, or -1.
func innermostIP(layers []Layer) int {
	at := -1
	for i, l := range layers {
		switch l.(type) {
		case IPv4, IPv6:
			at = i
		}
	}
	return at
}
