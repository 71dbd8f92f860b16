package tui

import (
	"slices"
	"strings"

	"pkt/output"
)

// table is the sheet of the table on the screen. There must be an update.
func (m *model) table() *Sheet {
	if m.totals {
		return &m.shown.Totals
	}
	return &m.shown.Rates
}

// columns are those of the table on the screen.
func (m *model) columns() []output.Column {
	if m.shown == nil {
		return nil
	}
	return m.table().Columns
}

// order is the column that rows are ordered by, and whether the largest comes
// first.
func (m *model) order() (name string, desc bool) {
	switch {
	case m.sort != "":
		return m.sort, m.desc
	case m.shown == nil:
		return "", false
	}
	return m.table().Sort, true
}

// sortBeside orders by the column beside the one that orders now, of those on the
// screen.
func (m *model) sortBeside(step int) {
	var names []string
	for _, c := range m.columns() {
		if !c.List && !slices.Contains(m.sheet.hidden, c.Name) {
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 {
		return
	}
	now, _ := m.order()
	at := slices.Index(names, now) + step
	m.sortBy(names[(at+len(names))%len(names)])
}

// sortBy orders by a column: numbers from the largest one, the rest from the
// first one.
func (m *model) sortBy(name string) {
	for _, c := range m.columns() {
		if c.Name == name {
			m.arrange(name, c.Numeric() && !c.Key)
		}
	}
}

// reverse turns the order round.
func (m *model) reverse() {
	if name, desc := m.order(); name != "" {
		m.arrange(name, !desc)
	}
}

// sortByLetter orders by the column that a key stands for.
func (m *model) sortByLetter(key string) {
	window := 0
	for _, c := range m.columns() {
		if strings.HasPrefix(c.Name, "bps_") {
			if window++; key == string(rune('0'+window)) {
				m.sortBy(c.Name)
				return
			}
		}
	}
	for _, l := range sortLetters {
		if l.key != key {
			continue
		}
		for _, prefix := range l.prefixes {
			for _, c := range m.columns() {
				if strings.HasPrefix(c.Name, prefix) {
					m.sortBy(c.Name)
					return
				}
			}
		}
	}
}
