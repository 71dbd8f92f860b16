package stats

import (
	"pkt/field"
	"pkt/flow"
	"pkt/fragment"
	"pkt/packet"
)

// perFlow counts by keys of which some are of flows and change at any time, or
// are of packets. What packets bring waits until the tick is over, one entry for
// each flow and each value of the packet keys. Then each entry is added to the
// group that its flow is in, and to the flow's contribution to that group, so
// that it can move with the flow.
type perFlow struct {
	*Ranking
	table   Flows
	mixed   bool // some keys are of packets, or of owners
	ways    bool // some keys are of owners
	text    []byte
	members byFlow[member]
	waiting []entry
	index   index // with mixed: of an entry's flow and packet keys
	contributions
	fields tuples // of the flow keys
	rows   []flow.Row
	which  []uint32 // entry of each row
	words  []uint64 // scratch: a group's key
}

// member is a flow's place in the ranking. Numbers are + 1, so that 0 is none.
type member struct {
	waiting uint32 // its first entry
	parts   uint32 // its first contribution
	seen    bool   // the flow is in the total
}

// entry is what packets of a flow brought in a tick.
type entry struct {
	flow          flow.Handle
	next          uint32 // another entry of the flow, +1
	packets       uint64 // 0 once it has been passed on
	bytes, tx, rx uint64
	first, last   int64
	retrans       uint32
	way           way        // valid only with keys of owners
	named         bool       // peer is valid
	peer          field.Cell // address at the other end of what the packet keys name
}

func newPerFlow(r *Ranking, table Flows, mixed bool) *perFlow {
	p := &perFlow{
		Ranking: r,
		table:   table,
		mixed:   mixed,
		fields:  tuples{layout: &r.layout, texts: r.texts},
		rows:    make([]flow.Row, 0, rowsAtOnce),
		words:   make([]uint64, r.layout.stride),
	}
	if mixed {
		p.index, p.pairs = newIndex(1+r.layout.stride), newIndex(1)
	}
	return p
}

func (p *perFlow) batch(b *packet.Batch, in packet.Set, refs *flow.Refs) {
	if p.mixed {
		p.tuples.read(b, in)
		p.batchMixed(b, in, refs)
	} else {
		p.batchPure(b, in, refs)
	}
}

// waits implements counter.
func (p *perFlow) waits() int { return len(p.waiting) }

// batchPure counts packets where all keys are of flows. What the fragment stage
// has held back counts when its flow is known.
func (p *perFlow) batchPure(b *packet.Batch, in packet.Set, refs *flow.Refs) {
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		h, info := refs.Flow[i], refs.Info[i]
		m := p.member(h, info)
		if h != flow.NoFlow || !b.Layers[i].Has.Any(packet.HasFragment) {
			e := p.entry(m, h)
			p.waiting[e].add(&b.Records[i], p.way(i), info)
			p.agg.count(i, toWaiting, e)
		}
	}
}

// batchMixed counts packets where some keys are of packets.
func (p *perFlow) batchMixed(b *packet.Batch, in packet.Set, refs *flow.Refs) {
	t, j := p.tuples, 0
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		h, info := refs.Flow[i], refs.Info[i]
		m := p.member(h, info)
		for ; j < len(t.at) && int(t.at[j]) == i; j++ {
			if !p.ways {
				p.enter(m, h, b, i, j, 0, p.way(i), info)
				continue
			}
			for _, dir := range twice(b.Records[i].Dir) {
				if dir == noDir {
					break
				}
				seen := p.way(i)
				if b.Records[i].Dir == packet.DirBoth {
					seen = dir
				}
				p.enter(m, h, b, i, j, wayOf(b, i, dir), seen, info)
			}
		}
	}
}

// enter counts packet i, whose packet keys are those of tuple j, in the entry of its
// flow.
func (p *perFlow) enter(m *member, h flow.Handle, b *packet.Batch, i, j int, w way, dir packet.Dir, info flow.Ref) {
	t := p.tuples
	at := p.entryOf(m, h, t.tuple(j), w)
	e := &p.waiting[at]
	if e.packets == 0 && p.peers != nil && t.ends[j] != 0 {
		e.peer, e.named = otherEnd(b, i, t.ends[j])
	}
	e.add(&b.Records[i], dir, info)
	p.agg.count(i, toWaiting, at)
}

// member returns a flow's place, and counts new flows in the total.
func (p *perFlow) member(h flow.Handle, info flow.Ref) *member {
	m := p.members.at(h)
	if m.seen && info&flow.RefOpened != 0 {
		p.forget(m, h) // it had ended without notice, see direct.forget
	}
	if !m.seen && h != flow.NoFlow {
		m.seen = true
		p.opened()
	}
	return m
}

// credits counts fragments that had been held back. Where keys are of packets
// too they were counted when they came, as packets without a flow.
func (p *perFlow) credits(credits []fragment.Credit, refs *flow.Refs) {
	if p.mixed {
		return
	}
	for k, h := range refs.Credited {
		rec := packet.Record{Nanos: credits[k].Nanos, WireLen: credits[k].Bytes}
		e := p.entry(p.member(h, 0), h)
		p.waiting[e].add(&rec, packet.DirUnknown, 0)
		p.agg.credit(&credits[k], toWaiting, e)
	}
}

// otherEnd returns the address at the other end of what a tuple names.
func otherEnd(b *packet.Batch, i int, ends uint8) (c field.Cell, ok bool) {
	if !b.Layers[i].Has.Any(packet.HasIP) {
		return c, false
	}
	src, dst := addresses(b.Frame(i), &b.Layers[i])
	if ends&endSrc != 0 {
		return dst, true
	}
	return src, true
}

// add counts a packet.
func (e *entry) add(rec *packet.Record, dir packet.Dir, info flow.Ref) {
	size := uint64(rec.WireLen)
	if e.packets == 0 {
		e.first, e.last = rec.Nanos, rec.Nanos
	}
	e.packets++
	e.bytes += size
	e.first, e.last = min(e.first, rec.Nanos), max(e.last, rec.Nanos)
	if dir&packet.DirOut != 0 {
		e.tx += size
	}
	if dir&packet.DirIn != 0 {
		e.rx += size
	}
	if info&flow.RefRetrans != 0 {
		e.retrans++
	}
}

// entry returns the one entry that a flow has where all keys are of flows.
func (p *perFlow) entry(m *member, h flow.Handle) uint32 {
	if m.waiting == 0 {
		p.wait(m, h)
	}
	return m.waiting - 1
}

// entryOf returns the entry of a flow, values of the packet keys and a way.
func (p *perFlow) entryOf(m *member, h flow.Handle, words []uint64, w way) uint32 {
	var key [1 + 1 + 2*MaxKeys]uint64
	key[0] = uint64(h) | uint64(w)<<32
	n := 1 + copy(key[1:], words)
	tag := p.index.hash(key[:n])
	at := p.index.find(tag, key[:n])
	if at == none {
		at = p.index.add(tag, key[:n])
		p.wait(m, h)
	}
	e := &p.waiting[at]
	if e.packets == 0 && m.waiting != at+1 {
		// It was of a flow that has ended, whose handle is used again.
		*e = entry{flow: h, next: m.waiting}
		m.waiting = at + 1
	}
	e.way = w
	return at
}

// wait begins an entry.
func (p *perFlow) wait(m *member, h flow.Handle) {
	p.waiting = append(p.waiting, entry{flow: h, next: m.waiting})
	m.waiting = uint32(len(p.waiting))
	p.agg.grow(toWaiting, len(p.waiting))
}
