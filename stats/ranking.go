package stats

import (
	"math/bits"
	"net/netip"
	"slices"
	"time"

	"pkt/field"
	"pkt/flow"
	"pkt/fragment"
	"pkt/packet"
	"pkt/process"
)

// Limits of a ranking where its configuration gives none.
const (
	DefaultMaxGroups = 1 << 20
	DefaultMaxPairs  = 1 << 22
)

// maxGroups is how many groups the numbers in a place have room for, and more
// than memory has.
const maxGroups = 1 << 28

// tickLen is the span that peaks are measured over, and after which flows pass
// on what they counted, ns.
const tickLen = second

// Config says what a Ranking does.
type Config struct {
	Keys []Key // at least one, at most MaxKeys, with names of their own
	// Aggregates are further columns. Like packets and bytes they are about all
	// that was counted so far, also where there are intervals.
	Aggregates []Aggregate
	// Interval is the width of the spans of capture time that Each gets a result
	// of, ns. They begin at multiples of it, live at whole seconds. 0: there are none.
	Interval int64
	// Each is called for every interval in which there were packets, and live for
	// every one, from Batch and Close. The result is its to keep.
	Each func(*Result)
	// Live says that capture time is that of the clock on the wall: averages are
	// over what has passed of it, not from the first packet to the last; rows are
	// ordered by their rate over the main window, and the ones of an interval are
	// those that had packets in the widest window.
	Live bool
	// Windows are the spans before the end of a result that rows have rates of, in
	// whole seconds, growing; see CheckWindows. Without any no history is kept.
	Windows []time.Duration
	// Within restricts results to the groups that have these values of the first
	// keys. Their total is that of the groups.
	Within []Value
	// NoFlow returns the owner of packets without a flow, for the keys of owners: those
	// that are not IP, and pieces of packets. Nil: they have none.
	NoFlow func() process.ID
	// Rows is what results list.
	Rows Rows
	// Wanted, if not nil, says at the end of an interval what rows its result is to
	// list in place of Rows, and whether it is wanted at all.
	Wanted func() (Rows, bool)
	// Local are the networks that tx and rx are seen from. Without any, the
	// capture's own directions are used where it has them.
	Local []netip.Prefix
	// MaxGroups bounds the groups; beyond it the smaller half is evicted.
	MaxGroups int // 0: DefaultMaxGroups
	// MaxPairs bounds the pairs of group and peer, and of group and flow where
	// one flow is in many groups. Beyond it, these counts are lower bounds.
	MaxPairs int // 0: DefaultMaxPairs
}

// Flows gives what is known of flows now: the flow table. It is asked from Batch
// and Close, about flows that have a place in the table.
type Flows interface {
	// Row fills dst with all that is known of a flow.
	Row(h flow.Handle, dst *flow.Row)
	// Identify fills a row for each flow with what tells it apart, its service
	// port included, and leaves out what was counted.
	Identify(hs []flow.Handle, dst []flow.Row)
	// Counters returns what both sides of a flow have sent.
	Counters(h flow.Handle) (src, dst flow.Counters)
}

// Ranking groups packets by keys. How packets find their groups depends on the
// keys, see counter. It is used from one goroutine.
type Ranking struct {
	cfg     Config
	layout  layout
	groups  *groups
	texts   *texts
	tuples  *tuples // of the packet keys
	local   local
	clock   clock
	total   *groups // one group, the rest: all packets
	side    Side
	byMAC   bool   // the keys name MAC addresses, not hosts
	peers   *peers // nil where the keys do not name one side
	evicted uint64 // groups
	missed  uint64 // times that a flow found no room in a group
	counter counter
	table   Flows // nil if no key and no aggregate is of flows
	search  search
	agg     aggregates
	// oneGroup tells that a flow is in one group at a time: its keys are all its own.
	oneGroup bool
	first    bool // no interval has ended
	// byOwner tells that a packet which goes both ways counts twice: for its sender, and
	// for its receiver.
	byOwner bool
	over    bool // closed: nothing more comes
	// ways are the directions of the packets being counted; valid only if directed.
	ways     [packet.BatchLen]packet.Dir
	directed bool
	doubled  uint64 // packets that count twice
}

// counter takes packets to their groups. There is one for each kind of keys:
//
//	direct   packet keys whose values follow from nothing else, such as len
//	sided    packet keys that flow and sender tell, such as src_ip
//	steady   flow keys that are known soon and seldom change, such as port
//	perFlow  flow keys that change at any time, such as state, and mixtures
type counter interface {
	// batch counts packets, all of one tick, and tells the aggregates where.
	batch(b *packet.Batch, in packet.Set, refs *flow.Refs)
	// credits counts fragments that had been held back, behind their batch.
	credits(credits []fragment.Credit, refs *flow.Refs)
	// waits is how much waits for the end of the tick, settle passes it on.
	waits() int
	settle()
	// ended takes leave of flows, rowsAtOnce at most, and calls Ranking.ends for
	// each of them that was counted.
	ended(rows []flow.Row)
	// flows calls do for every flow that is being counted. groups appends the
	// groups that it is in: rest for those that were evicted.
	flows(do func(flow.Handle))
	groupsOf(h flow.Handle, dst []uint32) []uint32
	// parts calls do for everything that aggregates keep apart because it may move,
	// with its number and the group it is in.
	parts(do func(part, group uint32))
	// renumber follows an eviction of groups: moved is rest for those that are
	// gone. Nothing waits then.
	renumber(moved []uint32)
}

// NewRanking returns an empty ranking. table is asked only if a key or an
// aggregate is of flows.
func NewRanking(cfg Config, table Flows) *Ranking {
	if cfg.MaxGroups == 0 {
		cfg.MaxGroups = DefaultMaxGroups
	}
	if cfg.MaxPairs == 0 {
		cfg.MaxPairs = DefaultMaxPairs
	}
	cfg.MaxGroups = min(cfg.MaxGroups, maxGroups)
	r := &Ranking{
		cfg:    cfg,
		layout: newLayout(cfg.Keys),
		texts:  newTexts(),
		local:  local{nets: cfg.Local},
		total:  newGroups(1, 1),
		side:   sideOf(cfg.Keys),
		byMAC:  true,
		first:  true,
	}
	r.groups = newGroups(r.layout.stride, cfg.MaxGroups+maxWaiting)
	r.tuples = &tuples{layout: &r.layout, texts: r.texts}
	if n := len(cfg.Windows); n > 0 {
		size := 1 + max(RecentLen, int(ticks(cfg.Windows[n-1])))
		r.groups.rings, r.total.rings = newRings(size, maxRings), newRings(size, 1)
		r.total.side[rest].ring = r.total.rings.take(rest, 0)
	}
	if r.side != SideNone {
		r.peers = newPeers(r.groups, cfg.MaxPairs)
	}
	for _, k := range cfg.Keys {
		if k.Side != SideNone && k.Kind != field.MAC {
			r.byMAC = false
		}
	}
	if cfg.ofFlows() {
		r.groups.flows = make([]flowState, 1)
	}
	r.table = table
	r.counter = r.newCounter(table)
	r.agg = newAggregates(&r.cfg, r.oneGroup)
	return r
}

// newCounter chooses how to count by the kinds of the keys.
func (r *Ranking) newCounter(table Flows) counter {
	flowKeys, listKeys, changing, owners := 0, 0, false, false
	for _, k := range r.cfg.Keys {
		owners = owners || k.Owner != nil
		if k.Flow != nil {
			flowKeys++
		}
		if k.List != nil {
			listKeys++
		}
		changing = changing || k.Stable == Changing
	}
	mixed := flowKeys < len(r.cfg.Keys)
	r.oneGroup = !mixed
	switch {
	case owners:
		p := newPerFlow(r, table, true)
		p.ways, r.byOwner = true, true
		return p
	case flowKeys == 0 && !changing && (listKeys == 0 || len(r.cfg.Keys) == 1):
		return newSided(r, listKeys == 1)
	case flowKeys == 0:
		return newDirect(r)
	case !mixed && !changing:
		return newSteady(r, table)
	}
	return newPerFlow(r, table, mixed)
}

// Batch counts the packets in the set, those that the fragment stage has held
// back included. credits and refs are what flow.Table.Update took and gave. The
// layers of the batch must be there.
func (r *Ranking) Batch(b *packet.Batch, in packet.Set, credits []fragment.Credit, refs *flow.Refs) {
	if r.groups.count() > r.cfg.MaxGroups || len(r.texts.all) > 2*r.cfg.MaxGroups {
		r.evict()
	}
	if r.oneGroup {
		in = in.AndNot(heldBack(b, in, refs))
	}
	for !in.Empty() {
		run := r.arrive(b, in, refs)
		r.counter.batch(b, run, refs)
		r.agg.flush(b, run, len(r.groups.hot))
		if r.counter.waits() >= maxWaiting {
			r.counter.settle()
		}
		in = in.AndNot(run)
	}
	if r.oneGroup {
		r.totalCredits(credits)
	}
	r.counter.credits(credits, refs)
	if b.Now != 0 {
		r.tick(b.Now)
	}
}

// heldBack returns the fragments of a set whose flow is not known yet. Where
// all keys are of flows they count when it is, in the total too: so that the
// rows of an interval add up.
func heldBack(b *packet.Batch, in packet.Set, refs *flow.Refs) (held packet.Set) {
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			i := word<<6 + bits.TrailingZeros64(set)
			if refs.Flow[i] == flow.NoFlow && b.Layers[i].Has.Any(packet.HasFragment) {
				held.Add(i)
			}
		}
	}
	return held
}

// totalCredits counts fragments that had been held back in the total.
func (r *Ranking) totalCredits(credits []fragment.Credit) {
	for k := range credits {
		rec := packet.Record{Nanos: credits[k].Nanos, WireLen: credits[k].Bytes}
		if !r.clock.started {
			r.advance(rec.Nanos)
		}
		r.total.packet(rest, &rec, r.clock.tick)
	}
}

// Ended takes notice of flows that leave the table, with what became known of
// them in the end. It must come before the batch in which their handles are
// used again.
func (r *Ranking) Ended(rows []flow.Row) {
	for part := range slices.Chunk(rows, rowsAtOnce) {
		r.counter.ended(part)
		r.agg.flushFlows(part, len(r.groups.hot))
	}
}

// ends tells the aggregates that the flow of row j is over.
func (r *Ranking) ends(j int, h flow.Handle) {
	if r.agg.ofFlows {
		r.agg.groups = r.counter.groupsOf(h, r.agg.groups[:0])
		r.agg.ends(j)
	}
}

// dropGroup forgets a group that all flows have left.
func (r *Ranking) dropGroup(group uint32) {
	r.groups.drop(group)
	r.agg.drop(group)
}

// Close passes on what flows have not yet passed on, and ends the interval that
// has begun.
func (r *Ranking) Close() {
	r.counter.settle()
	r.over = true
	if r.cfg.Interval > 0 {
		r.endInterval()
	}
}

// evict makes room for new groups and strings. Where there are only too many
// strings, no group has to go.
func (r *Ranking) evict() {
	r.counter.settle()
	if r.peers != nil {
		r.peers.flush()
	}
	keep := r.cfg.MaxGroups
	if r.groups.count() > keep {
		keep /= 2
	}
	before := r.groups.filled()
	moved := r.groups.evict(keep)
	r.evicted += uint64(before - r.groups.filled())
	r.texts.keep(r.groups, &r.layout)
	r.groups.rehash()
	if r.peers != nil {
		r.peers.renumber(moved)
	}
	r.agg.renumber(moved, len(r.groups.hot))
	r.counter.renumber(moved)
}

// arrive counts packets in the total, from the first one in the set to the last
// before the tick ends, and returns them.
func (r *Ranking) arrive(b *packet.Batch, in packet.Set, refs *flow.Refs) packet.Set {
	if ts := b.Records[in.Next(0)].Nanos; ts >= r.clock.next || !r.clock.started {
		r.advance(ts)
	}
	var packets, bytes, retrans uint64
	c := &r.total.hot[rest]
	first, last, ways, end := c.first, c.last, packet.DirUnknown, r.clock.next
run:
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			i := word<<6 + bits.TrailingZeros64(set)
			rec := &b.Records[i]
			if rec.Nanos >= end {
				in = in.And(packet.FirstN(i))
				break run
			}
			packets++
			bytes += uint64(rec.WireLen)
			if r.byOwner && rec.Dir == packet.DirBoth {
				packets++
				bytes += uint64(rec.WireLen)
				r.doubled++
			}
			retrans += uint64(refs.Info[i] & flow.RefRetrans / flow.RefRetrans)
			first, last = min(first, rec.Nanos), max(last, rec.Nanos)
			ways |= rec.Dir
		}
	}
	c.packets += packets
	c.bytes += bytes
	c.tickBytes += bytes
	c.retrans += uint32(retrans)
	c.first, c.last = first, last
	if r.directed = ways != packet.DirUnknown || len(r.local.nets) > 0; r.directed {
		r.direct(b, in)
	}
	return in
}

// direct finds out which way packets went, and counts that in the total.
func (r *Ranking) direct(b *packet.Batch, in packet.Set) {
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		r.ways[i] = r.local.way(b, i)
		if r.ways[i] != packet.DirUnknown {
			r.local.known = true
		}
		r.total.way(rest, uint64(b.Records[i].WireLen), r.ways[i])
	}
}

// opened counts a new flow in the total, closed that it has ended.
func (r *Ranking) opened() {
	r.total.hot[rest].flows++
	r.total.hot[rest].active++
}

func (r *Ranking) closed() { r.total.hot[rest].active-- }

// joined counts a flow in a group.
func (r *Ranking) joined(group uint32) {
	r.groups.hot[group].flows++
	r.groups.hot[group].active++
}
