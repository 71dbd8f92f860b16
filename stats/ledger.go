package stats

import (
	"pkt/flow"
	"pkt/packet"
)

// ledger keeps what flows have brought to their groups where their rows do not
// tell: which way packets went, and with intervals what came before the one that
// is running. It has accounts only of flows whose group may change.
type ledger struct {
	accounts byFlow[account]
	kept     bool
	whole    bool // it was kept from the beginning: accounts hold all packets
}

// amount is what a flow has brought to a group.
type amount struct {
	packets, bytes, tx, rx uint64
	retrans                uint32
	before                 mark // of that, what came before the interval
}

// account is the amount of a flow.
type account struct {
	amount
	interval int64 // beginning of the interval that before is valid for
}

// at returns the account of a flow.
func (l *ledger) at(h flow.Handle, interval int64) *account {
	a := l.accounts.at(h)
	if a.interval != interval {
		a.interval, a.before = interval, mark{a.packets, a.bytes, a.tx, a.rx}
	}
	return a
}

// open begins the account of a flow that has a group now.
func (l *ledger) open(n *newcomer, interval int64) {
	*l.accounts.at(n.flow) = account{
		amount:   amount{packets: uint64(n.packets), bytes: n.bytes, tx: n.tx, rx: n.rx, retrans: n.retrans},
		interval: interval,
	}
}

// packet adds a packet.
func (a *account) packet(rec *packet.Record, dir packet.Dir, info flow.Ref) {
	size := uint64(rec.WireLen)
	a.packets++
	a.bytes += size
	if dir&packet.DirOut != 0 {
		a.tx += size
	}
	if dir&packet.DirIn != 0 {
		a.rx += size
	}
	if info&flow.RefRetrans != 0 {
		a.retrans++
	}
}

// enter counts what a newcomer brings in a tick.
func (g *groups) enter(group uint32, n *newcomer, row *flow.Row, tick uint32) {
	c := &g.hot[group]
	if c.tick != tick {
		g.endTick(group, tick)
	}
	c.packets += uint64(n.packets)
	c.bytes += n.bytes
	c.tickBytes += n.bytes
	c.retrans += n.retrans
	c.first, c.last = min(c.first, row.Start), max(c.last, row.End)
	if n.tx+n.rx > 0 {
		g.directed = true
		s := &g.side[group]
		s.tx += n.tx
		s.rx += n.rx
		s.tickTx += n.tx
		s.tickRx += n.rx
	}
}

// take takes the amount of a flow out of its group, whose peaks stay what they
// were.
func (g *groups) take(group uint32, a *amount) {
	c, s := &g.hot[group], &g.side[group]
	c.packets -= a.packets
	c.bytes -= a.bytes
	c.retrans -= a.retrans
	s.tx -= a.tx
	s.rx -= a.rx
	s.mark.subtract(a.before)
}

// give adds the amount of a flow to another group.
func (g *groups) give(group uint32, a *amount, row *flow.Row) {
	c, s := &g.hot[group], &g.side[group]
	c.packets += a.packets
	c.bytes += a.bytes
	c.retrans += a.retrans
	c.first, c.last = min(c.first, row.Start), max(c.last, row.End)
	s.tx += a.tx
	s.rx += a.rx
	s.mark.add(a.before)
}
