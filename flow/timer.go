package flow

// wheel keeps the flows in order of when their time will be over, coarsely: in
// a ring of buckets, each a doubly linked list. A flow stays in its bucket while
// it gets packets, and is moved on when the bucket's turn comes: so a packet
// costs the wheel nothing, and no flow is in a bucket later than it should.
type wheel struct {
	tick    int64 // width of a bucket, ns
	now     int64 // the bucket whose turn it is, in ticks since 1970
	started bool
	heads   [numBuckets]Handle
	tails   [numBuckets]Handle
}

// numBuckets is a power of two. The longest patience spans fewer ticks.
const numBuckets = 256

func newWheel(longest int64) wheel {
	w := wheel{tick: longest/(numBuckets-4) + 1}
	for i := range w.heads {
		w.heads[i], w.tails[i] = NoFlow, NoFlow
	}
	return w
}

// bucket returns the ring position for a deadline. Deadlines that are over go
// into the bucket whose turn it is, those beyond the ring into its last one.
func (w *wheel) bucket(deadline int64) int64 {
	at := deadline / w.tick
	return min(max(at, w.now), w.now+numBuckets-1) % numBuckets
}

// schedule puts flow h into the bucket of a deadline.
func (t *Table) schedule(h Handle, deadline int64) {
	w := &t.timer
	if !w.started {
		w.started = true
		w.now = t.clock / w.tick
	}
	b := w.bucket(deadline)
	l := t.link(h)
	l.prev, l.next = w.tails[b], NoFlow
	if l.prev == NoFlow {
		w.heads[b] = h
	} else {
		t.link(l.prev).next = h
	}
	w.tails[b] = h
}

// unlink takes flow h out of its bucket. A flow at either end of its list is
// known by its missing neighbour; its bucket is then looked for.
func (t *Table) unlink(h Handle) {
	w := &t.timer
	l := t.link(h)
	if l.prev != NoFlow {
		t.link(l.prev).next = l.next
	} else {
		w.heads[indexOf(&w.heads, h)] = l.next
	}
	if l.next != NoFlow {
		t.link(l.next).prev = l.prev
	} else {
		w.tails[indexOf(&w.tails, h)] = l.prev
	}
}

func indexOf(ends *[numBuckets]Handle, h Handle) int {
	for i, e := range ends {
		if e == h {
			return i
		}
	}
	panic("flow: a flow that is in no bucket")
}

// deadline returns when the flow's time is over if it gets no more packets.
func (t *Table) deadline(r *record) int64 { return r.last + t.patience(r) }

// expire ends the flows whose time is over. Those that end together do so in
// the order of their last packets.
func (t *Table) expire() {
	w := &t.timer
	if !w.started {
		return
	}
	from := len(t.dead)
	target := t.clock / w.tick
	if target-w.now >= numBuckets {
		w.now = target - numBuckets + 1
	}
	for ; w.now < target; w.now++ {
		b := w.now % numBuckets
		h := w.heads[b]
		w.heads[b], w.tails[b] = NoFlow, NoFlow
		for h != NoFlow {
			next := t.link(h).next
			t.examine(h)
			h = next
		}
	}
	t.sortByLast(t.dead[from:])
}

// examine ends a flow that was taken from the wheel, or puts it back.
func (t *Table) examine(h Handle) {
	r := t.record(h)
	if deadline := t.deadline(r); deadline >= t.clock {
		t.schedule(h, deadline)
		return
	}
	t.bury(h, r, EndIdle)
}

// evict ends the flow that has been idle longest, to within a tick.
func (t *Table) evict() {
	w := &t.timer
	for i := int64(0); i < numBuckets; i++ {
		b := (w.now + i) % numBuckets
		for w.heads[b] != NoFlow {
			h := t.pop(b)
			r := t.record(h)
			if deadline := t.deadline(r); w.bucket(deadline) != b {
				t.schedule(h, deadline)
				continue
			}
			t.stats.Evicted++
			t.bury(h, r, EndEvicted)
			return
		}
	}
}

// pop takes the first flow out of a bucket.
func (t *Table) pop(b int64) Handle {
	w := &t.timer
	h := w.heads[b]
	next := t.link(h).next
	w.heads[b] = next
	if next == NoFlow {
		w.tails[b] = NoFlow
	} else {
		t.link(next).prev = NoFlow
	}
	return h
}
