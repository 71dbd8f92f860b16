package stats

import (
	"math"

	"pkt/packet"
)

// rest is the group of what other groups held that had to be evicted. Its key
// is not in the index.
const rest = 0

// counters are what every packet of a group changes: one cache line.
type counters struct {
	packets, bytes uint64
	first, last    int64  // of its packets, ns since 1970: beyond all times without any
	tickBytes      uint64 // in the tick
	peakBytes      uint64 // largest of the ticks before
	tick           uint32 // counted from the first tick of the capture
	flows          uint32 // distinct flows that touched the group
	active         uint32 // of these, the ones still in the flow table
	retrans        uint32 // TCP packets that were retransmitted
}

// sides are the counters of a group that change more rarely or are not always
// known.
type sides struct {
	tx, rx         uint64 // bytes sent and received by the local end
	tickTx, tickRx uint64
	peakTx, peakRx uint64
	mark           mark // at the beginning of the interval
	peers          uint32
	ring           uint16 // 0: none; valid only with rings
	lower          bool   // made after an eviction: perhaps not for the first time
}

// mark is what a group's counters were.
type mark struct{ packets, bytes, tx, rx uint64 }

func (m *mark) add(o mark) {
	m.packets += o.packets
	m.bytes += o.bytes
	m.tx += o.tx
	m.rx += o.rx
}

func (m *mark) subtract(o mark) {
	m.packets -= o.packets
	m.bytes -= o.bytes
	m.tx -= o.tx
	m.rx -= o.rx
}

// groups is a table from keys to counters.
type groups struct {
	index
	hot  []counters
	side []sides
	// directed tells that there were packets with a direction: until then, side is
	// only touched for what is rare.
	directed bool
	rings    *rings      // nil: no history is kept
	flows    []flowState // nil: groups do not stand for one flow each
}

// noPackets are the counters of a new group.
var noPackets = counters{first: math.MaxInt64, last: math.MinInt64}

// newGroups returns a table that holds only the rest. It is not expected to hold
// more than most groups.
func newGroups(stride, most int) *groups {
	g := &groups{
		index: newIndex(stride),
		hot:   []counters{noPackets},
		side:  make([]sides, 1),
	}
	g.n, g.keys, g.most = 1, make([]uint64, stride), most
	return g
}

// count is the number of groups, without the rest.
func (g *groups) count() int { return g.len() - 1 }

// group returns the group of a key, making it if need be.
func (g *groups) group(key []uint64, lower bool) uint32 {
	tag := g.hash(key)
	group := g.find(tag, key)
	if group != none {
		return group
	}
	if group = g.add(tag, key); int(group) == len(g.hot) {
		g.hot = append(grown(g.hot, 1, g.most), noPackets)
		g.side = append(grown(g.side, 1, g.most), sides{lower: lower})
	} else {
		g.hot[group], g.side[group] = noPackets, sides{lower: lower}
	}
	if g.flows != nil {
		*g.flow(group) = flowState{}
	}
	return group
}

// dropGroup forgets a group that all flows have left. Its number is used again.
func (g *groups) drop(group uint32) {
	if g.rings != nil {
		g.rings.give(g.side[group].ring)
	}
	if g.flows != nil {
		*g.flow(group) = flowState{}
	}
	g.hot[group], g.side[group] = noPackets, sides{}
	g.remove(group)
}

// filled is the number of groups that have packets, without the rest.
func (g *groups) filled() (n int) {
	for i := 1; i < len(g.hot); i++ {
		if g.hot[i].packets > 0 {
			n++
		}
	}
	return n
}

// evict adds the groups with the fewest bytes to the rest, until keep of them
// are left, and moves those together. It returns the new number of every old
// group: rest where it was evicted. Amounts that differ by less than 2 % count
// as equal, and of equals the older stay. No group is found until rehash.
func (g *groups) evict(keep int) (moved []uint32) {
	var sizes [(64 - subBits) << subBits]int
	for i := 1; i < g.n; i++ {
		if g.hot[i].packets > 0 {
			sizes[g.size(uint32(i))]++
		}
	}
	least := len(sizes)
	room := keep // for groups of the size that is kept in part
	for least > 0 && room >= sizes[least-1] {
		least--
		room -= sizes[least]
	}
	moved = make([]uint32, g.n)
	to := uint32(1)
	for from := uint32(1); from < uint32(g.n); from++ {
		if g.hot[from].packets == 0 {
			continue
		}
		size := g.size(from)
		if size < least-1 || size == least-1 && room == 0 {
			g.hot[rest].absorb(&g.hot[from])
			g.side[rest].absorb(&g.side[from])
			if g.rings != nil {
				g.rings.give(g.side[from].ring)
			}
			continue
		}
		if size == least-1 {
			room--
		}
		moved[from] = to
		copy(g.key(to), g.key(from))
		g.hot[to], g.side[to] = g.hot[from], g.side[from]
		if n := g.side[to].ring; n != 0 {
			g.rings.rings[n].group = to
		}
		if g.flows != nil {
			*g.flow(to) = *g.flow(from)
		}
		to++
	}
	g.n, g.unused = int(to), g.unused[:0]
	g.keys = g.keys[:g.n*g.stride]
	g.hot, g.side = g.hot[:g.n], g.side[:g.n]
	return moved
}

// rehash makes groups found by the keys that they have now.
func (g *groups) rehash() {
	clear(g.slots)
	for i := uint32(1); i < uint32(g.n); i++ {
		g.place(uint64(g.hash(g.key(i)))<<32 | uint64(i+1))
	}
}

// size is the rank of a group in the order of eviction.
func (g *groups) size(group uint32) int { return step(min(g.hot[group].bytes, 1<<63-1)) }

// absorb adds what is left of an evicted group. What cannot be added, such as
// peaks and distinct flows, is dropped.
func (c *counters) absorb(o *counters) {
	c.packets += o.packets
	c.bytes += o.bytes
	c.retrans += o.retrans
	c.first = min(c.first, o.first)
	c.last = max(c.last, o.last)
}

func (s *sides) absorb(o *sides) {
	s.tx += o.tx
	s.rx += o.rx
	s.mark.add(o.mark)
}

// packet adds a packet to a group in a tick.
func (g *groups) packet(group uint32, rec *packet.Record, tick uint32) {
	c := &g.hot[group]
	if c.tick != tick {
		g.endTick(group, tick)
	}
	bytes := uint64(rec.WireLen)
	c.packets++
	c.bytes += bytes
	c.tickBytes += bytes
	c.first = min(c.first, rec.Nanos)
	c.last = max(c.last, rec.Nanos)
}

// way says which way a packet that was added went.
func (g *groups) way(group uint32, bytes uint64, dir packet.Dir) {
	if dir != packet.DirUnknown {
		g.directed = true
		g.side[group].add(dir, bytes)
	}
}

// endTick begins another tick of a group.
func (g *groups) endTick(group uint32, tick uint32) {
	c := &g.hot[group]
	c.peakBytes = max(c.peakBytes, c.tickBytes)
	if g.rings != nil {
		if n := g.side[group].ring; n != 0 && c.tickBytes > 0 {
			g.rings.put(n, c.tick, g.carried(group, c.tick))
		}
	}
	c.tickBytes, c.tick = 0, tick
	if !g.directed {
		return
	}
	s := &g.side[group]
	s.peakTx, s.peakRx = max(s.peakTx, s.tickTx), max(s.peakRx, s.tickRx)
	s.tickTx, s.tickRx = 0, 0
}

// add counts bytes in a direction.
func (s *sides) add(dir packet.Dir, bytes uint64) {
	if dir&packet.DirOut != 0 {
		s.tx += bytes
		s.tickTx += bytes
	}
	if dir&packet.DirIn != 0 {
		s.rx += bytes
		s.tickRx += bytes
	}
}
