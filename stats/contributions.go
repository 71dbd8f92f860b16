package stats

import (
	"pkt/field"
	"pkt/flow"
)

// contributions are what flows, whose group may still change, have added to
// groups. A flow has one where all keys are of flows; where it can have many,
// an index finds them.
type contributions struct {
	slab  slab[part]
	pairs index    // of flow<<32 | way<<wayShift | group; only with several a flow
	of    []uint32 // the part of each pair
	marks slab[partMark]
}

// part is what one flow has added to one group.
type part struct {
	packets       uint64
	bytes, tx, rx uint64
	first, last   int64
	group         uint32
	next          uint32 // another part of the flow, +1
	retrans       uint32
	peer          peerEnd
	way           way
}

// partMark is what a part was when the interval began.
type partMark struct {
	interval int64 // beginning of the interval that mark is valid for
	mark     mark
}

// peerEnd says which end of a flow is the peer in a group. It does not depend
// on who is taken for the originator, which may change.
type peerEnd uint8

const (
	peerNone peerEnd = iota
	peerLow          // the lower address
	peerHigh
)

// cell returns the peer's address.
func (e peerEnd) cell(row *flow.Row) field.Cell {
	low, high := lowFirst(row)
	if e == peerLow {
		return low
	}
	return high
}

// add counts an entry.
func (t *part) add(e *entry) {
	if t.packets == 0 {
		t.first, t.last = e.first, e.last
	}
	t.packets += e.packets
	t.bytes += e.bytes
	t.tx += e.tx
	t.rx += e.rx
	t.retrans += e.retrans
	t.first, t.last = min(t.first, e.first), max(t.last, e.last)
}

// mark returns the counters that intervals have marks of.
func (t *part) mark() mark { return mark{t.packets, t.bytes, t.tx, t.rx} }

// part returns the number of the contribution of a flow to a group, which is new
// if it has no packets. It returns none if there are too many: what is left out
// will not move.
func (p *perFlow) part(m *member, h flow.Handle, group uint32, w way) uint32 {
	if m.parts != 0 {
		if t := p.slab.at(m.parts - 1); t.group == group && t.way == w {
			return p.marked(m.parts - 1)
		}
	}
	if p.mixed {
		key := pairKey(h, group, w)
		if pair := p.pairs.find(p.pairs.hash(key[:]), key[:]); pair != none {
			return p.marked(p.of[pair])
		}
	}
	if p.slab.used() >= p.cfg.MaxPairs {
		p.missed++
		p.groups.side[group].lower = true
		return none
	}
	at := p.slab.take()
	p.agg.grow(toPart, int(at)+1)
	if p.mixed {
		p.pair(h, group, w, at)
	}
	*p.slab.at(at) = part{group: group, way: w, next: m.parts}
	m.parts = at + 1
	if p.cfg.Interval > 0 {
		p.marks.reach(at)
		*p.marks.at(at) = partMark{interval: p.clock.interval}
	}
	return at
}

// pairKey is under which a contribution is found.
func pairKey(h flow.Handle, group uint32, w way) [1]uint64 {
	return [1]uint64{uint64(h)<<32 | uint64(w)<<wayShift | uint64(group)}
}

// pair makes a contribution the one of a flow to a group.
func (p *perFlow) pair(h flow.Handle, group uint32, w way, at uint32) {
	key := pairKey(h, group, w)
	n := p.pairs.add(p.pairs.hash(key[:]), key[:])
	if int(n) == len(p.of) {
		p.of = append(p.of, 0)
	}
	p.of[n] = at
}

// marked returns the number of a contribution, and remembers what it was before
// the interval.
func (p *perFlow) marked(at uint32) uint32 {
	t := p.slab.at(at)
	if p.cfg.Interval > 0 {
		if k := p.marks.at(at); k.interval != p.clock.interval {
			*k = partMark{p.clock.interval, t.mark()}
		}
	}
	return at
}

// drop gives a contribution back.
func (p *perFlow) drop(h flow.Handle, at uint32) {
	if p.mixed {
		t := p.slab.at(at)
		key := pairKey(h, t.group, t.way)
		p.pairs.remove(p.pairs.find(p.pairs.hash(key[:]), key[:]))
	}
	p.slab.give(at)
}

// join counts a flow in the group of its new contribution.
func (p *perFlow) join(t *part, row *flow.Row, e *entry) {
	p.joined(t.group)
	p.groups.opened(t.group, row.Handle)
	if p.peers == nil {
		return
	}
	if t.peer = p.peerOf(row, e); t.peer != peerNone {
		p.peers.add(t.group, t.peer.cell(row))
	}
}

// peerOf returns which end of a flow is the peer of its group.
func (p *perFlow) peerOf(row *flow.Row, e *entry) peerEnd {
	var peer field.Cell
	switch {
	case p.side == SideService:
		if row.PortVia == flow.PortNone {
			return peerNone
		}
		peer = row.Src
		if row.ServicePort != row.DstPort {
			peer = row.Dst
		}
	case e.named:
		peer = e.peer
	default:
		return peerNone
	}
	if low, _ := lowFirst(row); peer == low {
		return peerLow
	}
	return peerHigh
}

// follow moves the contributions of a flow where the values of its flow keys, or its
// owners, are not those that they were made with.
func (p *perFlow) follow(m *member, row *flow.Row, fields []uint64) {
	if m.parts == 0 || !p.ways && p.inGroup(p.slab.at(m.parts-1), row, fields) {
		return
	}
	link := &m.parts
	for *link != 0 {
		at := *link - 1
		if t := p.slab.at(at); p.inGroup(t, row, fields) {
			link = &t.next
			continue
		}
		from := *p.slab.at(p.marked(at))
		var before mark
		if p.cfg.Interval > 0 {
			before = p.marks.at(at).mark
		}
		*link = from.next
		p.drop(row.Handle, at)
		p.move(m, at, &from, before, row, fields)
	}
}

// inGroup reports whether the key of a contribution's group has these values of the
// flow keys, and those of the flow's owners.
func (p *perFlow) inGroup(t *part, row *flow.Row, fields []uint64) bool {
	have := p.groups.key(t.group)
	if p.ways && !p.isOwner(have, row, t.way) {
		return false
	}
	for k := range p.layout.keys {
		if p.layout.keys[k].Flow == nil {
			continue
		}
		a, aok := p.layout.cell(have, k)
		b, bok := p.layout.cell(fields, k)
		if a != b || aok != bok {
			return false
		}
	}
	return true
}

// move takes a contribution that had a number, and was before when the interval
// began, to the group with other values of the flow keys.
func (p *perFlow) move(m *member, old uint32, from *part, before mark, row *flow.Row, fields []uint64) {
	copy(p.words, p.groups.key(from.group))
	p.leave(m, old, from, before, row)
	for k := range p.layout.keys {
		if p.layout.keys[k].Flow == nil {
			continue
		}
		p.layout.unset(p.words, k)
		if c, ok := p.layout.cell(fields, k); ok {
			p.layout.set(p.words, k, c)
		}
	}
	p.setOwner(p.words, row, from.way)
	group := p.groups.group(p.words, p.evicted > 0)
	c, s := &p.groups.hot[group], &p.groups.side[group]
	c.packets += from.packets
	c.bytes += from.bytes
	c.retrans += from.retrans
	c.first, c.last = min(c.first, from.first), max(c.last, from.last)
	s.tx += from.tx
	s.rx += from.rx
	s.mark.add(before)
	at := p.part(m, row.Handle, group, from.way)
	if at == none {
		p.agg.take(toGroup, group, toPart, old)
		return
	}
	p.agg.take(toPart, at, toPart, old)
	t := p.slab.at(at)
	next := t.next
	*t = *from
	t.group, t.next = group, next
	if p.cfg.Interval > 0 {
		p.marks.at(at).mark = before
	}
	if p.alone(m, at, group) {
		p.joined(group)
		p.groups.opened(group, row.Handle)
	}
	if p.peers != nil && t.peer != peerNone {
		if p.side == SideService {
			t.peer = p.peerOf(row, nil)
		}
		p.peers.add(t.group, t.peer.cell(row))
	}
}

// leave takes a contribution that had a number out of its group.
func (p *perFlow) leave(m *member, old uint32, t *part, before mark, row *flow.Row) {
	c, s := &p.groups.hot[t.group], &p.groups.side[t.group]
	c.packets -= t.packets
	c.bytes -= t.bytes
	c.retrans -= t.retrans
	if p.alone(m, old, t.group) {
		c.flows--
		c.active--
	}
	s.tx -= t.tx
	s.rx -= t.rx
	s.mark.subtract(before)
	if p.peers != nil && t.peer != peerNone {
		p.peers.remove(t.group, t.peer.cell(row))
	}
	if c.packets == 0 {
		p.dropGroup(t.group)
	}
}

// free gives back all contributions of a flow. The groups keep what they were.
func (p *perFlow) free(m *member, h flow.Handle) {
	for m.parts != 0 {
		at := m.parts - 1
		m.parts = p.slab.at(at).next
		p.agg.take(toGroup, p.slab.at(at).group, toPart, at)
		p.drop(h, at)
	}
}

// renumber follows an eviction of groups. What was evicted stays in the rest:
// its flows begin anew.
func (p *perFlow) renumber(moved []uint32) {
	if p.mixed {
		p.pairs, p.of = newIndex(1), nil
	}
	p.members.each(func(h flow.Handle, m *member) {
		link := &m.parts
		for *link != 0 {
			at := *link - 1
			t := p.slab.at(at)
			t.group = moved[t.group]
			if t.group == rest {
				*link = t.next
				p.agg.take(toGroup, rest, toPart, at)
				p.slab.give(at)
				continue
			}
			if p.mixed {
				p.pair(h, t.group, t.way, at)
			}
			link = &t.next
		}
	})
}
