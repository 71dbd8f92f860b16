package reassembly

import (
	"slices"

	"pkt/flow"
)

// deliver hands out the next bytes of a side.
func (a *Assembler) deliver(s *Stream, side uint8, h *Half, b []byte, nanos int64) {
	if h.flags&hasFIN != 0 && h.off+int64(len(b)) > h.fin {
		keep := max(h.fin-h.off, 0)
		h.note().AfterFIN += uint64(int64(len(b)) - keep)
		b = b[:keep]
	}
	if a.cfg.MaxStream > 0 && h.Size+int64(len(b)) > a.cfg.MaxStream {
		keep := a.cfg.MaxStream - h.Size
		h.note().Cut += int64(len(b)) - keep
		b = b[:keep]
		h.flags |= isFull
	}
	if len(b) == 0 {
		return
	}
	if h.facts != nil && len(h.facts.oob) > 0 {
		a.withoutUrgent(s, side, h, b, nanos)
	} else {
		a.emit(s, side, h, b, nanos)
	}
}

// emit is deliver for bytes of which none is cut or taken away.
func (a *Assembler) emit(s *Stream, side uint8, h *Half, b []byte, nanos int64) {
	off := h.Size
	h.Size += int64(len(b))
	h.off += int64(len(b))
	h.next += uint32(len(b))
	a.stats.Bytes += uint64(len(b))
	a.to.Data(s, side, off, b, nanos)
}

// withoutUrgent is deliver where urgent bytes are taken away.
func (a *Assembler) withoutUrgent(s *Stream, side uint8, h *Half, b []byte, nanos int64) {
	f := h.facts
	for len(f.oob) > 0 && f.oob[0] < h.off {
		f.oob = f.oob[1:] // it was never captured
	}
	for len(b) > 0 {
		n := int64(len(b))
		if len(f.oob) > 0 {
			n = min(n, f.oob[0]-h.off)
		}
		if n > 0 {
			a.emit(s, side, h, b[:n], nanos)
		}
		if b = b[n:]; len(b) > 0 && len(f.oob) > 0 {
			h.off++
			h.next++
			f.removed++
			f.oob = f.oob[1:]
			b = b[1:]
		}
	}
}

// urge notes the urgent byte that a segment announces: the last one before its
// urgent pointer (RFC 6093).
func (a *Assembler) urge(h *Half, g *segment) {
	f := h.note()
	if h.flags&isStarted == 0 {
		f.Urgent++
		return
	}
	at := h.offset(g.seq) + int64(g.urgent) - 1
	if at < h.off {
		return
	}
	i, found := slices.BinarySearch(f.oob, at)
	if found || len(f.oob) >= startSegments {
		return
	}
	f.Urgent++
	if a.cfg.UrgentOOB {
		f.oob = slices.Insert(f.oob, i, at)
	}
}

// drain hands out what is held and has nothing missing in front of it.
func (a *Assembler) drain(s *Stream, side uint8, h *Half, nanos int64) {
	q := h.queue
	if q == nil {
		return
	}
	moved := false
	for len(q.live()) > 0 && q.pieces[q.head].off <= h.off {
		p := q.pop()
		b := a.bytes(&p)
		if skip := h.off - p.off; skip < int64(len(b)) && h.flags&isFull == 0 {
			a.deliver(s, side, h, b[skip:], nanos)
		}
		a.remove(q, &p)
		moved = true
	}
	if h.flags&isFull != 0 {
		a.discard(h)
		return
	}
	if len(q.live()) == 0 {
		a.giveQueue(h)
		return
	}
	if moved {
		q.since = a.clock // another hole
		a.waits.add(q)
	}
	a.account(q)
}

// gap tells that the next n bytes of a side are not there.
func (a *Assembler) gap(s *Stream, side uint8, h *Half, n, nanos int64) {
	if a.cfg.MaxStream > 0 && h.Size+n > a.cfg.MaxStream {
		n = a.cfg.MaxStream - h.Size
		h.flags |= isFull
	}
	if n <= 0 {
		return
	}
	f := h.note()
	if len(f.Gaps) < maxGaps && a.allGaps < maxAllGaps {
		f.Gaps = append(f.Gaps, Range{h.Size, n})
		a.allGaps++
	}
	f.GapCount++
	f.GapBytes += n
	off := h.Size
	h.Size += n
	h.off += n
	h.next += uint32(n)
	a.to.Gap(s, side, off, n, nanos)
}

// skip gives up the hole in front of what a side holds, and hands that out. Segments
// that are so far away that something has to confirm them, and nothing does, are
// dropped instead.
func (a *Assembler) skip(s *Stream, side uint8, h *Half, nanos int64) {
	q := h.queue
	if h.flags&isStarted == 0 {
		from := q.pieces[q.head].off
		if h.flags&hasISN != 0 {
			from = 0
		}
		a.start(s, side, from)
		return
	}
	p := &q.pieces[q.head]
	n := p.off - h.off
	if n > acceptable && !h.confirmed(q) {
		dropped := q.pop()
		a.remove(q, &dropped)
		a.stray(h)
		if len(q.live()) == 0 {
			a.giveQueue(h)
		}
		return
	}
	a.gap(s, side, h, n, nanos)
	a.drain(s, side, h, nanos)
}

// confirmed reports whether something shows that the first segment held is part
// of the stream: an acknowledgement, or another segment close behind it.
func (h *Half) confirmed(q *queue) bool {
	p := &q.pieces[q.head]
	if h.flags&isAcked != 0 {
		if n := h.ackOff(); n > p.off && n <= h.furthest()+reach {
			return true
		}
	}
	return q.head+1 < len(q.pieces) && q.pieces[q.head+1].off-p.end() <= acceptable
}

// end finishes a stream whose flow has ended.
func (a *Assembler) end(s *Stream, row *flow.Row) {
	if s.ignored {
		return
	}
	first := uint8(0)
	if row.SrcHigh {
		first = 1
	}
	for _, side := range [2]uint8{first, first ^ 1} {
		h := &s.Halves[side]
		for h.queue != nil {
			a.skip(s, side, h, h.Last)
		}
		if h.flags&(hasFIN|isStarted) == hasFIN|isStarted && h.fin > h.off && h.flags&isFull == 0 {
			h.note().MissingTail = h.fin - h.off
		}
	}
	a.to.End(s, row)
	for i := range s.Halves {
		if f := s.Halves[i].facts; f != nil {
			a.allGaps -= len(f.Gaps)
		}
	}
}
