package flow

// probe times the segment that side s sends: until the other side acknowledges
// its end. One segment is timed at a time.
func (c conn) probe(s uint8, g *segment) {
	me := &c.side[s]
	if me.state == reset {
		return
	}
	me.probe = g.seq + g.span()
	c.when[s] = g.nanos
	me.bits &^= stamped | probeSYN
	me.bits |= probing
	if g.flags&flagSYN != 0 {
		me.bits |= probeSYN
	}
	if me.bits&sawFIN == 0 {
		if value, _, ok := g.stamps(); ok {
			c.rest[s].mark = value
			me.bits |= stamped
		}
	}
}

// retransmitted is told that side s sends something again while a segment might
// be timed. An acknowledgement could then mean either of them (Karn's rule),
// unless a timestamp tells them apart.
func (c conn) retransmitted(s uint8, g *segment) {
	me := &c.side[s]
	if me.bits&probing == 0 || int32(g.seq-me.probe) >= 0 {
		return
	}
	value, _, ok := g.stamps()
	if me.bits&stamped == 0 || !ok || value == c.rest[s].mark {
		me.bits &^= probing
		return
	}
	c.rest[s].mark = value
	c.when[s] = g.nanos
}

// answered takes a new acknowledgement that side s has sent of what the other
// side, the originator if peerIsOrigin, has sent: it ends its probe, and shows
// its gaps.
func (t *Table) answered(c conn, s uint8, peerIsOrigin bool, g *segment) {
	peer := &c.side[s^1]
	if peer.bits&holes != 0 || int32(g.ack-peer.next) > 0 {
		t.gaps(c, s^1, peerIsOrigin, g.ack)
	}
	if peer.bits&probing == 0 || int32(g.ack-peer.probe) < 0 {
		return
	}
	peer.bits &^= probing
	if peer.bits&stamped != 0 {
		if _, echo, ok := g.stamps(); ok && int32(echo-c.rest[s^1].mark) < 0 {
			return // acknowledges the first copy of a segment that was sent again
		}
	}
	c.sample(s, g.nanos-c.when[s^1], g)
}

// sample takes a time that side s took to answer.
func (c conn) sample(s uint8, d int64, g *segment) {
	if d < 0 {
		return
	}
	me, peer := &c.side[s], &c.side[s^1]
	rtt := &c.rest[s].rtt
	if old := rtt.nanos(); old > 0 {
		*rtt = packTime(old + (d-old)/8) // RFC 6298 section 2.3
	} else {
		*rtt = packTime(d)
	}
	if peer.bits&probeSYN == 0 {
		return
	}
	switch {
	case g.flags&flagSYN != 0:
		c.handshake = packTime(d)
		me.bits |= timedSYN
	case peer.bits&timedSYN != 0:
		c.handshake = packTime(c.handshake.nanos() + d)
		peer.bits &^= timedSYN
	}
}

// handshakeTime returns the time from the SYN to the ACK of the SYN-ACK, or 0
// if they were not all seen.
func (c conn) handshakeTime() int64 {
	if (c.side[0].bits|c.side[1].bits)&timedSYN != 0 {
		return 0
	}
	return c.handshake.nanos()
}
