package reassembly

// account puts a queue where its size belongs.
func (a *Assembler) account(q *queue) { a.buckets.place(q) }

// acknowledge notes what the other side has received.
func (a *Assembler) acknowledge(s *Stream, side uint8, ack uint32) {
	h := &s.Halves[side]
	if h.flags&isAcked == 0 || int32(ack-h.ack) > 0 {
		h.ack = ack
		h.flags |= isAcked
	}
	q := h.queue
	if q == nil {
		return
	}
	switch {
	case h.flags&isStarted == 0:
		if a.certain(h, q) {
			from := q.pieces[q.head].off
			if h.flags&hasISN != 0 {
				from = 0
			}
			a.start(s, side, from)
		}
	case a.patcher == nil:
		a.giveUp(s, side, h, q)
	}
}

// giveUp skips a hole that the receiver has got past for long enough. It is for
// consumers that cannot go back, and would wait for ever.
func (a *Assembler) giveUp(s *Stream, side uint8, h *Half, q *queue) {
	if h.flags&isAcked == 0 || h.ackOff() < q.pieces[q.head].off || h.ackOff() > h.furthest()+reach {
		return
	}
	if q.size >= holeBytes || a.clock-q.since >= holeTime {
		a.skip(s, side, h, a.clock)
	}
}

// tick looks at the queues that have waited for long enough.
func (a *Assembler) tick() {
	for q := a.waits.oldest; q != nil && a.clock-q.since >= startTime; q = a.waits.oldest {
		a.waits.remove(q)
		h := &q.stream.Halves[q.side]
		switch {
		case h.flags&isStarted == 0:
			a.skip(q.stream, q.side, h, a.clock)
		case a.patcher == nil:
			a.giveUp(q.stream, q.side, h, q)
		}
	}
}

// bound keeps what a side holds, and what all hold, within the limits.
func (a *Assembler) bound(s *Stream, side uint8, h *Half, nanos int64) {
	for h.queue != nil && (h.queue.memory > a.cfg.HalfBytes || len(h.queue.live()) > a.cfg.HalfSegments) {
		a.stats.Skipped++
		a.skip(s, side, h, nanos)
	}
	if q := h.queue; q != nil && a.patcher == nil {
		a.giveUp(s, side, h, q)
	}
	a.limit()
}

// limit keeps what all sides hold within the limit: one of those that hold most gives
// up its hole.
func (a *Assembler) limit() {
	for a.arena.used+a.queues*queueSize > a.cfg.Held {
		q := a.buckets.largest()
		if q == nil {
			return
		}
		a.stats.Skipped++
		a.skip(q.stream, q.side, &q.stream.Halves[q.side], a.clock)
	}
}
