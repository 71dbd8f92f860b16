package stats

import "pkt/field"

// peers counts the distinct addresses at the other end of each group. It holds
// the pairs themselves, so its counts are exact, until it is full.
type peers struct {
	addrs index    // of Cells
	pairs index    // of group<<32 | address
	flows []uint32 // of each pair: how many flows put it there
	max   int
	full  bool // pairs had to be left out
}

func newPeers(maxPairs int) *peers {
	return &peers{addrs: newIndex(2), pairs: newIndex(1), max: maxPairs}
}

// add counts that a flow put an address beside a group, and reports whether it
// is the first one.
func (p *peers) add(group uint32, addr field.Cell) bool {
	key := []uint64{addr.Hi, addr.Lo}
	tag := p.addrs.hash(key)
	id := p.addrs.find(tag, key)
	if id == none {
		if p.pairs.n >= p.max {
			p.full = true
			return false
		}
		id = p.addrs.add(tag, key)
	}
	pair := []uint64{uint64(group)<<32 | uint64(id)}
	tag = p.pairs.hash(pair)
	at := p.pairs.find(tag, pair)
	if at == none {
		if p.pairs.n >= p.max {
			p.full = true
			return false
		}
		p.pairs.add(tag, pair)
		p.flows = append(p.flows, 1)
		return true
	}
	p.flows[at]++
	return p.flows[at] == 1
}

// remove takes back what add counted, and reports whether no other flow put the
// address there.
func (p *peers) remove(group uint32, addr field.Cell) bool {
	key := []uint64{addr.Hi, addr.Lo}
	id := p.addrs.find(p.addrs.hash(key), key)
	if id == none {
		return false
	}
	pair := []uint64{uint64(group)<<32 | uint64(id)}
	at := p.pairs.find(p.pairs.hash(pair), pair)
	if at == none || p.flows[at] == 0 {
		return false
	}
	p.flows[at]--
	return p.flows[at] == 0
}

// renumber follows an eviction of groups.
func (p *peers) renumber(moved []uint32) {
	old, flows := p.pairs, p.flows
	p.pairs, p.flows = newIndex(1), nil
	for i := range old.n {
		word := old.keys[i]
		to := moved[word>>32]
		if to == rest || flows[i] == 0 {
			continue
		}
		pair := []uint64{uint64(to)<<32 | word&0xffffffff}
		p.pairs.add(p.pairs.hash(pair), pair)
		p.flows = append(p.flows, flows[i])
	}
}
