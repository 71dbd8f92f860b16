package stats

import (
	"math/bits"
	"slices"

	"pkt/field"
	"pkt/flow"
	"pkt/packet"
)

// direct counts packets by keys that only they have.
type direct struct {
	*Ranking
	flows byFlow[touched]
	pairs index    // of flow<<32 | group, beyond the first two of a flow
	next  []uint32 // of each pair: another one of its flow, +1
	full  bool     // pairs had to be left out
	tags  []uint32 // the hash of each tuple
	slots []uint64 // what lay at the home of each
	found []uint32 // the group of each

	warmed uint64 // keeps the loads of warm from being optimised away
}

// touched are the groups that a flow has been counted in: mostly one for each
// direction. Groups and pairs are numbers + 1, so that 0 is none.
type touched struct {
	home [2]uint32
	more uint32 // the first of its pairs
	seen bool   // the flow is in the total
}

func newDirect(r *Ranking) *direct {
	return &direct{Ranking: r, pairs: newIndex(1)}
}

func (d *direct) batch(b *packet.Batch, in packet.Set, refs *flow.Refs) {
	t := d.tuples
	t.read(b, in)
	d.find()
	d.warm(in, refs)
	var (
		dir packet.Dir
		f   *touched // nil for a packet without a flow
	)
	for j, group := range d.found {
		i := int(t.at[j])
		rec, info := &b.Records[i], refs.Info[i]
		if j == 0 || t.at[j-1] != t.at[j] {
			dir = d.arrive(b, i, info)
			f = d.flow(refs.Flow[i])
		}
		d.groups.packet(group, rec.Nanos, uint64(rec.WireLen), dir, d.clock.tick)
		if info&flow.RefRetrans != 0 {
			d.groups.hot[group].retrans++
		}
		fresh := f == nil || info&flow.RefFirst != 0
		if f != nil && f.home[0] != group+1 && f.home[1] != group+1 && d.touch(f, refs.Flow[i], group) {
			fresh = true
		}
		if fresh && d.peers != nil {
			d.addPeers(group, t.ends[j], b, i)
		}
	}
}

// find looks up the groups of the tuples. It goes over them three times, so that
// the processor fetches the slots of many at once.
func (d *direct) find() {
	t, g := d.tuples, d.groups
	d.tags = slices.Grow(d.tags[:0], len(t.at))[:len(t.at)]
	d.slots = slices.Grow(d.slots[:0], len(t.at))[:len(t.at)]
	d.found = slices.Grow(d.found[:0], len(t.at))[:len(t.at)]
	for j := range d.tags {
		d.tags[j] = g.hash(t.tuple(j))
	}
	for j, tag := range d.tags {
		d.slots[j] = g.slots[g.home(tag)]
	}
	for j, slot := range d.slots {
		words := t.tuple(j)
		if number := uint32(slot) - 1; uint32(slot>>32) == d.tags[j] && slot != 0 && same(g.key(number), words) {
			d.found[j] = number
		} else {
			d.found[j] = g.group(words, d.evicted > 0)
		}
	}
}

// warm reads what the packets of a batch are about to change, so that the
// processor fetches the lines of many at once.
func (d *direct) warm(in packet.Set, refs *flow.Refs) {
	var sum uint64
	for _, group := range d.found {
		sum += d.groups.hot[group].packets
	}
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			sum += uint64(d.flows.at(refs.Flow[word<<6+bits.TrailingZeros64(set)]).more)
		}
	}
	d.warmed += sum
}

// flow returns what a packet's flow has touched, and counts new flows.
func (d *direct) flow(h flow.Handle) *touched {
	if h == flow.NoFlow {
		return nil
	}
	f := d.flows.at(h)
	if !f.seen {
		f.seen = true
		d.total.hot[rest].flows++
		d.total.hot[rest].active++
	}
	return f
}

// touch counts a flow in a group that is neither of its first two, unless it
// was there before.
func (d *direct) touch(f *touched, h flow.Handle, group uint32) bool {
	key := [1]uint64{uint64(h)<<32 | uint64(group)}
	tag := d.pairs.hash(key[:])
	if f.more != 0 && d.pairs.find(tag, key[:]) != none {
		return false
	}
	switch {
	case f.home[0] == 0:
		f.home[0] = group + 1
	case f.home[1] == 0:
		f.home[1] = group + 1
	default:
		if d.pairs.len() >= d.cfg.MaxPairs {
			d.full = true
			return false
		}
		pair := d.pairs.add(tag, key[:])
		if int(pair) == len(d.next) {
			d.next = append(d.next, 0)
		}
		d.next[pair], f.more = f.more, pair+1
	}
	d.groups.hot[group].flows++
	d.groups.hot[group].active++
	return true
}

// ended forgets a flow that left the table.
func (d *direct) ended(h flow.Handle) {
	f := d.flows.at(h)
	if !f.seen {
		return
	}
	d.total.hot[rest].active--
	for _, home := range f.home {
		if home != 0 {
			d.groups.hot[home-1].active--
		}
	}
	for f.more != 0 {
		pair := f.more - 1
		d.groups.hot[uint32(d.pairs.key(pair)[0])].active--
		f.more = d.next[pair]
		d.pairs.remove(pair)
	}
	*f = touched{}
}

// renumber follows an eviction of groups. Flows forget those that are gone, and
// count again should their key come back.
func (d *direct) renumber(moved []uint32) {
	old, next := d.pairs, d.next
	d.pairs, d.next = newIndex(1), nil
	d.flows.each(func(_ flow.Handle, f *touched) {
		for i, home := range f.home {
			f.home[i] = 0
			if home != 0 && moved[home-1] != rest {
				f.home[i] = moved[home-1] + 1
			}
		}
		more := f.more
		f.more = 0
		for more != 0 {
			pair := old.key(more - 1)[0]
			more = next[more-1]
			if to := moved[uint32(pair)]; to != rest {
				key := [1]uint64{pair>>32<<32 | uint64(to)}
				d.next = append(d.next, f.more)
				f.more = d.pairs.add(d.pairs.hash(key[:]), key[:]) + 1
			}
		}
	})
}

// addPeers counts the addresses at the other end of what a tuple of packet i
// names.
func (r *Ranking) addPeers(group uint32, ends uint8, b *packet.Batch, i int) {
	l := &b.Layers[i]
	var src, dst field.Cell
	switch {
	case ends == 0:
		return
	case r.byMAC:
		if !l.Has.Any(packet.HasMAC) {
			return
		}
		src, dst = macs(b.Frame(i), l)
	default:
		if !l.Has.Any(packet.HasIP) {
			return
		}
		src, dst = addresses(b.Frame(i), l)
	}
	if ends&endSrc != 0 {
		r.peers.add(group, dst)
	}
	if ends&endDst != 0 {
		r.peers.add(group, src)
	}
}
