package stats

import (
	"slices"

	"pkt/field"
	"pkt/flow"
	"pkt/fragment"
	"pkt/packet"
)

// perFlow counts by keys of which some are of flows. What packets bring waits
// until the tick is over, one entry for each flow and each value of the packet
// keys. Then each entry is added to the group that its flow is in, and to the
// flow's contribution to that group, so that it can move with the flow.
type perFlow struct {
	*Ranking
	table   Flows
	mixed   bool // some keys are of packets
	patient bool // flows need not be asked at every tick
	flows   byFlow[member]
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
	group   uint32 // valid only if settled
	// look is the tick from which on the flow is asked again which group it is in.
	// Asking is rarer the longer the answer has been the same, but for keys that
	// change all the time; at the end of a flow it is asked in any case.
	look    uint32
	pause   uint8 // ticks until then, as a power of two
	seen    bool  // the flow is in the total
	settled bool  // its group will not change, and it has no contributions
}

// maxPause is the longest time between two looks, as a power of two of ticks.
const maxPause = 4

// entry is what packets of a flow brought in a tick.
type entry struct {
	flow          flow.Handle
	next          uint32 // another entry of the flow, +1
	packets       uint64 // 0 once it has been passed on
	bytes, tx, rx uint64
	first, last   int64
	retrans       uint32
	named         bool       // peer is valid
	peer          field.Cell // address at the other end of what the packet keys name
}

const (
	// maxWaiting is how many entries wait before they are passed on within a tick:
	// more would leave the cache.
	maxWaiting = 1 << 14
	// rowsAtOnce is how many flows are asked about at once.
	rowsAtOnce = 64
)

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
	p.patient = !mixed && !slices.ContainsFunc(r.cfg.Keys, func(k Key) bool { return k.Stable == Changing })
	return p
}

func (p *perFlow) batch(b *packet.Batch, in packet.Set, credits []fragment.Credit, refs *flow.Refs) {
	if p.mixed {
		p.tuples.read(b, in)
	} else {
		p.credits(credits, refs)
	}
	t, j := p.tuples, 0
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		h, info := refs.Flow[i], refs.Info[i]
		dir := p.arrive(b, i, info)
		m := p.flows.at(h)
		if !m.seen && h != flow.NoFlow {
			p.see(m)
		}
		if !p.mixed {
			if h != flow.NoFlow || !b.Layers[i].Has.Any(packet.HasFragment) {
				p.entry(m, h).add(&b.Records[i], dir, info)
			}
			continue
		}
		for ; j < len(t.at) && int(t.at[j]) == i; j++ {
			e := p.entryOf(m, h, t.tuple(j))
			if e.packets == 0 && p.peers != nil && t.ends[j] != 0 {
				e.peer, e.named = otherEnd(b, i, t.ends[j])
			}
			e.add(&b.Records[i], dir, info)
		}
	}
	if len(p.waiting) >= maxWaiting {
		p.settle()
	}
}

// credits counts fragments that had been held back. Where keys are of packets
// too they were counted when they came, as packets without a flow.
func (p *perFlow) credits(credits []fragment.Credit, refs *flow.Refs) {
	for k, h := range refs.Credited {
		m := p.flows.at(h)
		if !m.seen {
			p.see(m)
		}
		c := &credits[k]
		rec := packet.Record{Nanos: c.Nanos, WireLen: c.Bytes}
		p.entry(m, h).add(&rec, packet.DirUnknown, 0)
	}
}

// see counts a flow in the total.
func (p *perFlow) see(m *member) {
	m.seen = true
	p.total.hot[rest].flows++
	p.total.hot[rest].active++
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
	switch dir {
	case packet.DirOut:
		e.tx += size
	case packet.DirIn:
		e.rx += size
	}
	if info&flow.RefRetrans != 0 {
		e.retrans++
	}
}

// entry returns the one entry that a flow has where all keys are of flows.
func (p *perFlow) entry(m *member, h flow.Handle) *entry {
	if m.waiting == 0 {
		p.wait(m, h)
	}
	return &p.waiting[m.waiting-1]
}

// entryOf returns the entry of a flow and values of the packet keys.
func (p *perFlow) entryOf(m *member, h flow.Handle, words []uint64) *entry {
	var key [1 + 1 + 2*MaxKeys]uint64
	key[0] = uint64(h)
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
	return e
}

// wait begins an entry.
func (p *perFlow) wait(m *member, h flow.Handle) {
	p.waiting = append(p.waiting, entry{flow: h, next: m.waiting})
	m.waiting = uint32(len(p.waiting))
}

// settle passes on what waits.
func (p *perFlow) settle() {
	p.rows, p.which = p.rows[:0], p.which[:0]
	for i := range p.waiting {
		e := &p.waiting[i]
		if e.packets == 0 {
			continue
		}
		m := p.flows.at(e.flow)
		m.waiting = 0
		switch {
		case e.flow == flow.NoFlow:
			p.addTo(p.groups.group(p.key(i, nil), p.evicted > 0), e)
			continue
		case m.settled:
			p.addTo(m.group-1, e)
			continue
		case m.parts != 0 && p.patient && p.clock.tick < m.look:
			t := p.marked(m.parts - 1)
			p.addTo(t.group, e)
			t.add(e)
			continue
		}
		p.rows = p.rows[:len(p.rows)+1]
		p.table.Row(e.flow, &p.rows[len(p.rows)-1])
		p.which = append(p.which, uint32(i))
		if len(p.rows) == rowsAtOnce {
			p.settleRows()
		}
	}
	p.settleRows()
	p.waiting = p.waiting[:0]
	if p.mixed {
		p.index.reset()
	}
}

// settleRows passes on the entries of the flows in p.rows.
func (p *perFlow) settleRows() {
	p.fields.readFlows(p.rows, packet.FirstN(len(p.rows)))
	for j := range p.rows {
		row := &p.rows[j]
		m := p.flows.at(row.Handle)
		if p.follow(m, row, p.fields.tuple(j)) {
			m.pause = 0
		}
		m.look = p.clock.tick + 1<<m.pause
		m.pause = min(m.pause+1, maxPause)
		p.credit(m, row, int(p.which[j]), p.fields.tuple(j))
		p.fix(m, row)
	}
	p.rows, p.which = p.rows[:0], p.which[:0]
}

// key returns the key of the group of an entry, given the values of the flow
// keys. Keys that one of them lacks are 0 in it.
func (p *perFlow) key(i int, fields []uint64) []uint64 {
	clear(p.words)
	copy(p.words, fields)
	if p.mixed {
		for w, v := range p.index.key(uint32(i))[1:] {
			p.words[w] |= v
		}
	}
	return p.words
}

// addTo counts an entry in a group.
func (p *perFlow) addTo(group uint32, e *entry) {
	c := &p.groups.hot[group]
	if c.tick != p.clock.tick {
		p.groups.endTick(group, p.clock.tick)
	}
	if c.packets == 0 {
		c.first, c.last = e.first, e.last
	}
	c.packets += e.packets
	c.bytes += e.bytes
	c.tickBytes += e.bytes
	c.first, c.last = min(c.first, e.first), max(c.last, e.last)
	c.retrans += e.retrans
	if e.tx+e.rx > 0 {
		p.groups.directed = true
		s := &p.groups.side[group]
		s.tx += e.tx
		s.rx += e.rx
		s.tickTx += e.tx
		s.tickRx += e.rx
	}
}

// credit adds entry i to its group and to its flow's contribution to it.
func (p *perFlow) credit(m *member, row *flow.Row, i int, fields []uint64) {
	e := &p.waiting[i]
	group := p.groups.group(p.key(i, fields), p.evicted > 0)
	p.addTo(group, e)
	part := p.part(m, row.Handle, group)
	if part == nil {
		return
	}
	if part.packets == 0 {
		p.join(part, row, e)
	}
	part.add(e)
}

// fix frees the contribution of a flow whose group will not change.
func (p *perFlow) fix(m *member, row *flow.Row) {
	if p.mixed || m.parts == 0 || !p.certain(row) {
		return
	}
	m.group = p.slab.at(m.parts-1).group + 1
	m.settled = true
	p.free(m, row.Handle)
}

// certain reports whether the values of the flow keys will not change.
func (p *perFlow) certain(row *flow.Row) bool {
	for _, k := range p.cfg.Keys {
		switch {
		case k.Flow == nil || k.Stable == FromStart:
		case k.Stable == Changing:
			return false
		case row.PortVia > flow.PortListening:
			return false
		}
	}
	return true
}

// ended passes on what flows that leave the table still have, by what is known
// of them in the end.
func (p *perFlow) ended(rows []flow.Row) {
	for part := range slices.Chunk(rows, rowsAtOnce) {
		var ask packet.Set
		for j := range part {
			if !p.flows.at(part[j].Handle).settled {
				ask.Add(j)
			}
		}
		p.fields.readFlows(part, ask)
		for j := range part {
			if row := &part[j]; row.EndReason != flow.EndActive {
				p.end(row, p.fields.tuple(j))
			}
		}
	}
}

func (p *perFlow) end(row *flow.Row, fields []uint64) {
	m := p.flows.at(row.Handle)
	if !m.seen {
		return
	}
	p.total.hot[rest].active--
	if !m.settled {
		p.follow(m, row, fields)
	}
	for at := m.waiting; at != 0; at = p.waiting[at-1].next {
		e := &p.waiting[at-1]
		if m.settled {
			p.addTo(m.group-1, e)
		} else {
			p.credit(m, row, int(at-1), fields)
		}
		e.packets = 0
	}
	if m.settled {
		p.groups.hot[m.group-1].active--
	}
	for at := m.parts; at != 0; at = p.slab.at(at - 1).next {
		p.groups.hot[p.slab.at(at-1).group].active--
	}
	p.free(m, row.Handle)
	*m = member{}
}
