package stats

import (
	"math/bits"
	"math/rand/v2"
	"slices"
)

// none is the number of a key that an index does not hold.
const none = ^uint32(0)

// index numbers keys of a fixed count of words: open addressing over 8-byte
// slots, whose upper half is a tag that tells nearly all keys apart and places
// the slot, so that growing reads no keys. Numbers count up from 0; those of
// removed keys are used again.
type index struct {
	stride int
	slots  []uint64 // tag<<32 | number+1; 0 is free
	keys   []uint64 // stride words each
	unused []uint32 // numbers of removed keys
	n      int      // numbers ever used
	most   int      // numbers that are expected; 0: any
	seed   [2]uint64
}

// minSlots is the size of a new index, a power of two.
const minSlots = 1 << 8

func newIndex(stride int) index {
	return index{
		stride: stride,
		slots:  make([]uint64, minSlots),
		seed:   [2]uint64{rand.Uint64(), rand.Uint64()},
	}
}

// len is the number of keys.
func (x *index) len() int { return x.n - len(x.unused) }

// key returns the words of a key.
func (x *index) key(number uint32) []uint64 {
	return x.keys[int(number)*x.stride:][:x.stride]
}

// hash mixes two words at a time by a widening multiplication with a secret
// seed, so that nobody can send packets whose keys collide.
func (x *index) hash(key []uint64) uint32 {
	h, i := x.seed[0], 0
	for ; i+1 < len(key); i += 2 {
		hi, lo := bits.Mul64(key[i]^h, key[i+1]^x.seed[1])
		h = hi ^ lo
	}
	if i < len(key) {
		h ^= key[i]
	}
	hi, lo := bits.Mul64(h^x.seed[1], 0x9e3779b97f4a7c15)
	return uint32(hi ^ lo)
}

// home is the slot where the search for a tag begins.
func (x *index) home(tag uint32) int {
	return int(uint64(tag) * uint64(len(x.slots)) >> 32)
}

// find returns the number of a key with its hash, or none.
func (x *index) find(tag uint32, key []uint64) uint32 {
	mask := len(x.slots) - 1
	for at := x.home(tag); ; at++ {
		s := x.slots[at&mask]
		if s == 0 {
			return none
		}
		if uint32(s>>32) == tag && same(x.key(uint32(s)-1), key) {
			return uint32(s) - 1
		}
	}
}

// same reports whether two keys of one index are equal.
func same(a, b []uint64) bool {
	for i, w := range a {
		if w != b[i] {
			return false
		}
	}
	return true
}

// add numbers a key that find did not find.
func (x *index) add(tag uint32, key []uint64) uint32 {
	if (x.len()+1)*4 > len(x.slots)*3 {
		x.grow()
	}
	var number uint32
	if last := len(x.unused) - 1; last >= 0 {
		number, x.unused = x.unused[last], x.unused[:last]
		copy(x.key(number), key)
	} else {
		number = uint32(x.n)
		x.n++
		x.keys = append(grown(x.keys, x.stride, x.most), key...)
	}
	x.place(uint64(tag)<<32 | uint64(number+1))
	return number
}

// grown returns s with room for another size elements: for twice as many as
// there are, since append alone would copy large slices four times as often, but
// for no more than most times size, as long as these are enough.
func grown[T any](s []T, size, most int) []T {
	if len(s)+size <= cap(s) {
		return s
	}
	more := max(len(s), 64*size)
	if left := most*size - len(s); left >= size {
		more = min(more, left)
	}
	return slices.Grow(s, more)
}

// place puts a slot into the first free place of its tag.
func (x *index) place(slot uint64) {
	mask := len(x.slots) - 1
	at := x.home(uint32(slot >> 32))
	for x.slots[at&mask] != 0 {
		at++
	}
	x.slots[at&mask] = slot
}

func (x *index) grow() {
	old := x.slots
	x.slots = make([]uint64, 2*len(old))
	for _, s := range old {
		if s != 0 {
			x.place(s)
		}
	}
}

// remove forgets a key that the index holds, and moves up what was displaced
// behind its slot.
func (x *index) remove(number uint32) {
	mask := len(x.slots) - 1
	tag := x.hash(x.key(number))
	gap := x.home(tag)
	for x.slots[gap&mask] != uint64(tag)<<32|uint64(number+1) {
		gap++
	}
	for at := gap + 1; x.slots[at&mask] != 0; at++ {
		// A slot may fill the gap unless its home lies behind the gap.
		s := x.slots[at&mask]
		if (at-x.home(uint32(s>>32)))&mask >= (at-gap)&mask {
			x.slots[gap&mask] = s
			gap = at
		}
	}
	x.slots[gap&mask] = 0
	x.unused = append(x.unused, number)
}

// reset forgets all keys and keeps the memory. It costs no more than there were
// keys.
func (x *index) reset() {
	if x.n*8 > len(x.slots) {
		clear(x.slots)
	} else {
		// Clearing from every home to the next free slot reaches every slot in use:
		// what lies between a home and its slot was in use too.
		mask := len(x.slots) - 1
		for i := range x.n {
			for at := x.home(x.hash(x.key(uint32(i)))); x.slots[at&mask] != 0; at++ {
				x.slots[at&mask] = 0
			}
		}
	}
	x.keys, x.unused, x.n = x.keys[:0], x.unused[:0], 0
}
