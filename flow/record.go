package flow

// Bits of record.key below the ports (63-48 of side 0, 47-32 of side 1) and the
// IP protocol (31-24).
const (
	keyPorts   = 1 << 16     // the ports are port numbers
	keyOrigin  = 1 << 17     // side 1 is the originator
	keyGuessed = 1 << 18     // no handshake told who the originator is
	keyFlipped = 1 << 19     // the sides were exchanged by the port rule
	keyClosed  = 1 << 20     // TCP: closed by FIN or RST, waits for late packets
	keyReason  = 21          // shift of the EndReason of a flow that has ended
	keyReasons = 7 << 21     // its bits
	keyCut     = 7 << 21     // instead: the active timeout is to cut off the row
	keyVLAN    = 1 << 15     // the low 12 bits are a VLAN
	keyVLANID  = 0x8fff      // VLAN and the bit above
	keyIdent   = 0xff01_0000 // protocol and keyPorts
)

// keyMask is what the packets of one flow have in common, without the VLAN.
const keyMask = 0xffffffff_00000000 | keyIdent

// tally counts what one side sent. When a counter passes 31 bits all are moved
// to rare.wide.
type tally struct {
	packets, bytes, ip, payload uint32
}

// record is what flows of all kinds have. 56 bytes; rec4 fills a cache line.
//
// Sides are numbered by the key: side 0 has the lower address, or with equal
// addresses the lower port. keyOrigin says which of them is the originator, so
// that exchanging originator and responder is one bit.
type record struct {
	key   uint64
	last  int64    // time of the latest packet, ns
	sent  [2]tally // by side
	ext   uint32   // number+1 in the TCP pool for TCP, else in the rare pool; 0 if there is none
	iface uint32   // of the first packet
}

// rec4 is an IPv4 flow, rec6 an IPv6 flow.
type rec4 struct {
	addrs uint64 // of side 0 <<32 | of side 1
	record
}

type rec6 struct {
	addrs [4]uint64 // side 0, side 1
	record
}

// link chains the flows of a timer bucket, and keeps the flow's first time
// beside that, for it is as rarely needed.
type link struct {
	first      int64 // time of the first packet of the current row, ns
	prev, next Handle
}

const (
	// handleV6 marks the handles of IPv6 flows.
	handleV6 Handle = 1 << 31
	// NoFlow is the handle of packets that belong to no flow.
	NoFlow Handle = 1<<32 - 1
)

// maxRecords bounds the flows of each IP version.
const maxRecords = 1<<31 - 2

const (
	pageBits = 10
	pageLen  = 1 << pageBits
)

// pool hands out numbered records from pages that are never moved or freed.
type pool[R any] struct {
	pages []*[pageLen]R
	n     uint32   // records ever used
	free  []uint32 // of them, those to use again
}

// at returns record i, which must have been taken.
func (p *pool[R]) at(i uint32) *R { return &p.pages[i>>pageBits][i%pageLen] }

// take returns the number of a record whose content is undefined.
func (p *pool[R]) take() uint32 {
	if last := len(p.free) - 1; last >= 0 {
		i := p.free[last]
		p.free = p.free[:last]
		return i
	}
	if int(p.n>>pageBits) == len(p.pages) {
		p.pages = append(p.pages, new([pageLen]R))
	}
	p.n++
	return p.n - 1
}

// give takes record i back.
func (p *pool[R]) give(i uint32) { p.free = append(p.free, i) }

// live returns the number of records in use.
func (p *pool[R]) live() int { return int(p.n) - len(p.free) }

// record returns the common part of flow h.
func (t *Table) record(h Handle) *record {
	if h&handleV6 == 0 {
		return &t.v4.at(uint32(h)).record
	}
	return &t.v6.at(uint32(h &^ handleV6)).record
}

// link returns the timer links of flow h.
func (t *Table) link(h Handle) *link {
	if h&handleV6 == 0 {
		i := uint32(h)
		return &t.links4[i>>pageBits][i%pageLen]
	}
	i := uint32(h &^ handleV6)
	return &t.links6[i>>pageBits][i%pageLen]
}

// take returns a handle for a new flow.
func (t *Table) take(v6 bool) Handle {
	if v6 {
		i := t.v6.take()
		if int(i>>pageBits) == len(t.links6) {
			t.links6 = append(t.links6, new([pageLen]link))
		}
		return Handle(i) | handleV6
	}
	i := t.v4.take()
	if int(i>>pageBits) == len(t.links4) {
		t.links4 = append(t.links4, new([pageLen]link))
	}
	return Handle(i)
}

// give frees flow h and its extensions.
func (t *Table) give(h Handle) {
	r := t.record(h)
	rare := r.ext
	if r.ext != 0 && r.isTCP() {
		rare = t.tcp.at(r.ext - 1).rare
		t.tcp.give(r.ext - 1)
	}
	if rare != 0 {
		t.rare.give(rare - 1)
	}
	r.ext = 0
	if h&handleV6 == 0 {
		t.v4.give(uint32(h))
	} else {
		t.v6.give(uint32(h &^ handleV6))
	}
}

// proto returns the flow's IP protocol.
func (r *record) proto() uint8 { return uint8(r.key >> 24) }

// isTCP reports whether ext numbers a TCP extension.
func (r *record) isTCP() bool { return r.key&keyIdent == protoTCP<<24|keyPorts }

// origin returns the side of the originator.
func (r *record) origin() uint8 {
	return uint8(r.key / keyOrigin & 1)
}

// port returns the port of a side.
func (r *record) port(side uint8) uint16 { return uint16(r.key >> (48 - 16*uint(side))) }
