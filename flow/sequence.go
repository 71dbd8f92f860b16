package flow

// reorderTime is how soon a segment that fills a hole must come to count as out
// of order where no RTT is known: later it is a retransmission of one that was
// lost before it could be captured.
const reorderTime = 3e6

// sequence moves the highest sequence number of a side, and tells what a
// segment that is not the next one is.
func (t *Table) sequence(c conn, s uint8, isOrigin bool, g *segment) Ref {
	me := &c.side[s]
	end := g.seq + g.span()
	ahead := int32(end - me.next)
	me.bits &^= parts
	switch {
	case g.flags&(flagSYN|flagRST) != 0 && (ahead > tooFar || ahead < -tooFar):
		return 0
	case g.flags&flagFIN != 0 && me.next == c.rest[s].isn+1 && ahead < 0:
		c.setNext(s, end) // more than 2 GiB, of which only SYN and FIN were captured
		return 0
	case me.state == reset:
		return 0 // nothing is sent behind a RST
	case ahead > 0:
		return t.newData(c, s, g, end)
	case g.length > 0 && g.flags&flagRST == 0:
		return t.oldData(c, s, isOrigin, g, end)
	case g.flags&flagSYN != 0 && int32(end-me.ack) > 0:
		c.probe(s, g) // sent again: time the latest
	}
	return 0
}

// newData takes a segment that ends beyond all before it.
func (t *Table) newData(c conn, s uint8, g *segment, end uint32) (ref Ref) {
	me := &c.side[s]
	jump := int32(g.seq - me.next)
	switch {
	case jump >= far && int32(g.seq-me.ack) >= far:
		return 0 // a stray: nobody has acknowledged anything near it
	case jump > 0:
		t.addHole(c, s, me.next, g.seq, g.nanos)
	case jump < 0 && g.length > 0 && g.flags&flagSYN == 0:
		ref = t.repeat(c, s, g, me.next)
	}
	c.setNext(s, end)
	if me.bits&probing == 0 && g.span() > 0 {
		c.probe(s, g)
	}
	if g.parts {
		me.bits |= parts
	}
	return ref
}

// oldData takes a segment without anything beyond what was seen.
func (t *Table) oldData(c conn, s uint8, isOrigin bool, g *segment, end uint32) Ref {
	me := &c.side[s]
	x := &t.trouble(c).side[s]
	x.repeated++
	if scaled(x.repeated) {
		t.letter(c, cased(letterRetrans, isOrigin))
	}
	if g.length == 1 && g.seq == me.next-1 && g.flags&flagFIN == 0 {
		return 0 // a keep-alive
	}
	return t.repeat(c, s, g, end)
}

// repeat takes the part of a segment below end, which was sent before or fills
// a hole.
func (t *Table) repeat(c conn, s uint8, g *segment, end uint32) Ref {
	me := &c.side[s]
	x := &t.trouble(c).side[s]
	if me.bits&holes != 0 {
		if filled, soon := x.fill(g.seq, end, g.nanos, c.rest[s].rtt.nanos()); filled {
			if x.nHoles == 0 {
				me.bits &^= holes
			}
			if soon {
				x.outOfOrder++
				return RefOutOfOrder
			}
		}
	}
	x.retransPackets++
	x.retransBytes += uint64(min(end-g.seq, g.length))
	c.retransmitted(s, g)
	return RefRetrans
}

// addHole notes that [from, to) was not seen.
func (t *Table) addHole(c conn, s uint8, from, to uint32, nanos int64) {
	x := &t.trouble(c).side[s]
	c.side[s].bits |= holes
	acked := int32(c.side[s].ack-to) >= 0
	x.push(hole{from: from, to: to, at: uint32(nanos >> 10), acked: acked})
}

// push adds a hole, giving up the oldest if there are too many.
func (x *trouble) push(h hole) {
	if x.nHoles == maxHoles {
		x.missed += uint64(x.holes[0].to - x.holes[0].from)
		copy(x.holes[:], x.holes[1:])
		x.nHoles--
	}
	x.holes[x.nHoles] = h
	x.nHoles++
}

// fill takes [from, to) out of the holes. It reports whether there was anything
// to take, and whether the hole was so young that the segment only came late.
func (x *trouble) fill(from, to uint32, nanos, rtt int64) (filled, soon bool) {
	old := x.holes
	n := x.nHoles
	x.nHoles = 0
	for _, h := range old[:n] {
		if int32(to-h.from) <= 0 || int32(h.to-from) <= 0 {
			x.push(h)
			continue
		}
		filled = true
		age := int64(uint32(nanos>>10)-h.at) << 10
		soon = soon || age < max(rtt, reorderTime)
		if int32(from-h.from) > 0 {
			x.push(hole{h.from, from, h.at, h.acked})
		}
		if int32(h.to-to) > 0 {
			x.push(hole{to, h.to, h.at, h.acked})
		}
	}
	return filled, soon
}

// missed returns the sequence space of a side that was never captured.
func (t *Table) missed(c conn, s uint8) (n uint64) {
	x := &c.side[s]
	if x.state == inactive {
		return 0
	}
	if ack, next := c.ack64(s), c.next64(s); ack > next {
		n = ack - next
	}
	if c.rare != 0 {
		y := &t.rare.at(c.rare - 1).side[s]
		n += y.missed
		for _, h := range y.holes[:y.nHoles] {
			n += uint64(h.to - h.from)
		}
	}
	return n
}

// gaps adds the letter G for what side s has lost on the way to the capture: an
// acknowledgement by the other side went past it. Only whole connections are
// judged, for others lack bytes for many reasons.
func (t *Table) gaps(c conn, s uint8, isOrigin bool, ack uint32) {
	me := &c.side[s]
	if !me.clean() || !c.side[s^1].clean() {
		return
	}
	n := uint32(0)
	if me.bits&holes != 0 {
		x := &t.trouble(c).side[s]
		for i := range x.holes[:x.nHoles] {
			if h := &x.holes[i]; !h.acked && int32(ack-h.from) > 0 {
				h.acked = true
				n++
			}
		}
	}
	if int32(ack-me.next) > 0 {
		n++
	}
	for ; n > 0; n-- {
		x := &t.trouble(c).side[s]
		x.gaps++
		if scaled(x.gaps) {
			t.letter(c, cased(letterGap, isOrigin))
		}
	}
}
