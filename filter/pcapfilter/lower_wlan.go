package pcapfilter

// Bits of the frame control field (IEEE 802.11, 9.2.4.1).
const (
	frameLowType  = 0x04 // of the first byte: control or extension
	frameHighType = 0x08 // of the first byte: data, if frameLowType is clear
	frameQoS      = 0x80 // of the first byte of a data frame
	frameToDS     = 0x01 // of the second byte
	frameFromDS   = 0x02 // of the second byte
)

// fc tests bits of a byte of the frame control field.
func (l *lowerer) fc(n, mask uint32) *formula { return l.bits(l.header.add(n), mask) }

// dataFrame tests for a data frame.
func (l *lowerer) dataFrame() *formula {
	return and(not(l.fc(0, frameLowType)), l.fc(0, frameHighType))
}

// wlanHost tests the addresses of a frame. Which of the four address fields
// holds source and destination depends on type and direction.
func (l *lowerer) wlanHost(mac []byte, dir direction) *formula {
	addr := func(n uint32) *formula { return l.bytes(l.header.add(n), mac) }
	transmitter := func() *formula {
		return and(or(
			not(l.masked(l.header, 1, frameControl, frameTypeMask)),
			and(not(l.masked(l.header, 1, 0xc0, frameSubtypeMask)), not(l.masked(l.header, 1, 0xd0, frameSubtypeMask)))),
			addr(10))
	}
	switch dir {
	case dirAddr1:
		return addr(4)
	case dirAddr2:
		return transmitter()
	case dirAddr3:
		return and(not(l.masked(l.header, 1, frameControl, frameTypeMask)), addr(16))
	case dirAddr4:
		return and(l.masked(l.header.add(1), 1, frameDirMask, frameDirMask), addr(24))
	case dirRA:
		return and(l.fc(0, frameHighType), addr(4))
	case dirTA:
		return and(l.fc(0, frameHighType), transmitter())
	}
	return either(dir, func() *formula { return l.wlanSource(addr) }, func() *formula { return l.wlanDestination(addr) })
}

// wlanSource applies a test to the source address, given where it is.
func (l *lowerer) wlanSource(addr func(n uint32) *formula) *formula {
	data := or(
		and(not(l.fc(1, frameFromDS)), addr(10)),
		and(l.fc(1, frameFromDS), or(
			and(not(l.fc(1, frameToDS)), addr(16)),
			and(l.fc(1, frameToDS), addr(24)))))
	return and(not(l.fc(0, frameLowType)), or(
		and(not(l.fc(0, frameHighType)), addr(10)),
		and(l.fc(0, frameHighType), data)))
}

// wlanDestination applies a test to the destination address.
func (l *lowerer) wlanDestination(addr func(n uint32) *formula) *formula {
	data := or(
		and(not(l.fc(1, frameToDS)), addr(4)),
		and(l.fc(1, frameToDS), addr(16)))
	return and(not(l.fc(0, frameLowType)), or(
		and(not(l.fc(0, frameHighType)), addr(4)),
		and(l.fc(0, frameHighType), data)))
}

// frame lowers "type", "subtype" and "dir".
func (l *lowerer) frame(n *frameTest) *formula {
	if l.link.family != linkWLAN || l.link.link == linkTypePPI {
		if n.direction {
			return l.fail(n.span, "frame direction supported only with 802.11 headers")
		}
		return l.fail(n.span, "802.11 link-layer types supported only on 802.11")
	}
	at := l.header
	if n.direction {
		at = at.add(1)
	}
	return l.masked(at, 1, n.value, n.mask)
}

// prologue returns what has to be computed before an expression: the lengths
// of headers that are of variable length, as far as the program uses them.
// It is always true.
func (l *lowerer) prologue(used uint32) *formula {
	var f []*formula
	uses := func(v *expr) bool { return v != nil && used&v.vars != 0 }
	if uses(l.pflogVar) {
		// The length is without padding to words of 32 bits.
		length := l.binary(opAnd, l.binary(opAdd, l.load(nil, 0, 1), l.constant(3)), l.constant(^uint32(3)))
		f = append(f, set(l.pflogVar, length))
	}
	if uses(l.radioVar) || uses(l.frameVar) && l.radioVar != nil {
		f = append(f, l.radioLength())
	}
	if uses(l.frameVar) {
		f = append(f, l.frameLength())
	}
	if len(f) == 0 {
		return constantFormula(true)
	}
	return and(f...)
}

// radioLength sets the variable for the length of the header that says how a
// frame was received.
func (l *lowerer) radioLength() *formula {
	switch l.link.link {
	case linkTypeAVS:
		return set(l.radioVar, l.load(nil, 4, 4))
	case linkTypePrism:
		// Some drivers put an AVS header where one of Prism, of 144 bytes,
		// was announced.
		l.keepTests = true
		avs := l.masked(offset{}, 4, 0x80211000, 0xfffff000)
		return or(and(avs, set(l.radioVar, l.load(nil, 4, 4))), set(l.radioVar, l.constant(144)))
	}
	// Radiotap and PPI: two bytes in little-endian order.
	high := l.binary(opShiftLeft, l.load(nil, 3, 1), l.constant(8))
	return set(l.radioVar, l.binary(opOr, l.load(nil, 2, 1), high))
}

// frameLength sets the variable for where the payload of a frame begins: 24
// bytes into it, 26 with QoS, and on a multiple of four behind a radiotap
// header that says so.
func (l *lowerer) frameLength() *formula {
	l.keepTests = true
	start := l.header.base
	if start == nil {
		start = l.constant(0)
	}
	grow := set(l.frameVar, l.binary(opAdd, l.frameVar, l.constant(2)))
	data := []*formula{or(not(l.fc(0, frameQoS)), grow)}
	if l.link.link == linkTypeRadiotap {
		data = append(data, l.radiotapPadding())
	}
	return and(set(l.frameVar, l.binary(opAdd, start, l.constant(24))),
		or(not(l.fc(0, frameHighType)), l.fc(0, frameLowType), and(data...)))
}

// radiotapPadding rounds the start of the payload up to a multiple of four if
// the flags field of radiotap has its pad bit. Bits of the first word, which
// is in little-endian order, tell which fields are there.
func (l *lowerer) radiotapPadding() *formula {
	const hasTSFT, hasFlags, hasMore, flagPad = 0x01000000, 0x02000000, 0x00000080, 0x20
	present := func(bit uint32) *formula {
		return l.test(relAnyBit, l.load(nil, 4, 4), l.constant(bit))
	}
	pad := func(at uint32) *formula { return l.bits(offset{k: at}, flagPad) }
	up := l.binary(opAnd, l.binary(opAdd, l.frameVar, l.constant(3)), l.constant(^uint32(3)))
	return or(not(present(hasFlags)), present(hasMore),
		and(present(hasTSFT), or(not(pad(16)), set(l.frameVar, up))),
		not(pad(8)), set(l.frameVar, up))
}
