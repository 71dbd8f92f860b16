package content

// Rings that a file may be in.
const (
	openRing = iota // it has a descriptor
	fullRing        // it has a buffer
	numRings
)

// links are the neighbours of a file in a ring.
type links struct {
	prev, next *file
	in         bool
}

// ring is a list of files in the order of their last use.
type ring struct {
	first, last *file
	n, most     int
}

// oldest returns the file that was not used for longest.
func (r *ring) oldest() *file { return r.first }

// touch makes a file the one that was used last.
func (r *ring) touch(f *file, id int) {
	if r.last == f {
		return
	}
	r.remove(f, id)
	r.add(f, id)
}

// add puts a file into the ring.
func (r *ring) add(f *file, id int) {
	l := &f.links[id]
	*l = links{prev: r.last, in: true}
	if r.last != nil {
		r.last.links[id].next = f
	} else {
		r.first = f
	}
	r.last = f
	r.n++
	r.most = max(r.most, r.n)
}

// remove takes a file out of the ring.
func (r *ring) remove(f *file, id int) {
	l := &f.links[id]
	if !l.in {
		return
	}
	if l.prev != nil {
		l.prev.links[id].next = l.next
	} else {
		r.first = l.next
	}
	if l.next != nil {
		l.next.links[id].prev = l.prev
	} else {
		r.last = l.prev
	}
	*l = links{}
	r.n--
}
