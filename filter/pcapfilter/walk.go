package pcapfilter

// IPv6 extension headers with the layout of RFC 8200, section 4: next header,
// length in units of 8 bytes beyond the first. That of a fragment header is
// reserved and taken for a length all the same, as libpcap does; it is 0.
var extensionHeaders = [...]uint32{0, 60, 43, ipFragment}

// walk generates the loop of "protochain". Within it A is the protocol of the
// header at X, counted from the IP header:
//
//	again: if A == protocol or A == no next header: leave
//	       if A == an extension header: A, X = next header, X + 8*(length+1); again
//	       if A == AH:                  A, X = next header, X + 4*(length+2); again
//	leave: A == protocol?
func (g *generator) walk(b *block) {
	w := b.walk
	slot := g.vars + g.temps
	if slot >= scratchWords {
		g.short = true
		return
	}
	if w.ipv6 {
		g.emit(classLD|modeABS|sizeB, w.net+6)
		g.emit(classLDX|modeIMM, 40)
	} else {
		g.emit(classLD|modeABS|sizeB, w.net+9)
		g.emit(classLDX|modeMSH|sizeB, w.net)
	}
	again := len(g.code)
	var leave []int
	jump := func(k uint32) *insn {
		g.code = append(g.code, insn{op: classJMP | jmpJEQ | srcK, k: k})
		return &g.code[len(g.code)-1]
	}
	jump(w.protocol)
	leave = append(leave, again)
	jump(ipNoNext)
	leave = append(leave, again+1)
	if w.ipv6 {
		for i, header := range extensionHeaders {
			left := len(extensionHeaders) - 1 - i
			j := jump(header)
			j.skipYes = uint8(left)
			if left == 0 {
				j.skipNo = advanceLength
			}
		}
		g.advance(w.net, slot, 1, 8, again)
	}
	jump(ipAH)
	// The last jump leaves by "no".
	last := len(g.code) - 1
	g.advance(w.net, slot, 2, 4, again)
	end := len(g.code)
	for _, at := range leave {
		g.code[at].skipYes = uint8(end - at - 1)
	}
	g.code[last].skipNo = uint8(end - last - 1)
	g.code = append(g.code, insn{op: classJMP | jmpJEQ | srcK, k: w.protocol, yes: b.yes, no: b.no})
}

// advanceLength is the number of instructions of advance.
const advanceLength = 9

// advance generates A, X = byte at X, X + unit*(byte at X+1 + more) and a jump
// back to the instruction again.
func (g *generator) advance(net, slot, more, unit uint32, again int) {
	g.emit(classLD|modeIND|sizeB, net)
	g.emit(classST, slot)
	g.emit(classLD|modeIND|sizeB, net+1)
	g.emit(classALU|aluADD|srcK, more)
	g.emit(classALU|aluMUL|srcK, unit)
	g.emit(classALU|aluADD|srcX, 0)
	g.emit(classMISC|miscTAX, 0)
	g.emit(classLD|modeMEM, slot)
	g.emit(classJMP|jmpJA, uint32(again-len(g.code)-1))
}
