package flow

// rare is what only flows in trouble, or very big ones, have. 304 bytes.
type rare struct {
	wide       [2]Counters // what was moved out of the tallies
	cut        bool        // the active timeout has cut off a row; the next three are valid
	born       int64       // first time of the flow, not of the row
	cutStream  [2]uint64   // content bytes and missed bytes in earlier rows
	cutMissed  [2]uint64
	historyLen uint8
	history    [19]byte // letters behind the first twelve
	pending    pending
	side       [2]trouble
}

// trouble is what went wrong with the segments of one side.
type trouble struct {
	repeated       uint32 // segments with nothing new, for the letter T
	retransPackets uint32
	outOfOrder     uint32
	zeroWindow     uint32
	gaps           uint32
	nHoles         uint32
	retransBytes   uint64
	missed         uint64 // holes that are no longer tracked
	holes          [maxHoles]hole
}

// maxHoles is how many holes a side's sequence space may have at once. With
// more, the oldest is given up: it counts as missed for good.
const maxHoles = 4

// hole is a range of sequence numbers that later ones were seen behind.
type hole struct {
	from, to uint32
	at       uint32 // when it appeared, in units of 1,024 ns
	acked    bool   // the other side has these bytes: they got past the capture
}

// pending is a SYN that might open a new connection on the ports of a live one.
type pending struct {
	nanos   int64
	seq     uint32
	bytes   uint32
	ip      uint32
	payload uint32
	iface   uint32
	side    uint8
	window  uint16
	mss     uint16
	flags   uint16
	waiting bool // there is one
	counted bool // in the current row of the live connection
}

// trouble returns the rare part of a connection.
func (t *Table) trouble(c conn) *rare {
	if c.rare == 0 {
		c.rare = t.newRare()
	}
	return t.rare.at(c.rare - 1)
}

// newRare returns the number+1 of an empty rare part.
func (t *Table) newRare() uint32 {
	i := t.rare.take()
	*t.rare.at(i) = rare{}
	return i + 1
}

// rareOf returns the rare part of a flow, or nil if it has none.
func (t *Table) rareOf(r *record) *rare {
	n := r.ext
	if n != 0 && r.isTCP() {
		n = t.tcp.at(n - 1).rare
	}
	if n == 0 {
		return nil
	}
	return t.rare.at(n - 1)
}

// makeRare returns the rare part of a flow, made if need be.
func (t *Table) makeRare(r *record) *rare {
	if r.isTCP() {
		return t.trouble(t.conn(r))
	}
	if r.ext == 0 {
		r.ext = t.newRare()
	}
	return t.rare.at(r.ext - 1)
}

// widen moves the tallies of a flow to 64 bits. A packet stays behind, since a
// side with none has not been seen.
func (t *Table) widen(r *record) {
	x := t.makeRare(r)
	for s := range r.sent {
		n := &r.sent[s]
		if n.packets == 0 {
			continue
		}
		w := &x.wide[s]
		w.Packets += uint64(n.packets - 1)
		w.Bytes += uint64(n.bytes)
		w.IPBytes += uint64(n.ip)
		w.Payload += uint64(n.payload)
		*n = tally{packets: 1}
	}
}

// totals returns what a side has sent.
func (t *Table) totals(r *record, side uint8) Counters {
	n := &r.sent[side]
	c := Counters{
		Packets: uint64(n.packets),
		Bytes:   uint64(n.bytes),
		IPBytes: uint64(n.ip),
		Payload: uint64(n.payload),
	}
	if r.ext == 0 {
		return c
	}
	if x := t.rareOf(r); x != nil {
		w := &x.wide[side]
		c.Packets += w.Packets
		c.Bytes += w.Bytes
		c.IPBytes += w.IPBytes
		c.Payload += w.Payload
	}
	return c
}
