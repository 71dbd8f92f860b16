package stats

import (
	"slices"

	"pkt/field"
	"pkt/flow"
	"pkt/packet"
)

// certain reports whether the values of the flow keys will not change.
func (s *steady) certain(row *flow.Row) bool {
	if row.PortVia <= flow.PortListening {
		return true
	}
	return !slices.ContainsFunc(s.cfg.Keys, func(k Key) bool { return k.Stable == ByPort })
}

// addPeer counts the peer of a flow in its group, and says which end it is: that
// does not depend on who is taken for the originator, which may change.
func (s *steady) addPeer(group uint32, row *flow.Row) place {
	if s.peers == nil || row.PortVia == flow.PortNone {
		return 0
	}
	peer := row.Src
	if row.ServicePort != row.DstPort {
		peer = row.Dst
	}
	s.peers.add(group, peer)
	if low, _ := lowFirst(row); peer != low {
		return high
	}
	return 0
}

// lowFirst returns the addresses of a flow in ascending order.
func lowFirst(row *flow.Row) (low, high field.Cell) {
	if row.Src.Hi < row.Dst.Hi || row.Src.Hi == row.Dst.Hi && row.Src.Lo <= row.Dst.Lo {
		return row.Src, row.Dst
	}
	return row.Dst, row.Src
}

// ended takes leave of flows, and takes what they brought along where their group
// is another one by what is known of them in the end. Those that the active
// timeout has cut stay.
func (s *steady) ended(rows []flow.Row) {
	var ask packet.Set
	for j := range rows {
		if p := *s.places.at(rows[j].Handle); p&waits != 0 || p.grouped() && p&settled == 0 {
			ask.Add(j)
		}
	}
	if !ask.Empty() {
		s.fields.readFlows(rows, ask)
	}
	for j := range rows {
		row := &rows[j]
		p := s.places.at(row.Handle)
		if ask.Has(j) {
			s.judge(p, row, s.fields.tuple(j))
		}
		if *p == 0 {
			continue
		}
		if p.grouped() {
			s.groups.ended(p.group(), row)
		}
		s.giveTo(p.home(), row.Handle)
		s.ends(j, row.Handle)
		if row.EndReason != flow.EndActive {
			s.leave(*p)
			*p = 0
		}
	}
}

// flows implements counter.
func (s *steady) flows(do func(flow.Handle)) {
	s.places.each(func(h flow.Handle, p *place) {
		if *p != 0 {
			do(h)
		}
	})
}

// groupsOf implements counter.
func (s *steady) groupsOf(h flow.Handle, dst []uint32) []uint32 {
	p := *s.places.at(h)
	if p == 0 || p&waits != 0 {
		return dst
	}
	return append(dst, p.home())
}

// judge takes a flow to the group with the key that it has now.
func (s *steady) judge(p *place, row *flow.Row, key []uint64) {
	if *p&waits != 0 {
		s.join(row, &s.waiting[*p&^waits], key)
		return
	}
	if same(s.groups.key(p.group()), key) {
		return
	}
	from, a := p.group(), s.amount(row)
	if s.peers != nil {
		low, highest := lowFirst(row)
		if *p&high != 0 {
			low = highest
		}
		s.peers.remove(from, low)
	}
	s.groups.take(from, &a)
	s.groups.hot[from].flows--
	s.groups.hot[from].active--
	to := s.groups.group(key, s.evicted > 0)
	s.groups.give(to, &a, row)
	s.joined(to)
	s.groups.opened(to, row.Handle)
	*p = place(to+1) | s.addPeer(to, row)
	if s.groups.hot[from].packets == 0 {
		s.dropGroup(from)
	}
}

// leave makes a flow inactive in its group.
func (s *steady) leave(p place) {
	s.closed()
	if p.grouped() {
		s.groups.hot[p.group()].active--
	}
}

// amount returns what a flow has brought to its group.
func (s *steady) amount(row *flow.Row) amount {
	a := amount{
		packets: row.SrcSent.Packets + row.DstSent.Packets,
		bytes:   row.SrcSent.Bytes + row.DstSent.Bytes,
		retrans: row.TCP[0].RetransPackets + row.TCP[1].RetransPackets,
	}
	if !s.ledger.kept {
		return a
	}
	kept := s.ledger.at(row.Handle, s.clock.interval)
	if s.ledger.whole {
		return kept.amount
	}
	a.tx, a.rx = kept.tx, kept.rx
	return a
}

// parts implements counter.
func (s *steady) parts(do func(part, group uint32)) {
	s.parted.each(func(h flow.Handle, p *uint32) {
		if at := *s.places.at(h); *p != 0 && at&waits == 0 {
			do(*p-1, at.home())
		}
	})
}

// renumber implements counter. What was evicted stays in the rest: its flows
// begin anew.
func (s *steady) renumber(moved []uint32) {
	s.places.each(func(h flow.Handle, p *place) {
		if !p.grouped() {
			return
		}
		to := moved[p.group()]
		if *p = *p&^inPlace | place(to+1); to == rest {
			s.giveTo(rest, h)
		}
	})
}
