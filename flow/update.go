package flow

import "pkt/packet"

// warm loads the slots and then the records that the packets of a batch will
// need, all of the one before any of the other: the processor then waits for
// many of them at a time instead of for each.
func (t *Table) warm(k *Keys, in packet.Set) {
	sum := t.warmed
	mask4, mask6 := uint32(len(t.index4.slots)-1), uint32(len(t.index6.slots)-1)
	var slots [packet.BatchLen]uint64
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		if k.v4.Has(i) {
			slots[i] = t.index4.slots[t.index4.home(k.tag[i])&mask4]
		} else {
			slots[i] = t.index6.slots[t.index6.home(k.tag[i])&mask6]
		}
	}
	var ext [packet.BatchLen]uint32
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		if uint32(slots[i]>>32) != k.tag[i] || slots[i] == 0 {
			continue
		}
		n := uint32(slots[i]) - 1
		var r *record
		if k.v4.Has(i) {
			r = &t.v4.at(n).record
		} else {
			r = &t.v6.at(n).record
		}
		if r.isTCP() {
			ext[i] = r.ext
		}
	}
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		if ext[i] != 0 {
			c := t.tcp.at(ext[i] - 1)
			sum += uint64(c.when[0]) + uint64(c.side[1].isn)
		}
	}
	t.warmed = sum
}

// find returns the flow of a packet, or nil.
func (t *Table) find(a *arrival) (Handle, *record) {
	if a.addr6 != nil {
		return t.find6(a)
	}
	x := &t.index4
	mask := uint32(len(x.slots) - 1)
	for i := x.home(a.tag); ; i++ {
		slot := x.slots[i&mask]
		if slot == 0 {
			return NoFlow, nil
		}
		if uint32(slot>>32) != a.tag {
			continue
		}
		n := uint32(slot) - 1
		if r := t.v4.at(n); r.addrs == a.addr4 && (r.key^a.key)&t.keyMask == 0 {
			return Handle(n), &r.record
		}
	}
}

func (t *Table) find6(a *arrival) (Handle, *record) {
	x := &t.index6
	mask := uint32(len(x.slots) - 1)
	for i := x.home(a.tag); ; i++ {
		slot := x.slots[i&mask]
		if slot == 0 {
			return NoFlow, nil
		}
		if uint32(slot>>32) != a.tag {
			continue
		}
		n := uint32(slot) - 1
		if r := t.v6.at(n); r.addrs == *a.addr6 && (r.key^a.key)&t.keyMask == 0 {
			return Handle(n) | handleV6, &r.record
		}
	}
}

// live returns the flow of a packet as long as it has not timed out.
func (t *Table) current(a *arrival) (Handle, *record) {
	h, r := t.find(a)
	if r != nil && a.nanos-r.last > t.patience(r) {
		t.end(h, EndIdle)
		return NoFlow, nil
	}
	return h, r
}

// patience returns how long a flow may have no packets, ns.
func (t *Table) patience(r *record) int64 {
	if r.key&keyClosed != 0 {
		return linger
	}
	return t.cfg.Idle
}

// packet takes a packet without a TCP header. A later fragment of a TCP segment
// carries on where the first one ended.
func (t *Table) packet(a *arrival, later bool) (Handle, Ref) {
	var ref Ref
	h, r := t.current(a)
	if r == nil {
		h, r = t.open(a, nil)
		ref = RefOpened
	}
	ref |= t.count(h, r, a)
	if later && r.isTCP() {
		x := &t.tcp.at(r.ext - 1).side[a.side]
		if x.bits&parts != 0 {
			x.setNext(x.next + a.payload)
			x.probe += a.payload
		}
	}
	return h, ref
}

// tcpPacket takes a packet with a TCP header.
func (t *Table) tcpPacket(a *arrival, g *segment) (Handle, Ref) {
	var ref Ref
	h, r := t.current(a)
	if r == nil {
		h, r = t.open(a, g)
		ref = RefOpened
	}
	c := t.tcp.at(r.ext - 1)
	if g.flags&flagSYN != 0 || c.rare != 0 {
		switch t.identify(r, c, a.side, g) {
		case replace:
			h, r, c = t.replace(h, a, g)
			ref = RefOpened
		case confirm:
			h, r, c = t.confirm(h, r, c, a)
			ref = RefOpened
		}
	}
	ref |= t.count(h, r, a)
	if g.flags&flagSYN != 0 {
		if c.mayWait(a.side, g) {
			t.wait(c, a.side, a, g)
			c.side[a.side].flags |= g.flags
			return h, ref
		}
		ref |= t.roles(r, c, a.side, g)
	}
	ref |= t.segment(r, c, a.side, g)
	if g.flags&(flagFIN|flagRST) != 0 {
		t.closing(h, r, c)
	}
	return h, ref
}

// count adds a packet to its flow.
func (t *Table) count(h Handle, r *record, a *arrival) (ref Ref) {
	n := &r.sent[a.side]
	if n.packets == 0 {
		ref = RefFirst
		if r.empty() {
			t.link(h).first = a.nanos
		}
	}
	if a.side != r.origin() {
		ref |= RefDst
	}
	n.packets++
	n.bytes += a.bytes
	n.ip += a.ip
	n.payload += a.payload
	if (n.packets|n.bytes|n.ip|n.payload)>>31 != 0 {
		t.widen(r)
	}
	r.last = max(r.last, a.nanos)
	if t.cfg.Active != 0 {
		t.checkActive(h, r, a.nanos)
	}
	return ref
}

// replace ends a connection, and opens the next on its ports.
func (t *Table) replace(h Handle, a *arrival, g *segment) (Handle, *record, *tcp) {
	t.end(h, EndReuse)
	h, r := t.open(a, g)
	return h, r, t.tcp.at(r.ext - 1)
}

// confirm ends a connection, and opens the one that its pending SYN began.
func (t *Table) confirm(h Handle, r *record, c *tcp, a *arrival) (Handle, *record, *tcp) {
	p := t.takeBack(r, c)
	t.end(h, EndReuse)
	syn := *a
	syn.nanos, syn.iface, syn.side = p.nanos, p.iface, p.side
	syn.bytes, syn.ip, syn.payload = p.bytes, p.ip, p.payload
	g := segment{seq: p.seq, length: p.payload, flags: p.flags, window: p.window, nanos: p.nanos}
	h, r = t.open(&syn, &g)
	c = t.tcp.at(r.ext - 1)
	t.count(h, r, &syn)
	t.segment(r, c, p.side, &g)
	c.side[p.side].mss = p.mss
	return h, r, c
}

// roles lets a SYN say who the originator is, where that was only guessed.
func (t *Table) roles(r *record, c *tcp, side uint8, g *segment) Ref {
	if r.key&keyGuessed == 0 || g.flags&(flagFIN|flagRST) != 0 {
		return 0
	}
	r.key &^= keyGuessed
	origin := side
	if g.flags&flagACK != 0 {
		origin ^= 1
	}
	if r.origin() == origin {
		return 0
	}
	r.key ^= keyOrigin
	t.letter(c, letterFlip)
	return RefFlipped
}

// closing notes that a connection is closed, so that it need not be idle for
// long to end, and a SYN begins a new one.
func (t *Table) closing(h Handle, r *record, c *tcp) {
	a, b := c.side[0].state, c.side[1].state
	if r.key&keyClosed == 0 && (a == reset || b == reset || a == closed && b == closed) {
		r.key |= keyClosed
		t.unlink(h)
		t.schedule(h, r.last+linger)
	}
}
