package flow

import "math/bits"

// endpoints counts, for every address and port, the flows it takes part in: its
// distinct peers. The side that more peers share is the server.
//
// A slot is 48 bits of the endpoint's hash <<16 | count; the home of a slot is
// told by its highest bits. When there are too many endpoints, those with the
// fewest flows are forgotten: they are clients, or come again.
type endpoints struct {
	slots     []uint64
	shift     uint8
	n         int
	max       int // endpoints
	forgotten uint64
	queue     []uint64 // hashes of endpoints that are yet to be counted
	loaded    uint64   // keeps loads ahead from being optimised away
}

const (
	maxEndpoints = 6 << 20 // in 64 MiB
	peerBits     = 16
	maxPeers     = 1<<peerBits - 1
)

func newEndpoints(most int) endpoints {
	return endpoints{slots: make([]uint64, minSlots), shift: 64 - 10, max: most, queue: make([]uint64, 0, 256)}
}

// find returns the slot of an endpoint, or the empty one where it belongs.
func (e *endpoints) find(hash uint64) *uint64 {
	mask := uint64(len(e.slots) - 1)
	for i := hash >> e.shift; ; i++ {
		s := &e.slots[i&mask]
		if *s == 0 || (*s^hash)>>peerBits == 0 {
			return s
		}
	}
}

// add counts a flow of an endpoint.
func (e *endpoints) add(hash uint64) {
	s := e.find(hash)
	if *s != 0 {
		if *s&maxPeers != maxPeers {
			*s++
		}
		return
	}
	*s = hash&^maxPeers | 1
	e.n++
	if e.n > e.max {
		e.forget()
	} else if e.n > len(e.slots)/4*3 {
		e.rebuild(2*len(e.slots), 1)
	}
}

// forget drops the endpoints with the fewest flows, until half are left.
func (e *endpoints) forget() {
	before := e.n
	for least := uint64(2); e.n > e.max/2; least *= 2 {
		e.rebuild(len(e.slots), least)
	}
	e.forgotten += uint64(before - e.n)
}

// rebuild moves the endpoints that have at least so many flows to a new array.
func (e *endpoints) rebuild(slots int, least uint64) {
	old := e.slots
	e.slots = make([]uint64, slots)
	e.shift = uint8(64 - bits.Len(uint(slots-1)))
	e.n = 0
	for _, s := range old {
		if s&maxPeers >= least {
			*e.find(s) = s
			e.n++
		}
	}
}

// peers returns the flows that an endpoint was seen in.
// All that wait must have been counted.
func (e *endpoints) peers(hash uint64) uint64 { return *e.find(hash) & maxPeers }

// countEndpoints counts the endpoints of a new flow. Where a handshake tells
// the server, the other side is no candidate. The counting itself is put off
// until many wait, since each will be a cache miss: together they take less time.
func (t *Table) countEndpoints(r *record, addrs [4]uint64) {
	if r.key&keyPorts == 0 {
		return
	}
	e := &t.endpoints
	if len(e.queue)+2 > cap(e.queue) {
		e.settle()
	}
	responder := r.origin() ^ 1
	e.queue = append(e.queue, t.endpointHash(r, addrs, responder))
	if r.key&keyGuessed != 0 {
		e.queue = append(e.queue, t.endpointHash(r, addrs, responder^1))
	}
}

// settle counts the endpoints that wait.
func (e *endpoints) settle() {
	var sum uint64
	for _, hash := range e.queue {
		sum += e.slots[hash>>e.shift]
	}
	e.loaded = sum
	for _, hash := range e.queue {
		e.add(hash)
	}
	e.queue = e.queue[:0]
}

// lookUpPeers finds the peers of the endpoints of flows, two for each flow. Where
// a handshake told the server, or there are no ports, they do not matter and
// are 0.
func (t *Table) lookUpPeers(hs []Handle, peers *[2 * maxRows]uint64) {
	e := &t.endpoints
	e.settle()
	var sum uint64
	for i, h := range hs {
		peers[2*i], peers[2*i+1] = 0, 0
		r := t.record(h)
		if r.key&(keyPorts|keyGuessed) != keyPorts|keyGuessed {
			continue
		}
		addrs := t.addrs(h)
		for side := range uint8(2) {
			hash := t.endpointHash(r, addrs, side)
			peers[2*i+int(side)] = hash
			sum += e.slots[hash>>e.shift]
		}
	}
	e.loaded = sum
	for i, hash := range peers[:2*len(hs)] {
		if hash != 0 {
			peers[i] = e.peers(hash)
		}
	}
}

// endpointHash returns the hash of the endpoint of a side.
func (t *Table) endpointHash(r *record, addrs [4]uint64, side uint8) uint64 {
	return t.secret.hashEndpoint(addrs[2*side], addrs[2*side+1], r.port(side), r.proto())
}
