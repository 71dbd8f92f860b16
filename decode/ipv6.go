package decode

import (
	"fmt"
	"net/netip"

	"pkt/packet"
)

// Internet protocol version 6, RFC 8200 section 3:
//
//	+-------+---------------+---------------------------------------+
//	|Version| Traffic class |              Flow label               |
//	+-------+---------------+-------+---------------+---------------+
//	|        Payload length         |  Next header  |   Hop limit   |
//	+-------------------------------+---------------+---------------+
//	|                    Source address, 16 bytes                   |
//	+---------------------------------------------------------------+
//	|                 Destination address, 16 bytes                 |
//	+---------------------------------------------------------------+
//
// Extension headers follow, section 4: the next header and a length in units
// of 8 bytes, the first not counted (of AH, units of 4 less 2; the fragment
// header always has 8 bytes).
const (
	ipv6Len        = 40
	ipv6PayloadAt  = 4
	ipv6NextAt     = 6
	ipv6HopLimitAt = 7
	ipv6SrcAt      = 8
	ipv6DstAt      = 24

	extMinLen     = 8
	fragOffsetAt  = 2
	fragIDAt      = 4
	fragHeaderLen = 8

	optPad1  = 0x00
	optJumbo = 0xc2 // RFC 2675
	optHome  = 0xc9 // home address, RFC 6275
)

// IPv6 is a view of an IPv6 header and its captured extension headers.
type IPv6 struct{ b []byte }

// AsIPv6 returns the IPv6 header that b begins with, and what of its extension
// headers b holds.
func AsIPv6(b []byte) (IPv6, bool) {
	if len(b) < ipv6Len || b[0]>>4 != 6 {
		return IPv6{}, false
	}
	return IPv6{b}, true
}

// IPv6Of returns the innermost IPv6 header of a frame that was decoded to l.
func IPv6Of(frame []byte, l *packet.Layers) (IPv6, bool) {
	if !l.Has.Any(packet.HasIPv6) {
		return IPv6{}, false
	}
	return AsIPv6(frame[l.L3:l.L4])
}

// TrafficClass returns DSCP and ECN.
func (h IPv6) TrafficClass() uint8 { return uint8(be16(h.b) >> 4) }

// FlowLabel returns the 20 bits of the flow label.
func (h IPv6) FlowLabel() uint32 { return be32(h.b) & 0xfffff }

// PayloadLen returns the length behind the fixed header as the header has it:
// 0 in jumbograms.
func (h IPv6) PayloadLen() uint16 { return be16(h.b[ipv6PayloadAt:]) }

// NextHeader returns the number of the first extension header or of the
// transport protocol.
func (h IPv6) NextHeader() uint8 { return h.b[ipv6NextAt] }

// HopLimit returns the hop limit.
func (h IPv6) HopLimit() uint8 { return h.b[ipv6HopLimitAt] }

// Src returns the source address.
func (h IPv6) Src() [16]byte { return [16]byte(h.b[ipv6SrcAt:]) }

// Dst returns the destination address of the fixed header: the next stop,
// where a routing header names more.
func (h IPv6) Dst() [16]byte { return [16]byte(h.b[ipv6DstAt:]) }

// String returns the header for a person to read.
func (h IPv6) String() string {
	return fmt.Sprintf("%v > %v next %d hop limit %d payload %d",
		netip.AddrFrom16(h.Src()), netip.AddrFrom16(h.Dst()), h.NextHeader(), h.HopLimit(), h.PayloadLen())
}

// Fragment is what an IPv6 fragment header says.
type Fragment struct {
	ID     uint32 // that the datagram's fragments share
	Offset int    // of the fragment in the datagram, in bytes
	More   bool   // fragments behind this one follow
	Proto  uint8  // next header of the datagram's fragmentable part
	At     int    // where the content begins, counted from the IPv6 header
}

// Fragment returns the fragment header, that of an atomic fragment too.
func (h IPv6) Fragment() (f Fragment, ok bool) {
	next, rest := h.NextHeader(), h.b[ipv6Len:]
	for ; whole(next, rest); next, rest = rest[0], rest[extLen(next, rest):] {
		if next == protoFragment {
			return Fragment{
				ID:     be32(rest[fragIDAt:]),
				Offset: int(be16(rest[fragOffsetAt:]) &^ 7),
				More:   rest[fragOffsetAt+1]&1 != 0,
				Proto:  rest[0],
				At:     len(h.b) - len(rest) + fragHeaderLen,
			}, true
		}
	}
	return Fragment{}, false
}

// rerouted reports whether an extension header names another source or
// destination than the fixed header: the transport checksum counts that one.
func (h IPv6) rerouted() bool {
	next, rest := h.NextHeader(), h.b[ipv6Len:]
	for ; whole(next, rest); next, rest = rest[0], rest[extLen(next, rest):] {
		switch next {
		case protoRouting:
			if rest[3] != 0 { // segments left
				return true
			}
		case protoDestOpts:
			if _, ok := option(rest[:extLen(next, rest)], optHome); ok {
				return true
			}
		}
	}
	return false
}

// whole reports whether rest begins with a whole extension header of number
// next.
func whole(next uint8, rest []byte) bool {
	return extLayer(next) != numLayers && len(rest) >= extMinLen && len(rest) >= extLen(next, rest)
}

// extLen returns the length of an extension header of which 2 bytes are there.
func extLen(next uint8, b []byte) int {
	switch next {
	case protoFragment:
		return extMinLen
	case protoAH:
		return (int(b[1]) + 2) * 4
	}
	return (int(b[1]) + 1) * 8
}

// extLayer returns the layer of an extension header, numLayers if next is not
// the number of one.
func extLayer(next uint8) Layer {
	switch next {
	case protoHopByHop:
		return LayerHopByHop
	case protoRouting:
		return LayerRouting
	case protoFragment:
		return LayerFragment
	case protoDestOpts:
		return LayerDestOpts
	case protoAH:
		return LayerAH
	case protoMobility:
		return LayerMobility
	case protoHIP:
		return LayerHIP
	case protoShim6:
		return LayerShim6
	}
	return numLayers
}

// option finds an option of a hop-by-hop or destination options header and
// returns its value.
func option(header []byte, kind byte) (value []byte, ok bool) {
	for rest := header[2:]; len(rest) > 0; {
		if rest[0] == optPad1 {
			rest = rest[1:]
			continue
		}
		if len(rest) < 2 || int(rest[1]) > len(rest)-2 {
			return nil, false
		}
		if n := int(rest[1]); rest[0] == kind {
			return rest[2 : 2+n], true
		} else {
			rest = rest[2+n:]
		}
	}
	return nil, false
}

// ipv6 decodes an IPv6 packet.
func (w *walker) ipv6(off int) {
	if !w.enter(LayerIPv6, off) {
		return
	}
	if w.lacks(off, ipv6Len) {
		w.short(off)
		return
	}
	h := (*[ipv6Len]byte)(w.frame[off:w.end])
	if h[0]>>4 != 6 {
		w.problem(packet.ProblemBadVersion)
		w.stop(off)
		return
	}
	next := h[ipv6NextAt]
	size := int(be16(h[ipv6PayloadAt:])) + ipv6Len
	if size == ipv6Len && next != protoNoNext {
		size = w.jumbo(next, off+ipv6Len)
	}
	w.network(off, size)
	w.l.EtherType, w.l.Proto = etherIPv6, next
	w.l.Has |= packet.HasIPv6
	w.extensions(next, off+ipv6Len)
}

// jumbo returns the size of a packet whose payload length is 0, with the
// headers at off behind the fixed one: by its jumbogram option (RFC 2675), or
// 0 where there is none, as the kernel's large packets have it.
func (w *walker) jumbo(next uint8, off int) int {
	rest := w.frame[off:w.end]
	if next != protoHopByHop || len(rest) < extMinLen || len(rest) < extLen(next, rest) {
		return 0
	}
	value, ok := option(rest[:extLen(next, rest)], optJumbo)
	if !ok || len(value) != 4 || be32(value) > maxWire {
		return 0
	}
	return ipv6Len + int(be32(value))
}

// extensions passes the extension headers at off, the first of which has the
// number next, and decodes what is behind them. A header that says that
// nothing follows is the transport header itself, if it can be one.
func (w *walker) extensions(next uint8, off int) {
	for {
		p := extLayer(next)
		if p == numLayers {
			break
		}
		if !w.enterTransport(p, off) {
			return
		}
		w.l.Proto = next
		if w.lacks(off, extMinLen) {
			w.shortTransport(off, extMinLen)
			return
		}
		h := w.frame[off:w.end]
		n := extLen(next, h)
		if w.lacks(off, n) {
			w.shortTransport(off, n)
			return
		}
		if p >= LayerMobility && h[0] == protoNoNext {
			w.transport(off, n)
			return
		}
		if next == protoFragment && !w.fragmentHeader(h, off+n) {
			return
		}
		next, off = h[0], off+n
	}
	w.l.Proto = next
	w.proto(next, off)
}

// fragmentHeader notes what a fragment header says, and reports whether the
// headers behind it, at off, are there: in all fragments but the first, they
// are not.
func (w *walker) fragmentHeader(h []byte, off int) bool {
	offset := be16(h[fragOffsetAt:])
	more, later := offset&1 != 0, offset&^7 != 0
	if !more && !later {
		return true // atomic, RFC 6946
	}
	w.fragment(more, later)
	if !later {
		return true
	}
	w.l.Proto = h[0]
	w.transport(off, 0)
	return false
}
