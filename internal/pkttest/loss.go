package pkttest

// Loss tells what becomes of a segment on its way.
type Loss uint8

// Losses.
const (
	Arrives    Loss = iota
	LostBefore      // on the way to the point of capture: seen once, late
	LostAfter       // behind it: seen twice
)

// SendLossy sends data in bursts of the given number of segments, some of which
// are lost. The receiver acknowledges what it has, with the same number again
// for each segment behind a hole; the sender repeats what was lost one round
// trip after the burst. fate is asked for the segments from 0 on.
func (s *Side) SendLossy(data []byte, burst int, fate func(n int) Loss) {
	c := s.conn
	for n := 0; len(data) > 0; {
		var lost []segment
		for i := 0; i < burst && len(data) > 0; i, n = i+1, n+1 {
			part := data[:min(len(data), c.MSS)]
			data = data[len(part):]
			lost = s.risk(lost, part, fate(n))
		}
		for i, g := range lost {
			if i == 0 {
				c.Wait(c.RTT)
			}
			s.Emit(TCP{Seq: g.seq, Flags: g.flags}, Payload(g.data))
			ack := s.Seq
			if i+1 < len(lost) {
				ack = lost[i+1].seq
			}
			s.peer.Emit(TCP{Seq: s.peer.Seq, Ack: ack, Flags: ACK})
		}
	}
}

// risk sends one segment and lets the receiver answer. It returns the segments
// lost so far.
func (s *Side) risk(lost []segment, part []byte, fate Loss) []segment {
	before := s.Seq
	send := func() { s.Segment(part, false) }
	if fate == LostBefore {
		s.conn.Lose(send)
	} else {
		send()
	}
	if fate != Arrives {
		return append(lost, segment{before, ACK, part})
	}
	ack := TCP{Seq: s.peer.Seq, Flags: ACK, Ack: s.Seq}
	if len(lost) > 0 {
		ack.Ack = lost[0].seq
		ack.Options = SACK(before, s.Seq)
	}
	s.peer.Emit(ack)
	return lost
}
