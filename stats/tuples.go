package stats

import (
	"math/bits"
	"slices"

	"pkt/field"
	"pkt/flow"
	"pkt/packet"
)

// MaxKeys is how many keys a ranking can have.
const MaxKeys = 16

// layout says where the values of the keys lie in the words of a group's key:
// the first word tells which are there, the others hold them.
type layout struct {
	keys   []Key
	off    []int // of each key's first word
	stride int
}

func newLayout(keys []Key) layout {
	l := layout{keys: keys, stride: 1}
	for i := range keys {
		l.off = append(l.off, l.stride)
		l.stride += keys[i].words()
	}
	return l
}

// set puts the value of key k into a tuple's words.
func (l *layout) set(words []uint64, k int, c field.Cell) {
	words[0] |= 1 << k
	at := l.off[k]
	words[at] = c.Lo
	if l.keys[k].words() == 2 {
		words[at+1] = c.Hi
	}
}

// unset takes the value of key k out of a tuple's words.
func (l *layout) unset(words []uint64, k int) {
	words[0] &^= 1 << k
	clear(words[l.off[k]:][:l.keys[k].words()])
}

// cell returns the value of key k, if the group has one.
func (l *layout) cell(words []uint64, k int) (c field.Cell, ok bool) {
	if words[0]>>k&1 == 0 {
		return c, false
	}
	c.Lo = words[l.off[k]]
	if l.keys[k].words() == 2 {
		c.Hi = words[l.off[k]+1]
	}
	return c, true
}

// Ends of a packet that a tuple names.
const (
	endSrc = 1 << iota
	endDst
)

// tuples are the values of the keys for the packets of a batch: one tuple a
// packet, more where a key has several values. They are in the packets' order.
type tuples struct {
	*layout
	texts *texts
	at    []uint16 // the packet
	ends  []uint8  // which of its ends the tuple names
	words []uint64 // stride each
	other struct { // the lists before the last key with several values
		at    []uint16
		ends  []uint8
		words []uint64
	}
	vec   field.Vector
	cells []field.Cell
}

// tuple returns the words of tuple j.
func (t *tuples) tuple(j int) []uint64 { return t.words[j*t.stride:][:t.stride] }

// read fills t with the packet keys of the packets in the set. Flow keys are
// left absent.
func (t *tuples) read(b *packet.Batch, in packet.Set) {
	t.at, t.ends = t.at[:0], t.ends[:0]
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			t.at = append(t.at, uint16(word<<6+bits.TrailingZeros64(set)))
			t.ends = append(t.ends, 0)
		}
	}
	t.clear()
	for k := range t.keys {
		if column := t.keys[k].Column; column != nil {
			t.fill(k, column(b, in, &t.vec))
		}
	}
	for k := range t.keys {
		if t.keys[k].List != nil {
			t.spread(k, b)
		}
	}
}

// clear makes room for the words of all tuples, with all keys absent.
func (t *tuples) clear() {
	n := len(t.at) * t.stride
	t.words = slices.Grow(t.words[:0], n)[:n]
	clear(t.words)
}

// readFlows fills t with the flow keys of the rows in the set. Tuple j is of row
// j.
func (t *tuples) readFlows(rows []flow.Row, in packet.Set) {
	t.at = t.at[:0]
	for j := range rows {
		t.at = append(t.at, uint16(j))
	}
	t.clear()
	for k := range t.keys {
		if column := t.keys[k].Flow; column != nil {
			t.fill(k, column(rows, in, &t.vec))
		}
	}
}

// fill puts the column in t.vec into key k.
func (t *tuples) fill(k int, has packet.Set) {
	bit, at := uint64(1)<<k, t.off[k]
	wide, isText := t.keys[k].words() == 2, t.keys[k].Kind == field.String
	end := oneEnd(t.keys[k].Side)
	for j, i := range t.at {
		if !has.Has(int(i)) {
			continue
		}
		words := t.tuple(j)
		c := t.vec.Cells[i]
		if isText {
			c.Lo = t.texts.id(k, t.vec.TextAt(int(i)))
		}
		words[0] |= bit
		words[at] = c.Lo
		if wide {
			words[at+1] = c.Hi
		}
		if end != 0 {
			t.ends[j] |= end
		}
	}
}

// oneEnd is the end that a key with one value a packet names.
func oneEnd(s Side) uint8 {
	switch s {
	case SideSrc:
		return endSrc
	case SideDst:
		return endDst
	}
	return 0
}

// spread repeats each tuple for every distinct value of key k, which has
// several. A packet without any keeps its one tuple.
func (t *tuples) spread(k int, b *packet.Batch) {
	o := &t.other
	o.at, t.at = t.at, o.at[:0]
	o.ends, t.ends = t.ends, o.ends[:0]
	o.words, t.words = t.words, o.words[:0]
	both := t.keys[k].Side == SideBoth
	for j, i := range o.at {
		words := o.words[j*t.stride:][:t.stride]
		t.cells = t.keys[k].List(b, int(i), t.cells[:0])
		if len(t.cells) == 0 {
			t.append(i, o.ends[j], words)
			continue
		}
		first := len(t.at)
		for n, c := range t.cells {
			end := o.ends[j]
			if both {
				// A list of both ends begins with the source.
				end |= endSrc << min(n, 1)
			}
			if same := slices.Index(t.cells[:n], c); same >= 0 {
				t.mergeEnds(first, k, c, end)
				continue
			}
			t.append(i, end, words)
			t.set(t.tuple(len(t.at)-1), k, c)
		}
	}
}

// mergeEnds adds ends to the tuple, of those from first on, that has the value c.
func (t *tuples) mergeEnds(first, k int, c field.Cell, ends uint8) {
	for j := first; j < len(t.at); j++ {
		if have, _ := t.cell(t.tuple(j), k); have == c {
			t.ends[j] |= ends
		}
	}
}

func (t *tuples) append(at uint16, ends uint8, words []uint64) {
	t.at = append(t.at, at)
	t.ends = append(t.ends, ends)
	t.words = append(t.words, words...)
}

// texts numbers the strings that groups have in their keys.
type texts struct {
	ids  map[string]uint32
	all  []string
	last [MaxKeys]uint32 // id that a key had last: neighbours mostly have the same
}

func newTexts() *texts {
	return &texts{ids: map[string]uint32{"": 0}, all: []string{""}}
}

// id returns the number of a string that key k has.
func (t *texts) id(k int, s []byte) uint64 {
	if t.all[t.last[k]] == string(s) {
		return uint64(t.last[k])
	}
	id, known := t.ids[string(s)]
	if !known {
		id = uint32(len(t.all))
		t.all = append(t.all, string(s))
		t.ids[t.all[id]] = id
	}
	t.last[k] = id
	return uint64(id)
}

// keep forgets the strings that no group has, and numbers the others anew in the
// keys of the groups.
func (t *texts) keep(g *groups, l *layout) {
	old := t.all
	*t = *newTexts()
	for k := range l.keys {
		if l.keys[k].Kind != field.String {
			continue
		}
		for i := 1; i < g.n; i++ {
			words := g.key(uint32(i))
			if c, ok := l.cell(words, k); ok {
				words[l.off[k]] = t.id(k, []byte(old[c.Lo]))
			}
		}
	}
}
