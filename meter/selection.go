package meter

import "pkt/packet"

// selection ends a run after a number of packets or a span of capture time.
type selection struct {
	packets uint64 // 0: any number
	span    int64  // ns; 0: any span

	taken uint64
	first int64 // time of the first packet; valid only if taken > 0
}

// take returns the packets of the set that still count, and whether all that
// come later do not.
func (s *selection) take(b *packet.Batch, in packet.Set) (out packet.Set, last bool) {
	if s.packets == 0 && s.span == 0 {
		return in, false
	}
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		if s.packets != 0 && s.taken == s.packets {
			return out, true
		}
		now := b.Records[i].Nanos
		if s.taken == 0 {
			s.first = now
		}
		if s.span != 0 && now-s.first >= s.span {
			return out, true
		}
		s.taken++
		out.Add(i)
	}
	return out, s.packets != 0 && s.taken == s.packets
}
