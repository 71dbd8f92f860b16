package meter

import (
	"net/netip"

	"pkt/flow"
	"pkt/packet"
	"pkt/process"
)

// Asked knows who owns the traffic of this machine: a process.Watcher. It is asked
// from the goroutine of Consume.
type Asked interface {
	// Refresh takes in what happened since the last call.
	Refresh() error
	// Owners returns what is known of both ends of a flow.
	Owners(process.Flow) [2]process.Side
}

const (
	// refreshEvery is how often the watcher is refreshed, ns.
	refreshEvery = 100e6
	// askAgain is how soon a flow with packets is asked about again, ns. The time doubles
	// with every equal answer, up to settledAtMost where a process uses the socket, and up
	// to openAtMost otherwise.
	askAgain      = 40e6
	openAtMost    = 1e9
	settledAtMost = 8e9
	// askAtOnce is how many flows are asked about at once.
	askAtOnce = 64
)

// owners asks who owns the flows, and tells the flow table. A flow is asked about
// with its first packets, so that it is never without an answer, then again while it
// has packets, and when it ends: who uses a socket is known some time after its first
// packet, and may change.
type owners struct {
	asked     Asked
	table     *flow.Table
	pages     [2][]*[askPage]inquiry // of IPv4 and IPv6 flows
	moving    []flow.Handle          // flows with packets since they were asked about
	refreshed int64
	next      int64
	handles   []flow.Handle
	rows      [askAtOnce]flow.Row
}

const askPage = 1 << 10

// inquiry is what is known about asking for a flow's owners.
type inquiry struct {
	due    int64 // when to ask again
	pause  int64 // between two questions
	moving bool  // it is in owners.moving
}

// v6 marks the handles of IPv6 flows, as package flow numbers them.
const v6 flow.Handle = 1 << 31

// of returns the inquiry about a flow.
func (o *owners) of(h flow.Handle) *inquiry {
	pages, i := &o.pages[h>>31], uint32(h&^v6)
	for int(i/askPage) >= len(*pages) {
		*pages = append(*pages, new([askPage]inquiry))
	}
	return &(*pages)[i/askPage][i%askPage]
}

// batch takes notice of the flows of packets that were counted, and asks.
func (o *owners) batch(b *packet.Batch, in packet.Set, refs *flow.Refs) {
	now := b.Now
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		now = max(now, b.Records[i].Nanos)
		h := refs.Flow[i]
		if h == flow.NoFlow {
			continue
		}
		q := o.of(h)
		if refs.Info[i]&flow.RefOpened != 0 {
			*q = inquiry{moving: q.moving, pause: askAgain}
			o.handles = append(o.handles, h)
		}
		if !q.moving {
			q.moving = true
			o.moving = append(o.moving, h)
		}
	}
	if now-o.refreshed >= refreshEvery && (len(o.handles) > 0 || now >= o.next) {
		o.refreshed = now
		o.asked.Refresh()
	}
	o.ask(now)
	if now < o.next {
		return
	}
	o.next = now + askAgain
	later := o.moving[:0]
	for _, h := range o.moving {
		switch q := o.of(h); {
		case !q.moving:
		case q.due > now:
			later = append(later, h)
		default:
			q.moving = false
			o.handles = append(o.handles, h)
		}
	}
	o.moving = later
	o.ask(now)
}

// ask asks about the flows in o.handles.
func (o *owners) ask(now int64) {
	for rest := o.handles; len(rest) > 0; {
		some := rest[:min(len(rest), askAtOnce)]
		rest = rest[len(some):]
		o.table.Identify(some, o.rows[:])
		for i := range o.rows[:len(some)] {
			row := &o.rows[i]
			before := row.Owner
			o.answer(row)
			o.table.SetOwners(row.Handle, row.Owner)
			q := o.of(row.Handle)
			switch {
			case before != row.Owner:
				q.pause = askAgain
			case settled(row.Owner):
				q.pause = min(2*q.pause, settledAtMost)
			default:
				q.pause = min(2*q.pause, openAtMost)
			}
			q.due = now + q.pause
		}
	}
	o.handles = o.handles[:0]
}

// settled reports whether owners will hardly change: processes that use the socket,
// and ends on other machines.
func settled(o [2]process.Side) bool {
	for _, s := range o {
		if s.Via.Plain() != process.ViaIO && s.ID != process.Nobody {
			return false
		}
	}
	return true
}

// answer puts into a row who owns its flow. A process that is not known any more,
// because the kernel has forgotten the socket, stays the owner.
func (o *owners) answer(row *flow.Row) {
	f := process.Flow{Proto: row.Proto, Src: netip.AddrPortFrom(row.Src.Addr(), 0), Dst: netip.AddrPortFrom(row.Dst.Addr(), 0)}
	if row.HasPorts {
		f.Src = netip.AddrPortFrom(f.Src.Addr(), row.SrcPort)
		f.Dst = netip.AddrPortFrom(f.Dst.Addr(), row.DstPort)
	}
	for i, side := range o.asked.Owners(f) {
		if side.ID.IsProcess() || !row.Owner[i].ID.IsProcess() {
			row.Owner[i] = side
		}
	}
}

// ended asks for the last time about flows that leave the table. One whose ports were
// used again is not asked about: the answer would be about its successor.
func (o *owners) ended(rows []flow.Row) {
	for i := range rows {
		row := &rows[i]
		q := o.of(row.Handle)
		known := row.Owner[0].ID.IsProcess() || row.Owner[1].ID.IsProcess()
		if !known || q.moving && row.EndReason != flow.EndReuse {
			o.answer(row)
		}
		if row.EndReason != flow.EndActive {
			q.moving = false
		}
	}
}
