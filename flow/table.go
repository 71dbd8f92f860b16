package flow

import (
	"math/bits"
	"math/rand/v2"

	"pkt/fragment"
	"pkt/packet"
)

// Defaults of Config.
const (
	DefaultMaxFlows = 8 << 20
	DefaultIdle     = 300e9 // ns
	DefaultLinger   = 60e9  // ns
)

// Config says how a Table works. The zero value means the defaults.
type Config struct {
	// MaxFlows bounds the flows in the table; the one that has been idle longest
	// makes room. 0 means DefaultMaxFlows.
	MaxFlows int
	// Idle ends a flow that has had no packet for so long, ns of capture time. 0
	// means DefaultIdle.
	Idle int64
	// Linger is how long a closed connection stays for late packets, ns of capture
	// time. 0 means DefaultLinger.
	Linger int64
	// Active cuts the record of a flow that has gone on for so long, ns of
	// capture time; the flow goes on in another record. 0 means never.
	Active int64
	// VLANKey makes the VLAN part of a flow's key.
	VLANKey bool
	// Seed makes the table's hash hard to foresee. 0 means a random one. Results
	// do not depend on it.
	Seed uint64
	// Registered reports whether a port is registered for a service; nil means
	// that none is.
	Registered func(proto uint8, port uint16) bool
}

// Sink takes flows that have ended. Table.Update and Table.Flush call it from
// their goroutine; the rows are valid until it returns. A Handle that is in a
// row may belong to another flow afterwards, unless the row was only cut off by
// the active timeout.
type Sink interface {
	Ended(rows []Row)
}

// Stats counts what a table has done.
type Stats struct {
	Opened    uint64 // flows
	Live      int    // flows now
	Evicted   uint64 // flows ended because there were MaxFlows
	Endpoints uint64 // endpoints forgotten because there were too many, see PortPeers
}

// Table is a table of flows. It is used from one goroutine at a time.
type Table struct {
	cfg     Config
	sink    Sink
	secret  secret
	keyMask uint64

	index4, index6 index
	v4             pool[rec4]
	v6             pool[rec6]
	links4, links6 []*[pageLen]link
	// Owners are only there where somebody has told of them.
	owners4, owners6 []*[pageLen]ends
	tcp              pool[tcp]
	tcpRest          []*[pageLen]tcpRest // beside tcp
	rare             pool[rare]

	timer     wheel
	endpoints endpoints
	clock     int64 // latest time seen, ns

	dead   []Handle // ended during this batch: readable until the next
	cut    []Handle // flows whose row the active timeout cuts off before the next batch
	rows   []Row    // on their way to the sink
	stats  Stats
	guess  [warmLen]uint32 // see warm
	loaded uint64          // keeps the loads of warm from being optimised away
}

// maxRows is how many rows the sink gets at once.
const maxRows = 64

// NewTable returns an empty table that hands ended flows to sink.
func NewTable(cfg Config, sink Sink) *Table {
	if cfg.MaxFlows == 0 {
		cfg.MaxFlows = DefaultMaxFlows
	}
	cfg.MaxFlows = min(cfg.MaxFlows, maxRecords)
	if cfg.Idle == 0 {
		cfg.Idle = DefaultIdle
	}
	if cfg.Linger == 0 {
		cfg.Linger = DefaultLinger
	}
	if cfg.Seed == 0 {
		cfg.Seed = rand.Uint64()
	}
	if cfg.Registered == nil {
		cfg.Registered = func(uint8, uint16) bool { return false }
	}
	t := &Table{
		cfg:     cfg,
		sink:    sink,
		secret:  newSecret(cfg.Seed),
		keyMask: keyMask,
		rows:    make([]Row, 0, maxRows),
	}
	t.reset()
	t.endpoints = newEndpoints(maxEndpoints)
	if cfg.VLANKey {
		t.keyMask |= keyVLANID
	}
	return t
}

// Stats returns what the table has done so far.
func (t *Table) Stats() Stats {
	s := t.stats
	s.Live = t.live()
	s.Endpoints = t.endpoints.forgotten
	return s
}

// reset empties the table.
func (t *Table) reset() {
	t.index4, t.index6 = newIndex(), newIndex()
	t.v4, t.v6 = pool[rec4]{}, pool[rec6]{}
	t.links4, t.links6 = nil, nil
	t.owners4, t.owners6 = nil, nil
	t.tcp, t.tcpRest, t.rare = pool[tcp]{}, nil, pool[rare]{}
	t.timer = newWheel(max(t.cfg.Idle, t.cfg.Linger))
}

// live returns the number of flows that have not ended.
func (t *Table) live() int { return t.v4.live() + t.v6.live() - len(t.dead) }

// Update counts the packets of the set and the credits of the fragment stage,
// and tells in refs what belongs to what. Flows that ended with the batch
// before, or whose time is over, are handed to the sink first. keys must have
// been filled from the same batch and set.
func (t *Table) Update(b *packet.Batch, in packet.Set, keys *Keys, credits []fragment.Credit, refs *Refs) {
	t.clock = max(t.clock, keys.start)
	t.settle()
	t.clock = max(t.clock, keys.clock)
	refs.clear(b.N)
	in = in.And(keys.v4.Or(keys.v6))
	var u update
	for word, set := range in {
		if set == 0 {
			continue
		}
		t.warm(keys, word, set)
		for ; set != 0; set &= set - 1 {
			i := word<<6 + bits.TrailingZeros64(set)
			for len(credits) > 0 && credits[0].After < i {
				t.credit(&credits[0], refs)
				credits = credits[1:]
			}
			u.read(t, b, keys, i)
			if b.Layers[i].Has.Any(packet.HasTCP) {
				refs.Flow[i], refs.Info[i] = t.tcpPacket(&u.arrival, &u.segment)
			} else {
				refs.Flow[i], refs.Info[i] = t.packet(&u.arrival, b.Layers[i].Has.Any(packet.HasLaterPart))
			}
		}
	}
	for i := range credits {
		t.credit(&credits[i], refs)
	}
}

// settle delivers what ended with the batch before, and what has timed out.
func (t *Table) settle() {
	t.deliver()
	t.cutRows()
	t.expire()
	t.deliver()
}
