package stats

import (
	"slices"
	"strconv"

	"pkt/decode"
)

// Summary returns what has been seen so far. The survey can go on; the summary
// shares no memory with it.
func (s *Survey) Summary() *Summary {
	uses := s.flows.uses()
	out := &Summary{
		Volume:    s.total,
		Captured:  s.captured,
		First:     Time(s.first),
		Last:      Time(s.last),
		Span:      Duration(s.last - s.first),
		Rates:     s.rates(),
		Inputs:    slices.Clone(s.inputs),
		Timeline:  s.timeline,
		Protocols: s.networks.tree(uses),
		Sizes:     s.sizes(),
		TCP:       s.flows.health(),
		Flows:     s.flows.ended,
		Hosts:     s.flows.talkers(s.cfg.Hosts),
		Notices:   s.notices,
	}
	out.Timeline.Buckets = slices.Clone(s.timeline.Buckets)
	out.HostsMore = s.flows.hosts.count() - len(out.Hosts)
	out.Ports, out.PortsMore = ports(uses, s.cfg.Ports)
	out.Notices.LessDetail = s.flows.evicted
	for p, v := range s.problems {
		if v.Packets > 0 {
			out.Problems = append(out.Problems, ProblemCount{spelling("problems", p), v})
		}
	}
	for n, v := range s.tunnels {
		if v.Packets > 0 {
			out.Notices.Tunnels = append(out.Notices.Tunnels, Tunnel{spelling("tunnel.type", n), v})
		}
	}
	if s.sums != nil {
		out.Checksums = s.sums.report()
		out.Notices.LessDetail += s.sums.evicted
	}
	return out
}

// spelling is how a field of packets spells a value.
func spelling(name string, value int) string {
	for _, e := range decode.Fields() {
		if e.Name == name {
			return e.Names[value]
		}
	}
	return strconv.Itoa(value)
}

// rates are the averages over the span and the peaks, those of the second that
// is still being counted included.
func (s *Survey) rates() Rates {
	end := s.second
	end.close()
	r := Rates{
		PeakBps: float64(end.peak.Bytes) * 8,
		PeakPps: float64(end.peak.Packets),
		PeakAt:  Time(end.peakAt),
	}
	if span := float64(s.last-s.first) / second; span > 0 {
		r.AvgBps = float64(s.total.Bytes) * 8 / span
		r.AvgPps = float64(s.total.Packets) / span
		// Where all was over in less than a second, that second was not full.
		r.PeakBps, r.PeakPps = max(r.PeakBps, r.AvgBps), max(r.PeakPps, r.AvgPps)
	}
	return r
}

// sizes are the classes and quantiles of the frame lengths.
func (s *Survey) sizes() Sizes {
	z := Sizes{Max: s.longest, Classes: make([]SizeClass, len(SizeBounds))}
	for i, from := range SizeBounds {
		z.Classes[i].From = from
		if i+1 < len(SizeBounds) {
			z.Classes[i].To = SizeBounds[i+1] - 1
		}
	}
	if s.total.Packets == 0 {
		return z
	}
	z.Mean = float64(s.total.Bytes) / float64(s.total.Packets)
	z.Min = s.length(0)
	z.P50, z.P90, z.P99 = s.length(0.5), s.length(0.9), s.length(0.99)
	left, class := s.total.Bytes, 0
	for length, n := range s.lengths {
		for class+1 < len(SizeBounds) && length >= SizeBounds[class+1] {
			class++
		}
		bytes := uint64(length) * n
		if length == maxLength {
			bytes = left // longer frames are among these
		}
		left -= bytes
		z.Classes[class].Packets += n
		z.Classes[class].Bytes += bytes
	}
	return z
}

// length is the frame length that a share q of all packets does not exceed.
func (s *Survey) length(q float64) uint32 {
	rank := uint64(q * float64(s.total.Packets))
	for length, n := range s.lengths {
		if rank < n {
			return uint32(length)
		}
		rank -= n
	}
	return s.longest
}
