package flow

// checkActive marks a flow whose row has gone on for too long, to be cut off
// before the next batch.
func (t *Table) checkActive(h Handle, r *record, nanos int64) {
	if nanos-t.link(h).first >= t.cfg.Active && r.key&keyReasons == 0 {
		r.key |= keyCut
		t.cut = append(t.cut, h)
	}
}

// cutRows hands out the rows of flows that the active timeout cuts off, and
// begins others for them.
func (t *Table) cutRows() {
	for _, h := range t.cut {
		r := t.record(h)
		if r.key&keyReasons != keyCut {
			continue // ended meanwhile, with all that it had
		}
		r.key = r.key&^keyReasons | uint64(EndActive)<<keyReason
		t.emit([]Handle{h})
		r.key &^= keyReasons
		t.restart(h, r)
	}
	t.cut = t.cut[:0]
}

// restart begins another row of a flow. Its connection goes on: states and
// history stay, counters begin at zero.
func (t *Table) restart(h Handle, r *record) {
	x := t.makeRare(r)
	if !x.cut {
		x.cut = true
		x.born = t.link(h).first
	}
	x.wide = [2]Counters{}
	x.pending.counted = false
	if r.isTCP() {
		c := t.conn(r)
		for s := range x.side {
			y := &x.side[s]
			x.cutStream[s] = c.size(uint8(s))
			x.cutMissed[s] = t.missed(c, uint8(s))
			y.retransPackets, y.retransBytes, y.outOfOrder, y.zeroWindow = 0, 0, 0, 0
		}
	}
	r.sent = [2]tally{}
}
