package pcapfilter

import (
	"encoding/binary"
	"math/bits"

	"pkt/packet"
)

// screen is what a packet needs to match: at least one of its probes has to
// hold. It is asked before the machine, which only runs for the packets that are
// left. Most filters name an address or a port that few packets have, and a
// probe is a load and a comparison without a jump to guess.
type screen struct {
	fixed  []probe // at places that do not depend on the packet
	behind []probe // at places behind an IPv4 header
	need   int     // bytes that the fixed probes look at; a shorter packet is let through
}

// probe is a comparison of four bytes of a packet. It is of numbers in the
// byte order of the machine that runs fastest, little-endian.
type probe struct {
	at          uint32
	header      uint32 // where the IPv4 header begins that at counts behind
	mask, value uint32
}

// filter returns the packets of a set that the machine has to look at.
func (s *screen) filter(b *packet.Batch, in packet.Set) (out packet.Set) {
	if len(s.fixed)+len(s.behind) == 0 {
		return in
	}
	for word, set := range in {
		var kept uint64
		for ; set != 0; set &= set - 1 {
			r := &b.Records[word<<6+bits.TrailingZeros64(set)]
			frame := b.Block.Bytes[r.Off : r.Off+r.CapLen]
			if s.holds(frame) {
				kept |= set & -set
			}
		}
		out[word] = kept
	}
	return out
}

func (s *screen) holds(frame []byte) bool {
	if len(frame) < s.need {
		return true
	}
	miss := uint32(1)
	for i := range s.fixed {
		p := &s.fixed[i]
		// The difference is 0 where the probe holds; no jump depends on it.
		d := binary.LittleEndian.Uint32(frame[p.at:])&p.mask ^ p.value
		miss &= (d | -d) >> 31
	}
	for i := range s.behind {
		p := &s.behind[i]
		at := uint64(p.at) + uint64(frame[p.header]&0xf)<<2
		if at+4 <= uint64(len(frame)) {
			d := binary.LittleEndian.Uint32(frame[at:])&p.mask ^ p.value
			miss &= (d | -d) >> 31
		}
	}
	return miss == 0
}

// maxProbes is how many probes are worth asking before the machine runs.
const maxProbes = 8

// newScreen returns the screen of a program whose steps are not fused. It has
// no probes if none can be found that every match has to pass.
//
// The comparisons that lead to a match form a graph. The cheapest set of
// outcomes "is equal" that cuts it between the beginning and the end is the
// screen: every match goes through one of them.
func newScreen(code []step) (s screen) {
	g := newCut(code)
	edges := g.cheapest(maxProbes * dearest)
	if len(edges) > maxProbes {
		return screen{}
	}
	for _, at := range edges {
		p := g.questions[at].probe()
		if g.questions[at].behind {
			s.behind = append(s.behind, p)
			s.need = max(s.need, int(p.header)+1)
		} else {
			s.fixed = append(s.fixed, p)
			s.need = max(s.need, int(p.at)+4)
		}
	}
	return s
}

// loaded is where a value of the machine comes from.
type loaded struct {
	known  bool // the rest is valid
	behind bool // at counts behind the IPv4 header at header
	at     uint32
	size   uint32 // in bytes
	header uint32
	mask   uint32
}

// question is a comparison of what was loaded with a constant.
type question struct {
	loaded
	value uint32
}

// probe returns the comparison as one of four bytes: those of a shorter load are
// the last ones of four, or the first ones at the start of a packet.
func (q *question) probe() probe {
	p := probe{at: q.at, header: q.header, mask: q.mask, value: q.value}
	if spare := 4 - q.size; p.at >= spare {
		p.at -= spare
	} else {
		p.mask, p.value = p.mask<<(8*spare), p.value<<(8*spare)
	}
	p.mask, p.value = bits.ReverseBytes32(p.mask), bits.ReverseBytes32(p.value)
	return p
}

// Prices of outcomes. One that many packets have is not worth asking for.
const (
	dearest   = 40
	priceless = 1 << 30
)

// price returns what it costs to let the packets through that say yes.
func (q *question) price() int {
	known := bits.OnesCount32(q.mask)
	switch {
	case !q.known || q.size == 1 || known < 8:
		return priceless
	case q.size == 2:
		switch q.value {
		case 0x0800, 0x86dd, 0x8100, 0x0021, 0x0057: // what most packets are
			return priceless
		}
	}
	price := 35 - known
	if q.behind {
		price += 8
	}
	return min(price, dearest)
}
