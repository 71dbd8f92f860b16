package stats

import (
	"math/bits"

	"pkt/field"
	"pkt/flow"
	"pkt/fragment"
	"pkt/packet"
)

// direct counts packets by keys that only they have, such as their length.
type direct struct {
	*Ranking
	touched byFlow[touched]
	pairs   index    // of flow<<32 | group, beyond the first two of a flow
	next    []uint32 // of each pair: another one of its flow, +1
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
	found := d.find()
	d.warm(in, refs)
	var f *touched // nil for a packet without a flow
	for j, group := range found {
		i := int(t.at[j])
		rec, info := &b.Records[i], refs.Info[i]
		if j == 0 || t.at[j-1] != t.at[j] {
			f = d.flow(refs.Flow[i], info)
		}
		d.count(group, rec, i, info)
		fresh := f == nil || info&flow.RefFirst != 0
		if f != nil && f.home[0] != group+1 && f.home[1] != group+1 && d.touch(f, refs.Flow[i], group) {
			fresh = true
		}
		if fresh && d.peers != nil {
			d.addPeers(group, t.ends[j], b, i)
		}
	}
}

// warm reads what the packets of a batch are about to change, so that the
// processor fetches the lines of many at once.
func (d *direct) warm(in packet.Set, refs *flow.Refs) {
	var sum uint64
	for _, group := range d.search.found {
		sum += d.groups.hot[group].packets
	}
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			sum += uint64(d.touched.at(refs.Flow[word<<6+bits.TrailingZeros64(set)]).more)
		}
	}
	d.search.warmed += sum
}

// credits does nothing: fragments were counted when they came, as packets
// without a flow.
func (d *direct) credits([]fragment.Credit, *flow.Refs) {}

// waits and settle do nothing: nothing waits.
func (d *direct) waits() int { return 0 }
func (d *direct) settle()    {}

// flow returns what a packet's flow has touched, and counts new flows.
func (d *direct) flow(h flow.Handle, info flow.Ref) *touched {
	if h == flow.NoFlow {
		return nil
	}
	f := d.touched.at(h)
	if f.seen && info&flow.RefOpened != 0 {
		d.forget(f)
	}
	if !f.seen {
		f.seen = true
		d.opened()
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
			d.missed++
			d.groups.side[group].lower = true
			return false
		}
		pair := d.pairs.add(tag, key[:])
		if int(pair) == len(d.next) {
			d.next = append(d.next, 0)
		}
		d.next[pair], f.more = f.more, pair+1
	}
	d.joined(group)
	return true
}

// ended forgets flows that left the table.
func (d *direct) ended(rows []flow.Row) {
	for i := range rows {
		f := d.touched.at(rows[i].Handle)
		if !f.seen {
			continue
		}
		d.ends(i, rows[i].Handle)
		if rows[i].EndReason != flow.EndActive {
			d.forget(f)
		}
	}
}

// flows implements counter.
func (d *direct) flows(do func(flow.Handle)) {
	d.touched.each(func(h flow.Handle, f *touched) {
		if f.seen {
			do(h)
		}
	})
}

// groupsOf implements counter.
func (d *direct) groupsOf(h flow.Handle, dst []uint32) []uint32 {
	f := d.touched.at(h)
	for _, home := range f.home {
		if home != 0 {
			dst = append(dst, home-1)
		}
	}
	for more := f.more; more != 0; more = d.next[more-1] {
		dst = append(dst, uint32(d.pairs.key(more - 1)[0]))
	}
	if len(dst) == 0 {
		return append(dst, rest) // all its groups were evicted
	}
	return dst
}

// forget ends a flow. One of which nothing came since the active timeout cut it
// ends without notice: that shows when its handle is used again.
func (d *direct) forget(f *touched) {
	d.closed()
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

// parts implements counter: nothing moves.
func (d *direct) parts(func(part, group uint32)) {}

// renumber follows an eviction of groups. Flows forget those that are gone, and
// count again should their key come back.
func (d *direct) renumber(moved []uint32) {
	old, next := d.pairs, d.next
	d.pairs, d.next = newIndex(1), nil
	d.touched.each(func(_ flow.Handle, f *touched) {
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
