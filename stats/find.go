package stats

import (
	"slices"

	"pkt/flow"
	"pkt/packet"
)

// search is what looking up the groups of a batch needs.
type search struct {
	tags  []uint32 // the hash of each tuple
	slots []uint64 // what lay at the home of each
	found []uint32 // the group of each

	warmed uint64 // keeps loads ahead from being optimised away
}

// find returns the groups of the tuples. It goes over them three times, so that
// the processor fetches the slots of many at once.
func (r *Ranking) find() []uint32 {
	t, g, s := r.tuples, r.groups, &r.search
	s.tags = slices.Grow(s.tags[:0], len(t.at))[:len(t.at)]
	s.slots = slices.Grow(s.slots[:0], len(t.at))[:len(t.at)]
	s.found = slices.Grow(s.found[:0], len(t.at))[:len(t.at)]
	for j := range s.tags {
		s.tags[j] = g.hash(t.tuple(j))
	}
	for j, tag := range s.tags {
		s.slots[j] = g.slots[g.home(tag)]
	}
	for j, slot := range s.slots {
		words := t.tuple(j)
		if number := uint32(slot) - 1; uint32(slot>>32) == s.tags[j] && slot != 0 && same(g.key(number), words) {
			s.found[j] = number
		} else {
			s.found[j] = g.group(words, r.evicted > 0)
		}
	}
	return s.found
}

// count adds packet i of a batch to a group, in which it will stay.
func (r *Ranking) count(group uint32, rec *packet.Record, i int, info flow.Ref) {
	r.add(group, rec, i, info)
	r.agg.count(i, toGroup, group)
}

// add adds packet i of a batch to a group, but not to its aggregates.
func (r *Ranking) add(group uint32, rec *packet.Record, i int, info flow.Ref) {
	r.groups.packet(group, rec, r.clock.tick)
	if info&flow.RefRetrans != 0 {
		r.groups.hot[group].retrans++
	}
	if r.directed {
		r.groups.way(group, uint64(rec.WireLen), r.ways[i])
	}
}
