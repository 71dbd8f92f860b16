package reassembly

import "math/bits"

// arena is the memory of segments that wait. It hands out slots of four sizes
// from chunks that are kept for ever, so that memory does not grow beyond what was
// held at the most.
type arena struct {
	class [len(slotShifts)]slots
	used  int // bytes of the slots in use
	most  int
}

// slotShifts are the sizes of slots, as powers of two.
var slotShifts = [...]uint8{8, 11, 14, 16}

// chunkShift is the size of what is allocated at a time.
const chunkShift = 16

// maxSlot is the size of the largest slot: longer segments are cut.
const maxSlot = 1 << chunkShift

// slots are those of one size.
type slots struct {
	chunks []*[1 << chunkShift]byte
	n      uint32   // slots ever used
	free   []uint32 // of them, those to use again
}

// ref names a slot: its class in the two lowest bits, its number above. A segment
// of length 0 has none.
type ref uint32

// classOf returns the class of slots that n bytes fit into.
func classOf(n int) int {
	for c, shift := range slotShifts {
		if n <= 1<<shift {
			return c
		}
	}
	panic("reassembly: a segment longer than any slot")
}

// take returns a slot for n bytes, at most maxSlot.
func (a *arena) take(n int) ref {
	c := classOf(n)
	s := &a.class[c]
	shift := slotShifts[c]
	a.used += 1 << shift
	a.most = max(a.most, a.used)
	if last := len(s.free) - 1; last >= 0 {
		i := s.free[last]
		s.free = s.free[:last]
		return ref(i<<2) | ref(c)
	}
	if perChunk := uint32(1) << (chunkShift - shift); s.n == uint32(len(s.chunks))*perChunk {
		s.chunks = append(s.chunks, new([1 << chunkShift]byte))
	}
	s.n++
	return ref((s.n-1)<<2) | ref(c)
}

// at returns the first n bytes of a slot.
func (a *arena) at(r ref, n int) []byte {
	c, i := r&3, uint32(r>>2)
	shift := slotShifts[c]
	perChunk := uint32(bits.TrailingZeros32(1 << (chunkShift - shift)))
	from := i & (1<<perChunk - 1) << shift
	return a.class[c].chunks[i>>perChunk][from : from+uint32(n)]
}

// give takes a slot back.
func (a *arena) give(r ref) {
	c := r & 3
	a.used -= 1 << slotShifts[c]
	a.class[c].free = append(a.class[c].free, uint32(r>>2))
}
