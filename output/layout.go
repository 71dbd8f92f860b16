package output

import (
	"slices"

	"pkt/field"
)

// Sizes of tables, in cells.
const (
	gap         = 2  // between columns
	barWidth    = 20 // a bar where there is room
	barMin      = 8  // the least worth drawing
	sparkMin    = 10 // a sparkline
	percentCols = 6  // 100.0%
	textMin     = 16 // text may be cut to this before columns are dropped
	keyMin      = 21 // likewise text that is a key: an IPv4 address and its port are whole
	addrMin     = 17 // addresses may be cut to this: every IPv4 address is whole
	cutMin      = 8  // text is cut to this before columns that have no priority are dropped
)

// slot is the place of one column in a table.
type slot struct {
	column   int // position in table.cols
	priority uint8
	start    int // cells left of it
	width    int
	min      int  // it may shrink to this
	natural  int  // it need not be wider
	right    bool // numbers
	flexible bool // its text may be cut
	middle   bool // cut in the middle
	bar      bool
}

// newSlot returns the slot of a column whose widest text is known. Where rows
// are still to come it is at least as wide as its kind needs.
func newSlot(i int, c *Column, widest int, complete, drawBar bool) slot {
	title := width(c.title())
	s := slot{column: i, priority: c.Priority, natural: max(widest, title, usual(c, complete), c.Least)}
	s.right = c.Numeric() && !c.List && !c.Key
	s.min = s.natural
	switch {
	case c.Spark:
		s.right = false
		s.natural = max(s.natural, sparkMin)
		s.min = max(title, sparkMin)
	case c.Bar && drawBar:
		s.bar, s.right = true, false
		s.natural = max(s.natural, barWidth+1+percentCols)
		s.min = max(title, barMin+1+percentCols)
	case c.List || c.Kind == field.String:
		s.flexible = true
		s.min = min(s.natural, max(title, textMin))
		if c.Key {
			s.min = min(s.natural, max(title, keyMin))
		}
	case c.Kind == field.Addr || c.Kind == field.Prefix:
		s.flexible, s.middle = true, true
		s.min = min(s.natural, max(title, addrMin))
	}
	s.min = max(s.min, min(s.natural, c.Least))
	return s
}

// usual returns the width that values of a column usually need. Quantities have
// it in every table, so that their digits do not jump from one to the next.
func usual(c *Column, complete bool) int {
	if c.List {
		return 0
	}
	if c.Kind == field.Duration || c.Numeric() {
		return [...]int{
			field.NoUnit: 0, field.Bytes: 7, field.Packets: 6, field.BitPerSec: 11, field.PacketsPerSec: 10,
			field.Seconds: 7, field.Ratio: 5, field.Percent: 5, field.Count: 5,
		}[c.Unit]
	}
	if complete {
		return 0
	}
	switch c.Kind {
	case field.Addr:
		return 15
	case field.Prefix:
		return 18
	case field.Port:
		return 9
	case field.String:
		return 12
	case field.Enum:
		longest := 0
		for _, n := range c.Names {
			longest = max(longest, width(n))
		}
		return longest
	}
	return 0
}

// fit gives every slot its width and start so that a line has at most limit
// cells, 0 for no limit. It returns the slots that have room and the columns
// that have none.
func fit(slots []slot, limit int) (kept []slot, hidden []int) {
	kept = slices.Clone(slots)
	if limit > 0 {
		kept, hidden = drop(kept, limit)
	}
	spare := limit - least(kept)
	for i := range kept {
		kept[i].width = kept[i].min
		if limit == 0 {
			kept[i].width = kept[i].natural
		}
	}
	for grown := limit > 0; grown && spare > 0; {
		grown = false
		for i := range kept {
			if s := &kept[i]; s.width < s.natural && spare > 0 {
				s.width++
				spare--
				grown = true
			}
		}
	}
	at := 0
	for i := range kept {
		kept[i].start = at
		at += kept[i].width + gap
	}
	return kept, hidden
}

// drop takes columns away until the rest fits: by priority, the rightmost of
// equals first; then texts shrink and bars go; then the rightmost column. The
// first column always stays.
func drop(slots []slot, limit int) (kept []slot, hidden []int) {
	remove := func(i int) {
		hidden = append(hidden, slots[i].column)
		slots = slices.Delete(slots, i, i+1)
	}
	for least(slots) > limit {
		worst := -1
		for i, s := range slots {
			if s.priority > 0 && (worst < 0 || s.priority >= slots[worst].priority) {
				worst = i
			}
		}
		if worst < 0 {
			break
		}
		remove(worst)
	}
	for i := range slots {
		s := &slots[i]
		switch {
		case least(slots) <= limit:
		case s.bar:
			s.bar, s.right = false, true
			s.min, s.natural = percentCols, percentCols
		case s.flexible:
			s.min = min(s.min, cutMin)
		}
	}
	for len(slots) > 1 && least(slots) > limit {
		remove(len(slots) - 1)
	}
	slices.Sort(hidden)
	return slots, hidden
}

// least returns the cells that the slots need.
func least(slots []slot) int {
	n := gap * (len(slots) - 1)
	for i := range slots {
		n += slots[i].min
	}
	return n
}
