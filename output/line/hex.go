package line

import "pkt/packet"

// dump appends the bytes of a frame as they were asked for.
func (p *Printer) dump(dst, frame []byte, l *packet.Layers) []byte {
	b := frame
	switch p.opt.Dump {
	case NoDump:
		return dst
	case Hex, Both, ASCII:
		at := l.L3
		if l.Has.Any(packet.HasTunnel) {
			at = l.Outer
		}
		b = frame[min(int(at), len(frame)):]
	}
	switch p.opt.Dump {
	case ASCII, ASCIILink:
		return appendText(dst, b)
	}
	for off := 0; off < len(b); off += 16 {
		dst = appendRow(dst, b[off:min(off+16, len(b))], off, p.opt.Dump >= Both)
	}
	return dst
}

// appendRow appends up to 16 bytes, in pairs, behind their offset, and with
// text as characters too.
func appendRow(dst, b []byte, off int, text bool) []byte {
	dst = appendHex(append(dst, "\t0x"...), uint64(off), 4)
	dst = append(dst, ": "...)
	for i, c := range b {
		if i%2 == 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	if text {
		for i := len(b); i < 16; i++ {
			if i%2 == 0 {
				dst = append(dst, ' ')
			}
			dst = append(dst, "  "...)
		}
		dst = append(dst, "  "...)
		for _, c := range b {
			dst = append(dst, visible(c))
		}
	}
	return append(dst, '\n')
}

// appendText appends bytes as characters. Line feeds and tabs of the payload
// stay, so that text protocols can be read.
func appendText(dst, b []byte) []byte {
	for i, c := range b {
		switch {
		case c == '\n' || c == '\t':
			dst = append(dst, c)
		case c == '\r' && i+1 < len(b) && b[i+1] == '\n':
		default:
			dst = append(dst, visible(c))
		}
	}
	return append(dst, '\n')
}

// visible returns a byte as it is, or a dot for what is not printable ASCII.
func visible(c byte) byte {
	if c < 0x20 || c > 0x7e {
		return '.'
	}
	return c
}
