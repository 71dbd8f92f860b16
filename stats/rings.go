package stats

import (
	"cmp"
	"slices"
)

// maxRings is how many groups have a ring: more rows than a screen can show.
const maxRings = 1 << 10

// rings keep what the busiest groups of a table carried in each of the latest
// ticks. A group without one has no rates and no history. Ticks are counted from
// the first one of the capture, and a ring finds the place of a tick by its
// number, so that ticks without packets cost nothing.
type rings struct {
	size   int         // ticks that a ring holds
	most   int         // rings at most
	rings  []ringState // the first one is of no group
	slots  []carried   // size for each ring
	unused []uint16    // rings that were given back
	queue  []candidate // scratch of admit
	weak   []candidate
}

// ringState is what a ring is of and holds.
type ringState struct {
	group uint32
	since uint32 // the first tick that it holds all of; 0: it holds all there was
	last  uint32 // the latest tick that was put in; valid only if used
	used  bool   // some tick was put in
}

// carried is what went through a group in a tick.
type carried struct{ bytes, tx, rx uint64 }

func (c *carried) add(o carried) {
	c.bytes += o.bytes
	c.tx += o.tx
	c.rx += o.rx
}

// candidate is a group or its ring with its claim to one.
type candidate struct {
	bytes uint64
	group uint32
}

func newRings(size, most int) *rings {
	return &rings{size: size, most: most, rings: make([]ringState, 1), slots: make([]carried, size)}
}

// count is the number of rings in use.
func (r *rings) count() int { return len(r.rings) - 1 - len(r.unused) }

// take gives a ring to a group, or 0 if all are in use.
func (r *rings) take(group, since uint32) uint16 {
	var n uint16
	switch last := len(r.unused) - 1; {
	case last >= 0:
		n, r.unused = r.unused[last], r.unused[:last]
	case len(r.rings) > r.most:
		return 0
	default:
		n = uint16(len(r.rings))
		r.rings = append(r.rings, ringState{})
		r.slots = append(r.slots, make([]carried, r.size)...)
	}
	r.rings[n] = ringState{group: group, since: since}
	return n
}

// give takes a ring back.
func (r *rings) give(n uint16) {
	if n != 0 {
		r.rings[n].group = rest
		r.unused = append(r.unused, n)
	}
}

// put stores what was carried in a tick, which is later than all before.
func (r *rings) put(n uint16, tick uint32, c carried) {
	x := &r.rings[n]
	slots := r.slots[int(n)*r.size:][:r.size]
	switch {
	case !x.used || tick-x.last >= uint32(r.size):
		clear(slots)
	default:
		for t := x.last + 1; t < tick; t++ {
			slots[t%uint32(r.size)] = carried{}
		}
	}
	slots[tick%uint32(r.size)] = c
	x.last, x.used = tick, true
}

// at returns what was carried in a tick; nothing where the ring does not know.
func (r *rings) at(n uint16, tick uint32) carried {
	x := &r.rings[n]
	if n == 0 || !x.used || tick > x.last || x.last-tick >= uint32(r.size) {
		return carried{}
	}
	return r.slots[int(n)*r.size+int(tick%uint32(r.size))]
}

// carried returns what went through a group in a tick.
func (g *groups) carried(group, tick uint32) carried {
	c, s := &g.hot[group], &g.side[group]
	switch {
	case tick == c.tick && g.directed:
		return carried{c.tickBytes, s.tickTx, s.tickRx}
	case tick == c.tick:
		return carried{bytes: c.tickBytes}
	case tick > c.tick || g.rings == nil:
		return carried{}
	}
	return g.rings.at(s.ring, tick)
}

// hasRecent reports whether anything is known of what a group carried lately.
func (g *groups) hasRecent(group, tick uint32) bool {
	return g.rings != nil && (g.side[group].ring != 0 || g.hot[group].tick == tick)
}

// lately returns how many bytes went through a group in the latest ticks.
func (g *groups) lately(group, tick, ticks uint32) (bytes uint64) {
	for n := uint32(0); n < ticks && n <= tick; n++ {
		bytes += g.carried(group, tick-n).bytes
	}
	return bytes
}

// admit gives rings to the groups that carried the most in a tick which ends and
// began at a time. Where none is left, those groups lose theirs that carried less in the latest
// ticks than the newcomer in this one. wanted, where not nil, says who may have
// one.
func (g *groups) admit(tick, ticks uint32, begin int64, wanted func(group uint32) bool) {
	r := g.rings
	if g.count() == r.count() {
		return
	}
	r.queue = r.queue[:0]
	for i := 1; i < len(g.hot); i++ {
		c := &g.hot[i]
		if c.tick == tick && c.tickBytes > 0 && g.side[i].ring == 0 && (wanted == nil || wanted(uint32(i))) {
			r.queue = append(r.queue, candidate{c.tickBytes, uint32(i)})
		}
	}
	if len(r.queue) == 0 {
		return
	}
	r.queue = firstOf(r.queue, r.most, byClaim)
	next := 0
	for ; next < len(r.queue); next++ {
		group := r.queue[next].group
		n := r.take(group, g.since(group, tick, begin))
		if n == 0 {
			break
		}
		g.side[group].ring = n
	}
	r.weak = r.weak[:0]
	for n := 1; next < len(r.queue) && n < len(r.rings); n++ {
		group := r.rings[n].group
		r.weak = append(r.weak, candidate{g.lately(group, tick, ticks), group})
	}
	slices.SortFunc(r.weak, func(a, b candidate) int { return byClaim(b, a) })
	for i := 0; next < len(r.queue) && i < len(r.weak) && r.queue[next].bytes > r.weak[i].bytes; i++ {
		old, group := r.weak[i].group, r.queue[next].group
		r.give(g.side[old].ring)
		g.side[old].ring, g.side[group].ring = 0, r.take(group, g.since(group, tick, begin))
		next++
	}
}

// since is the first tick that a ring will hold all of which a group gets in a
// tick that began at a time: 0 where the group has no packets of before.
func (g *groups) since(group, tick uint32, begin int64) uint32 {
	if g.hot[group].first >= begin {
		return 0
	}
	return tick
}

// byClaim orders candidates by what they carried, equal ones by number.
func byClaim(a, b candidate) int {
	return cmp.Or(cmp.Compare(b.bytes, a.bytes), cmp.Compare(a.group, b.group))
}
