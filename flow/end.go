package flow

import (
	"cmp"
	"slices"
)

// end takes a flow out of the table. It can still be read until the next
// Update: the packets that belong to it are yet to be looked at.
func (t *Table) end(h Handle, why EndReason) {
	t.unlink(h)
	t.bury(h, t.record(h), why)
}

// bury is end for a flow that is in no bucket.
func (t *Table) bury(h Handle, r *record, why EndReason) {
	r.key &^= keyReasons
	r.key |= uint64(t.reason(r, why)) << keyReason
	if h&handleV6 == 0 {
		n := uint32(h)
		f := t.v4.at(n)
		t.index4.remove(uint32(t.secret.hash4(f.addrs, f.key&t.keyMask)>>32), n)
	} else {
		n := uint32(h &^ handleV6)
		f := t.v6.at(n)
		t.index6.remove(uint32(t.secret.hash6(&f.addrs, f.key&t.keyMask)>>32), n)
	}
	t.dead = append(t.dead, h)
}

// reason returns why a flow ends: the reason given, unless it was closed.
func (t *Table) reason(r *record, why EndReason) EndReason {
	if r.key&keyClosed == 0 {
		return why
	}
	c := t.conn(r)
	if c.side[0].state == reset || c.side[1].state == reset {
		return EndRST
	}
	return EndFIN
}

// deliver hands the flows that have ended to the sink, and frees them.
func (t *Table) deliver() {
	t.emit(t.dead)
	for _, h := range t.dead {
		t.give(h)
	}
	t.dead = t.dead[:0]
}

// emit hands the rows of flows to the sink, but for those of which all was in a
// row that the active timeout cut off.
func (t *Table) emit(hs []Handle) {
	var peers [2 * maxRows]uint64
	for len(hs) > 0 {
		n := min(len(hs), maxRows)
		t.lookUpPeers(hs[:n], &peers)
		rows := t.rows[:0]
		for i, h := range hs[:n] {
			if t.record(h).empty() {
				continue
			}
			rows = rows[:len(rows)+1]
			t.row(h, [2]uint64(peers[2*i:]), &rows[len(rows)-1])
		}
		if len(rows) > 0 {
			t.sink.Ended(rows)
		}
		hs = hs[n:]
	}
}

// empty reports whether the flow has had no packets since its row was cut off.
func (r *record) empty() bool { return r.sent[0].packets|r.sent[1].packets == 0 }

// sortByLast sorts flows by the time of their last packets, then of their first.
func (t *Table) sortByLast(hs []Handle) {
	slices.SortStableFunc(hs, func(a, b Handle) int {
		return cmp.Or(cmp.Compare(t.record(a).last, t.record(b).last), cmp.Compare(t.link(a).first, t.link(b).first))
	})
}

// Flush ends all flows, in the order of their first packets, and hands them to
// the sink. The table is empty then, and its handles are void.
func (t *Table) Flush() {
	t.settle()
	hs := t.byStart()
	for _, h := range hs {
		r := t.record(h)
		why := EndNone
		if t.deadline(r) < t.clock {
			why = EndIdle // the wheel would have ended it within a tick
		}
		r.key |= uint64(t.reason(r, why)) << keyReason
	}
	t.emit(hs)
	t.reset()
}
