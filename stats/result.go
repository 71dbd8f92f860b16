package stats

import (
	"slices"

	"pkt/field"
	"pkt/flow"
)

// RowKind says what a row stands for.
type RowKind uint8

// Kinds of rows.
const (
	RowItem  RowKind = iota // one group
	RowOther                // all groups that are not listed
	RowTotal                // all packets, each counted once
)

// Row is one line of a ranking.
type Row struct {
	Kind   RowKind
	Rank   int // from 1; valid only for items
	Groups int // how many groups the row stands for

	Packets, Bytes                 uint64
	IntervalPackets, IntervalBytes uint64 // valid only with an interval
	Flows                          uint64 // valid only if HasFlows
	ActiveFlows                    uint64 // valid only if HasActive: at the end no flow is
	Peers                          uint64 // valid only if HasPeers
	Retrans                        uint64 // packets
	First, Last                    int64  // of the packets that are or were in the group

	// Seen from the local end, valid only if HasDir.
	TxBytes, RxBytes                 uint64
	IntervalTxBytes, IntervalRxBytes uint64

	// Most bytes in one second of the clock; valid only if HasPeak. Bytes that
	// came to the row when its flows were attributed anew are in no peak.
	PeakBytes, PeakTxBytes, PeakRxBytes uint64

	// State is that of the flow that the row stands for, the latest one where
	// several had the key. Valid only if HasState.
	State flow.State

	// Recent is what the row carried lately, nil where no history is kept.
	Recent *Recent

	HasFlows, HasPeers, HasDir, HasPeak bool
	HasActive, HasState                 bool
	// Lower marks a lower bound: the group had been evicted before, or some of
	// its flows or peers found no room.
	Lower bool
	// Partial says that some values found no room: numbers of different values are
	// lower bounds then, and quantiles those of the others.
	Partial bool

	key        []uint64
	aggregates []aggregateValue
	result     *Result
}

// Result is the state of a ranking at one time.
type Result struct {
	By          []field.Field
	First, Last int64 // of all packets so far
	From, To    int64 // the bounds of the interval, or of all that was measured
	Interval    int64 // ns; 0 if there is none
	Elapsed     int64 // what of the interval lies in the capture, ns; valid only if there is one
	Span        int64 // the time that averages are over, ns
	Overlap     bool  // a packet can be in several groups: they do not add up to the total
	Items       []Row
	Other       Row // valid only if HasOther
	Total       Row
	HasOther    bool
	Groups      int    // how many groups there are, listed or not
	Evicted     uint64 // groups that were evicted, and are in Other
	// Missed is how often a flow or its peer could not be told apart from others
	// of a group, because MaxPairs are there: rows with Lower have too few of them.
	Missed uint64
	// Doubled is how many packets count for two owners, and twice in the total.
	Doubled uint64

	at     int64 // the end of the windows
	layout *layout
	texts  []string
	sums   *sums // only while the result is made
}

// Partial reports whether some values found no room in an aggregate, see
// Row.Partial.
func (r *Result) Partial() bool {
	return r.Total.Partial || slices.ContainsFunc(r.Items, func(row Row) bool { return row.Partial })
}

// Cell returns the value of key k, if the row has one. A String's value is in
// Text.
func (r *Row) Cell(k int) (field.Cell, bool) {
	if r.key == nil {
		return field.Cell{}, false
	}
	return r.result.layout.cell(r.key, k)
}

// Text returns the value of key k, which is a String.
func (r *Row) Text(k int) string {
	c, ok := r.Cell(k)
	if !ok {
		return ""
	}
	return r.result.texts[c.Lo]
}

// Result returns what has been counted, without what flows have not passed on.
func (r *Ranking) Result() *Result {
	return r.result(view{rows: r.cfg.Rows})
}

// Snapshot returns what has been counted until now, with other rows than those
// of the configuration.
func (r *Ranking) Snapshot(rows Rows) *Result {
	r.counter.settle()
	return r.result(view{rows: rows})
}

// view is what a result is about.
type view struct {
	from, to, interval int64 // interval 0: all that was measured
	rows               Rows
}

// endInterval hands the interval's result on, and begins another.
func (r *Ranking) endInterval() {
	if !r.clock.started {
		return
	}
	from, to := r.clock.interval, r.clock.interval+r.cfg.Interval
	if r.cfg.Live && r.first {
		from = r.clock.began
	}
	if r.cfg.Live && r.over {
		if to = min(to, r.now()); to <= from {
			return // the run ended with the interval before
		}
	}
	r.first = false
	rows, wanted := r.cfg.Rows, true
	if r.cfg.Wanted != nil {
		rows, wanted = r.cfg.Wanted()
	}
	if wanted {
		r.cfg.Each(r.result(view{from, to, to - from, rows}))
	}
	r.total.setMarks()
	r.groups.setMarks()
}

// setMarks remembers the counters of all groups.
func (g *groups) setMarks() {
	for i := range g.hot {
		c, s := &g.hot[i], &g.side[i]
		s.mark = mark{c.packets, c.bytes, s.tx, s.rx}
	}
}

// result makes the rows of an interval, or of all that was counted.
func (r *Ranking) result(v view) *Result {
	if r.peers != nil {
		r.peers.flush()
	}
	total := &r.total.hot[rest]
	res := &Result{
		From:     v.from,
		To:       v.to,
		Interval: v.interval,
		Evicted:  r.evicted,
		Missed:   r.missed,
		Doubled:  r.doubled,
		layout:   &r.layout,
		texts:    r.texts.all,
		sums:     r.sums(),
	}
	if r.peers != nil {
		res.Missed += r.peers.missed
	}
	if total.packets > 0 {
		res.First, res.Last = total.first, total.last
	}
	r.setTimes(res)
	for _, k := range r.cfg.Keys {
		res.By = append(res.By, k.Field)
		res.Overlap = res.Overlap || k.List != nil
	}
	listed := r.listed(res, v.rows)
	res.Total = r.totalRow(res)
	values := make([]aggregateValue, len(listed)*len(r.agg.all))
	for i, group := range listed {
		row := r.row(res, r.groups, group)
		row.Rank = i + 1
		row.key = slices.Clone(r.groups.key(group))
		res.sums.fill(&row, group, values[i*len(r.agg.all):])
		res.Items = append(res.Items, row)
	}
	if !res.Overlap {
		r.setOther(res)
	}
	res.sums.fillOther(r, res, listed)
	res.sums = nil
	return res
}

// setTimes finds the times that rates are over.
func (r *Ranking) setTimes(res *Result) {
	begin, end := res.First, res.Last
	if r.cfg.Live && r.clock.started {
		begin, end = r.clock.began, r.now()
	}
	if res.Interval == 0 {
		res.From, res.To = begin, end
	}
	res.at = res.To
	if r.over {
		res.at = min(res.To, end)
	}
	if res.Span = end - begin; r.cfg.Live {
		res.Span = res.at - begin
	}
	res.Elapsed = res.at - max(res.From, begin)
}

// row copies what is known of a group.
func (r *Ranking) row(res *Result, g *groups, group uint32) Row {
	row := r.counted(res, g, group)
	row.Recent = r.recent(g, group, res.at)
	if g == r.groups {
		r.setState(&row, group)
	}
	return row
}

// counted copies the counters of a group.
func (r *Ranking) counted(res *Result, g *groups, group uint32) Row {
	c, s := &g.hot[group], &g.side[group]
	return Row{
		Groups:          1,
		Packets:         c.packets,
		Bytes:           c.bytes,
		IntervalPackets: c.packets - s.mark.packets,
		IntervalBytes:   c.bytes - s.mark.bytes,
		Flows:           uint64(c.flows),
		ActiveFlows:     uint64(c.active),
		HasActive:       !r.over,
		Peers:           uint64(s.peers),
		Retrans:         uint64(c.retrans),
		First:           c.first,
		Last:            c.last,
		TxBytes:         s.tx,
		RxBytes:         s.rx,
		IntervalTxBytes: s.tx - s.mark.tx,
		IntervalRxBytes: s.rx - s.mark.rx,
		PeakBytes:       max(c.peakBytes, c.tickBytes),
		PeakTxBytes:     max(s.peakTx, s.tickTx),
		PeakRxBytes:     max(s.peakRx, s.tickRx),
		HasFlows:        true,
		HasPeers:        r.peers != nil,
		HasDir:          r.local.known,
		HasPeak:         true,
		Lower:           s.lower,
		result:          res,
	}
}

// setOther makes the row of what is not listed: the total without the items, so
// that a table always adds up.
func (r *Ranking) setOther(res *Result) {
	items := make([]*Row, len(res.Items))
	for i := range items {
		items[i] = &res.Items[i]
	}
	o := res.Total.Less(items)
	o.Groups = res.Groups - len(res.Items)
	// A flow is in one group only where all keys are its own.
	if o.HasFlows = r.oneGroup && r.evicted == 0; !o.HasFlows {
		o.Flows, o.ActiveFlows, o.HasActive = 0, 0, false
	}
	res.Other, res.HasOther = o, o.Packets > 0
}

// Less returns a row of kind RowOther: the total without the items.
func (r *Row) Less(items []*Row) Row {
	o := *r
	o.Kind = RowOther
	o.HasPeak, o.PeakBytes, o.PeakTxBytes, o.PeakRxBytes = false, 0, 0, 0
	o.Recent = o.Recent.clone()
	for _, it := range items {
		o.Packets -= it.Packets
		o.Bytes -= it.Bytes
		o.IntervalPackets -= it.IntervalPackets
		o.IntervalBytes -= it.IntervalBytes
		o.TxBytes -= it.TxBytes
		o.RxBytes -= it.RxBytes
		o.IntervalTxBytes -= it.IntervalTxBytes
		o.IntervalRxBytes -= it.IntervalRxBytes
		o.Retrans -= it.Retrans
		o.Flows -= it.Flows
		o.ActiveFlows -= it.ActiveFlows
		o.Recent.subtract(it.Recent)
	}
	if other := &r.result.Other; r.result.HasOther && !other.HasFlows {
		o.Flows, o.ActiveFlows, o.HasFlows, o.HasActive = 0, 0, false, false
	}
	return o
}
