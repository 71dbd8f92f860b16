package flow

// When do packets on the ports of a flow belong to a new connection? The table
// of cases is that of RFC 9293 section 3.10.7.4 and RFC 5961 section 4, seen
// from outside:
//
//   - A pure SYN on a closed connection opens a new one, whatever its number.
//   - So does a SYN-ACK with another number, whose SYN was not captured.
//   - A SYN with another number on a live connection may be an old duplicate, an
//     attack, or a host that has forgotten. It waits until it is confirmed: by a
//     SYN-ACK that acknowledges it, or by data that follows it.
//   - Before anything was answered, a SYN with another number replaces the first.

// verdict says which connection a segment belongs to.
type verdict uint8

const (
	same    verdict = iota
	replace         // a new one, that begins with this segment
	confirm         // a new one, that began with the pending SYN
)

// identify finds out which connection a segment of side s belongs to. It is
// called for segments with SYN, and for all while a SYN is pending.
func (t *Table) identify(r *record, c conn, s uint8, g *segment) verdict {
	me := &c.side[s]
	switch g.flags & (flagSYN | flagACK | flagFIN | flagRST) {
	case flagSYN:
		if r.key&keyClosed != 0 {
			return replace
		}
	case flagSYN | flagACK:
		if p := t.pendingOf(c); p != nil && p.side != s && p.answeredBy(g.ack) {
			return confirm
		}
		answers := me.bits&sentSYN == 0 && g.ack == c.rest[s^1].isn+1
		if r.key&keyClosed != 0 && g.seq != c.rest[s].isn && !answers {
			return replace
		}
	default:
		if p := t.pendingOf(c); p != nil && p.side == s && g.length > 0 && p.answeredBy(g.seq) {
			return confirm
		}
	}
	return same
}

// pendingOf returns the SYN that waits, or nil.
func (t *Table) pendingOf(c conn) *pending {
	if c.rare == 0 {
		return nil
	}
	if p := &t.rare.at(c.rare - 1).pending; p.waiting {
		return p
	}
	return nil
}

// answeredBy reports whether a number is the one behind the SYN, or behind the content
// that came with it (RFC 7413), or between.
func (p *pending) answeredBy(n uint32) bool { return n-p.seq-1 <= p.payload }

// mayWait reports whether a SYN of side s is one that has to wait.
func (c conn) mayWait(s uint8, g *segment) bool {
	me, peer := &c.side[s], &c.side[s^1]
	if g.flags&(flagSYN|flagACK|flagFIN|flagRST) != flagSYN || g.seq == c.rest[s].isn {
		return false
	}
	if me.state == inactive || me.state == synSent && peer.state == inactive {
		return false
	}
	return me.bits&sentSYN != 0 || !c.late(s, g)
}

// late reports whether a SYN fits in front of what was seen of side s: it was
// captured behind the segments that follow it.
func (c conn) late(s uint8, g *segment) bool {
	d := c.rest[s].isn - g.seq
	return d < 1<<18
}

// wait keeps a SYN that may open a new connection.
func (t *Table) wait(c conn, s uint8, a *arrival, g *segment) {
	p := &t.trouble(c).pending
	*p = pending{
		nanos:   a.nanos,
		seq:     g.seq,
		bytes:   a.bytes,
		ip:      a.ip,
		payload: a.payload,
		iface:   a.iface,
		side:    s,
		window:  g.window,
		flags:   g.flags,
		waiting: true,
		counted: true,
	}
	if o := g.option(optionMSS); len(o) == 2 {
		p.mss = uint16(o[0])<<8 | uint16(o[1])
	}
}

// takeBack removes a pending SYN from the counts of the connection that it did
// not belong to, and returns it.
func (t *Table) takeBack(r *record, c conn) pending {
	p := t.pendingOf(c)
	syn := *p
	p.waiting = false
	if !syn.counted {
		return syn
	}
	n := &r.sent[syn.side]
	if n.packets < 2 || n.bytes < syn.bytes || n.ip < syn.ip || n.payload < syn.payload {
		// It was counted before the tally was widened.
		w := &t.trouble(c).wide[syn.side]
		w.Packets--
		w.Bytes -= uint64(syn.bytes)
		w.IPBytes -= uint64(syn.ip)
		w.Payload -= uint64(syn.payload)
		return syn
	}
	n.packets--
	n.bytes -= syn.bytes
	n.ip -= syn.ip
	n.payload -= syn.payload
	return syn
}
