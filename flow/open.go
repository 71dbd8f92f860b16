package flow

// open makes a flow for its first packet, which must still be counted. g is its
// TCP header if it has one.
func (t *Table) open(a *arrival, g *segment) (Handle, *record) {
	if t.live() >= t.cfg.MaxFlows {
		t.evict()
	}
	t.stats.Opened++
	v6 := a.addr6 != nil
	h := t.take(v6)
	var r *record
	if v6 {
		f := t.v6.at(uint32(h &^ handleV6))
		f.addrs = *a.addr6
		r = &f.record
		t.index6.insert(a.tag, uint32(h&^handleV6))
	} else {
		f := t.v4.at(uint32(h))
		f.addrs = a.addr4
		r = &f.record
		t.index4.insert(a.tag, uint32(h))
	}
	*r = record{key: a.key, last: a.nanos, iface: a.iface}
	t.link(h).first = a.nanos
	t.disown(h)
	flip := t.assign(r, a, g)
	if r.isTCP() {
		c := t.newConn(r)
		if flip {
			t.letter(c, letterFlip)
		}
	}
	t.schedule(h, a.nanos+t.cfg.Idle)
	t.countEndpoints(r, t.addrs(h))
	return h, r
}

// assign sets the originator of a new flow. It reports whether that is not the
// sender of its first packet.
func (t *Table) assign(r *record, a *arrival, g *segment) (flip bool) {
	switch {
	case g != nil && g.flags&(flagSYN|flagFIN|flagRST) == flagSYN:
		flip = g.flags&flagACK != 0
	default:
		r.key |= keyGuessed
		flip = r.key&keyPorts != 0 && t.fromServer(r, a, g != nil)
	}
	origin := a.side
	if flip {
		origin ^= 1
		r.key |= keyFlipped
	}
	if origin == 1 {
		r.key |= keyOrigin
	}
	return flip
}

// fromServer guesses by the ports whether a packet comes from a server: if only
// its source port is one of a service, or, in the middle of a TCP connection,
// if both are and it is the lower. Servers do not talk to groups.
func (t *Table) fromServer(r *record, a *arrival, tcp bool) bool {
	src, dst := r.port(a.side), r.port(a.side^1)
	proto := r.proto()
	if !t.service(proto, src) || isGroup(a) {
		return false
	}
	return !t.service(proto, dst) || tcp && src < dst
}

// service reports whether a port is likely to be that of a server.
func (t *Table) service(proto uint8, port uint16) bool {
	if port == 0 || proto == protoUDP && (port == 68 || port == 546) {
		return false // 68 and 546 are those of DHCP clients
	}
	return port < 1024 || port < 32768 && t.cfg.Registered(proto, port)
}

// isGroup reports whether a packet goes to a multicast or broadcast address.
func isGroup(a *arrival) bool {
	if a.addr6 != nil {
		return a.addr6[2*(a.side^1)]>>56 == 0xff
	}
	dst := uint32(a.addr4 >> (32 * uint(a.side)))
	return dst>>28 == 0xe || dst == 1<<32-1
}
