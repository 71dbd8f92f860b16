package flow

// index finds records by 32 bits of their hash, the tag: open addressing with
// linear probing. A slot is tag<<32 | number+1, and 0 when empty. A slot's home
// is told by the highest bits of its tag, so that growing and deleting need
// nothing but the slots.
type index struct {
	slots []uint64 // a power of two
	shift uint8    // tag>>shift is the home
	n     int
}

// minSlots is the size of a new index.
const minSlots = 1 << 10

func newIndex() index { return index{slots: make([]uint64, minSlots), shift: 32 - 10} }

// home returns where the search for tag begins.
func (x *index) home(tag uint32) uint32 { return tag >> x.shift }

// guess returns number+1 of the first record with the tag, 0 if there is none.
func (x *index) guess(tag uint32) uint32 {
	mask := uint32(len(x.slots) - 1)
	for i := x.home(tag); ; i++ {
		slot := x.slots[i&mask]
		if slot == 0 || uint32(slot>>32) == tag {
			return uint32(slot)
		}
	}
}

// insert adds a record under its tag.
func (x *index) insert(tag, number uint32) {
	if x.n >= len(x.slots)/4*3 {
		x.grow()
	}
	x.n++
	x.place(uint64(tag)<<32 | uint64(number+1))
}

func (x *index) place(slot uint64) {
	mask := uint32(len(x.slots) - 1)
	i := x.home(uint32(slot >> 32))
	for x.slots[i&mask] != 0 {
		i++
	}
	x.slots[i&mask] = slot
}

// grow doubles the slots. Old slots are read in order of their homes, so that
// new ones are written in order too.
func (x *index) grow() {
	old := x.slots
	x.slots = make([]uint64, 2*len(old))
	x.shift--
	for _, s := range old {
		if s != 0 {
			x.place(s)
		}
	}
}

// remove deletes a record, and moves up what was displaced behind it.
func (x *index) remove(tag, number uint32) {
	mask := uint32(len(x.slots) - 1)
	i := x.home(tag)
	for x.slots[i&mask] != uint64(tag)<<32|uint64(number+1) {
		i++
	}
	x.n--
	for j := i + 1; ; j++ {
		s := x.slots[j&mask]
		if s == 0 {
			break
		}
		// The slot at j may fill the gap at i if its home is not behind i.
		if (j-x.home(uint32(s>>32)))&mask >= (j-i)&mask {
			x.slots[i&mask] = s
			i = j
		}
	}
	x.slots[i&mask] = 0
}
