package line

import (
	"math/bits"
	"math/rand/v2"

	"pkt/field"
)

// maxConns is how many connections are remembered at least.
const maxConns = 1 << 19

// conn is a connection and where the sequence numbers of its sides begin.
type conn struct {
	low, high      field.Cell // the endpoints, the lower one first
	ports          uint32     // of the endpoints, in the same order
	lowSeq, hghSeq uint32
}

// conns remembers connections in two generations. Where the young one has
// grown to max, it becomes the old one; connections that are met again move to
// the young one, the others are forgotten with the next change. Lookups do not
// slow down with the number of connections.
type conns struct {
	young, old generation
	seed       [2]uint64
	max        int
	forgotten  uint64
}

// generation is a hash table with open addressing.
type generation struct {
	slots []uint32 // index into conns, 1 added; 0 is free
	conns []conn
	moved int // conns that a younger generation has too
}

func newConns(max int) conns {
	return conns{seed: [2]uint64{rand.Uint64() | 1, rand.Uint64() | 1}, max: max}
}

// segment is what numbers are relative to.
type base struct {
	own, peer uint32 // where the numbers of the sender and of the receiver begin
	known     bool   // the connection was known before
}

// meet returns the base of a segment that acknowledges. One that begins a
// connection, as far as is known, is noted with its numbers: what it
// acknowledges is the byte behind the receiver's first number.
func (c *conns) meet(src, dst field.Cell, sport, dport uint16, begins bool, seq, ack uint32) base {
	key := conn{low: src, high: dst, ports: uint32(sport)<<16 | uint32(dport)}
	exchanged := less(dst, src) || src == dst && dport < sport
	if exchanged {
		key.low, key.high, key.ports = dst, src, uint32(dport)<<16|uint32(sport)
	}
	hash := c.hash(&key)
	found := c.find(&key, hash)
	known := found != nil
	if !known {
		found = c.add(key, hash)
	}
	if !known || begins {
		if exchanged {
			found.lowSeq, found.hghSeq = ack-1, seq
		} else {
			found.lowSeq, found.hghSeq = seq, ack-1
		}
	}
	if exchanged {
		return base{found.hghSeq, found.lowSeq, known && !begins}
	}
	return base{found.lowSeq, found.hghSeq, known && !begins}
}

func less(a, b field.Cell) bool { return a.Hi < b.Hi || a.Hi == b.Hi && a.Lo < b.Lo }

// find returns a connection, moved to the young generation.
func (c *conns) find(key *conn, hash uint64) *conn {
	if found := c.young.find(key, hash); found != nil {
		return found
	}
	if found := c.old.find(key, hash); found != nil {
		c.old.moved++
		return c.add(*found, hash)
	}
	return nil
}

// add adds a connection to the young generation.
func (c *conns) add(key conn, hash uint64) *conn {
	if len(c.young.conns) >= c.max {
		c.forgotten += uint64(len(c.old.conns) - c.old.moved)
		c.young, c.old = c.old, c.young
		c.young.clear()
	}
	return c.young.add(key, hash, c)
}

// hash mixes a connection with a seed that senders of packets cannot know.
func (c *conns) hash(k *conn) uint64 {
	h := mix(k.low.Lo^c.seed[0], k.high.Lo^c.seed[1])
	return mix(h^k.low.Hi, k.high.Hi^uint64(k.ports)^c.seed[0])
}

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0x9e3779b97f4a7c15, b^0xd1b54a32d192ed03)
	return hi ^ lo
}

func (g *generation) find(key *conn, hash uint64) *conn {
	if len(g.slots) == 0 {
		return nil
	}
	mask := uint64(len(g.slots) - 1)
	for at := hash & mask; g.slots[at] != 0; at = (at + 1) & mask {
		if c := &g.conns[g.slots[at]-1]; c.ports == key.ports && c.low == key.low && c.high == key.high {
			return c
		}
	}
	return nil
}

func (g *generation) add(key conn, hash uint64, c *conns) *conn {
	if 4*len(g.conns) >= 3*len(g.slots) {
		g.grow(c)
	}
	g.conns = append(g.conns, key)
	g.place(hash, uint32(len(g.conns)))
	return &g.conns[len(g.conns)-1]
}

func (g *generation) place(hash uint64, value uint32) {
	mask := uint64(len(g.slots) - 1)
	at := hash & mask
	for g.slots[at] != 0 {
		at = (at + 1) & mask
	}
	g.slots[at] = value
}

func (g *generation) grow(c *conns) {
	g.slots = make([]uint32, max(256, 2*len(g.slots)))
	for i := range g.conns {
		g.place(c.hash(&g.conns[i]), uint32(i+1))
	}
}

// clear forgets all connections and keeps the memory.
func (g *generation) clear() {
	clear(g.slots)
	g.conns, g.moved = g.conns[:0], 0
}
