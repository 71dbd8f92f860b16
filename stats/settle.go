package stats

import (
	"slices"

	"pkt/flow"
	"pkt/packet"
)

// settle passes on what waits.
func (p *perFlow) settle() {
	p.rows, p.which = p.rows[:0], p.which[:0]
	for i := range p.waiting {
		e := &p.waiting[i]
		if e.packets == 0 {
			continue
		}
		p.members.at(e.flow).waiting = 0
		if e.flow == flow.NoFlow {
			group := p.groups.group(p.key(i, nil, nil), p.evicted > 0)
			p.addTo(group, e)
			p.agg.take(toGroup, group, toWaiting, uint32(i))
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
		m := p.members.at(row.Handle)
		p.follow(m, row, p.fields.tuple(j))
		p.credit(m, row, int(p.which[j]), p.fields.tuple(j))
	}
	p.rows, p.which = p.rows[:0], p.which[:0]
}

// key returns the key of the group of an entry, given the values of the flow
// keys, and the flow: nil if there is none. Keys that one of them lacks are 0 in it.
func (p *perFlow) key(i int, row *flow.Row, fields []uint64) []uint64 {
	clear(p.words)
	copy(p.words, fields)
	if p.mixed {
		for w, v := range p.index.key(uint32(i))[1:] {
			p.words[w] |= v
		}
	}
	p.setOwner(p.words, row, p.waiting[i].way)
	return p.words
}

// addTo counts an entry in a group.
func (p *perFlow) addTo(group uint32, e *entry) {
	c := &p.groups.hot[group]
	if c.tick != p.clock.tick {
		p.groups.endTick(group, p.clock.tick)
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
	group := p.groups.group(p.key(i, row, fields), p.evicted > 0)
	p.addTo(group, e)
	at := p.part(m, row.Handle, group, e.way)
	if at == none {
		p.agg.take(toGroup, group, toWaiting, uint32(i))
		return
	}
	part := p.slab.at(at)
	if part.packets == 0 && p.alone(m, at, group) {
		p.join(part, row, e)
	}
	part.add(e)
	p.agg.take(toPart, at, toWaiting, uint32(i))
}

// ended passes on what flows that leave the table still have, by what is known
// of them in the end.
func (p *perFlow) ended(rows []flow.Row) {
	p.fields.readFlows(rows, packet.FirstN(len(rows)))
	for j := range rows {
		row := &rows[j]
		m := p.members.at(row.Handle)
		if !m.seen {
			continue
		}
		p.follow(m, row, p.fields.tuple(j))
		for ; m.waiting != 0; m.waiting = p.waiting[m.waiting-1].next {
			p.credit(m, row, int(m.waiting-1), p.fields.tuple(j))
			p.waiting[m.waiting-1].packets = 0
		}
		p.noteEnd(row)
		p.ends(j, row.Handle)
		if row.EndReason != flow.EndActive {
			p.forget(m, row.Handle)
		}
	}
}

// flows implements counter.
func (p *perFlow) flows(do func(flow.Handle)) {
	p.members.each(func(h flow.Handle, m *member) {
		if m.seen {
			do(h)
		}
	})
}

// groupsOf implements counter. A flow whose groups were all evicted is in the
// rest.
func (p *perFlow) groupsOf(h flow.Handle, dst []uint32) []uint32 {
	m := p.members.at(h)
	from := len(dst)
	for at := m.parts; at != 0; at = p.slab.at(at - 1).next {
		if group := p.slab.at(at - 1).group; !slices.Contains(dst[from:], group) {
			dst = append(dst, group)
		}
	}
	if len(dst) == 0 && m.seen && m.waiting == 0 {
		return append(dst, rest)
	}
	return dst
}

// noteEnd tells the groups of a flow what became of it.
func (p *perFlow) noteEnd(row *flow.Row) {
	for at := p.members.at(row.Handle).parts; at != 0; at = p.slab.at(at - 1).next {
		p.groups.ended(p.slab.at(at-1).group, row)
	}
}

// forget ends a flow.
func (p *perFlow) forget(m *member, h flow.Handle) {
	p.closed()
	for at := m.parts; at != 0; at = p.slab.at(at - 1).next {
		group := p.slab.at(at - 1).group
		if !p.repeated(m, at-1) {
			p.groups.hot[group].active--
		}
		p.groups.gone(group, h)
	}
	p.free(m, h)
	*m = member{}
}

// parts implements counter.
func (p *perFlow) parts(do func(part, group uint32)) {
	p.members.each(func(_ flow.Handle, m *member) {
		for at := m.parts; at != 0; at = p.slab.at(at - 1).next {
			do(at-1, p.slab.at(at-1).group)
		}
	})
}
