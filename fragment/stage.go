package fragment

import (
	"encoding/binary"

	"pkt/packet"
)

// Limits of what a Stage remembers.
const (
	// Timeout is how long a datagram's fragments may be apart, ns of capture time.
	Timeout = 30e9
	// MaxDatagrams is how many datagrams are remembered at once.
	MaxDatagrams = 4096
	// MaxHeld is how many fragments are held back at once: 4 MiB of them.
	MaxHeld = 4 << 20 / heldSize
)

// heldSize is the memory that a fragment takes while it is held back.
const heldSize = 88

// Stats counts what a Stage has done.
type Stats struct {
	Fragments uint64 // all, first ones too
	Orphans   uint64 // counted without ports, since the first fragment did not come
	Evicted   uint64 // datagrams forgotten because there were too many
}

// Stage gives later fragments the ports of the first one. It is used from one
// goroutine, and sees the batches in the order of the capture.
type Stage struct {
	index map[key]uint64 // sequence number of the datagram
	// ring holds the datagrams in the order in which they were first seen. Those
	// with sequence numbers oldest to newest-1 are in it.
	ring           []datagram
	oldest, newest uint64

	held    []held   // pool
	free    []uint32 // of held
	clock   int64    // latest time seen
	credits []Credit // of the current batch
	packets uint64   // in the batches before
	stats   Stats
}

// datagram is one of which a fragment was seen.
type datagram struct {
	key   key
	since int64 // time of the first fragment seen, ns
	first bool  // the first fragment was seen: what follows is valid
	facts
	head, tail uint32 // number+1 of the fragments held back
}

// facts are what only the first fragment tells.
type facts struct {
	has              packet.Has // HasPorts, HasICMP
	proto            uint8
	srcPort, dstPort uint16
}

// held is a fragment that was held back.
type held struct {
	credit Credit
	next   uint32 // number+1
}

// NewStage returns a Stage that has seen nothing.
func NewStage() *Stage { return &Stage{} }

// Stats returns what the stage has done so far.
func (s *Stage) Stats() Stats { return s.stats }

// Batch takes the packets of the set. It completes the layers of later fragments
// (HasPorts, Proto, and the ports or ICMP type and code), and returns the packets that are not held
// back, and the credits that are due, in order of After. The credits are valid
// until the next call. Layers of the batch must be there.
func (s *Stage) Batch(b *packet.Batch, in packet.Set) (packet.Set, []Credit) {
	s.credits = s.credits[:0]
	defer func() { s.packets += uint64(b.N) }()
	if len(s.held) == len(s.free) && !anyFragment(b) {
		return in, nil
	}
	s.clock = max(s.clock, b.Now)
	for i := range b.Records[:b.N] {
		s.clock = max(s.clock, b.Records[i].Nanos)
	}
	s.expire()
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		l := &b.Layers[i]
		if !l.Has.Any(packet.HasFragment) {
			continue
		}
		s.stats.Fragments++
		k, ok := keyOf(b.Frame(i), l)
		if !ok {
			continue
		}
		if l.Has.Any(packet.HasLaterPart) {
			if !s.later(k, b, i) {
				in.Remove(i)
			}
		} else {
			s.first(k, l, i, b.Records[i].Nanos)
		}
	}
	return in, s.credits
}

// Flush releases what is still held back, at the end of the capture. The credits
// are valid until the next call of Batch.
func (s *Stage) Flush() []Credit {
	s.credits = s.credits[:0]
	for s.oldest != s.newest {
		s.drop(-1)
	}
	return s.credits
}

// anyFragment reports whether there is a fragment in the batch.
func anyFragment(b *packet.Batch) bool {
	var has packet.Has
	for i := range b.Layers[:b.N] {
		has |= b.Layers[i].Has
	}
	return has.Any(packet.HasFragment)
}

// first takes the first fragment of a datagram, packet i of the batch, and
// releases those that came before it.
func (s *Stage) first(k key, l *packet.Layers, i int, nanos int64) {
	d := s.find(k)
	if d == nil || d.first {
		d = s.add(k, nanos, i) // identifications are used again
	}
	d.first = true
	d.facts = facts{
		has:     l.Has & (packet.HasPorts | packet.HasICMP),
		proto:   l.Proto,
		srcPort: l.SrcPort,
		dstPort: l.DstPort,
	}
	s.release(d, i)
}

// later takes a later fragment, packet i of the batch. It reports whether the
// fragment is known to belong to a flow now.
func (s *Stage) later(k key, b *packet.Batch, i int) bool {
	l := &b.Layers[i]
	d := s.find(k)
	if d == nil {
		d = s.add(k, b.Records[i].Nanos, i)
	}
	if d.first {
		l.Has |= d.has & packet.HasPorts
		l.Proto, l.SrcPort, l.DstPort = d.proto, d.srcPort, d.dstPort
		return true
	}
	s.hold(d, b, i)
	return false
}

// hold keeps a fragment back.
func (s *Stage) hold(d *datagram, b *packet.Batch, i int) {
	l, r := &b.Layers[i], &b.Records[i]
	n := s.take()
	h := &s.held[n]
	h.next = 0
	h.credit = Credit{
		Seq:     s.packets + uint64(i),
		Nanos:   r.Nanos,
		Addrs:   d.key.addrs,
		Bytes:   r.WireLen,
		IPBytes: ipLen(b.Frame(i)[l.L3:], l),
		Payload: l.WireEnd - l.Payload,
		Iface:   r.Iface,
		Has:     l.Has & (packet.HasIP | packet.HasVLAN),
		VLAN:    l.VLAN,
		Proto:   l.Proto,
	}
	if d.tail == 0 {
		d.head = n + 1
	} else {
		s.held[d.tail-1].next = n + 1
	}
	d.tail = n + 1
	for len(s.held)-len(s.free) > MaxHeld {
		s.stats.Evicted++
		s.drop(i)
	}
}

// ipLen returns the length of the IP packet that h begins with.
func ipLen(h []byte, l *packet.Layers) uint32 {
	if l.Has.Any(packet.HasIPv6) {
		return 40 + uint32(binary.BigEndian.Uint16(h[4:]))
	}
	if n := uint32(binary.BigEndian.Uint16(h[2:])); n != 0 {
		return n
	}
	return l.WireEnd - l.L3
}
