package stats

import (
	"slices"

	"pkt/packet"
)

// Summary returns what has been seen so far. The survey can go on; the summary
// shares no memory with it.
func (s *Survey) Summary() *Summary {
	uses := s.flows.uses()
	out := &Summary{
		Volume:    s.total,
		First:     s.first,
		Last:      s.last,
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
			out.Problems = append(out.Problems, ProblemCount{packet.Problem(p), v})
		}
	}
	if s.sums != nil {
		out.Checksums = s.sums.report()
		out.Notices.LessDetail += s.sums.evicted
	}
	return out
}

// rates are the averages over the span and the peaks, those of the second that
// is still being counted included.
func (s *Survey) rates() Rates {
	end := s.second
	end.close()
	r := Rates{
		PeakBps: float64(end.peak.Bytes) * 8,
		PeakPps: float64(end.peak.Packets),
		PeakAt:  end.peakAt,
	}
	if span := float64(s.last-s.first) / second; span > 0 {
		r.AvgBps = float64(s.total.Bytes) * 8 / span
		r.AvgPps = float64(s.total.Packets) / span
	}
	return r
}

// sizes are the classes and quantiles of the frame lengths.
func (s *Survey) sizes() Sizes {
	z := Sizes{Max: s.longest}
	if s.total.Packets == 0 {
		return z
	}
	z.Mean = float64(s.total.Bytes) / float64(s.total.Packets)
	counted := s.total.Bytes
	var seen uint64
	class, first := 0, true
	for length, n := range s.lengths {
		if n == 0 {
			continue
		}
		for class+1 < len(SizeClasses) && length >= SizeClasses[class+1] {
			class++
		}
		if first {
			z.Min, first = uint32(length), false
		}
		bytes := uint64(length) * n
		if length == maxLength {
			// Longer frames are among these: they have what is left.
			bytes = counted
		}
		counted -= bytes
		z.Classes[class].Packets += n
		z.Classes[class].Bytes += bytes
		for _, q := range []struct {
			dst   *uint32
			share float64
		}{{&z.P50, 0.5}, {&z.P90, 0.9}, {&z.P99, 0.99}} {
			rank := uint64(q.share * float64(s.total.Packets))
			if seen <= rank && rank < seen+n {
				*q.dst = uint32(length)
			}
		}
		seen += n
	}
	return z
}
