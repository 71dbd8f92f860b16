package meter

import (
	"slices"

	"pkt/flow"
	"pkt/fragment"
	"pkt/packet"
)

// maxLate is how many packets a Choice remembers whose flow was not known when
// they came.
const maxLate = 1 << 20

// FlowFilter returns the rows of a set for which something holds.
// packet.BatchLen rows are asked about at most.
type FlowFilter interface {
	Filter(rows []flow.Row, in packet.Set) packet.Set
}

// Choice finds the packets of the flows for which something holds in the end. It
// takes two passes over the same packets, in the same batches: in the first it
// is a tap of a meter that keeps flows, and judges each one when it ends. In the
// second its Filter keeps flows of its own, which begin in the same order, and
// lets their packets through. It remembers a bit for each flow of the capture,
// and 4 bytes for each one that is open.
type Choice struct {
	holds  FlowFilter
	flows  flowNumbers // in the first pass
	chosen []uint64    // bits, by the number of the flow
	// late are the flows of packets that came before it was known: fragments
	// before the first one of their datagram, and SYNs that turned out to open the
	// next connection. Their places in the capture are the keys.
	late    map[uint64]uint32
	syns    map[synKey]uint64 // places of the SYNs that wait
	table   *flow.Table
	missed  uint64
	packets uint64 // before the batch
}

// synKey finds a SYN that waited by the flow that it opened.
type synKey struct {
	nanos            int64
	srcPort, dstPort uint16
}

// NewChoice returns a Choice of the flows for which something holds. table is
// that of the first pass.
func NewChoice(holds FlowFilter, table *flow.Table) *Choice {
	return &Choice{holds: holds, table: table, late: map[uint64]uint32{}, syns: map[synKey]uint64{}}
}

// Missed is how many packets could not be remembered: they are let through by
// what was believed of their flow when they came.
func (c *Choice) Missed() uint64 { return c.missed }

// Batch implements Tap.
func (c *Choice) Batch(b *packet.Batch, in packet.Set, credits []fragment.Credit, refs *flow.Refs) {
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		h, info := refs.Flow[i], refs.Info[i]
		if h == flow.NoFlow {
			continue
		}
		n := c.flows.of(h, info)
		switch {
		case info&flow.RefPending != 0:
			l := &b.Layers[i]
			if len(c.syns) < maxLate {
				c.syns[synKey{b.Records[i].Nanos, l.SrcPort, l.DstPort}] = c.packets + uint64(i)
			} else {
				c.missed++
			}
		case info&flow.RefOpened != 0 && len(c.syns) > 0:
			c.opened(h, n)
		}
	}
	for k, h := range refs.Credited {
		c.remember(credits[k].Seq, c.flows.of(h, 0))
	}
	c.packets += uint64(b.N)
}

// opened looks for the SYN that opened a flow and waited.
func (c *Choice) opened(h flow.Handle, n uint32) {
	var rows [1]flow.Row
	c.table.Identify([]flow.Handle{h}, rows[:])
	key := synKey{rows[0].Start, rows[0].SrcPort, rows[0].DstPort}
	if at, ok := c.syns[key]; ok {
		delete(c.syns, key)
		c.remember(at, n)
	}
}

// remember notes the flow of a packet.
func (c *Choice) remember(at uint64, n uint32) {
	if len(c.late) == maxLate {
		c.missed++
		return
	}
	c.late[at] = n
}

// Ended implements Tap.
func (c *Choice) Ended(rows []flow.Row) {
	for part := range slices.Chunk(rows, packet.BatchLen) {
		in := c.holds.Filter(part, packet.FirstN(len(part)))
		for i := range part {
			n := c.flows.of(part[i].Handle, 0)
			if in.Has(i) {
				c.choose(n)
			}
		}
		c.flows.ended(part)
	}
}

// choose sets the bit of a flow.
func (c *Choice) choose(n uint32) {
	if need := int(n>>6) + 1 - len(c.chosen); need > 0 {
		c.chosen = append(c.chosen, make([]uint64, need)...)
	}
	c.chosen[n>>6] |= 1 << (n & 63)
}

func (c *Choice) has(n uint32) bool {
	return int(n>>6) < len(c.chosen) && c.chosen[n>>6]>>(n&63)&1 != 0
}

// Filter returns the filter of decoded packets for the second pass. cfg is how
// the first one has kept flows. It has to see all packets that the first pass
// has seen, and leaves their layers as they were.
func (c *Choice) Filter(cfg flow.Config) Filter {
	s := &second{choice: c}
	s.shadow = newShadow(cfg, s)
	return s
}

// second is the second pass of a Choice.
type second struct {
	*shadow
	choice  *Choice
	flows   flowNumbers
	packets uint64 // before the batch
}

// Filter implements Filter.
func (s *second) Filter(b *packet.Batch, in packet.Set) (packet.Set, error) {
	s.update(b, in)
	var out packet.Set
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		h, n := s.refs.Flow[i], uint32(0)
		if h != flow.NoFlow {
			n = s.flows.of(h, s.refs.Info[i])
		}
		if late, ok := s.choice.late[s.packets+uint64(i)]; ok {
			n = late
		}
		if n != 0 && s.choice.has(n) {
			out.Add(i)
		}
	}
	for _, h := range s.refs.Credited {
		s.flows.of(h, 0)
	}
	s.packets += uint64(b.N)
	return out, nil
}

// Ended implements flow.Sink.
func (s *second) Ended(rows []flow.Row) { s.flows.ended(rows) }

// flowNumbers numbers flows from 1 in the order in which their first packets
// come.
type flowNumbers struct {
	open [2][]uint32 // by handle: those of IPv4 and of IPv6
	last uint32
}

// of returns the number of a flow: a new one if a packet opens it, or if it has
// none.
func (f *flowNumbers) of(h flow.Handle, info flow.Ref) uint32 {
	n := f.at(h)
	if *n == 0 || info&flow.RefOpened != 0 {
		f.last++
		*n = f.last
	}
	return *n
}

// at returns the place of a flow's number.
func (f *flowNumbers) at(h flow.Handle) *uint32 {
	const v6 = 31
	open, i := &f.open[h>>v6], int(h&(1<<v6-1))
	if need := i + 1 - len(*open); need > 0 {
		*open = append(*open, make([]uint32, need)...)
	}
	return &(*open)[i]
}

// ended forgets the numbers of flows that left the table.
func (f *flowNumbers) ended(rows []flow.Row) {
	for i := range rows {
		if rows[i].EndReason != flow.EndActive {
			*f.at(rows[i].Handle) = 0
		}
	}
}
