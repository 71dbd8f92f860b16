package reassembly

// segment takes a TCP segment that a side has sent.
func (a *Assembler) segment(s *Stream, side uint8, g *segment) {
	h := &s.Halves[side]
	if g.flags&flagRST != 0 {
		// RFC 9293 section 3.5.3: text for people, not part of the stream.
		if g.wire > 0 {
			h.note().RSTText += uint64(g.wire)
		}
		return
	}
	if g.flags&flagACK != 0 {
		a.acknowledge(s, side^1, g.ack)
	}
	if (g.flags&^(flagACK|flagPSH) != 0 || h.flags&onlySYN != 0) && !a.control(s, side, g) {
		return
	}
	if g.wire == 0 {
		return
	}
	if h.Packets == 0 {
		h.First = g.nanos
	}
	h.Packets++
	h.Last = max(h.Last, g.nanos)
	if g.seq == h.next && h.flags&(isStarted|isFull) == isStarted && h.queue == nil {
		a.deliver(s, side, h, g.data, g.nanos)
		return
	}
	a.place(s, side, h, g)
}

// flagPSH has no meaning here.
const flagPSH = 1 << 3

// control takes the flags of a segment. It reports false for one that is not
// part of this connection.
func (a *Assembler) control(s *Stream, side uint8, g *segment) bool {
	h := &s.Halves[side]
	if g.flags&flagSYN != 0 {
		g.seq++ // the SYN has a number of its own
		if !a.syn(s, side, g) {
			return false
		}
	} else if h.flags&onlySYN != 0 {
		h.flags &^= onlySYN
		a.start(s, side, 0)
	}
	if g.flags&flagFIN != 0 {
		a.fin(h, g)
	}
	if g.flags&flagURG != 0 && g.urgent != 0 && g.wire > 0 {
		a.urge(h, g)
	}
	return true
}

// fin notes where the stream ends. The first FIN counts, unless there is content
// beyond it already, or it lies where nothing else does.
func (a *Assembler) fin(h *Half, g *segment) {
	if h.isNew() {
		if g.wire == 0 {
			return // all that was seen of this side
		}
		h.next = g.seq
	}
	off := h.offset(g.seq) + int64(g.wire)
	if h.flags&hasFIN != 0 || off < h.off || off > h.furthest()+reach {
		return
	}
	if h.flags&isAcked == 0 || off > h.ackOff() {
		if h.offset(g.seq) > h.furthest()+acceptable {
			return
		}
	}
	h.fin = off
	h.flags |= hasFIN
}

// isNew reports whether nothing tells yet what the sequence numbers of a side are.
func (h *Half) isNew() bool { return h.flags&(isStarted|hasISN|hasPacket) == 0 }

// furthest returns the end of what was seen of a side.
func (h *Half) furthest() int64 {
	if h.queue != nil {
		if n := len(h.queue.pieces); n > h.queue.head {
			return max(h.off, h.queue.pieces[n-1].end())
		}
	}
	return h.off
}

// place takes a segment that is not simply the next one.
func (a *Assembler) place(s *Stream, side uint8, h *Half, g *segment) {
	if h.isNew() {
		h.next = g.seq // the first one: offsets count from it for now
	}
	h.flags |= hasPacket
	off, b := h.offset(g.seq), g.data
	switch {
	case off-h.off >= reach:
		a.stray(h)
		return
	case g.wire == 1 && g.flags&flagFIN == 0 && off == h.furthestTold()-1:
		return // a keep-alive
	}
	if h.flags&hasFIN != 0 && off+int64(len(b)) > h.fin {
		keep := max(h.fin-off, 0)
		h.note().AfterFIN += uint64(int64(len(b)) - keep)
		b = b[:keep]
	}
	if len(b) == 0 {
		return
	}
	if h.flags&isStarted == 0 {
		a.early(s, side, h, off, b)
		return
	}
	if off < h.off {
		b = a.old(s, side, h, off, b)
		off = h.off
	}
	if h.flags&isFull != 0 {
		h.note().Cut += int64(len(b))
		a.discard(h)
		return
	}
	if len(b) == 0 {
		return
	}
	q := h.queue
	if off == h.off && (q == nil || q.pieces[q.head].off >= off+int64(len(b))) {
		a.deliver(s, side, h, b, g.nanos)
		a.drain(s, side, h, g.nanos)
		return
	}
	if q == nil {
		q = a.takeQueue(s, side)
	}
	a.hold(h, q, off, b)
	a.drain(s, side, h, g.nanos)
	a.bound(s, side, h, g.nanos)
}

// furthestTold returns how far the stream is known to reach: a keep-alive repeats
// the byte before that.
func (h *Half) furthestTold() int64 {
	end := h.furthest()
	if h.flags&isAcked != 0 && h.flags&isStarted != 0 {
		if n := h.ackOff(); n > end && n-end < acceptable {
			end = n
		}
	}
	return end
}

// stray counts a segment that is too far from all others.
func (a *Assembler) stray(h *Half) {
	h.note().Strays++
	a.stats.Strays++
}

// old takes the part of a segment that lies in front of h.off, and returns the rest.
// That part fills gaps, or is a retransmission, and never changes what was handed out.
func (a *Assembler) old(s *Stream, side uint8, h *Half, off int64, b []byte) []byte {
	if off < 0 {
		n := min(int(-off), len(b)) // in front of the stream
		off, b = off+int64(n), b[n:]
	}
	n := max(min(int(h.off-off), len(b)), 0)
	if n == 0 {
		return b
	}
	a.again(s, side, h, off, b[:n])
	return b[n:]
}

// again takes bytes that lie within what was handed out.
func (a *Assembler) again(s *Stream, side uint8, h *Half, off int64, b []byte) {
	f := h.note()
	if len(f.Gaps) > 0 {
		if b, off = a.fill(s, side, f, off, b); len(b) == 0 {
			return
		}
	}
	a.repeated(s, side, f, off, b)
}

// repeated counts bytes that came before.
func (a *Assembler) repeated(s *Stream, side uint8, f *Facts, off int64, b []byte) {
	f.Retransmitted += uint64(len(b))
	if a.comparer == nil || len(b) == 0 {
		return
	}
	if n, first := a.comparer.Compare(s, side, off, b); n > 0 {
		if f.Conflicts == 0 || first < f.FirstConflict {
			f.FirstConflict = first
		}
		f.Conflicts += uint64(n)
		a.stats.Conflicts += uint64(n)
	}
}

// fill puts bytes into gaps, and returns what is behind the last one of them.
func (a *Assembler) fill(s *Stream, side uint8, f *Facts, off int64, b []byte) ([]byte, int64) {
	for i := 0; i < len(f.Gaps) && len(b) > 0; i++ {
		g := f.Gaps[i]
		end := off + int64(len(b))
		if g.Off+g.Len <= off {
			continue
		}
		if g.Off >= end {
			break
		}
		if g.Off > off {
			n := g.Off - off
			a.repeated(s, side, f, off, b[:n])
			off, b = off+n, b[n:]
		}
		n := min(g.Off+g.Len, end) - off
		if a.patcher == nil {
			f.Late += uint64(n)
			a.stats.Late += uint64(n)
		} else {
			a.patcher.Patch(s, side, off, b[:n])
			a.stats.Bytes += uint64(n)
			i += a.shrink(f, i, off, n) - 1
		}
		off, b = off+n, b[n:]
	}
	return b, off
}

// shrink takes n bytes at off out of gap i, and returns how many gaps are left of it.
func (a *Assembler) shrink(f *Facts, i int, off, n int64) int {
	g := f.Gaps[i]
	f.GapBytes -= n
	left := Range{g.Off, off - g.Off}
	right := Range{off + n, g.Off + g.Len - off - n}
	switch {
	case left.Len > 0 && right.Len > 0:
		if len(f.Gaps) < maxGaps && a.allGaps < maxAllGaps {
			f.Gaps = append(f.Gaps, Range{})
			copy(f.Gaps[i+1:], f.Gaps[i:])
			f.Gaps[i], f.Gaps[i+1] = left, right
			a.allGaps++
			f.GapCount++
			return 2
		}
		f.Gaps[i] = right // the left one stays open, but is not listed
	case left.Len > 0:
		f.Gaps[i] = left
	case right.Len > 0:
		f.Gaps[i] = right
	default:
		f.Gaps = append(f.Gaps[:i], f.Gaps[i+1:]...)
		a.allGaps--
		f.GapCount--
		return 0
	}
	return 1
}

// datagram takes a UDP datagram: the next bytes of its side.
func (a *Assembler) datagram(s *Stream, side uint8, g *segment) {
	h := &s.Halves[side]
	if g.wire == 0 {
		return
	}
	if h.Packets == 0 {
		h.First = g.nanos
	}
	h.Packets++
	h.Last = max(h.Last, g.nanos)
	h.flags |= isStarted
	if h.flags&isFull != 0 {
		h.note().Cut += int64(len(g.data))
		return
	}
	a.deliver(s, side, h, g.data, g.nanos)
	if cut := int64(g.wire) - int64(len(g.data)); cut > 0 {
		a.gap(s, side, h, cut, g.nanos)
	}
}
