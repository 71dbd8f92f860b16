package flow

import (
	"math/bits"

	"pkt/packet"
)

// arrival is a packet on its way to its flow.
type arrival struct {
	nanos              int64
	bytes, ip, payload uint32
	iface              uint32
	tag                uint32
	guess              uint32 // number+1 of the flow that was found when warming up; 0 if none was
	key                uint64
	addr4              uint64
	addr6              *[4]uint64 // nil for IPv4
	side               uint8
}

// update is what Update takes a packet as. The segment is valid only for TCP.
type update struct {
	arrival
	segment
}

// read fills in packet i of a batch.
func (u *update) read(t *Table, b *packet.Batch, k *Keys, i int) {
	l, rec := &b.Layers[i], &b.Records[i]
	a := &u.arrival
	a.nanos, a.iface = rec.Nanos, rec.Iface
	a.bytes, a.ip, a.payload = rec.WireLen, k.ip[i], l.WireEnd-l.Payload
	a.tag, a.key, a.side = k.tag[i], k.key[i], k.side[i]
	a.guess = t.guess[i%warmLen]
	a.addr4, a.addr6 = k.addr4[i], nil
	if k.v6.Has(i) {
		a.addr6 = &k.addr6[i]
	}
	if l.Has.Any(packet.HasTCP) {
		u.segment.parse(b.Frame(i), l, rec.Nanos)
	}
}

// warmLen is how many packets are looked up ahead at once, those of a word of
// the set: their records fit into the first cache.
const warmLen = 64

// warm looks up the packets of a word of the set: first the slots of all of
// them, then the records, then the connections. So the processor waits for many
// loads at a time instead of for each. What it finds are guesses, for a flow may
// begin or end before its packet is taken.
func (t *Table) warm(k *Keys, word int, set uint64) {
	v4 := k.v4[word]
	tags := (*[warmLen]uint32)(k.tag[word<<6:])
	var sum uint64
	for s := set; s != 0; s &= s - 1 {
		j := bits.TrailingZeros64(s)
		x := &t.index4
		if v4>>j&1 == 0 {
			x = &t.index6
		}
		sum += x.slots[x.home(tags[j])]
	}
	var ext [warmLen]uint32
	for s := set; s != 0; s &= s - 1 {
		j := bits.TrailingZeros64(s)
		number, next := uint32(0), uint32(0)
		if v4>>j&1 != 0 {
			if number = t.index4.guess(tags[j]); number != 0 {
				next = t.v4.at(number - 1).ext
			}
		} else if number = t.index6.guess(tags[j]); number != 0 {
			next = t.v6.at(number - 1).ext
		}
		t.guess[j], ext[j] = number, next
	}
	keys := (*[warmLen]uint64)(k.key[word<<6:])
	for s := set; s != 0; s &= s - 1 {
		j := bits.TrailingZeros64(s)
		if n := ext[j]; n != 0 && keys[j]&keyIdent == protoTCP<<24|keyPorts {
			c := t.connAt(n - 1)
			sum += uint64(c.rare) + uint64(c.history)
		}
	}
	t.loaded = sum
}

// find returns the flow of a packet, or nil.
func (t *Table) find(a *arrival) (Handle, *record) {
	if a.addr6 != nil {
		return t.find6(a)
	}
	if n := a.guess; n != 0 {
		// A flow that has ended differs in keyReasons.
		if r := t.v4.at(n - 1); r.addrs == a.addr4 && (r.key^a.key)&(t.keyMask|keyReasons) == 0 {
			return Handle(n - 1), &r.record
		}
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
	if n := a.guess; n != 0 {
		if r := t.v6.at(n - 1); r.addrs == *a.addr6 && (r.key^a.key)&(t.keyMask|keyReasons) == 0 {
			return Handle(n-1) | handleV6, &r.record
		}
	}
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
		return t.cfg.Linger
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
		c := t.conn(r)
		if x := &c.side[a.side]; x.bits&parts != 0 {
			c.setNext(a.side, x.next+a.payload)
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
	c := t.conn(r)
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
			return h, ref | RefPending
		}
		ref ^= t.roles(r, c, a.side, g)
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
	ref |= Ref(a.side^r.origin()) | Ref(a.side)*RefHigh // RefDst is 1
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
func (t *Table) replace(h Handle, a *arrival, g *segment) (Handle, *record, conn) {
	t.end(h, EndReuse)
	h, r := t.open(a, g)
	return h, r, t.conn(r)
}

// confirm ends a connection, and opens the one that its pending SYN began.
func (t *Table) confirm(h Handle, r *record, c conn, a *arrival) (Handle, *record, conn) {
	p := t.takeBack(r, c)
	t.end(h, EndReuse)
	syn := *a
	syn.nanos, syn.iface, syn.side = p.nanos, p.iface, p.side
	syn.bytes, syn.ip, syn.payload = p.bytes, p.ip, p.payload
	g := segment{seq: p.seq, length: p.payload, flags: p.flags, window: p.window, nanos: p.nanos}
	h, r = t.open(&syn, &g)
	c = t.conn(r)
	t.count(h, r, &syn)
	t.segment(r, c, p.side, &g)
	c.rest[p.side].mss = p.mss
	return h, r, c
}

// roles lets a SYN say who the originator is, where that was only guessed. It
// returns which facts about the packet change.
func (t *Table) roles(r *record, c conn, side uint8, g *segment) Ref {
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
	return RefFlipped | RefDst
}

// closing notes that a connection is closed, so that it need not be idle for
// long to end, and a SYN begins a new one.
func (t *Table) closing(h Handle, r *record, c conn) {
	a, b := c.side[0].state, c.side[1].state
	if r.key&keyClosed == 0 && (a == reset || b == reset || a == closed && b == closed) {
		r.key |= keyClosed
		t.unlink(h)
		t.schedule(h, r.last+t.cfg.Linger)
	}
}
