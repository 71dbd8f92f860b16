package output

import (
	"bytes"
	"cmp"
	"iter"
	"slices"
	"strings"

	"pkt/field"
)

// Order compares the rows of a Top: the field of one key and its direction.
type Order struct {
	Field field.Field
	Desc  bool
}

// topPage is the number of rows that a Top makes room for at a time.
const topPage = 64

// Top holds the first rows in an order: all of them, or with a limit never
// more than that many. Equal rows stay in the order in which they came, and
// rows that lack a key come last in either direction. Rows are copied into it.
type Top[R any] struct {
	order []Order
	limit int // 0: none

	// A slot is a place for a row and its keys. With a limit there is one
	// more of them than rows are held: the keys of the next row are put
	// there, and it changes places with the worst row if it is better.
	rows  [][]R        // by slot, in pages: growing does not copy them
	seq   []uint64     // when the row of a slot came
	cells []field.Cell // len(order) for each slot
	has   []bool       // likewise
	texts [][]byte     // likewise; grown only by keys that are Strings
	heap  []int        // slots of the rows held, the worst at its root; only with a limit
	spare int          // the slot that no row is in; valid once the heap is full
	came  uint64
}

// NewTop returns a Top for the given order; limit 0 holds all rows.
func NewTop[R any](order []Order, limit int) *Top[R] {
	return &Top[R]{order: order, limit: limit}
}

// Add offers a row with its keys, one value for each part of the order. It
// reports whether the row is held; a later one may take its place.
func (t *Top[R]) Add(keys []Value, row R) bool {
	t.came++
	if t.limit == 0 {
		*t.row(t.put(t.grow(), keys)) = row
		return true
	}
	if len(t.heap) < t.limit {
		slot := t.put(t.grow(), keys)
		*t.row(slot) = row
		t.heap = append(t.heap, slot)
		t.up(len(t.heap) - 1)
		return true
	}
	if len(t.seq) == t.limit {
		t.spare = t.grow()
	}
	slot := t.put(t.spare, keys)
	if t.compare(slot, t.heap[0]) > 0 {
		return false
	}
	*t.row(slot) = row
	t.heap[0], t.spare = slot, t.heap[0]
	t.down()
	return true
}

// Len returns the number of rows held.
func (t *Top[R]) Len() int {
	if t.limit > 0 {
		return len(t.heap)
	}
	return len(t.seq)
}

// All returns the rows held, first ones first. They must not be changed while
// others are added.
func (t *Top[R]) All() iter.Seq[*R] {
	slots := slices.Clone(t.heap)
	if t.limit == 0 {
		slots = make([]int, len(t.seq))
		for i := range slots {
			slots[i] = i
		}
	}
	slices.SortFunc(slots, t.compare)
	return func(yield func(*R) bool) {
		for _, s := range slots {
			if !yield(t.row(s)) {
				return
			}
		}
	}
}

// grow makes a new slot.
func (t *Top[R]) grow() int {
	slot := len(t.seq)
	if t.seq = append(t.seq, 0); slot%topPage == 0 {
		t.rows = append(t.rows, make([]R, topPage))
	}
	for i := range t.order {
		t.cells = append(t.cells, field.Cell{})
		t.has = append(t.has, false)
		if t.order[i].Field.Kind == field.String {
			t.texts = append(t.texts, nil)
		}
	}
	return slot
}

// row returns the place of a slot's row.
func (t *Top[R]) row(slot int) *R { return &t.rows[slot/topPage][slot%topPage] }

// put copies keys into a slot, which it returns.
func (t *Top[R]) put(slot int, keys []Value) int {
	t.seq[slot] = t.came
	perRow := len(t.texts) / len(t.seq)
	text := slot * perRow
	for i := range t.order {
		f, at := &t.order[i].Field, slot*len(t.order)+i
		t.cells[at], t.has[at] = keys[i].Cell, present(f, &keys[i])
		if f.Kind == field.String {
			t.cells[at].Lo = uint64(text)
			t.texts[text] = append(t.texts[text][:0], keys[i].Text...)
			text++
		}
	}
	return slot
}

// compare orders two slots; no two are equal.
func (t *Top[R]) compare(a, b int) int {
	for i := range t.order {
		o := &t.order[i]
		at, bt := a*len(t.order)+i, b*len(t.order)+i
		if !t.has[at] || !t.has[bt] {
			if t.has[at] != t.has[bt] {
				if t.has[at] {
					return -1
				}
				return 1
			}
			continue
		}
		c := t.compareCells(&o.Field, t.cells[at], t.cells[bt])
		if c != 0 {
			if o.Desc {
				return -c
			}
			return c
		}
	}
	return cmp.Compare(t.seq[a], t.seq[b])
}

// compareCells orders two values: numbers by size, text and enumerations by
// spelling, IPv4 before IPv6, ports by number.
func (t *Top[R]) compareCells(f *field.Field, a, b field.Cell) int {
	switch f.Kind {
	case field.Int, field.Time, field.Duration:
		return cmp.Compare(a.Int(), b.Int())
	case field.Float:
		return cmp.Compare(a.Float(), b.Float())
	case field.String:
		return bytes.Compare(t.texts[a.Lo], t.texts[b.Lo])
	case field.Enum:
		if n := uint64(len(f.Names)); a.Lo < n && b.Lo < n {
			return strings.Compare(f.Names[a.Lo], f.Names[b.Lo])
		}
	case field.Port:
		if c := cmp.Compare(a.Lo&0xffff, b.Lo&0xffff); c != 0 {
			return c
		}
	case field.Addr, field.Prefix:
		if a.Is4() != b.Is4() {
			if a.Is4() {
				return -1
			}
			return 1
		}
	}
	return cmp.Or(cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Lo, b.Lo))
}

// up moves a row of the heap towards the root, past rows that are better.
func (t *Top[R]) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if t.compare(t.heap[i], t.heap[parent]) < 0 {
			return
		}
		t.heap[i], t.heap[parent] = t.heap[parent], t.heap[i]
		i = parent
	}
}

// down moves the root away from its place, past rows that are worse.
func (t *Top[R]) down() {
	for i := 0; ; {
		worst := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(t.heap); child++ {
			if t.compare(t.heap[child], t.heap[worst]) > 0 {
				worst = child
			}
		}
		if worst == i {
			return
		}
		t.heap[i], t.heap[worst] = t.heap[worst], t.heap[i]
		i = worst
	}
}
