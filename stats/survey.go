package stats

import (
	"bytes"

	"pkt/capture"
	"pkt/flow"
	"pkt/fragment"
	"pkt/packet"
)

// SurveyConfig says what a Survey looks at.
type SurveyConfig struct {
	Checksums bool // verify them, which costs more than all else
	Hosts     int  // how many of the busiest hosts to list; 0 means 10
	Ports     int  // how many of the busiest ports; 0 means 10
	MaxGroups int  // bound on hosts and on ports; 0 means a million
}

// Survey gathers a Summary. It takes every batch once, in order, and the rows
// of all flows when they end; it is used from one goroutine.
type Survey struct {
	cfg SurveyConfig

	total       Volume
	first, last int64
	clock       int64 // of the packet before
	inputs      []Input
	timeline    Timeline
	second      seconds
	lengths     []uint64 // packets by frame length
	longest     uint32
	networks    networks
	notices     Notices
	tunnels     [packet.NumTunnels]Volume
	captured    uint64
	problems    [packet.NumProblems]Volume
	before      []byte // the frame before: a copy, from the last batch

	flows flowSurvey
	sums  *checksums // nil unless asked for
}

// maxLength is the longest frame that is told apart from longer ones.
const maxLength = 1<<16 - 1

// NewSurvey returns an empty survey.
func NewSurvey(cfg SurveyConfig) *Survey {
	if cfg.Hosts == 0 {
		cfg.Hosts = 10
	}
	if cfg.Ports == 0 {
		cfg.Ports = 10
	}
	if cfg.MaxGroups == 0 {
		cfg.MaxGroups = DefaultMaxGroups
	}
	s := &Survey{
		cfg:     cfg,
		lengths: make([]uint64, maxLength+1),
		flows:   newFlowSurvey(cfg.MaxGroups),
	}
	if cfg.Checksums {
		s.sums = newChecksums(cfg.MaxGroups)
	}
	return s
}

// Batch counts the packets in the set. Which flows they are of does not matter:
// flows are counted when they end.
func (s *Survey) Batch(b *packet.Batch, in packet.Set, _ []fragment.Credit, _ *flow.Refs) {
	s.ensureInputs(b)
	before := s.before
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		r, l := &b.Records[i], &b.Layers[i]
		size := uint64(r.WireLen)
		s.time(r.Nanos, size)
		s.inputs[r.Iface].add(size)
		s.captured += uint64(r.CapLen)
		s.size(r.WireLen)
		s.networks.add(l, size)
		frame := b.Frame(i)
		if len(frame) == len(before) && bytes.Equal(frame, before) {
			s.notices.Duplicates.add(size)
		}
		before = frame
		if l.Has.Any(noticed) || r.CapLen < r.WireLen || l.Problem != packet.ProblemNone {
			s.notice(r, l)
		}
	}
	s.before = append(s.before[:0], before...)
	for _, n := range b.Notes {
		s.note(b, &n)
	}
	if s.sums != nil {
		s.sums.batch(b, in)
	}
}

// Ended counts flows that have left the table.
func (s *Survey) Ended(rows []flow.Row) {
	for i := range rows {
		s.flows.add(&rows[i])
	}
}

// ensureInputs makes room for the interfaces that the batch knows of.
func (s *Survey) ensureInputs(b *packet.Batch) {
	for n := len(s.inputs); n < len(b.Ifaces); n++ {
		f := &b.Ifaces[n]
		s.inputs = append(s.inputs, Input{File: f.File, Iface: f.Name, Link: capture.LinkName(f.Link), SnapLen: f.SnapLen})
	}
}

// time counts a packet where time matters.
func (s *Survey) time(ts int64, size uint64) {
	if s.total.Packets == 0 {
		s.first, s.last, s.clock = ts, ts, ts
	}
	s.total.add(size)
	if ts < s.clock {
		s.notices.Backwards++
		s.notices.BackwardStep = max(s.notices.BackwardStep, Duration(s.clock-ts))
		s.first = min(s.first, ts)
	}
	s.clock = ts
	s.last = max(s.last, ts)
	s.timeline.add(ts, size)
	s.second.add(s.last, size)
}

func (s *Survey) size(length uint32) {
	s.longest = max(s.longest, length)
	s.lengths[min(length, maxLength)]++
}

// noticed are the facts that notices are about.
const noticed = packet.HasVLAN | packet.HasMPLS | packet.HasPPPoE | packet.HasTunnel |
	packet.HasFragment | packet.HasOffload

// notice counts what is unusual about a packet.
func (s *Survey) notice(r *packet.Record, l *packet.Layers) {
	n, size := &s.notices, uint64(r.WireLen)
	if l.Has.Any(packet.HasVLAN) {
		n.Tagged.add(size)
	}
	if l.Has.Any(packet.HasMPLS) {
		n.MPLS.add(size)
	}
	if l.Has.Any(packet.HasPPPoE) {
		n.PPPoE.add(size)
	}
	if l.Has.Any(packet.HasTunnel) {
		n.Tunnelled.add(size)
		s.tunnels[l.Tunnel].add(size)
	}
	if l.Has.Any(packet.HasFragment) {
		n.Fragments.add(size)
	}
	if l.Has.Any(packet.HasOffload) {
		n.Offloaded.add(size)
	}
	if r.CapLen < r.WireLen {
		n.Cut.add(size)
	}
	if l.Problem != packet.ProblemNone {
		s.problems[l.Problem].add(size)
	}
}

// note counts what the capture itself says about a packet.
func (s *Survey) note(b *packet.Batch, n *packet.Note) {
	switch n.Kind {
	case packet.NoteComment:
		s.notices.Comments++
	case packet.NoteDrops, packet.NoteIfaceDrop:
		s.notices.Drops += n.Count
		if n.Packet < b.N {
			s.inputs[b.Records[n.Packet].Iface].Drops += n.Count
		}
	}
}

// second is the width of the ticks that peaks are measured in, ns.
const second = 1_000_000_000

// seconds finds the busiest second of the clock.
type seconds struct {
	end         int64 // of the second that is being counted; 0 before the first
	now         Volume
	peak        Volume // the most packets and the most bytes, each of its own second
	peakAt      int64
	initialised bool
}

// add counts a packet; now never goes back.
func (s *seconds) add(now int64, size uint64) {
	if now >= s.end || !s.initialised {
		s.close()
		s.end = int64(floor(uint64(now), second, true)) + second
		s.initialised = true
	}
	s.now.add(size)
}

// close ends the second that is being counted.
func (s *seconds) close() {
	if s.now.Bytes > s.peak.Bytes {
		s.peak.Bytes, s.peakAt = s.now.Bytes, s.end-second
	}
	s.peak.Packets = max(s.peak.Packets, s.now.Packets)
	s.now = Volume{}
}
