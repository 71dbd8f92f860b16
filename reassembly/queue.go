package reassembly

import (
	"bytes"
	"slices"
)

// held is a piece of a segment that waits: n bytes at off. 24 bytes.
type held struct {
	off int64
	n   uint32
	mem ref
	// before and after are how far the segment reached to both sides of the piece.
	before, after uint32
}

func (p *held) end() int64 { return p.off + int64(p.n) }

// segment returns where the segment was.
func (p *held) segment() span { return span{p.off - int64(p.before), p.end() + int64(p.after)} }

// queue holds what a side has sent behind a hole, or before its start is
// certain: pieces sorted by offset, disjoint.
type queue struct {
	pieces []held
	head   int // pieces before it were handed out
	memory int // bytes of slots
	size   int // bytes of content
	since  int64
	stream *Stream
	side   uint8

	bucket     int8 // of the sizes, -1 if in none
	prev, next *queue
	waiting    bool // in the list of those whose time will come
	older      *queue
	newer      *queue
}

// live returns the pieces.
func (q *queue) live() []held { return q.pieces[q.head:] }

// find returns the position of the first piece that ends behind off.
func (q *queue) find(off int64) int {
	if n := len(q.pieces); n > q.head && q.pieces[n-1].end() <= off {
		return n // most come at the end
	}
	i, _ := slices.BinarySearchFunc(q.live(), off, func(p held, off int64) int {
		if p.end() <= off {
			return -1
		}
		return 1
	})
	return q.head + i
}

// add holds the bytes b as a piece, at a position; whole is its segment.
func (a *Assembler) add(q *queue, at int, off int64, b []byte, whole span) {
	for len(b) > 0 {
		part := b[:min(len(b), maxSlot)]
		b = b[len(part):]
		mem := a.arena.take(len(part))
		copy(a.arena.at(mem, len(part)), part)
		end := off + int64(len(part))
		q.pieces = slices.Insert(q.pieces, at, held{off, uint32(len(part)), mem, uint32(off - whole.from), uint32(whole.to - end)})
		q.memory += 1 << slotShifts[mem&3]
		q.size += len(part)
		off = end
		at++
	}
}

// bytes returns the bytes of a piece.
func (a *Assembler) bytes(p *held) []byte { return a.arena.at(p.mem, int(p.n)) }

// pop takes the first piece out of a queue; its memory is yet to be freed.
func (q *queue) pop() held {
	p := q.pieces[q.head]
	q.head++
	if q.head == len(q.pieces) {
		q.pieces, q.head = q.pieces[:0], 0
	} else if q.head >= 64 && q.head > len(q.pieces)/2 {
		n := copy(q.pieces, q.pieces[q.head:])
		q.pieces, q.head = q.pieces[:n], 0
	}
	return p
}

// remove frees the memory of a piece that is taken out of a queue.
func (a *Assembler) remove(q *queue, p *held) {
	q.memory -= 1 << slotShifts[p.mem&3]
	q.size -= int(p.n)
	a.arena.give(p.mem)
}

// hold puts a segment into the queue of a side. Bytes that are there already are
// decided by the policy.
func (a *Assembler) hold(h *Half, q *queue, off int64, b []byte) {
	whole := span{off, off + int64(len(b))}
	i := q.find(off)
	if i == len(q.pieces) || q.pieces[i].off >= whole.to {
		a.add(q, i, off, b, whole)
		return
	}
	a.overlap(h, q, i, b, whole)
}

// overlap is hold for a segment that shares bytes with pieces from position i on.
func (a *Assembler) overlap(h *Half, q *queue, i int, b []byte, whole span) {
	f := h.note()
	for at := whole.from; at < whole.to; i = q.find(at) {
		to := whole.to
		if i == len(q.pieces) || q.pieces[i].off > at {
			if i < len(q.pieces) {
				to = min(to, q.pieces[i].off)
			}
			a.add(q, i, at, b[at-whole.from:to-whole.from], whole)
		} else {
			to = min(to, q.pieces[i].end())
			a.decide(f, q, i, at, b[at-whole.from:to-whole.from], whole)
		}
		at = to
	}
}

// decide lets the policy choose between piece i and the bytes b at off, which lie
// within it.
func (a *Assembler) decide(f *Facts, q *queue, i int, off int64, b []byte, whole span) {
	old := q.pieces[i]
	mem := a.bytes(&old)
	from := int(off - old.off)
	f.Retransmitted += uint64(len(b))
	mine := mem[from : from+len(b)]
	if n, first := differ(mine, b); n > 0 {
		if f.Conflicts == 0 || off+int64(first) < f.FirstConflict {
			f.FirstConflict = off + int64(first)
		}
		f.Conflicts += uint64(n)
		a.stats.Conflicts += uint64(n)
	}
	if !a.cfg.Overlap.prefers(whole, old.segment()) {
		return
	}
	// The old piece falls into what is left of it on both sides.
	left := bytes.Clone(mem[:from])
	right := bytes.Clone(mem[from+len(b):])
	a.remove(q, &old)
	q.pieces = slices.Delete(q.pieces, i, i+1)
	a.add(q, i, old.off, left, old.segment())
	a.add(q, q.find(off), off, b, whole)
	end := off + int64(len(b))
	a.add(q, q.find(end), end, right, old.segment())
}

// differ returns how many bytes of two equally long slices differ, and where the
// first one is.
func differ(x, y []byte) (n, first int) {
	if bytes.Equal(x, y) {
		return 0, 0
	}
	for i := range x {
		if x[i] != y[i] {
			if n == 0 {
				first = i
			}
			n++
		}
	}
	return n, first
}
