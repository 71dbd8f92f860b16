package fragment

import (
	"pkt/packet"
)

// Limits of what an Assembler keeps, beside Timeout and MaxDatagrams.
const (
	// MaxContent bounds the memory of datagrams that are not complete, in bytes.
	MaxContent = 4 << 20
	// maxLen is the longest content of an IP datagram. What would lie beyond it
	// is an attack (the "ping of death").
	maxLen = 65535
)

// Datagram is what the fragments of an IP datagram carried.
type Datagram struct {
	// Data begins with the transport header. It is valid until the next call of Add.
	Data []byte
	// Proto is the protocol of Data.
	Proto uint8
}

// AssemblerStats counts what an Assembler has done.
type AssemblerStats struct {
	Complete  uint64 // datagrams put together
	Missing   uint64 // datagrams of which a part did not come in time
	Evicted   uint64 // datagrams given up because too many were incomplete
	Conflicts uint64 // bytes that came twice and differed
	Refused   uint64 // fragments that were cut, odd, or beyond what IP allows; IPv6 fragments that overlap
}

// Assembler puts datagrams together from their fragments, content included. Of
// bytes that came twice the first ones count (IPv4), or the datagram is given
// up (IPv6, RFC 5722). It is used from one goroutine, and sees packets in the order
// of the capture.
type Assembler struct {
	index map[key]*assembly
	// first and last chain the datagrams in the order of their first fragments.
	first, last *assembly
	free        *assembly
	held        int   // bytes of all assemblies
	clock       int64 // latest time seen
	done        *assembly
	stats       AssemblerStats
}

// assembly is a datagram that is not complete.
type assembly struct {
	key        key
	since      int64
	prev, next *assembly
	data       []byte // as far as fragments reach; bytes of holes are undefined
	parts      []part // sorted and disjoint
	size       int    // of the whole; valid only if known
	known      bool
	broken     bool // RFC 5722: no fragment of it is used
	skip       int  // of the data: extension headers in front of the transport header
	proto      uint8
}

// part is a range of bytes that came.
type part struct{ from, to int }

// NewAssembler returns an Assembler that has seen nothing.
func NewAssembler() *Assembler { return &Assembler{index: map[key]*assembly{}} }

// Stats returns what the assembler has done so far.
func (a *Assembler) Stats() AssemblerStats { return a.stats }

// Add takes a packet with HasFragment. It returns the datagram if that is
// complete now.
func (a *Assembler) Add(frame []byte, l *packet.Layers, nanos int64) (d Datagram, ok bool) {
	a.recycle()
	a.clock = max(a.clock, nanos)
	for a.first != nil && a.clock-a.first.since > Timeout {
		a.stats.Missing++
		a.drop(a.first)
	}
	k, ok := keyOf(frame, l)
	p, valid := placeOf(frame, l)
	if !ok || !valid || l.End < l.WireEnd || p.offset+int(l.End)-p.begin > maxLen {
		a.stats.Refused++
		return Datagram{}, false
	}
	x := a.index[k]
	if x == nil {
		x = a.open(k, nanos)
	}
	if !x.broken && !a.put(x, p.offset, p.more, frame[p.begin:l.End]) {
		a.stats.Refused++
	}
	if p.offset == 0 {
		x.proto, x.skip = l.Proto, int(l.L4)-p.begin
	}
	if !x.complete() {
		a.limit()
		return Datagram{}, false
	}
	a.stats.Complete++
	a.unlink(x)
	a.done = x
	return Datagram{Data: x.data[min(x.skip, x.size):x.size], Proto: x.proto}, true
}

// Flush gives up what is not complete, at the end of the capture.
func (a *Assembler) Flush() {
	a.recycle()
	for a.first != nil {
		a.stats.Missing++
		a.drop(a.first)
	}
}

// complete reports whether all bytes of the datagram are there.
func (x *assembly) complete() bool {
	return !x.broken && x.known && len(x.parts) == 1 && x.parts[0].from == 0 && x.parts[0].to >= x.size
}

// put adds the content of a fragment. It reports false for one that contradicts
// the others.
func (a *Assembler) put(x *assembly, offset int, more bool, content []byte) bool {
	end := offset + len(content)
	if more && len(content)%8 != 0 {
		return false // RFC 791: all but the last are in units of 8 bytes
	}
	if !more {
		if x.known && x.size != end || len(x.parts) > 0 && x.parts[len(x.parts)-1].to > end {
			return false
		}
		x.size, x.known = end, true
	} else if x.known && end > x.size {
		return false
	}
	if end > len(x.data) {
		a.held += end - len(x.data)
		x.data = extend(x.data, end)
	}
	if x.key.v6 && x.overlaps(offset, end, content) {
		x.broken = true
		return false
	}
	a.stats.Conflicts += x.fill(offset, content)
	x.add(offset, end)
	return true
}

// extend makes data n bytes long; the new ones are undefined.
func extend(data []byte, n int) []byte {
	if n > cap(data) {
		grown := make([]byte, n, max(n, 2*cap(data)))
		copy(grown, data)
		return grown
	}
	return data[:n]
}

// overlaps reports whether a fragment shares bytes with others, and is no exact
// copy of what is there.
func (x *assembly) overlaps(from, to int, content []byte) bool {
	for _, p := range x.parts {
		if p.from < to && from < p.to {
			return from < p.from || p.to < to || string(x.data[from:to]) != string(content)
		}
	}
	return false
}

// fill copies what is new of content, and returns how many bytes of it differ
// from those that came before.
func (x *assembly) fill(at int, content []byte) (conflicts uint64) {
	for _, p := range x.parts {
		if len(content) == 0 || p.from >= at+len(content) {
			break
		}
		if p.to <= at {
			continue
		}
		if p.from > at {
			n := copy(x.data[at:p.from], content)
			at, content = at+n, content[n:]
		}
		n := min(p.to-at, len(content))
		for i, b := range content[:n] {
			if x.data[at+i] != b {
				conflicts++
			}
		}
		at, content = at+n, content[n:]
	}
	copy(x.data[at:], content)
	return conflicts
}

// add notes that a range is there, joined with what touches it.
func (x *assembly) add(from, to int) {
	i := 0
	for i < len(x.parts) && x.parts[i].to < from {
		i++
	}
	j := i
	for ; j < len(x.parts) && x.parts[j].from <= to; j++ {
		from, to = min(from, x.parts[j].from), max(to, x.parts[j].to)
	}
	if i == j {
		x.parts = append(x.parts, part{})
		copy(x.parts[i+1:], x.parts[i:])
		x.parts[i] = part{from, to}
		return
	}
	x.parts[i] = part{from, to}
	x.parts = append(x.parts[:i+1], x.parts[j:]...)
}

// open begins a datagram.
func (a *Assembler) open(k key, nanos int64) *assembly {
	if len(a.index) >= MaxDatagrams {
		a.stats.Evicted++
		a.drop(a.first)
	}
	x := a.free
	if x == nil {
		x = new(assembly)
	} else {
		a.free = x.next
	}
	*x = assembly{key: k, since: nanos, data: x.data[:0], parts: x.parts[:0], prev: a.last}
	if a.last != nil {
		a.last.next = x
	} else {
		a.first = x
	}
	a.last = x
	a.index[k] = x
	return x
}

// limit gives up the oldest datagrams until the others fit into the memory.
func (a *Assembler) limit() {
	for a.held > MaxContent {
		a.stats.Evicted++
		a.drop(a.first)
	}
}

// drop gives a datagram up.
func (a *Assembler) drop(x *assembly) {
	a.unlink(x)
	a.keep(x)
}

// unlink takes a datagram out of those that are not complete.
func (a *Assembler) unlink(x *assembly) {
	delete(a.index, x.key)
	a.held -= len(x.data)
	if x.prev != nil {
		x.prev.next = x.next
	} else {
		a.first = x.next
	}
	if x.next != nil {
		x.next.prev = x.prev
	} else {
		a.last = x.prev
	}
}

// recycle keeps the datagram that was handed out last for use again.
func (a *Assembler) recycle() {
	if a.done != nil {
		a.keep(a.done)
		a.done = nil
	}
}

// keep puts an assembly aside to be used again. Large buffers are let go, so
// that memory stays bounded.
func (a *Assembler) keep(x *assembly) {
	if cap(x.data) > 16<<10 {
		x.data = nil
	}
	x.next = a.free
	a.free = x
}
