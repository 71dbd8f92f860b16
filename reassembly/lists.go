package reassembly

import "math/bits"

// queueSize is the memory that a queue takes beside its segments.
const queueSize = 256

// buckets chain the queues by the magnitude of their memory, so that one of the
// largest is found without looking at all.
type buckets [40]*queue

// place puts a queue into the bucket of its size.
func (l *buckets) place(q *queue) {
	b := int8(bits.Len(uint(q.memory)))
	if b == q.bucket {
		return
	}
	l.remove(q)
	q.bucket = b
	q.prev, q.next = nil, l[b]
	if q.next != nil {
		q.next.prev = q
	}
	l[b] = q
}

// remove takes a queue out of its bucket.
func (l *buckets) remove(q *queue) {
	if q.bucket < 0 {
		return
	}
	if q.prev != nil {
		q.prev.next = q.next
	} else {
		l[q.bucket] = q.next
	}
	if q.next != nil {
		q.next.prev = q.prev
	}
	q.prev, q.next, q.bucket = nil, nil, -1
}

// largest returns one of the largest queues, nil if there is none.
func (l *buckets) largest() *queue {
	for b := len(l) - 1; b >= 0; b-- {
		if l[b] != nil {
			return l[b]
		}
	}
	return nil
}

// waits is the list of queues whose time will come, in the order in which it will.
// All wait equally long.
type waits struct{ oldest, newest *queue }

// add puts a queue at the end.
func (w *waits) add(q *queue) {
	w.remove(q)
	q.waiting = true
	q.older, q.newer = w.newest, nil
	if w.newest != nil {
		w.newest.newer = q
	} else {
		w.oldest = q
	}
	w.newest = q
}

// remove takes a queue out.
func (w *waits) remove(q *queue) {
	if !q.waiting {
		return
	}
	if q.older != nil {
		q.older.newer = q.newer
	} else {
		w.oldest = q.newer
	}
	if q.newer != nil {
		q.newer.older = q.older
	} else {
		w.newest = q.older
	}
	q.waiting, q.older, q.newer = false, nil, nil
}

// takeQueue gives a side a queue.
func (a *Assembler) takeQueue(s *Stream, side uint8) *queue {
	q := a.spare
	if q == nil {
		q = new(queue)
	} else {
		a.spare = q.next
	}
	*q = queue{pieces: q.pieces[:0], since: a.clock, stream: s, side: side, bucket: -1}
	s.Halves[side].queue = q
	a.queues++
	a.waits.add(q)
	return q
}

// giveQueue takes the empty queue of a side back.
func (a *Assembler) giveQueue(h *Half) {
	q := h.queue
	h.queue = nil
	a.queues--
	a.waits.remove(q)
	a.buckets.remove(q)
	if cap(q.pieces) > 64 {
		q.pieces = nil
	}
	q.next = a.spare
	a.spare = q
}
