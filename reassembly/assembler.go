package reassembly

import (
	"encoding/binary"
	"math/bits"

	"pkt/decode"
	"pkt/flow"
	"pkt/fragment"
	"pkt/packet"
)

// Assembler makes streams of the packets of flows. It is a tap of package meter:
// used from one goroutine, it sees every batch behind the flow table.
type Assembler struct {
	cfg      Config
	flows    Flows
	to       Consumer
	patcher  Patcher  // nil if the consumer cannot go back
	comparer Comparer // nil if it does not know what it took
	wants    packet.Has

	fragments *fragment.Assembler
	index     [2][]uint32 // number+1 of the stream, by the handles of IPv4 and of IPv6 flows
	pages     []*[pageLen]Stream
	used      uint32   // streams ever used
	free      []uint32 // of them, those to use again

	arena   arena
	queues  int
	spare   *queue
	buckets buckets
	waits   waits
	allGaps int // listed
	hosts   hosts
	waiting []waitingSYN // SYNs with content that may open a new connection
	clock   int64        // latest time seen, ns
	stats   Stats
}

const (
	pageBits = 8
	pageLen  = 1 << pageBits
)

// Flows is what an Assembler asks a flow.Table.
type Flows interface {
	ISN(h flow.Handle) (isn [2]uint32, seen [2]bool)
	Row(h flow.Handle, row *flow.Row)
}

// New returns an assembler for the flows of a table.
func New(cfg Config, flows Flows, to Consumer) *Assembler {
	cfg.defaults()
	a := &Assembler{cfg: cfg, flows: flows, to: to, fragments: fragment.NewAssembler(), hosts: newHosts()}
	if cfg.TCP {
		a.wants |= packet.HasTCP
	}
	if cfg.UDP {
		a.wants |= packet.HasUDP
	}
	if !cfg.UrgentOOB { // offsets of the stream would not be those of the segments
		a.patcher, _ = to.(Patcher)
		a.comparer, _ = to.(Comparer)
	}
	return a
}

// Stats returns what was done so far, and what became of fragments.
func (a *Assembler) Stats() (Stats, fragment.AssemblerStats) {
	s := a.stats
	s.MostHeld = a.arena.most
	return s, a.fragments.Stats()
}

// Batch takes the packets of the set, of which refs tells the flows.
func (a *Assembler) Batch(b *packet.Batch, in packet.Set, _ []fragment.Credit, refs *flow.Refs) {
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			i := word<<6 + bits.TrailingZeros64(set)
			l := &b.Layers[i]
			switch {
			case l.Has.Any(packet.HasFragment):
				a.fragment(b, i, refs)
			case l.Has.Any(a.wants):
				if h := refs.Flow[i]; h != flow.NoFlow {
					a.packet(b, i, h, refs.Info[i])
				}
			}
		}
	}
	a.clock = max(a.clock, b.Now)
	a.tick()
}

// Ended takes flows that have ended: their streams end too.
func (a *Assembler) Ended(rows []flow.Row) {
	for i := range rows {
		r := &rows[i]
		if r.EndReason == flow.EndActive {
			continue
		}
		if s := a.find(r.Handle); s != nil {
			a.end(s, r)
			a.release(s)
		}
	}
}

// packet takes packet i of the batch, which is no fragment.
func (a *Assembler) packet(b *packet.Batch, i int, h flow.Handle, info flow.Ref) {
	l, frame := &b.Layers[i], b.Frame(i)
	a.clock = max(a.clock, b.Records[i].Nanos)
	var g segment
	side := uint8(info / flow.RefHigh)
	if l.Has.Any(packet.HasTCP) {
		g.parse(frame[l.L4:l.Payload])
	}
	g.data, g.wire, g.nanos = frame[l.Payload:l.End], l.WireEnd-l.Payload, b.Records[i].Nanos
	s := a.find(h)
	if s == nil {
		if s = a.open(h, info, &g, l.Has.Any(packet.HasUDP)); s == nil {
			return
		}
	}
	if s.ignored || a.cfg.Checksum != Off && !a.trusts(s, side, decode.TransportSum(frame, l)) {
		return
	}
	if s.udp {
		a.datagram(s, side, &g)
		return
	}
	a.segment(s, side, &g)
}

// fragment takes packet i of the batch, a part of a datagram. When that is complete, the
// packet's flow is that of the datagram.
func (a *Assembler) fragment(b *packet.Batch, i int, refs *flow.Refs) {
	l, frame := &b.Layers[i], b.Frame(i)
	d, ok := a.fragments.Add(frame, l, b.Records[i].Nanos)
	h, info := refs.Flow[i], refs.Info[i]
	if !ok || h == flow.NoFlow || !l.Has.Any(packet.HasPorts) {
		return
	}
	g := segment{nanos: b.Records[i].Nanos}
	udp := false
	switch {
	case d.Proto == protoTCP && a.cfg.TCP:
		n, ok := headerLen(d.Data)
		if !ok {
			return
		}
		g.parse(d.Data[:n])
		g.data = d.Data[n:]
	case d.Proto == protoUDP && a.cfg.UDP && len(d.Data) >= udpHeader:
		udp = true
		g.data = d.Data[udpHeader:]
	default:
		return
	}
	g.wire = uint32(len(g.data))
	a.clock = max(a.clock, g.nanos)
	s := a.find(h)
	if s == nil {
		if s = a.open(h, info, &g, udp); s == nil {
			return
		}
	}
	side := uint8(info / flow.RefHigh)
	if s.ignored || a.cfg.Checksum != Off && !a.trusts(s, side, decode.DatagramSum(frame, l, d.Data)) {
		return
	}
	if udp {
		a.datagram(s, side, &g)
		return
	}
	a.segment(s, side, &g)
}

// IP protocols, and the lengths of their headers.
const (
	protoTCP  = 6
	protoUDP  = 17
	udpHeader = 8
	tcpHeader = 20
)

// find returns the stream of a flow, nil if it has none.
func (a *Assembler) find(h flow.Handle) *Stream {
	x := a.index[h>>31]
	if h &= 1<<31 - 1; int(h) < len(x) {
		if n := x[h]; n != 0 {
			return a.at(n - 1)
		}
	}
	return nil
}

func (a *Assembler) at(n uint32) *Stream { return &a.pages[n>>pageBits][n%pageLen] }

// open gives a flow a stream, when its first content has come.
func (a *Assembler) open(h flow.Handle, info flow.Ref, g *segment, udp bool) *Stream {
	if g.wire == 0 || g.flags&flagRST != 0 {
		if info&flow.RefOpened == 0 || !a.hasWaiting() {
			return nil
		}
	}
	var n uint32
	if last := len(a.free) - 1; last >= 0 {
		n = a.free[last]
		a.free = a.free[:last]
	} else {
		if n = a.used; int(n>>pageBits) == len(a.pages) {
			a.pages = append(a.pages, new([pageLen]Stream))
		}
		a.used++
	}
	x, at := &a.index[h>>31], int(h&(1<<31-1))
	if at >= len(*x) {
		*x = append(*x, make([]uint32, max(1024, at+1-len(*x), len(*x)))...)
	}
	(*x)[at] = n + 1
	s := a.at(n)
	*s = Stream{Handle: h, udp: udp}
	a.stats.Streams++
	if s.ignored = !a.to.Open(s); s.ignored {
		return s
	}
	if !udp {
		isn, seen := a.flows.ISN(h)
		for i := range s.Halves {
			if seen[i] {
				s.Halves[i].startAt(isn[i] + 1)
			}
		}
	}
	if a.cfg.Checksum == Auto {
		a.hosts.assign(a.flows, s)
	}
	if info&flow.RefOpened != 0 {
		a.adopt(s)
	}
	return s
}

// release forgets a stream.
func (a *Assembler) release(s *Stream) {
	x, at := a.index[s.Handle>>31], s.Handle&(1<<31-1)
	n := x[at] - 1
	x[at] = 0
	*s = Stream{}
	a.free = append(a.free, n)
}

// segment is what a TCP header says, and its content.
type segment struct {
	seq, ack uint32
	flags    uint8
	urgent   uint16
	data     []byte // as captured
	wire     uint32 // length of the content on the wire
	nanos    int64
}

// TCP flags, RFC 9293 section 3.1.
const (
	flagFIN = 1 << iota
	flagSYN
	flagRST
	_
	flagACK
	flagURG
)

// headerLen returns the length of the TCP header that a segment begins with, if it is
// there whole.
func headerLen(b []byte) (int, bool) {
	if len(b) < tcpHeader {
		return 0, false
	}
	n := int(b[12]>>4) * 4
	return n, n >= tcpHeader && n <= len(b)
}

// parse reads a TCP header.
func (g *segment) parse(h []byte) {
	_ = h[19]
	g.seq = binary.BigEndian.Uint32(h[4:])
	g.ack = binary.BigEndian.Uint32(h[8:])
	g.flags = h[13]
	g.urgent = binary.BigEndian.Uint16(h[18:])
}
