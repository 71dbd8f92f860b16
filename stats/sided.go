package stats

import (
	"math/bits"

	"pkt/flow"
	"pkt/fragment"
	"pkt/packet"
)

// sided counts packets by keys that follow from their flow and from who sent
// them, such as addresses and ports: a flow remembers the groups of its two
// sides, so that only its first packets are asked for their values.
type sided struct {
	*Ranking
	homes byFlow[homes]
	both  bool // a packet is in the groups of both sides
	cut   bool // the active timeout has cut flows: they may end without notice
	flips []flip
	// The groups of the packets of a batch whose flows knew them; the second is
	// valid only if both.
	at [packet.BatchLen][2]uint32
}

// homes are the groups of what the two sides of a flow send, first those of its
// Src; with a key of both ends they are the groups of these. They are numbers + 1:
// 0 is none yet, and lost one that was evicted.
type homes [2]uint32

// lost stands for a group that was evicted.
const lost = rest + 1

// flip is a packet with which the sides of its flow were exchanged.
type flip struct {
	flow flow.Handle
	at   int
}

func newSided(r *Ranking, both bool) *sided { return &sided{Ranking: r, both: both} }

func (s *sided) batch(b *packet.Batch, in packet.Set, refs *flow.Refs) {
	fresh := s.recall(in, refs)
	if !fresh.Empty() {
		s.learn(b, fresh, refs)
	}
	in = in.AndNot(fresh)
	s.warm(in)
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			i := word<<6 + bits.TrailingZeros64(set)
			rec, info, groups := &b.Records[i], refs.Info[i], &s.at[i]
			s.count(groups[0], rec, i, info)
			if s.both && groups[1] != groups[0] {
				s.count(groups[1], rec, i, info)
			}
		}
	}
}

// recall finds the groups of the packets whose flows know them, and returns the
// other packets.
func (s *sided) recall(in packet.Set, refs *flow.Refs) (fresh packet.Set) {
	s.flips = s.flips[:0]
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			i := word<<6 + bits.TrailingZeros64(set)
			h, info := refs.Flow[i], refs.Info[i]
			f := s.homes.at(h)
			if info&(flow.RefOpened|flow.RefFlipped) != 0 {
				s.turn(f, h, i, info)
			}
			side := info & flow.RefDst
			if f[side] <= lost || s.both && f[side^1] <= lost {
				fresh[word] |= set & -set
				continue
			}
			s.at[i] = [2]uint32{f[side] - 1, f[side^1] - 1}
		}
	}
	return fresh
}

// turn takes notice of a packet that opens its flow or exchanges its sides.
func (s *sided) turn(f *homes, h flow.Handle, i int, info flow.Ref) {
	if info&flow.RefOpened != 0 && *f != (homes{}) {
		s.forget(f)
	}
	if info&flow.RefFlipped != 0 {
		f[0], f[1] = f[1], f[0]
		s.flips = append(s.flips, flip{h, i})
	}
}

// learn counts packets whose flows do not know their groups, and lets them know.
func (s *sided) learn(b *packet.Batch, fresh packet.Set, refs *flow.Refs) {
	t := s.tuples
	t.read(b, fresh)
	for j, group := range s.find() {
		i := int(t.at[j])
		h, info := refs.Flow[i], refs.Info[i]
		s.count(group, &b.Records[i], i, info)
		if (h == flow.NoFlow || s.settleIn(group, h, s.side(i, h, info), t.ends[j])) && s.peers != nil {
			s.addPeers(group, t.ends[j], b, i)
		}
	}
}

// side returns which side of its flow sent packet i, by what is believed at the
// end of the batch.
func (s *sided) side(i int, h flow.Handle, info flow.Ref) flow.Ref {
	side := info & flow.RefDst
	for _, f := range s.flips {
		if f.flow == h && f.at > i {
			side ^= flow.RefDst
		}
	}
	return side
}

// settleIn makes a group the home of a side, or of the ends that a tuple names,
// and reports whether it was not.
func (s *sided) settleIn(group uint32, h flow.Handle, side flow.Ref, ends uint8) (fresh bool) {
	f := s.homes.at(h)
	if *f == (homes{}) {
		s.opened()
	}
	if !s.both {
		return s.setHome(f, side, group)
	}
	// A tuple that names no end has no value: then it stands for both.
	if ends != endDst {
		fresh = s.setHome(f, side, group)
	}
	if ends != endSrc {
		fresh = s.setHome(f, side^1, group) || fresh
	}
	return fresh
}

// setHome makes a group the home of a side.
func (s *sided) setHome(f *homes, side flow.Ref, group uint32) (fresh bool) {
	if f[side] == group+1 {
		return false
	}
	f[side] = group + 1
	if f[side^1] != group+1 {
		s.joined(group)
	}
	return true
}

// warm reads what the packets are about to change, so that the processor fetches
// the lines of many at once.
func (s *sided) warm(in packet.Set) {
	var sum uint64
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			sum += s.groups.hot[s.at[word<<6+bits.TrailingZeros64(set)][0]].packets
		}
	}
	s.search.warmed += sum
}

// credits does nothing but for flows that may have ended without notice:
// fragments were counted when they came, as packets without a flow.
func (s *sided) credits(_ []fragment.Credit, refs *flow.Refs) {
	if !s.cut {
		return
	}
	for _, h := range refs.Credited {
		if f := s.homes.at(h); *f != (homes{}) {
			s.leave(f)
			*f = homes{lost, lost}
		}
	}
}

// waits and settle do nothing: nothing waits.
func (s *sided) waits() int { return 0 }
func (s *sided) settle()    {}

// ended forgets flows that left the table.
func (s *sided) ended(rows []flow.Row) {
	for i := range rows {
		f := s.homes.at(rows[i].Handle)
		if *f != (homes{}) {
			s.ends(i, rows[i].Handle)
		}
		if rows[i].EndReason == flow.EndActive {
			s.cut = true
			continue // the flow goes on
		}
		if *f != (homes{}) {
			s.forget(f)
		}
	}
}

// flows implements counter.
func (s *sided) flows(do func(flow.Handle)) {
	s.homes.each(func(h flow.Handle, f *homes) {
		if *f != (homes{}) {
			do(h)
		}
	})
}

// groupsOf implements counter.
func (s *sided) groupsOf(h flow.Handle, dst []uint32) []uint32 {
	f := s.homes.at(h)
	for side, home := range f {
		if home != 0 && (side == 0 || home != f[0]) {
			dst = append(dst, home-1)
		}
	}
	return dst
}

// forget ends a flow.
func (s *sided) forget(f *homes) {
	s.closed()
	s.leave(f)
	*f = homes{}
}

// leave makes a flow inactive in its groups.
func (s *sided) leave(f *homes) {
	for side, home := range f {
		if home > lost && (side == 0 || home != f[0]) {
			s.groups.hot[home-1].active--
		}
	}
}

// parts implements counter: nothing moves.
func (s *sided) parts(func(part, group uint32)) {}

// renumber implements counter.
func (s *sided) renumber(moved []uint32) {
	s.homes.each(func(_ flow.Handle, f *homes) {
		for side, home := range f {
			if home != 0 {
				f[side] = moved[home-1] + 1
			}
		}
	})
}
