package tui

import (
	"fmt"
	"slices"
	"strings"

	"pkt/output"
	"pkt/packet"
	"pkt/stats"
)

// drawn is a table as it was drawn last.
type drawn struct {
	hidden []string       // columns that had no room
	least  map[string]int // widths of keys, so that columns keep their places
	totals bool
}

// keyMost is the widest that a key may become for good.
const keyMost = 60

// page is how many rows the screen has room for.
func (m *model) page() int {
	if m.shown == nil {
		return 1
	}
	const head, others = 1, 2
	return max(m.height-1-len(m.graphs())-head-others-len(m.foot()), 1)
}

// tableLines draws the rows on the screen, what is not shown, and the total.
func (m *model) tableLines() []string {
	if m.sheet.least == nil || m.sheet.totals != m.totals {
		m.sheet = drawn{least: map[string]int{}, totals: m.totals}
	}
	sheet := *m.table()
	lines := m.draw(&sheet)
	if alone := m.alone(&sheet); alone != "" {
		hidden := append(m.sheet.hidden, alone)
		sheet = sheet.without(hidden)
		lines = m.draw(&sheet)
		m.sheet.hidden = append(hidden, m.sheet.hidden...)
	}
	return lines
}

// alone returns the column of one direction if that of the other one has no room:
// half of a pair says less than nothing.
func (m *model) alone(sheet *Sheet) string {
	for _, c := range sheet.Columns {
		other, sent := strings.CutPrefix(c.Name, "tx_")
		if sent && slices.Contains(m.sheet.hidden, "rx_"+other) && !slices.Contains(m.sheet.hidden, c.Name) {
			return c.Name
		}
	}
	return ""
}

// without returns the sheet without some of its columns.
func (s *Sheet) without(names []string) Sheet {
	out := Sheet{Sort: s.Sort}
	for i, c := range s.Columns {
		if !slices.Contains(names, c.Name) {
			out.Columns = append(out.Columns, c)
			out.Entries = append(out.Entries, s.Entries[i])
		}
	}
	return out
}

// draw draws the table with the columns of a sheet.
func (m *model) draw(sheet *Sheet) []string {
	cols := m.dressed(sheet)
	to := min(m.top+m.page(), len(m.rows.items))
	items := m.rows.items[min(m.top, to):to]

	opt := m.opt
	opt.Terminal, opt.Width = true, max(m.width-1, 1)
	var text strings.Builder
	p := output.New(&text, output.Table, opt)
	record := output.Record{Type: "top", Columns: cols, Other: true, Hidden: func(names []string) { m.sheet.hidden = names }}
	m.sheet.hidden = nil
	w, err := p.Records(record)
	if err != nil {
		return []string{err.Error()} // the builder gives no errors
	}
	r := output.NewRows(sheet.Entries)
	for _, row := range items {
		r.Read([]stats.Row{*row}, packet.FirstN(1))
		v := r.At(0)
		m.widen(cols, v)
		w.Row(output.Item, v)
	}
	m.special(w, r, sheet, output.Other, m.otherRow(items))
	m.special(w, r, sheet, output.Total, &m.shown.Result.Total)
	w.Close()
	p.Close()
	return m.gutter(strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n"), len(items))
}

// dressed returns the columns with what the screen adds to them: the mark of the
// order, the scale of the sparklines, the widths.
func (m *model) dressed(sheet *Sheet) []output.Column {
	cols := append([]output.Column(nil), sheet.Columns...)
	by, desc := m.order()
	for i := range cols {
		c := &cols[i]
		c.Least = max(c.Least, m.sheet.least[c.Name])
		if c.Spark {
			c.Top = m.scale()
		}
		if c.Name == by {
			c.Title += m.arrow(desc)
		}
	}
	return cols
}

func (m *model) arrow(desc bool) string {
	switch {
	case m.opt.ASCII && desc:
		return " v"
	case m.opt.ASCII:
		return " ^"
	case desc:
		return " ▼"
	}
	return " ▲"
}

// scale is what all sparklines of the screen reach up to: the highest second of
// the rows that are on it.
func (m *model) scale() float64 {
	top := 0.0
	to := min(m.top+m.page(), len(m.rows.items))
	for _, row := range m.rows.items[min(m.top, to):to] {
		if row.Recent != nil {
			top = max(top, largest(row.Recent.Bps[:]))
		}
	}
	return top
}

// widen keeps the widths of keys for the tables to come.
func (m *model) widen(cols []output.Column, v []output.Value) {
	for i := range cols {
		if cols[i].Key {
			n := output.Width(string(m.opt.AppendValue(nil, &cols[i], &v[i])))
			m.sheet.least[cols[i].Name] = max(m.sheet.least[cols[i].Name], min(n, keyMost))
		}
	}
}

// otherRow is what is not on the screen: the total without the rows that are.
func (m *model) otherRow(items []*stats.Row) *stats.Row {
	res := m.shown.Result
	if res.Overlap {
		return nil
	}
	o := res.Total.Less(items)
	o.Groups = res.Groups - len(items)
	if o.Packets == 0 {
		return nil
	}
	return &o
}

// special draws a row that stands for several groups.
func (m *model) special(w output.Writer, r *output.Rows[[]stats.Row], sheet *Sheet, kind output.RowKind, row *stats.Row) {
	if row == nil {
		return
	}
	label := "total"
	if kind == output.Other {
		label = "other"
		if row.Groups > 0 {
			label = fmt.Sprintf("other (%s)", output.AppendCount(nil, uint64(row.Groups)))
		}
	}
	r.Read([]stats.Row{*row}, packet.FirstN(1))
	v := r.At(0)
	named := false
	for i := range sheet.Columns {
		switch c := &sheet.Columns[i]; {
		case c.Key && !named:
			v[i].Has, v[i].Text, named = false, []byte(label), true
		case c.Spark:
			v[i].Has, v[i].List = false, nil // the scale is that of the rows
		}
	}
	w.Row(kind, v)
}

// gutter puts the mark of the selected row before the lines of the table.
func (m *model) gutter(lines []string, items int) []string {
	head := 1
	if m.opt.NoHeader {
		head = 0
	}
	for i, line := range lines {
		if at := i - head; at < 0 || at >= items || m.top+at != m.selected {
			lines[i] = " " + line
			continue
		}
		plain := m.marker() + output.Plain(line)
		lines[i] = m.opt.Mark(output.Selected, plain+blanks(m.width-output.Width(plain)))
	}
	return lines
}
