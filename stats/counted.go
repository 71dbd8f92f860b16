package stats

import (
	"slices"

	"pkt/field"
	"pkt/filter"
	"pkt/flow"
	"pkt/fragment"
	"pkt/packet"
)

// aggregates are the aggregates of a ranking. Counters say where packets and
// flows belong; the values are read column by column behind them.
type aggregates struct {
	all       []aggregate
	ofPackets bool
	ofFlows   bool
	packets   [numDests]places // of the packets being counted
	flows     places           // of the rows being counted
	ended     packet.Set       // of the rows being counted, those that count
	groups    []uint32         // scratch: the groups of a flow
	credited  *packet.Batch    // of one packet, made from a credit
}

// dest says what a counted packet belongs to.
type dest uint8

// Destinations.
const (
	toGroup   dest = iota // a group, for good
	toPart                // what a flow brings to a group and may take elsewhere
	toWaiting             // what waits for the end of the tick
	numDests
)

// places say where rows belong: at[j] to number to[j].
type places struct {
	at []uint16
	to []uint32
}

func (p *places) add(i int, to uint32) {
	p.at, p.to = append(p.at, uint16(i)), append(p.to, to)
}

func (p *places) reset() { p.at, p.to = p.at[:0], p.to[:0] }

// aggregate is one aggregate with what has been counted.
type aggregate struct {
	Aggregate
	to    [numDests]*filter.Accumulator
	total *filter.Accumulator // one group: everything; nil where the groups make it up
	vec   field.Vector
}

// newAggregates returns the aggregates of a ranking. The groups make up the
// total where none of what is counted is in two of them.
func newAggregates(cfg *Config, oneGroup bool) aggregates {
	var out aggregates
	lists := slices.ContainsFunc(cfg.Keys, func(k Key) bool { return k.List != nil })
	for _, a := range cfg.Aggregates {
		var acc *filter.Accumulator
		var overlap bool
		if a.Packets != nil {
			out.ofPackets, overlap = true, lists
			acc = a.Packets.NewAccumulator(filter.DefaultMaxDistinct)
		} else {
			out.ofFlows, overlap = true, !oneGroup
			acc = a.Flows.NewAccumulator(filter.DefaultMaxDistinct)
		}
		g := aggregate{Aggregate: a, to: [numDests]*filter.Accumulator{acc, acc.Sibling(), acc.Sibling()}}
		if overlap {
			g.total = acc.Sibling()
			g.total.Grow(1)
		}
		out.all = append(out.all, g)
	}
	return out
}

// count notes that packet i belongs to number to of a kind.
func (g *aggregates) count(i int, kind dest, to uint32) {
	if g.ofPackets {
		g.packets[kind].add(i, to)
	}
}

// flush adds the values of the packets in the set, which have been counted.
// groups is how many there are.
func (g *aggregates) flush(b *packet.Batch, in packet.Set, groups int) {
	if !g.ofPackets {
		return
	}
	for k := range g.all {
		if a := &g.all[k]; a.Packets != nil {
			a.addPackets(b, in, &g.packets, groups)
		}
	}
	for kind := range g.packets {
		g.packets[kind].reset()
	}
}

// addPackets adds the values of packets.
func (a *aggregate) addPackets(b *packet.Batch, in packet.Set, to *[numDests]places, groups int) {
	has := in
	if a.Packets.Arg.Col != nil {
		has = a.Packets.Arg.Col(b, in, &a.vec)
	}
	a.to[toGroup].Grow(groups)
	for kind := range to {
		if p := &to[kind]; len(p.at) > 0 {
			a.to[kind].Add(p.at, p.to, &a.vec, has)
		}
	}
	if a.total != nil {
		addAll(a.total, in, &a.vec, has)
	}
}

// credit counts a fragment that had been held back, as far as it is known. Its
// other fields count as absent.
func (g *aggregates) credit(c *fragment.Credit, kind dest, to uint32) {
	if !g.ofPackets {
		return
	}
	if g.credited == nil {
		g.credited = &packet.Batch{N: 1}
	}
	g.credited.Records[0] = packet.Record{Nanos: c.Nanos, WireLen: c.Bytes}
	var dests [numDests]places
	at, slot := [1]uint16{}, [1]uint32{to}
	dests[kind] = places{at[:], slot[:]}
	for k := range g.all {
		if a := &g.all[k]; a.ofCredits {
			a.addPackets(g.credited, packet.FirstN(1), &dests, 0)
		}
	}
}

// grow makes room for numbers of a kind below n.
func (g *aggregates) grow(kind dest, n int) {
	for k := range g.all {
		g.all[k].to[kind].Grow(n)
	}
}

// take moves what a number of one kind holds to one of another.
func (g *aggregates) take(kind dest, to uint32, fromKind dest, from uint32) {
	if !g.ofPackets || kind == fromKind && to == from {
		return
	}
	for k := range g.all {
		if a := &g.all[k]; a.Packets != nil {
			a.to[kind].Grow(int(to) + 1)
			a.to[kind].Take(to, a.to[fromKind], from)
		}
	}
}

// drop forgets what a group holds.
func (g *aggregates) drop(group uint32) {
	for k := range g.all {
		if a := &g.all[k]; int(group) < a.to[toGroup].Len() {
			a.to[toGroup].Reset(group)
		}
	}
}

// renumber follows an eviction of groups.
func (g *aggregates) renumber(moved []uint32, groups int) {
	for k := range g.all {
		g.all[k].to[toGroup].Renumber(moved, groups)
	}
}

// ends notes that row j, whose flow is in the groups of g.groups, is over.
func (g *aggregates) ends(j int) {
	for _, group := range g.groups {
		g.flows.add(j, group)
	}
	if len(g.groups) > 0 {
		g.ended.Add(j)
	}
}

// flushFlows adds the values of the rows that ends was told about.
func (g *aggregates) flushFlows(rows []flow.Row, groups int) {
	if !g.ended.Empty() {
		for k := range g.all {
			if a := &g.all[k]; a.Flows != nil {
				a.to[toGroup].Grow(groups)
				a.addFlows(a.to[toGroup], a.total, rows, g.ended, &g.flows)
			}
		}
	}
	g.ended = packet.Set{}
	g.flows.reset()
}

// addFlows adds the values of flows in their groups, and in the total if not
// nil.
func (a *aggregate) addFlows(groups, total *filter.Accumulator, rows []flow.Row, in packet.Set, to *places) {
	has := in
	if a.Flows.Arg.Col != nil {
		has = a.Flows.Arg.Col(rows, in, &a.vec)
	}
	groups.Add(to.at, to.to, &a.vec, has)
	if total != nil {
		addAll(total, in, &a.vec, has)
	}
}

// addAll adds the rows in the set to group 0.
func addAll(total *filter.Accumulator, in packet.Set, v *field.Vector, has packet.Set) {
	var all [packet.BatchLen]uint16
	var zeros [packet.BatchLen]uint32
	n := 0
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		all[n] = uint16(i)
		n++
	}
	total.Add(all[:n], zeros[:n], v, has)
}
