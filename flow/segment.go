package flow

// segment takes a segment that side s of a connection has sent, and returns
// what is remarkable about it.
func (t *Table) segment(r *record, c conn, s uint8, g *segment) Ref {
	me := &c.side[s]
	me.flags |= g.flags
	if me.state-partial <= established-partial && g.seq == me.next && g.window != 0 &&
		g.flags&(flagSYN|flagFIN|flagRST|flagACK) == flagACK {
		t.inOrder(r, c, s, g)
		return 0
	}
	isOrigin := r.origin() == s
	c.number(s, g)
	t.letters(c, s, isOrigin, g)
	ref := t.window(c, s, isOrigin, g)
	if g.flags&flagSYN != 0 && c.rest[s].mss == 0 {
		if o := g.option(optionMSS); len(o) == 2 {
			c.rest[s].mss = uint16(o[0])<<8 | uint16(o[1])
		}
	}
	acked := t.acknowledge(c, s, g)
	ref |= t.sequence(c, s, isOrigin, g)
	if g.flags&flagRST == 0 || c.plausibleRST(s, g) {
		c.advanceState(s, isOrigin, g)
	}
	if acked {
		t.answered(c, s, !isOrigin, g)
	}
	return ref
}

// inOrder takes the segment that nearly all are: behind the handshake, in order,
// without control flags.
func (t *Table) inOrder(r *record, c conn, s uint8, g *segment) {
	me, peer := &c.side[s], &c.side[s^1]
	me.bits &^= parts
	saw, code := uint16(sawACK), uint8(letterACK)
	if g.length > 0 {
		saw, code = sawData, letterData
	}
	if me.bits&saw == 0 {
		me.bits |= saw
		t.letter(c, cased(code, r.origin() == s))
	}
	if peer.state == inactive {
		c.begin(s^1, g.ack-1, g.ack-1)
	} else if ahead := int32(g.ack - peer.ack); ahead > 0 && (g.ack != 0 || ahead < tooFar) {
		c.setAck(s^1, g.ack)
		if peer.bits&(probing|holes) != 0 || int32(g.ack-peer.next) > 0 {
			t.answered(c, s, r.origin() != s, g)
		}
	}
	if g.length > 0 {
		c.setNext(s, me.next+g.length)
		if me.bits&probing == 0 {
			c.probe(s, g)
		}
		if g.parts {
			me.bits |= parts
		}
	}
}

// number sets where the sequence numbers of a side begin, on its first segment
// or on a SYN that corrects what was believed.
func (c conn) number(s uint8, g *segment) {
	me := &c.side[s]
	isSYN := g.flags&flagSYN != 0
	switch me.state {
	case inactive:
		if isSYN {
			c.begin(s, g.seq, g.seq)
			me.bits |= sentSYN
		} else {
			// As though there had been a SYN. The segment itself is new.
			c.begin(s, g.seq-1, g.seq)
		}
	case synSent:
		if isSYN && g.seq != c.rest[s].isn {
			c.begin(s, g.seq, g.seq)
			me.bits &^= probing
		}
	case established, partial, closed:
		// A SYN of another connection does not get here: see reuse.go. One behind a
		// FIN, though, may be too old for this one.
		if isSYN && g.seq != c.rest[s].isn && !c.answeredSYN(s) && (me.state != closed || me.bits&sentSYN == 0 && c.late(s, g)) {
			next, high := me.next, c.rest[s].nextHigh
			c.begin(s, g.seq, g.seq)
			me.bits |= sentSYN
			if int32(next-me.next) > 0 {
				me.next, c.rest[s].nextHigh = next, high // a SYN behind the data that follows it
			}
		}
	case reset:
		if isSYN && me.was == inactive {
			c.begin(s, g.seq, g.seq)
			me.bits |= sentSYN
		}
	}
}

// answeredSYN reports whether the other side has acknowledged the SYN of a side: it
// is the one that counts, whatever others come.
func (c conn) answeredSYN(s uint8) bool {
	return c.side[s].bits&sentSYN != 0 && c.side[s].ack != c.rest[s].isn
}

// letters adds the history letters of a segment's flags and payload.
func (t *Table) letters(c conn, s uint8, isOrigin bool, g *segment) {
	me := &c.side[s]
	once := func(bit uint16, code uint8) bool {
		if me.bits&bit != 0 {
			return false
		}
		me.bits |= bit
		t.letter(c, cased(code, isOrigin))
		return true
	}
	switch g.flags & (flagSYN | flagFIN | flagRST) {
	case flagSYN:
		code := uint8(letterSYN)
		if g.flags&flagACK != 0 {
			code = letterSYNACK
		}
		if !once(sawSYN, code) && g.seq != c.rest[s].isn {
			t.letter(c, cased(code, isOrigin))
		}
	case flagFIN:
		end := g.seq + g.length
		if !once(sawFIN, letterFIN) && end != c.rest[s].mark {
			t.letter(c, cased(letterFIN, isOrigin))
		}
		c.rest[s].mark = end
		me.bits &^= stamped
	case flagRST:
		if !once(sawRST, letterRST) && g.seq != me.probe {
			t.letter(c, cased(letterRST, isOrigin))
		}
		me.probe = g.seq
		me.bits &^= probing
	case 0:
		if g.length > 0 {
			once(sawData, letterData)
		} else if g.flags&flagACK != 0 {
			once(sawACK, letterACK)
		}
	case flagSYN | flagFIN, flagSYN | flagRST:
		once(sawMulti, letterMulti)
	default:
		once(sawIncons, letterIncons)
	}
}

// window counts a zero window, where it means something: not in or after a
// RST, and not after the other side has sent all it had.
func (t *Table) window(c conn, s uint8, isOrigin bool, g *segment) Ref {
	if g.window != 0 || g.flags&flagRST != 0 || c.side[s].state == reset || c.side[s^1].state == closed {
		return 0
	}
	n := &t.trouble(c).side[s].zeroWindow
	*n++
	if scaled(*n) {
		t.letter(c, cased(letterWindow, isOrigin))
	}
	return RefZeroWindow
}

// acknowledge notes what the segment acknowledges. It reports whether that
// might tell something new: see answered.
func (t *Table) acknowledge(c conn, s uint8, g *segment) bool {
	if g.flags&flagACK == 0 {
		return false
	}
	peer := &c.side[s^1]
	if peer.state == inactive {
		// Number the other side as though there had been a SYN.
		c.begin(s^1, g.ack-1, g.ack-1)
		return false
	}
	ahead := int32(g.ack - peer.ack)
	if g.flags&flagRST != 0 || ahead <= 0 || g.ack == 0 && ahead >= tooFar {
		return false
	}
	c.setAck(s^1, g.ack)
	return true
}

// plausibleRST reports whether a RST could be meant for this connection: near
// the numbers of its side, or the answer to a SYN.
func (c conn) plausibleRST(s uint8, g *segment) bool {
	me := &c.side[s]
	if me.state == inactive || g.flags&flagACK != 0 && g.ack == c.rest[s^1].isn+1 {
		return true
	}
	d := int32(g.seq - me.next)
	return -tooFar < d && d < tooFar
}
