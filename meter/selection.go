package meter

import "pkt/packet"

// selection ends a run after a number of packets or bytes, or a span of capture
// time.
type selection struct {
	packets uint64 // 0: any number
	bytes   uint64 // captured; 0: any number
	span    int64  // ns; 0: any span

	taken   uint64
	sum     uint64 // captured bytes of those that were taken
	first   int64  // when the span began; valid only if started
	started bool
}

// take returns the packets of the set that still count, and whether all that
// come later do not. The span begins with the first packet of a file, and with
// the first batch of a live capture, whose clock goes on without packets.
func (s *selection) take(b *packet.Batch, in packet.Set) (out packet.Set, last bool) {
	if s.packets == 0 && s.bytes == 0 && s.span == 0 {
		return in, false
	}
	if b.Now != 0 && !s.started {
		s.first, s.started = b.Now, true
	}
	if b.Now != 0 && s.packets == 0 && s.bytes == 0 && b.Now-s.first < s.span {
		return in, false // no packet is later than the clock
	}
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		if s.enough() {
			return out, true
		}
		now := b.Records[i].Nanos
		if !s.started {
			s.first, s.started = now, true
		}
		if s.span != 0 && now-s.first >= s.span {
			return out, true
		}
		s.taken++
		s.sum += uint64(b.Records[i].CapLen)
		out.Add(i)
	}
	over := s.span != 0 && b.Now != 0 && b.Now-s.first >= s.span
	return out, over || s.enough()
}

// enough reports whether no further packet counts.
func (s *selection) enough() bool {
	return s.packets != 0 && s.taken == s.packets || s.bytes != 0 && s.sum >= s.bytes
}
