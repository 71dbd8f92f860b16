package content

import (
	"pkt/flow"
	"pkt/reassembly"
)

// Teller is told what flows have said, turn by turn.
type Teller interface {
	// Flow says whose the next turns are. row is how the flow ended, or what is known of it
	// now if over is false; again says that turns of it were told before.
	Flow(s *reassembly.Stream, row *flow.Row, over, again bool)
	// Turn takes bytes that a side has sent; they are valid until it returns.
	Turn(s *reassembly.Stream, side uint8, off, nanos int64, b []byte)
	// Missing takes a gap.
	Missing(s *reassembly.Stream, side uint8, off, n, nanos int64)
}

// Spool keeps what flows say until they end, so that each can be told as a whole, or
// passes it on at once. It is a reassembly.Consumer.
type Spool struct {
	to    Teller
	flows *flow.Table
	room  int // bytes that may be kept; 0: all is passed on at once
	// Wanted, if not nil, says which flows count.
	Wanted func(s *reassembly.Stream) bool

	kept  int // bytes
	talks []*talk
	free  []uint32
	last  *talk // whose turn was told last
	early uint64
}

// talk is what a flow has said and nobody was told of yet.
type talk struct {
	turns []turn
	data  []byte
	told  bool // some of it was
}

// turn is what a side says without being interrupted: n bytes, or missing ones.
type turn struct {
	off, nanos int64
	n          int64
	side       uint8
	missing    bool
}

// turnSize is the memory of a turn.
const turnSize = 32

// NewSpool returns a spool that tells to, and keeps so many bytes.
func NewSpool(to Teller, flows *flow.Table, room int) *Spool {
	return &Spool{to: to, flows: flows, room: room}
}

// Early returns how often a flow was told before its end for lack of room.
func (p *Spool) Early() uint64 { return p.early }

// Open implements reassembly.Consumer.
func (p *Spool) Open(s *reassembly.Stream) bool { return p.Wanted == nil || p.Wanted(s) }

// Data implements reassembly.Consumer.
func (p *Spool) Data(s *reassembly.Stream, side uint8, off int64, b []byte, nanos int64) {
	t := p.talk(s)
	if p.room == 0 {
		p.turnTo(s, t)
		p.to.Turn(s, side, off, nanos, b)
		return
	}
	p.makeRoom(s, t, len(b))
	if last := len(t.turns) - 1; last >= 0 && t.turns[last].side == side && !t.turns[last].missing {
		t.turns[last].n += int64(len(b))
	} else {
		t.turns = append(t.turns, turn{off: off, nanos: nanos, n: int64(len(b)), side: side})
		p.kept += turnSize
	}
	t.data = append(t.data, b...)
	p.kept += len(b)
}

// Gap implements reassembly.Consumer.
func (p *Spool) Gap(s *reassembly.Stream, side uint8, off, n, nanos int64) {
	t := p.talk(s)
	if p.room == 0 {
		p.turnTo(s, t)
		p.to.Missing(s, side, off, n, nanos)
		return
	}
	p.makeRoom(s, t, 0)
	t.turns = append(t.turns, turn{off: off, nanos: nanos, n: n, side: side, missing: true})
	p.kept += turnSize
}

// End implements reassembly.Consumer.
func (p *Spool) End(s *reassembly.Stream, row *flow.Row) {
	n := s.Halves[0].User
	if n == 0 {
		return
	}
	t := p.talks[n-1]
	if len(t.turns) > 0 {
		p.tell(s, t, row, true)
	}
	if p.last == t {
		p.last = nil
	}
	p.talks[n-1] = nil
	p.free = append(p.free, n-1)
	s.Halves[0].User = 0
}

// talk returns that of a stream.
func (p *Spool) talk(s *reassembly.Stream) *talk {
	if n := s.Halves[0].User; n != 0 {
		return p.talks[n-1]
	}
	t := new(talk)
	if last := len(p.free) - 1; last >= 0 {
		n := p.free[last]
		p.free = p.free[:last]
		p.talks[n] = t
		s.Halves[0].User = n + 1
	} else {
		p.talks = append(p.talks, t)
		s.Halves[0].User = uint32(len(p.talks))
	}
	return t
}

// turnTo says whose turn it is, if another flow's was told last.
func (p *Spool) turnTo(s *reassembly.Stream, t *talk) {
	if p.last == t {
		return
	}
	var row flow.Row
	p.flows.Row(s.Handle, &row)
	p.to.Flow(s, &row, false, t.told)
	p.last, t.told = t, true
}

// makeRoom tells what a flow has said already where there is no room for n bytes more.
func (p *Spool) makeRoom(s *reassembly.Stream, t *talk, n int) {
	if p.kept+n+turnSize <= p.room || len(t.turns) == 0 {
		return
	}
	p.early++
	var row flow.Row
	p.flows.Row(s.Handle, &row)
	p.tell(s, t, &row, false)
}

// tell passes on what was kept of a flow.
func (p *Spool) tell(s *reassembly.Stream, t *talk, row *flow.Row, over bool) {
	p.to.Flow(s, row, over, t.told)
	p.last, t.told = t, true
	data := t.data
	for _, x := range t.turns {
		if x.missing {
			p.to.Missing(s, x.side, x.off, x.n, x.nanos)
			continue
		}
		p.to.Turn(s, x.side, x.off, x.nanos, data[:x.n])
		data = data[x.n:]
	}
	p.kept -= len(t.data) + turnSize*len(t.turns)
	t.data, t.turns = nil, nil
}
