package stats

import (
	"net/netip"

	"pkt/field"
	"pkt/flow"
	"pkt/fragment"
	"pkt/packet"
)

// Limits of a ranking where its configuration gives none.
const (
	DefaultMaxGroups = 1 << 20
	DefaultMaxPairs  = 1 << 22
)

// tickLen is the span that peaks are measured over, and after which flows pass
// on what they counted, ns.
const tickLen = second

// Config says what a Ranking does.
type Config struct {
	Keys []Key // at least one, at most MaxKeys, with names of their own
	// Interval is the width of the spans of capture time that Each gets a result
	// of, ns. They begin at multiples of it. 0: there are none.
	Interval int64
	// Each is called for every interval in which there were packets, from Batch
	// and Close. The result is its to keep.
	Each func(*Result)
	// Rows is what results list.
	Rows Rows
	// Local are the networks that tx and rx are seen from. Without any, the
	// capture's own directions are used where it has them.
	Local []netip.Prefix
	// MaxGroups bounds the groups; beyond it the smaller half is evicted.
	MaxGroups int // 0: DefaultMaxGroups
	// MaxPairs bounds the pairs of group and peer, and of group and flow where
	// one flow is in many groups. Beyond it, these counts are lower bounds.
	MaxPairs int // 0: DefaultMaxPairs
}

// Flows gives what is known of flows now: the flow table. It is asked during
// Batch, Credit and Close.
type Flows interface {
	// Row fills dst with what is known of a flow that has a place in the table.
	Row(h flow.Handle, dst *flow.Row)
}

// Ranking groups packets by keys. Where a key is of flows, packets only update
// their flow; at every tick of the capture's clock the flows pass on what they
// counted to the group they are believed to be in, and take all they counted
// along when that changes. It is used from one goroutine.
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
	byMAC   bool    // the keys name MAC addresses, not hosts
	peers   *peers  // nil where the keys do not name one side
	evicted uint64  // groups
	direct  *direct // nil if a key is of flows
	perFlow *perFlow
}

// NewRanking returns an empty ranking. table is asked only if a key is of flows.
func NewRanking(cfg Config, table Flows) *Ranking {
	if cfg.MaxGroups == 0 {
		cfg.MaxGroups = DefaultMaxGroups
	}
	if cfg.MaxPairs == 0 {
		cfg.MaxPairs = DefaultMaxPairs
	}
	r := &Ranking{
		cfg:    cfg,
		layout: newLayout(cfg.Keys),
		texts:  newTexts(),
		local:  local{nets: cfg.Local},
		total:  newGroups(1),
		side:   sideOf(cfg.Keys),
	}
	r.groups = newGroups(r.layout.stride)
	r.tuples = &tuples{layout: &r.layout, texts: r.texts}
	if r.side != SideNone {
		r.peers = newPeers(r.groups, cfg.MaxPairs)
	}
	flowKeys := 0
	r.byMAC = true
	for _, k := range cfg.Keys {
		if k.Side != SideNone && k.Kind != field.MAC {
			r.byMAC = false
		}
		if k.Flow != nil {
			flowKeys++
		}
	}
	if flowKeys == 0 {
		r.direct = newDirect(r)
	} else {
		r.perFlow = newPerFlow(r, table, flowKeys < len(cfg.Keys))
	}
	return r
}

// Batch counts the packets in the set, those that the fragment stage has held
// back included. credits and refs are what flow.Table.Update took and gave. The
// layers of the batch must be there.
func (r *Ranking) Batch(b *packet.Batch, in packet.Set, credits []fragment.Credit, refs *flow.Refs) {
	if r.groups.count() > r.cfg.MaxGroups {
		r.evict()
	}
	if r.direct != nil {
		r.direct.batch(b, in, refs)
	} else {
		r.perFlow.batch(b, in, credits, refs)
	}
}

// Ended takes notice of flows that leave the table, with what became known of
// them in the end. It must come before the batch in which their handles are
// used again.
func (r *Ranking) Ended(rows []flow.Row) {
	if r.direct != nil {
		for i := range rows {
			r.direct.ended(rows[i].Handle)
		}
		return
	}
	r.perFlow.ended(rows)
}

// Close passes on what flows have not yet passed on, and ends the interval that
// has begun.
func (r *Ranking) Close() {
	r.settle()
	if r.cfg.Interval > 0 {
		r.endInterval()
	}
}

func (r *Ranking) settle() {
	if r.perFlow != nil {
		r.perFlow.settle()
	}
}

// evict makes room for new groups.
func (r *Ranking) evict() {
	keep := r.cfg.MaxGroups / 2
	r.evicted += uint64(r.groups.count() - keep)
	r.settle()
	if r.peers != nil {
		r.peers.flush()
	}
	moved := r.groups.evict(keep)
	if r.peers != nil {
		r.peers.renumber(moved)
	}
	if r.direct != nil {
		r.direct.renumber(moved)
	} else {
		r.perFlow.renumber(moved)
	}
}

// clock is the capture's time: the latest that was seen. Ticks and intervals
// are absolute, so that they do not depend on where a capture begins.
type clock struct {
	now      int64
	next     int64  // now at which the tick or the interval ends
	tick     uint32 // counted from the first one
	tick0    int64  // beginning of the first tick
	interval int64  // beginning of the interval
	started  bool
}

// advance moves the clock to the time of a packet that is not before clock.next.
func (r *Ranking) advance(ts int64) {
	c := &r.clock
	if !c.started {
		c.started = true
		c.tick0 = int64(floor(uint64(ts), tickLen, true))
		if r.cfg.Interval > 0 {
			c.interval = int64(floor(uint64(ts), uint64(r.cfg.Interval), true))
		}
	} else {
		r.settle()
		if width := r.cfg.Interval; width > 0 && ts-c.interval >= width {
			r.endInterval()
			c.interval = int64(floor(uint64(ts), uint64(width), true))
		}
	}
	c.tick = uint32((ts - c.tick0) / tickLen)
	c.next = c.tick0 + (int64(c.tick)+1)*tickLen
	if r.cfg.Interval > 0 {
		c.next = min(c.next, c.interval+r.cfg.Interval)
	}
}

// arrive counts a packet in the total and returns which way it went, seen from
// the local end.
func (r *Ranking) arrive(b *packet.Batch, i int, info flow.Ref) packet.Dir {
	rec := &b.Records[i]
	if rec.Nanos >= r.clock.next || !r.clock.started {
		r.advance(rec.Nanos)
	}
	r.clock.now = max(r.clock.now, rec.Nanos)
	dir := rec.Dir
	if len(r.local.nets) > 0 {
		dir = r.local.dir(b, i)
	}
	if dir != packet.DirUnknown {
		r.local.known = true
	}
	if info&flow.RefRetrans != 0 {
		r.total.hot[rest].retrans++
	}
	r.total.packet(rest, rec.Nanos, uint64(rec.WireLen), dir, r.clock.tick)
	return dir
}
