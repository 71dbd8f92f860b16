package pcapfile

// The functions of this file build pcapng blocks in either byte order.

func pad(b []byte) []byte { return append(b, make([]byte, padded(len(b))-len(b))...) }

// ngBlock returns a block with its two lengths.
func ngBlock(o order, typ uint32, body []byte) []byte {
	body = pad(body)
	total := uint32(len(body) + blockMinLen)
	b := o.append32(nil, typ)
	b = o.append32(b, total)
	b = append(b, body...)
	return o.append32(b, total)
}

// ngOption returns an option.
func ngOption(o order, code uint16, value []byte) []byte {
	b := o.append16(nil, code)
	b = o.append16(b, uint16(len(value)))
	return pad(append(b, value...))
}

// ngSection returns a Section Header Block.
func ngSection(o order, options ...[]byte) []byte {
	body := o.append32(nil, byteOrderMagic)
	body = o.append16(body, 1)
	body = o.append16(body, 0)
	body = o.append64(body, ^uint64(0))
	return ngBlock(o, blockSection, join(body, options))
}

// ngInterface returns an Interface Description Block.
func ngInterface(o order, link uint16, snapLen uint32, options ...[]byte) []byte {
	body := o.append16(nil, link)
	body = o.append16(body, 0)
	body = o.append32(body, snapLen)
	return ngBlock(o, blockInterface, join(body, options))
}

// ngEnhanced returns an Enhanced Packet Block.
func ngEnhanced(o order, iface uint32, stamp uint64, frame []byte, options ...[]byte) []byte {
	body := o.append32(nil, iface)
	body = o.append32(body, uint32(stamp>>32))
	body = o.append32(body, uint32(stamp))
	body = o.append32(body, uint32(len(frame)))
	body = o.append32(body, uint32(len(frame)))
	body = pad(append(body, frame...))
	return ngBlock(o, blockEnhanced, join(body, options))
}

// ngSimple returns a Simple Packet Block of a frame that had wireLen bytes.
func ngSimple(o order, wireLen uint32, frame []byte) []byte {
	return ngBlock(o, blockSimple, append(o.append32(nil, wireLen), frame...))
}

// ngObsolete returns a Packet Block.
func ngObsolete(o order, iface, drops uint16, stamp uint64, frame []byte, options ...[]byte) []byte {
	body := o.append16(nil, iface)
	body = o.append16(body, drops)
	body = o.append32(body, uint32(stamp>>32))
	body = o.append32(body, uint32(stamp))
	body = o.append32(body, uint32(len(frame)))
	body = o.append32(body, uint32(len(frame)))
	body = pad(append(body, frame...))
	return ngBlock(o, blockPacket, join(body, options))
}

// ngStatistics returns an Interface Statistics Block.
func ngStatistics(o order, iface uint32, options ...[]byte) []byte {
	body := o.append32(nil, iface)
	return ngBlock(o, blockStatistics, join(o.append64(body, 0), options))
}

// join appends options and the one that ends them, if there are any.
func join(body []byte, options [][]byte) []byte {
	for _, o := range options {
		body = append(body, o...)
	}
	if len(options) > 0 {
		body = append(body, 0, 0, 0, 0)
	}
	return body
}
