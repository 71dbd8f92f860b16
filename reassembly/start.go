package reassembly

import "pkt/flow"

// startAt tells where a stream starts, as its SYN has it.
func (h *Half) startAt(seq uint32) {
	h.next = seq
	h.flags |= hasISN | isStarted
}

// syn takes a SYN; g.seq is the number behind it. It reports false for one that belongs
// to another connection, or may: package flow will know.
func (a *Assembler) syn(s *Stream, side uint8, g *segment) bool {
	h := &s.Halves[side]
	switch {
	case h.flags&hasISN != 0:
		at := h.offset(g.seq)
		if at == 0 {
			if h.flags&isStarted != 0 && h.off == 0 && g.wire > 0 && h.queue == nil && h.flags&(isAcked|hasPacket) == 0 {
				h.flags = h.flags&^isStarted | onlySYN // content that may be refused
			}
			return true
		}
		if h.flags&onlySYN != 0 {
			a.discard(h)
			h.next = g.seq
			return true
		}
		if g.wire > 0 {
			a.wait(s, side, g)
		}
		return false
	case h.flags&isStarted != 0:
		return h.offset(g.seq) == 0
	case h.queue != nil:
		from := h.offset(g.seq)
		if lowest := h.queue.pieces[h.queue.head].off; from > lowest+1 || lowest-from > acceptable {
			return false
		}
		h.flags |= hasISN
		a.start(s, side, from)
		return true
	}
	h.startAt(g.seq)
	return true
}

// early takes content while the start of its stream is not certain.
func (a *Assembler) early(s *Stream, side uint8, h *Half, off int64, b []byte) {
	q := h.queue
	if q == nil {
		q = a.takeQueue(s, side)
	} else if first := q.pieces[q.head].off; off < first-acceptable || off > h.furthest()+acceptable {
		a.stray(h)
		return
	}
	a.hold(h, q, off, b)
	a.account(q)
	if a.certain(h, q) {
		a.start(s, side, q.pieces[q.head].off)
	}
	a.limit()
}

// certain reports whether nothing is to be expected in front of what is held.
func (a *Assembler) certain(h *Half, q *queue) bool {
	if h.flags&onlySYN != 0 {
		return h.flags&isAcked != 0
	}
	first := q.pieces[q.head].off
	return h.flags&isAcked != 0 && h.ackOff() >= first && h.ackOff() <= h.furthest()+reach ||
		q.size >= startBytes || len(q.live()) >= startSegments || a.clock-q.since >= startTime
}

// start makes an offset the start of the stream, and hands out what follows it.
func (a *Assembler) start(s *Stream, side uint8, from int64) {
	h := &s.Halves[side]
	h.flags = h.flags&^onlySYN | isStarted
	h.next += uint32(from)
	h.fin -= from
	q := h.queue
	if q == nil {
		return
	}
	for i := range q.live() {
		q.pieces[q.head+i].off -= from
	}
	q.since = a.clock
	a.waits.add(q)
	a.drain(s, side, h, a.clock)
}

// discard drops what is held.
func (a *Assembler) discard(h *Half) {
	q := h.queue
	if q == nil {
		return
	}
	for _, p := range q.live() {
		a.remove(q, &p)
	}
	a.giveQueue(h)
}

// waitingSYN is a SYN with content (RFC 7413) on the ports of a live connection. It is
// kept in case package flow finds that it opened a new one.
type waitingSYN struct {
	row   flow.Row // of the connection that lives
	side  uint8
	seq   uint32 // of the content
	data  []byte
	nanos int64
}

// maxWaiting bounds the SYNs that are kept.
const maxWaiting = 16

// wait keeps a SYN with content.
func (a *Assembler) wait(s *Stream, side uint8, g *segment) {
	if len(a.waiting) == maxWaiting {
		a.waiting = append(a.waiting[:0], a.waiting[1:]...)
	}
	w := waitingSYN{side: side, seq: g.seq, data: append([]byte(nil), g.data...), nanos: g.nanos}
	a.flows.Row(s.Handle, &w.row)
	a.waiting = append(a.waiting, w)
}

func (a *Assembler) hasWaiting() bool { return len(a.waiting) > 0 }

// adopt gives a new stream the content of the SYN that opened it, if that came on the
// ports of the connection before.
func (a *Assembler) adopt(s *Stream) {
	if len(a.waiting) == 0 {
		return
	}
	var row flow.Row
	a.flows.Row(s.Handle, &row)
	for i, w := range a.waiting {
		h := &s.Halves[w.side]
		if !sameEnds(&w.row, &row) || h.flags&hasISN == 0 || h.next != w.seq {
			continue
		}
		a.waiting = append(a.waiting[:i], a.waiting[i+1:]...)
		h.First, h.Last, h.Packets = w.nanos, w.nanos, 1
		a.place(s, w.side, h, &segment{seq: w.seq, data: w.data, wire: uint32(len(w.data)), nanos: w.nanos})
		return
	}
}

// sameEnds reports whether two flows are between the same addresses and ports.
func sameEnds(x, y *flow.Row) bool {
	if x.SrcHigh == y.SrcHigh {
		return x.Src == y.Src && x.Dst == y.Dst && x.SrcPort == y.SrcPort && x.DstPort == y.DstPort
	}
	return x.Src == y.Dst && x.Dst == y.Src && x.SrcPort == y.DstPort && x.DstPort == y.SrcPort
}
