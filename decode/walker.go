package decode

import (
	"encoding/binary"

	"pkt/packet"
)

const (
	// maxHeaders is how many headers of one frame are followed.
	maxHeaders = 40
	// maxWire bounds lengths that the wire claims, so that sums of offsets
	// stay within 32 bits.
	maxWire = 1 << 30
)

// EtherTypes, https://www.iana.org/assignments/ieee-802-numbers.
const (
	etherIPv4     = 0x0800
	etherARP      = 0x0806
	etherTEB      = 0x6558 // transparent Ethernet bridging
	etherRARP     = 0x8035
	etherVLAN     = 0x8100
	etherIPX      = 0x8137
	etherIPv6     = 0x86dd
	etherPPP      = 0x880b
	etherMPLS     = 0x8847
	etherMPLSMC   = 0x8848
	etherPPPoED   = 0x8863
	etherPPPoE    = 0x8864
	ether8021ad   = 0x88a8
	etherERSPAN   = 0x88be
	etherBackbone = 0x88e7 // 802.1ah
	etherFabric   = 0x8903 // Cisco FabricPath
	etherCMD      = 0x8909 // Cisco metadata
	etherERSPAN3  = 0x22eb
	etherQinQ     = 0x9100
	etherWCCP     = 0x883e
	etherMin      = 0x0600 // smaller values are lengths of 802.3 frames
)

// IP protocol numbers, https://www.iana.org/assignments/protocol-numbers.
const (
	protoHopByHop = 0
	protoICMP     = 1
	protoIGMP     = 2
	protoIPv4     = 4
	protoTCP      = 6
	protoUDP      = 17
	protoDCCP     = 33
	protoIPv6     = 41
	protoRouting  = 43
	protoFragment = 44
	protoGRE      = 47
	protoESP      = 50
	protoAH       = 51
	protoICMPv6   = 58
	protoNoNext   = 59
	protoDestOpts = 60
	protoEtherIP  = 97
	protoL2TP     = 115
	protoSCTP     = 132
	protoMobility = 135
	protoUDPLite  = 136
	protoMPLS     = 137
	protoHIP      = 139
	protoShim6    = 140
)

// walker is the way through one frame. It lives on the stack of the call.
//
// Offsets that are handed to its methods are never beyond end, so that
// end-off is the number of bytes that can be read.
type walker struct {
	frame     []byte
	end       int // captured end of what is being read, at most len(frame)
	wire      int // its end on the wire, at least end
	headers   int // headers followed so far
	bigEndian bool
	l         *packet.Layers
	trace     *trace // nil on the hot path
}

// be16 reads a 16-bit number in network byte order.
func be16(b []byte) uint16 { return binary.BigEndian.Uint16(b) }

// be32 reads a 32-bit number in network byte order.
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }

// lacks reports whether fewer than n bytes were captured at off.
func (w *walker) lacks(off, n int) bool { return w.end-off < n }

// enter counts a header of protocol p at off. It reports false, with decoding
// ended, where no more headers are followed.
func (w *walker) enter(p Layer, off int) bool {
	if w.headers++; w.headers > maxHeaders {
		w.problem(packet.ProblemTooDeep)
		w.stop(off)
		return false
	}
	if w.trace != nil {
		w.trace.add(p, off)
	}
	return true
}

// problem notes trouble with the packet; the first one stays.
func (w *walker) problem(p packet.Problem) {
	if w.l.Problem == packet.ProblemNone {
		w.l.Problem = p
	}
}

// limit ends what is being read n bytes behind off, where a header says so and
// the layer around it reaches that far.
func (w *walker) limit(off, n int) {
	if n < w.wire-off {
		w.wire = off + n
		w.end = min(w.end, w.wire)
	}
}

// stop ends decoding in front of the network header that would begin at off.
func (w *walker) stop(off int) {
	l := w.l
	l.L3, l.L4, l.Payload = uint32(off), uint32(off), uint32(off)
	w.close()
}

// short ends decoding like stop: a header at off is not there whole.
func (w *walker) short(off int) {
	w.noteShort()
	w.stop(off)
}

// noteShort notes that the bytes end inside a header, because no more were
// captured or because a length field in front of it left no room. A fragment
// may end anywhere.
func (w *walker) noteShort() {
	switch {
	case w.l.Has.Any(packet.HasFragment):
	case w.end == len(w.frame):
		w.problem(packet.ProblemTruncated)
	default:
		w.problem(packet.ProblemBadLength)
	}
}

// close sets the ends of the payload.
func (w *walker) close() {
	w.l.End, w.l.WireEnd = uint32(w.end), uint32(w.wire)
	if w.wire > w.end {
		w.l.Has |= packet.HasCut
	}
}

// transport ends decoding with the transport header at off, of n bytes on the
// wire. A header that was not captured whole leaves no payload, and what is
// missing of it shortens WireEnd, so that WireEnd-Payload is the payload's
// length. off+n must not be beyond the end on the wire, but for fragments.
func (w *walker) transport(off, n int) {
	w.l.L4 = uint32(off)
	w.close()
	if missing := n - (w.end - off); missing > 0 {
		w.l.Payload = uint32(w.end)
		w.l.WireEnd = uint32(max(w.end, w.wire-missing))
		return
	}
	w.l.Payload = uint32(off + n)
}

// shortTransport ends decoding where the header at off, of at least n bytes,
// is not there whole.
func (w *walker) shortTransport(off, n int) {
	w.noteShort()
	w.transport(off, n)
}

// next says what an encapsulation holds.
type next uint8

const (
	nextIP       next = iota // IPv4 or IPv6, by its version
	nextEthernet             // a frame that begins with its addresses
	nextPPP                  // a PPP protocol field, perhaps behind address and control
	nextWLAN                 // an 802.11 frame
	nextMPLS                 // a label stack
)

// follow decodes from off on.
func (w *walker) follow(n next, off int) {
	switch n {
	case nextIP:
		w.ip(off)
	case nextEthernet:
		w.ethernet(off)
	case nextPPP:
		w.ppp(off)
	case nextWLAN:
		w.wlan(off)
	case nextMPLS:
		w.mpls(off)
	}
}

// upper are the facts about the network header and what is behind it.
const upper = ^(packet.HasVLAN | packet.HasMAC | packet.HasMPLS | packet.HasPPPoE | packet.HasTunnel | packet.HasPadding)

// tunnel enters the packet that begins at off, in a tunnel of a kind whose
// network header was decoded, or in a pseudowire (TunnelNone). It reports
// whether there is an IP packet inside. If not, everything is as before, but
// for the trouble that was met: with guess, when nothing but a port or a nibble
// announced the packet, not even that.
func (w *walker) tunnel(kind packet.Tunnel, n next, off int, guess bool) bool {
	if w.l.Has.Any(packet.HasFragment) {
		return false
	}
	l, saved, end, wire := w.l, *w.l, w.end, w.wire
	var at mark
	if w.trace != nil {
		at = w.trace.mark
	}
	l.Has &^= upper
	if l.Has&packet.HasTunnel == 0 && kind != packet.TunnelNone {
		l.Has |= packet.HasTunnel
		l.Outer, l.Tunnel = saved.L3, kind
	}
	l.Depth++
	w.follow(n, off)
	if l.Has.Any(packet.HasIP) {
		return true
	}
	problem := l.Problem
	*l, w.end, w.wire = saved, end, wire
	if !guess || problem == packet.ProblemTooDeep {
		w.problem(problem)
	}
	if w.trace != nil {
		w.trace.rewind(at)
	}
	return false
}

// ip decodes an IP packet of either version.
func (w *walker) ip(off int) {
	if w.lacks(off, 1) {
		w.short(off)
		return
	}
	switch w.frame[off] >> 4 {
	case 4:
		w.ipv4(off)
	case 6:
		w.ipv6(off)
	default:
		w.problem(packet.ProblemBadVersion)
		w.stop(off)
	}
}

// plausible reports whether an IP packet seems to begin at off: its version,
// and lengths that fit into what is around it. Bytes behind it are allowed
// only if padded.
func (w *walker) plausible(n next, off int) bool {
	switch n {
	case nextEthernet:
		return w.plausibleEthernet(off)
	case nextIP:
		return w.plausibleIP(off, false)
	}
	return true
}

func (w *walker) plausibleIP(off int, padded bool) bool {
	if w.lacks(off, 20) {
		return false
	}
	h := w.frame[off:w.end]
	var size int
	switch h[0] >> 4 {
	case 4:
		size = int(be16(h[2:]))
		if hlen := int(h[0]&15) * 4; hlen < 20 || size < hlen {
			return false
		}
	case 6:
		size = 40 + int(be16(h[4:]))
	default:
		return false
	}
	room := w.wire - off
	return size == room || padded && size < room
}

// plausibleEthernet reports whether an Ethernet frame with an IP packet, with
// at most two VLAN tags, seems to begin at off.
func (w *walker) plausibleEthernet(off int) bool {
	for at, tags := off+12, 0; !w.lacks(at, 2); at, tags = at+4, tags+1 {
		switch be16(w.frame[at:]) {
		case etherIPv4, etherIPv6:
			return w.plausibleIP(at+2, true)
		case etherVLAN, ether8021ad, etherQinQ:
			if tags == 2 {
				return false
			}
		default:
			return false
		}
	}
	return false
}

// enterTransport is enter behind a network header, which stays.
func (w *walker) enterTransport(p Layer, off int) bool {
	if w.headers++; w.headers > maxHeaders {
		w.problem(packet.ProblemTooDeep)
		w.transport(off, 0)
		return false
	}
	if w.trace != nil {
		w.trace.add(p, off)
	}
	return true
}
