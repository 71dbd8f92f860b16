package stats

import (
	"math/bits"

	"pkt/flow"
	"pkt/fragment"
	"pkt/packet"
)

// steady counts packets by keys of flows whose values are known soon and seldom
// change, such as the service port. A flow only remembers its group. What the
// packets of a new one bring waits until the tick is over; then the flow goes
// to the group that it is believed to belong to. At its end it is judged again,
// and if that was wrong, all that the flow table counted for it moves.
type steady struct {
	*Ranking
	table   Flows
	places  byFlow[place]
	found   [packet.BatchLen]place // of the packets of a batch
	waiting []newcomer
	ledger  ledger
	fields  tuples // of the rows
	handles []flow.Handle
	which   []uint32 // the newcomer of each
	rows    []flow.Row
	parted  byFlow[uint32] // what aggregates hold of a flow whose group may change, +1; 0: nothing
	numbers slab[struct{}] // of parts
}

// place says where a flow is: 0 nowhere yet, waiting with the number of its
// newcomer, or the number of its group + 1, lost if that was evicted, with what
// is known of it.
type place uint32

const (
	waits   place = 1 << 31
	settled place = 1 << 30 // the group will not change
	high    place = 1 << 29 // the flow's higher address is the peer, else the lower one
	inPlace       = high - 1
)

// group returns the group of a flow that has one.
func (p place) group() uint32 { return uint32(p&inPlace) - 1 }

// grouped reports whether the flow has a group. One whose group was evicted has
// none.
func (p place) grouped() bool { return p&waits == 0 && p&inPlace > lost }

// newcomer is what packets of a flow without a group brought in a tick.
type newcomer struct {
	bytes, tx, rx uint64
	flow          flow.Handle
	packets       uint32 // 0 once it has been passed on
	retrans       uint32
	back          bool // its group was evicted: what it had there stays
}

const (
	// maxWaiting is how many entries wait before they are passed on within a tick:
	// more would leave the cache.
	maxWaiting = 1 << 14
	// rowsAtOnce is how many flows are asked about at once.
	rowsAtOnce = 64
)

func newSteady(r *Ranking, table Flows) *steady {
	return &steady{
		Ranking: r,
		table:   table,
		ledger:  ledger{kept: r.cfg.Interval > 0, whole: r.cfg.Interval > 0},
		fields:  tuples{layout: &r.layout, texts: r.texts},
		rows:    make([]flow.Row, rowsAtOnce),
	}
}

func (s *steady) batch(b *packet.Batch, in packet.Set, refs *flow.Refs) {
	s.warm(in, refs)
	s.ledger.kept = s.ledger.kept || s.directed
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			i := word<<6 + bits.TrailingZeros64(set)
			p, info, rec := s.found[i], refs.Info[i], &b.Records[i]
			if !p.grouped() {
				s.arrival(b, i, refs.Flow[i], info)
				continue
			}
			if s.add(p.group(), rec, i, info); p&settled != 0 {
				s.agg.count(i, toGroup, p.group())
				continue
			}
			if s.ledger.kept {
				s.ledger.at(refs.Flow[i], s.clock.interval).packet(rec, s.way(i), info)
			}
			s.countPart(i, refs.Flow[i])
		}
	}
}

// countPart tells the aggregates that packet i belongs to a flow whose group may
// change.
func (s *steady) countPart(i int, h flow.Handle) {
	if s.agg.ofPackets {
		s.agg.count(i, toPart, s.part(h))
	}
}

// part returns the number under which aggregates keep what a flow brings.
func (s *steady) part(h flow.Handle) uint32 {
	p := s.parted.at(h)
	if *p == 0 {
		*p = s.numbers.take() + 1
		s.agg.grow(toPart, int(*p))
	}
	return *p - 1
}

// giveTo adds what aggregates keep of a flow to a group, for good.
func (s *steady) giveTo(group uint32, h flow.Handle) {
	if !s.agg.ofPackets {
		return
	}
	if p := s.parted.at(h); *p != 0 {
		s.agg.take(toGroup, group, toPart, *p-1)
		s.numbers.give(*p - 1)
		*p = 0
	}
}

// home returns the group of a flow: the rest if it was evicted.
func (p place) home() uint32 {
	if p.grouped() {
		return p.group()
	}
	return rest
}

// way returns which way packet i of the batch went.
func (r *Ranking) way(i int) packet.Dir {
	if r.directed {
		return r.ways[i]
	}
	return packet.DirUnknown
}

// warm finds the places of the flows, and reads what the packets are about to
// change, so that the processor fetches the lines of many at once.
func (s *steady) warm(in packet.Set, refs *flow.Refs) {
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			i := word<<6 + bits.TrailingZeros64(set)
			p := s.places.at(refs.Flow[i])
			if refs.Info[i]&flow.RefOpened != 0 && *p != 0 {
				s.leave(*p) // a flow had ended without notice, see direct.forget
				if p.grouped() {
					s.groups.gone(p.group(), refs.Flow[i])
				}
				s.giveTo(p.home(), refs.Flow[i])
				*p = 0
			}
			s.found[i] = *p
		}
	}
	var sum uint64
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			if p := s.found[word<<6+bits.TrailingZeros64(set)]; p.grouped() {
				sum += s.groups.hot[p.group()].packets
			}
		}
	}
	s.search.warmed += sum
}

// arrival counts a packet whose flow has no group, or which has no flow. One
// that the fragment stage holds back counts when its flow is known.
func (s *steady) arrival(b *packet.Batch, i int, h flow.Handle, info flow.Ref) {
	if h != flow.NoFlow {
		s.newcomer(h).packet(&b.Records[i], s.way(i), info)
		s.countPart(i, h)
		return
	}
	if b.Layers[i].Has.Any(packet.HasFragment) {
		return
	}
	s.fields.readFlows(s.rows[:1], packet.Set{}) // all values are absent
	s.count(s.groups.group(s.fields.tuple(0), s.evicted > 0), &b.Records[i], i, info)
}

// credits counts fragments that had been held back.
func (s *steady) credits(credits []fragment.Credit, refs *flow.Refs) {
	for k, h := range refs.Credited {
		rec := packet.Record{Nanos: credits[k].Nanos, WireLen: credits[k].Bytes}
		if p := *s.places.at(h); p.grouped() {
			s.groups.packet(p.group(), &rec, s.clock.tick)
			if s.ledger.kept && p&settled == 0 {
				s.ledger.at(h, s.clock.interval).packet(&rec, packet.DirUnknown, 0)
			}
		} else {
			s.newcomer(h).packet(&rec, packet.DirUnknown, 0)
		}
		if s.agg.ofPackets {
			s.agg.credit(&credits[k], toPart, s.part(h))
		}
	}
}

// newcomer returns the entry of a flow that has no group.
func (s *steady) newcomer(h flow.Handle) *newcomer {
	p := s.places.at(h)
	if *p == 0 {
		s.opened()
	}
	if *p&waits == 0 {
		s.waiting = append(s.waiting, newcomer{flow: h, back: *p != 0})
		*p = waits | place(len(s.waiting)-1)
	}
	return &s.waiting[*p&^waits]
}

// packet counts a packet.
func (n *newcomer) packet(rec *packet.Record, dir packet.Dir, info flow.Ref) {
	size := uint64(rec.WireLen)
	n.packets++
	n.bytes += size
	if dir&packet.DirOut != 0 {
		n.tx += size
	}
	if dir&packet.DirIn != 0 {
		n.rx += size
	}
	if info&flow.RefRetrans != 0 {
		n.retrans++
	}
}

// waits implements counter.
func (s *steady) waits() int { return len(s.waiting) }

// settle gives newcomers their groups.
func (s *steady) settle() {
	s.handles, s.which = s.handles[:0], s.which[:0]
	for i := range s.waiting {
		if s.waiting[i].packets == 0 {
			continue
		}
		s.handles, s.which = append(s.handles, s.waiting[i].flow), append(s.which, uint32(i))
		if len(s.handles) == rowsAtOnce {
			s.settleSome()
		}
	}
	s.settleSome()
	s.waiting = s.waiting[:0]
}

func (s *steady) settleSome() {
	n := len(s.handles)
	s.table.Identify(s.handles, s.rows)
	s.fields.readFlows(s.rows[:n], packet.FirstN(n))
	for j := range n {
		s.join(&s.rows[j], &s.waiting[s.which[j]], s.fields.tuple(j))
	}
	s.handles, s.which = s.handles[:0], s.which[:0]
}

// join takes a newcomer to its group.
func (s *steady) join(row *flow.Row, n *newcomer, key []uint64) {
	group := s.groups.group(key, s.evicted > 0)
	s.groups.enter(group, n, row, s.clock.tick)
	s.joined(group)
	s.groups.opened(group, n.flow)
	p := place(group + 1)
	if n.back || s.certain(row) {
		p |= settled
		s.giveTo(group, row.Handle)
	} else if s.ledger.kept {
		s.ledger.open(n, s.clock.interval)
	}
	*s.places.at(row.Handle) = p | s.addPeer(group, row)
	n.packets = 0
}
