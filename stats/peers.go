package stats

import (
	"math/bits"
	"math/rand/v2"

	"pkt/field"
)

// peers counts the distinct addresses at the other end of each group: a table
// of pairs of group and address with open addressing. Addresses are told apart
// by 64 bits of a hash with a secret seed: among a million peers of one group,
// the chance that two are taken for one is 1 in 30 million.
type peers struct {
	groups *groups // whose peers are counted
	slots  []pair
	n      int
	max    int
	missed uint64 // flows whose peer had no room
	seed   [2]uint64
	queue  []pair // flows to be counted, looked up together
	warmed uint64 // keeps loads from being optimised away
}

// pair is a group and an address beside it. flows is how many flows put it
// there; the pair is counted while there are any.
type pair struct {
	addr  uint64
	group uint32 // 0: the slot is free
	flows uint32
}

// queueLen is how many pairs are looked up together.
const queueLen = 256

func newPeers(g *groups, maxPairs int) *peers {
	return &peers{
		groups: g,
		slots:  make([]pair, minSlots),
		max:    maxPairs,
		seed:   [2]uint64{rand.Uint64(), rand.Uint64()},
		queue:  make([]pair, 0, queueLen),
	}
}

// pair returns the pair of a group and an address.
func (p *peers) pair(group uint32, c field.Cell) pair {
	hi, lo := bits.Mul64(c.Hi^p.seed[0], c.Lo^p.seed[1])
	hi, lo = bits.Mul64(hi^lo^p.seed[0], c.Lo^bits.RotateLeft64(c.Hi, 32)^p.seed[1])
	return pair{addr: hi ^ lo, group: group, flows: 1}
}

// home is the slot where the search for a pair begins.
func (p *peers) home(k *pair) uint64 {
	hi, lo := bits.Mul64(k.addr^uint64(k.group)<<32, 0x9e3779b97f4a7c15)
	return (hi ^ lo) & uint64(len(p.slots)-1)
}

// find returns the slot of a pair, or the free one where it belongs.
func (p *peers) find(k *pair) *pair {
	for at := p.home(k); ; at = (at + 1) & uint64(len(p.slots)-1) {
		if s := &p.slots[at]; s.group == 0 || s.addr == k.addr && s.group == k.group {
			return s
		}
	}
}

// add counts that a flow put an address beside a group. It takes effect with
// the next flush.
func (p *peers) add(group uint32, addr field.Cell) {
	if len(p.queue) == queueLen {
		p.flush()
	}
	p.queue = append(p.queue, p.pair(group, addr))
}

// flush counts what has been added. Slots are read before they are needed, so
// that the processor fetches many at once.
func (p *peers) flush() {
	for i := range p.queue {
		p.warmed += uint64(p.slots[p.home(&p.queue[i])].flows)
	}
	for i := range p.queue {
		p.count(&p.queue[i])
	}
	p.queue = p.queue[:0]
}

func (p *peers) count(k *pair) {
	s := p.find(k)
	if s.group == 0 {
		if p.n >= p.max {
			p.missed++
			p.groups.side[k.group].lower = true
			return
		}
		if p.n++; p.n*4 > len(p.slots)*3 {
			p.rebuild(2*len(p.slots), nil)
			s = p.find(k)
		}
		*s = pair{addr: k.addr, group: k.group}
	}
	if s.flows++; s.flows == 1 {
		p.groups.side[k.group].peers++
	}
}

// remove takes back what add counted.
func (p *peers) remove(group uint32, addr field.Cell) {
	p.flush()
	k := p.pair(group, addr)
	if s := p.find(&k); s.group != 0 && s.flows > 0 {
		if s.flows--; s.flows == 0 {
			p.groups.side[group].peers--
		}
	}
}

// rebuild moves the pairs to n slots. moved, where not nil, holds the new
// numbers of the groups; pairs of the rest and pairs of no flow are dropped.
func (p *peers) rebuild(n int, moved []uint32) {
	old := p.slots
	p.slots = make([]pair, n)
	if moved != nil {
		p.n = 0
	}
	for i := range old {
		k := old[i]
		if k.group == 0 {
			continue
		}
		if moved != nil {
			if k.group = moved[k.group]; k.group == rest || k.flows == 0 {
				continue
			}
			p.n++
		}
		*p.find(&k) = k
	}
}

// renumber follows an eviction of groups. The queue must be empty.
func (p *peers) renumber(moved []uint32) { p.rebuild(len(p.slots), moved) }
