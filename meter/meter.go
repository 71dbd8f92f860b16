// Package meter puts the stages of the packet path together: decoding,
// selection, fragments, flows, and whatever watches them. It is the one place
// where the path is wired; engine decides on which goroutines it runs.
package meter

import (
	"math"
	"math/bits"

	"pkt/decode"
	"pkt/engine"
	"pkt/flow"
	"pkt/fragment"
	"pkt/packet"
	"pkt/process"
)

// Tap watches the packets that were selected.
type Tap interface {
	// Batch sees the packets in the set, with their layers and, where the meter
	// keeps flows, what refs tells of these, and the fragments whose flow became
	// known with this batch. It is called from the goroutine of Consume; the
	// arguments are reused afterwards. Live, it is called without packets too,
	// so that what depends on time can go by b.Now.
	Batch(b *packet.Batch, in packet.Set, credits []fragment.Credit, refs *flow.Refs)
	// Ended sees flows that leave the table, before the batch that reuses their
	// handles. The rows are valid until it returns.
	Ended(rows []flow.Row)
}

// Filter decides which packets of a set count. The error ends the run; the
// packets returned beside it still count.
type Filter interface {
	Filter(b *packet.Batch, in packet.Set) (packet.Set, error)
}

// Config says what a Meter does. The zero value only counts packets.
type Config struct {
	// Raw filters see frames that are not decoded; all of them have to agree.
	Raw []Filter
	// Where filters see decoded packets that passed the raw ones.
	Where []Filter
	// Flows, if not nil, is how to keep flows.
	Flows *flow.Config
	// Packets ends the run after so many packets, Bytes behind the packet with
	// which so many bytes were captured, Span (ns) at the first packet that is so
	// much later than the first one, and live when so much time is over; 0: they
	// do not.
	Packets uint64
	Bytes   uint64
	Span    int64
	// Owners, if not nil, is asked who owns the flows. Noted, if not nil, finds the
	// owners that the capture itself tells of.
	Owners Asked
	Noted  *process.Noted
	// PacketOwners, if not nil, finds the owners of packets before Where looks at them.
	PacketOwners *PacketOwners
}

// Totals is what a meter has seen. Undecoded stays 0 where nothing is decoded.
type Totals struct {
	Packets, Bytes uint64
	First, Last    int64  // earliest and latest capture time, ns; valid only if Packets > 0
	Undecoded      uint64 // packets with a Problem
	// Unknown are the link types that are not decoded, with their packets.
	Unknown   []Link
	Flows     flow.Stats
	Fragments fragment.Stats
}

// Link is a link type and how many packets have it.
type Link struct {
	Type    uint16
	Packets uint64
}

// Aux is what preparing a batch leaves for consuming it.
type Aux struct {
	in      packet.Set // packets that were selected
	whole   packet.Set // those of them that no fragment stage holds back
	keys    *flow.Keys
	credits []fragment.Credit
	last    bool  // nothing behind this batch counts
	err     error // of a filter
}

// Meter is an engine.Worker that feeds taps. Its first half decodes, selects,
// joins fragments and computes keys; its second half keeps the flows.
type Meter struct {
	cfg       Config
	selection selection
	fragments *fragment.Stage // used by Prepare alone
	flows     *flow.Table     // nil if none are kept
	taps      []Tap
	raw       bool // all taps look at raw frames only: nothing is decoded
	refs      flow.Refs
	totals    Totals
	ifaces    []packet.Iface // as the latest batch has them
	owners    *owners        // nil if nobody asks for them
	noted     *noted         // likewise
	stopped   bool
	questions chan func()
}

var _ engine.Worker[Aux] = (*Meter)(nil)

// New returns a meter without taps.
func New(cfg Config) *Meter {
	m := &Meter{
		cfg:       cfg,
		selection: selection{packets: cfg.Packets, bytes: cfg.Bytes, span: cfg.Span},
		questions: make(chan func(), maxQuestions),
	}
	if cfg.Flows != nil {
		m.flows = flow.NewTable(*cfg.Flows, m)
		m.fragments = fragment.NewStage()
		if cfg.Owners != nil {
			m.owners = &owners{asked: cfg.Owners, table: m.flows}
		}
		if cfg.Noted != nil {
			m.noted = &noted{read: cfg.Noted, table: m.flows}
		}
	}
	return m
}

// Stop ends the run after the batch being consumed. Taps call it when they can
// do nothing more.
func (m *Meter) Stop() { m.stopped = true }

// maxQuestions is how many questions wait at a time.
const maxQuestions = 64

// Ask puts a question to the run: do is called between two batches, from the
// goroutine of Consume, so that it may use and change what taps have. Any
// goroutine may ask, at any time. It reports false if too many questions wait;
// those that the end of the run overtakes are not answered.
func (m *Meter) Ask(do func()) bool {
	select {
	case m.questions <- do:
		return true
	default:
		return false
	}
}

// Flows returns the flow table, nil if none is kept.
func (m *Meter) Flows() *flow.Table { return m.flows }

// Iface returns interface n of the batches consumed so far.
func (m *Meter) Iface(n uint32) packet.Iface {
	if int(n) < len(m.ifaces) {
		return m.ifaces[n]
	}
	return packet.Iface{}
}

// Add puts a tap behind those that are there. It must be called before the run.
func (m *Meter) Add(t Tap) {
	m.taps = append(m.taps, t)
	m.raw = false
}

// AddRaw is Add for a tap that does not look at layers. Where all taps are such
// and no flows are kept, packets are not decoded.
func (m *Meter) AddRaw(t Tap) {
	m.raw = m.flows == nil && (m.raw || len(m.taps) == 0)
	m.taps = append(m.taps, t)
}

// Prepare implements engine.Worker.
func (m *Meter) Prepare(b *packet.Batch, a *Aux) {
	var in packet.Set
	in, a.err = pass(m.cfg.Raw, b, b.All())
	if !m.raw || len(m.cfg.Where) > 0 || m.cfg.PacketOwners != nil {
		decode.Batch(b, in)
	}
	if m.cfg.PacketOwners != nil {
		m.cfg.PacketOwners.Fill(b, in)
	}
	if a.err == nil {
		in, a.err = pass(m.cfg.Where, b, in)
	}
	a.in, a.last = m.selection.take(b, in)
	if m.flows == nil {
		return
	}
	if a.keys == nil {
		a.keys = m.flows.NewKeys()
	}
	whole, credits := m.fragments.Batch(b, a.in)
	a.whole, a.credits = whole, append(a.credits[:0], credits...)
	a.keys.Fill(b, whole)
}

// pass returns the packets that all filters let through.
func pass(filters []Filter, b *packet.Batch, in packet.Set) (packet.Set, error) {
	for _, f := range filters {
		var err error
		if in, err = f.Filter(b, in); err != nil {
			return in, err
		}
	}
	return in, nil
}

// Consume implements engine.Worker.
func (m *Meter) Consume(b *packet.Batch, a *Aux) error {
	for len(m.questions) > 0 {
		(<-m.questions)()
	}
	if len(b.Ifaces) > len(m.ifaces) {
		m.ifaces = b.Ifaces
	}
	m.count(b, a.in)
	if m.flows != nil {
		m.flows.Update(b, a.whole, a.keys, a.credits, &m.refs)
	}
	if m.owners != nil {
		m.owners.batch(b, a.in, &m.refs)
	}
	if m.noted != nil && len(b.Notes) > 0 {
		m.noted.batch(b, a.in, &m.refs)
	}
	for _, t := range m.taps {
		t.Batch(b, a.in, a.credits, &m.refs)
	}
	switch {
	case a.err != nil:
		return a.err
	case a.last || m.stopped:
		return engine.ErrStop
	}
	return nil
}

// Finish counts the fragments whose first part never came and ends all flows.
// Call it once, after the run.
func (m *Meter) Finish() {
	if m.flows == nil {
		return
	}
	if credits := m.fragments.Flush(); len(credits) > 0 {
		none, keys := &packet.Batch{Ifaces: m.ifaces}, m.flows.NewKeys()
		keys.Fill(none, packet.Set{})
		m.flows.Update(none, packet.Set{}, keys, credits, &m.refs)
		for _, t := range m.taps {
			t.Batch(none, packet.Set{}, credits, &m.refs)
		}
	}
	m.flows.Flush()
}

// Ended implements flow.Sink.
func (m *Meter) Ended(rows []flow.Row) {
	if m.owners != nil {
		m.owners.ended(rows)
	}
	for _, t := range m.taps {
		t.Ended(rows)
	}
}

// Totals returns what was seen so far.
func (m *Meter) Totals() Totals {
	t := m.totals
	if m.flows != nil {
		t.Flows = m.flows.Stats()
		t.Fragments = m.fragments.Stats()
	}
	return t
}

// count adds the packets of the set to the totals.
func (m *Meter) count(b *packet.Batch, in packet.Set) {
	t := &m.totals
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			i := word<<6 + bits.TrailingZeros64(set)
			r := &b.Records[i]
			t.Bytes += uint64(r.WireLen)
			first, last = min(first, r.Nanos), max(last, r.Nanos)
			if !m.raw && b.Layers[i].Problem != packet.ProblemNone {
				m.problem(r.Link, b.Layers[i].Problem)
			}
		}
	}
	n := uint64(in.Len())
	switch {
	case n == 0:
	case t.Packets == 0:
		t.First, t.Last = first, last
	default:
		t.First, t.Last = min(t.First, first), max(t.Last, last)
	}
	t.Packets += n
}

// problem counts a packet that could not be decoded whole.
func (m *Meter) problem(link uint16, p packet.Problem) {
	m.totals.Undecoded++
	if p != packet.ProblemUnknown {
		return
	}
	for i := range m.totals.Unknown {
		if u := &m.totals.Unknown[i]; u.Type == link {
			u.Packets++
			return
		}
	}
	m.totals.Unknown = append(m.totals.Unknown, Link{link, 1})
}
