package output

import (
	"fmt"
	"strings"
)

// held is the number of rows that a table looks at before it decides on the
// width of its columns. A table with no more rows is laid out exactly.
const held = 1000

// table writes aligned columns. Rows are formatted as they come and kept until
// the widths are fixed, then written directly.
type table struct {
	p      *Printer
	cols   []Column
	at     []int // positions of cols among the record's columns
	slots  []slot
	hidden []int // columns that the terminal has no room for
	tell   func(columns []string)
	limit  int  // cells a line may have, 0 for any number
	fixed  bool // slots are valid

	rows  []RowKind   // kept rows
	cells []cell      // of the kept rows, len(cols) each
	text  []byte      // of the cells
	lines [][]float64 // what sparklines draw, of the kept rows
}

// cell is one formatted value.
type cell struct {
	off, size uint32 // in table.text
	width     uint32
	share     float32 // of a bar
	bar       bool    // there is a share to draw
	line      int     // of table.lines, +1; 0: no sparkline
	label     bool
}

func newTable(p *Printer, r Record) *table {
	t := &table{p: p, limit: p.opt.limit(), tell: r.Hidden}
	for i, c := range r.Columns {
		if p.format == Wide || !c.Wide {
			t.cols, t.at = append(t.cols, c), append(t.at, i)
		}
	}
	if p.format == Wide {
		t.limit = 0
	}
	return t
}

// Row implements Writer.
func (t *table) Row(kind RowKind, v []Value) error {
	if t.p.err != nil {
		return t.p.err
	}
	if t.fixed {
		t.cells, t.text, t.lines = t.cells[:0], t.text[:0], t.lines[:0]
	}
	start := len(t.cells)
	for i := range t.cols {
		t.add(kind, &t.cols[i], &v[t.at[i]])
	}
	if t.fixed {
		t.write(kind, t.cells)
		return t.p.wrote()
	}
	t.rows = append(t.rows, kind)
	if start/max(len(t.cols), 1)+1 >= held {
		t.fix(false)
	}
	return t.p.wrote()
}

// add formats one value. Rows that stand for others have blanks, not dashes,
// where they say nothing.
func (t *table) add(kind RowKind, c *Column, v *Value) {
	if c.Spark {
		t.addLine(c, v)
		return
	}
	off := len(t.text)
	has := c.has(v)
	label := !has && len(v.Text) > 0
	if has || label || kind == Item {
		t.text = t.p.opt.AppendValue(t.text, c, v)
	}
	x := cell{
		off: uint32(off), size: uint32(len(t.text) - off), width: uint32(width(t.text[off:])), label: label,
	}
	if has && c.Bar && !c.List {
		x.bar, x.share = true, float32(share(&c.Field, v.Cell))
	}
	t.cells = append(t.cells, x)
}

// addLine keeps the values of a sparkline.
func (t *table) addLine(c *Column, v *Value) {
	if len(v.List) == 0 {
		t.cells = append(t.cells, cell{})
		return
	}
	line := make([]float64, len(v.List))
	for i := range line {
		line[i] = number(&c.Field, v.List[i])
	}
	t.lines = append(t.lines, line)
	t.cells = append(t.cells, cell{width: uint32(len(line)), line: len(t.lines)})
}

// fix decides on the widths and writes the header and the kept rows. It is
// told whether all rows are known.
func (t *table) fix(complete bool) {
	if t.fixed {
		return
	}
	t.fixed = true
	slots := make([]slot, len(t.cols))
	for i := range t.cols {
		widest := 0
		for k := i; k < len(t.cells); k += len(t.cols) {
			// A label in the last column has the rest of the line.
			if x := &t.cells[k]; !x.label || i < len(t.cols)-1 {
				widest = max(widest, int(x.width))
			}
		}
		slots[i] = newSlot(i, &t.cols[i], widest, complete, t.p.opt.Terminal)
	}
	t.slots, t.hidden = fit(slots, t.limit)
	if !t.p.opt.NoHeader {
		t.header()
	}
	for i, kind := range t.rows {
		t.write(kind, t.cells[i*len(t.cols):])
	}
	t.rows, t.cells, t.text, t.lines = nil, nil, nil, nil
}

func (t *table) header() {
	b := t.p.style.dim.Open(t.p.buf)
	at := 0
	for i := range t.slots {
		s := &t.slots[i]
		title := t.cols[s.column].title()
		w := width(title)
		b, at = pad(b, at, s, min(w, s.width))
		text := len(b)
		b = append(b, title...)
		if t.limit > 0 && w > s.width {
			b = cut(b, text, s.width, t.p.opt.ASCII)
			w = s.width
		}
		at += w
	}
	t.p.buf = append(t.p.style.dim.Close(b), '\n')
}

// pad appends the blanks before a text of w cells that goes into a slot, when
// at cells are written. A text that was too long for its slot moves the next
// one, and the line recovers where there is room.
func pad(b []byte, at int, s *slot, w int) ([]byte, int) {
	to := s.start
	if s.right {
		to += s.width - w
	}
	if at > 0 {
		to = max(to, at+1)
	}
	to = max(to, at)
	return appendBlanks(b, to-at), to
}

// write appends one line. A row that stands for others is dim as a whole.
func (t *table) write(kind RowKind, cells []cell) {
	b := t.p.buf
	if kind == Other {
		b = t.p.style.dim.Open(b)
	}
	at := 0
	for i := range t.slots {
		s := &t.slots[i]
		x := &cells[s.column]
		if s.bar && x.bar {
			b, at = t.writeBar(b, at, s, x, kind != Other)
			continue
		}
		if x.line > 0 {
			b, at = t.writeLine(b, at, s, x, kind != Other)
			continue
		}
		if x.size == 0 {
			continue
		}
		last := i == len(t.slots)-1
		f := t.fitted(s, x, last)
		if last && x.label {
			b, at = pad(b, at, s, s.width)
		} else {
			b, at = pad(b, at, s, f.width)
		}
		at += f.width
		if t.cols[s.column].Key && kind != Other {
			b = t.p.style.bold.Close(f.append(t.p.style.bold.Open(b)))
		} else {
			b = f.append(b)
		}
	}
	if kind == Other {
		b = t.p.style.dim.Close(b)
	}
	t.p.buf = append(b, '\n')
}

// fitted is a text as it goes into a slot: whole, or what is left of it around
// an ellipsis.
type fitted struct {
	head, tail []byte
	ellipsis   string
	width      int
}

func (f *fitted) append(b []byte) []byte {
	return append(append(append(b, f.head...), f.ellipsis...), f.tail...)
}

// fitted cuts the text of a cell where the slot is too small for it. Numbers
// are never cut. The last column may use the rest of the line.
func (t *table) fitted(s *slot, x *cell, last bool) fitted {
	text := t.text[x.off : x.off+x.size]
	room := s.width
	if last {
		room = max(room, t.limit-s.start)
	}
	if t.limit == 0 || int(x.width) <= room || !s.flexible && !x.label {
		return fitted{head: text, width: int(x.width)}
	}
	dots := ellipsis(t.p.opt.ASCII)
	if s.middle && !x.label {
		// The ends of an address tell more than its middle.
		head := room / 2
		return fitted{head: text[:head], ellipsis: dots, tail: text[len(text)-(room-1-head):], width: room}
	}
	size, cells := prefixOf(text, room-1)
	return fitted{head: text[:size], ellipsis: dots, width: cells + 1}
}

// writeBar appends a bar and its percentage.
func (t *table) writeBar(b []byte, at int, s *slot, x *cell, color bool) ([]byte, int) {
	cells := min(s.width-1-percentCols, barWidth)
	b, at = pad(b, at, s, s.width)
	if color {
		b = t.p.style.bar.Open(b)
	}
	b, used := appendBlocks(b, float64(x.share), cells, t.p.opt.ASCII)
	if color {
		b = t.p.style.bar.Close(b)
	}
	at += cells + 1 + percentCols
	b = appendBlanks(b, cells-used+1+percentCols-int(x.width))
	return append(b, t.text[x.off:x.off+x.size]...), at
}

// writeLine appends a sparkline.
func (t *table) writeLine(b []byte, at int, s *slot, x *cell, color bool) ([]byte, int) {
	b, at = pad(b, at, s, s.width)
	if color {
		b = t.p.style.bar.Open(b)
	}
	line := Resample(nil, t.lines[x.line-1], s.width)
	b = appendBlanks(b, s.width-len(line)) // the newest stand below each other
	b = AppendSparkline(b, line, t.cols[s.column].Top, t.p.opt.ASCII)
	if color {
		b = t.p.style.bar.Close(b)
	}
	return b, at + s.width
}

// Close implements Writer.
func (t *table) Close() error {
	t.fix(true)
	if t.p.open == t {
		t.p.open = nil
	}
	t.cells, t.text, t.lines = nil, nil, nil
	switch {
	case t.tell != nil:
		t.tell(t.hiddenNames())
	case len(t.hidden) > 0:
		return t.p.Line(t.hiddenWords())
	}
	return t.p.wrote()
}

// hiddenWords says which columns the terminal had no room for.
func (t *table) hiddenWords() string {
	words := fmt.Sprintf("%d columns hidden: ", len(t.hidden))
	if len(t.hidden) == 1 {
		words = "1 column hidden: "
	}
	return words + strings.Join(t.hiddenNames(), ", ")
}

func (t *table) hiddenNames() []string {
	var names []string
	for _, h := range t.hidden {
		names = append(names, t.cols[h].Name)
	}
	return names
}
