package flow

import (
	"encoding/binary"

	"pkt/field"
)

// Row copies what is known of flow h. Originator and service port are what is
// believed now: both may change while the flow is alive.
func (t *Table) Row(h Handle, row *Row) {
	var peers [2 * maxRows]uint64
	t.lookUpPeers([]Handle{h}, &peers)
	t.row(h, [2]uint64{peers[0], peers[1]}, row)
}

// Identify fills the rows with what tells flows apart: all but what they
// counted and what became of their connections, which is zero. There are at
// least as many rows as flows. For many flows at once it takes less time than
// Row, whose loads wait for each other.
func (t *Table) Identify(hs []Handle, rows []Row) {
	var peers [2 * maxRows]uint64
	for len(hs) > 0 {
		n := min(len(hs), maxRows)
		t.lookUpPeers(hs[:n], &peers)
		for i, h := range hs[:n] {
			t.identity(h, [2]uint64(peers[2*i:]), &rows[i])
		}
		hs, rows = hs[n:], rows[n:]
	}
}

// row is Row with the peers of both sides' endpoints.
func (t *Table) row(h Handle, peers [2]uint64, row *Row) {
	r := t.record(h)
	o := r.origin()
	t.identity(h, peers, row)
	row.SrcSent, row.DstSent = t.totals(r, o), t.totals(r, o^1)
	switch {
	case r.isTCP():
		t.tcpRow(r, o, row)
	case row.Proto == protoUDP || row.Proto == protoUDPLite:
		t.udpRow(r, row)
	}
}

// identity is Identify for one flow, with the peers of both sides' endpoints.
func (t *Table) identity(h Handle, peers [2]uint64, row *Row) {
	r := t.record(h)
	l := t.link(h)
	o := r.origin()
	addrs := t.addrs(h)
	*row = Row{
		ID:        t.id(h),
		Handle:    h,
		Proto:     r.proto(),
		HasPorts:  r.key&keyPorts != 0,
		SrcHigh:   o == 1,
		Guessed:   r.key&keyGuessed != 0,
		HasVLAN:   r.key&keyVLAN != 0,
		VLAN:      uint16(r.key & 0xfff),
		Iface:     r.iface,
		Start:     l.first,
		End:       r.last,
		SrcPort:   r.port(o),
		DstPort:   r.port(o ^ 1),
		IPVersion: 4,
		EndReason: EndReason(r.key >> keyReason & 7),
		Owner:     t.owners(h, o),
	}
	if row.EndReason >= NumEndReasons {
		row.EndReason = EndNone
	}
	if h&handleV6 != 0 {
		row.IPVersion = 6
		row.Src = field.Cell{Hi: addrs[2*o], Lo: addrs[2*o+1]}
		row.Dst = field.Cell{Hi: addrs[2*(o^1)], Lo: addrs[2*(o^1)+1]}
	} else {
		row.Src, row.Dst = cell4(addrs[2*o+1]), cell4(addrs[2*(o^1)+1])
	}
	t.servicePort(row, peers[o], peers[o^1])
	if row.Proto == protoICMP || row.Proto == protoICMPv6 {
		row.SrcPort &^= oneWay
		row.DstPort &^= oneWay
	}
}

// cell4 returns the cell of an IPv4 address.
func cell4(a uint64) field.Cell {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(a))
	return field.FromAddr4(b[:])
}

// addrs returns the addresses of both sides, 128 bits each.
func (t *Table) addrs(h Handle) [4]uint64 {
	if h&handleV6 != 0 {
		return t.v6.at(uint32(h &^ handleV6)).addrs
	}
	a := t.v4.at(uint32(h)).addrs
	return [4]uint64{0, a >> 32, 0, a & 0xffffffff}
}

// id returns the number that stands for flow h in records.
func (t *Table) id(h Handle) uint64 {
	r := t.record(h)
	first := t.link(h).first
	if t.cfg.Active != 0 {
		if x := t.rareOf(r); x != nil && x.cut {
			first = x.born
		}
	}
	return identity(t.addrs(h), r.key&t.keyMask, first)
}

// ISN returns the sequence numbers of the SYNs of both sides of a TCP flow, of
// the side that RefHigh is about as the second one. It reports false for a side whose
// SYN was not seen, or when the flow is no TCP connection.
func (t *Table) ISN(h Handle) (isn [2]uint32, seen [2]bool) {
	r := t.record(h)
	if !r.isTCP() || r.ext == 0 {
		return isn, seen
	}
	c := t.conn(r)
	for s := range isn {
		isn[s], seen[s] = c.rest[s].isn, c.side[s].bits&sentSYN != 0
	}
	return isn, seen
}

// Counters returns what both sides of flow h have sent so far. A row that the
// active timeout cut off, and a SYN that turns out to belong to a new
// connection, take away from them.
func (t *Table) Counters(h Handle) (src, dst Counters) {
	r := t.record(h)
	o := r.origin()
	return t.totals(r, o), t.totals(r, o^1)
}

// tcpRow adds what is known of a connection.
func (t *Table) tcpRow(r *record, origin uint8, row *Row) {
	c := t.conn(r)
	row.State = t.connState(c, origin)
	row.Handshake = c.handshakeTime()
	row.HistoryLen = uint8(len(t.appendHistory(row.HistoryText[:0], c)))
	for i := range row.TCP {
		s := origin ^ uint8(i)
		x := &c.side[s]
		row.TCP[i] = TCPSide{
			Missed:      t.missed(c, s),
			StreamBytes: c.size(s),
			Flags:       x.flags,
			MSS:         c.rest[s].mss,
			RTT:         c.rest[s].rtt.nanos(),
		}
		if c.rare != 0 {
			t.troubleRow(t.rare.at(c.rare-1), s, &row.TCP[i])
		}
	}
}

// troubleRow adds what went wrong on side s.
func (t *Table) troubleRow(x *rare, s uint8, row *TCPSide) {
	y := &x.side[s]
	row.RetransPackets = y.retransPackets
	row.RetransBytes = y.retransBytes
	row.OutOfOrder = y.outOfOrder
	row.ZeroWindow = y.zeroWindow
	row.StreamBytes -= min(row.StreamBytes, x.cutStream[s])
	row.Missed -= min(row.Missed, x.cutMissed[s])
}

// udpRow adds the state and history of a UDP flow.
func (t *Table) udpRow(r *record, row *Row) {
	text := row.HistoryText[:0]
	if r.key&keyFlipped != 0 {
		text = append(text, '^')
	}
	src, dst := row.SrcSent.Packets > 0, row.DstSent.Packets > 0
	first, second := "D", "d"
	if r.key&keyFlipped != 0 {
		first, second = second, first
	}
	switch {
	case src && dst:
		row.State = SF
		text = append(text, first...)
		text = append(text, second...)
	case src:
		row.State = S0
		text = append(text, 'D')
	case dst:
		row.State = SHR
		text = append(text, 'd')
	}
	row.HistoryLen = uint8(len(text))
}
