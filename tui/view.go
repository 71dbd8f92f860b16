package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"pkt/output"
)

// View implements tea.Model.
func (m *model) View() tea.View {
	v := tea.NewView(strings.Join(m.screen(), "\n"))
	v.AltScreen = true
	return v
}

// screen returns the lines of the screen, as many as it has.
func (m *model) screen() []string {
	if m.shown == nil {
		return m.fill([]string{m.title(), "", "waiting for the first second"}, nil)
	}
	head := append([]string{m.title()}, m.graphs()...)
	foot := m.foot()
	room := m.height - len(head) - len(foot)
	var body []string
	switch {
	case m.help:
		body = m.helpLines()
	case m.menu != nil:
		body = m.menuLines(room)
	default:
		body = m.tableLines()
	}
	return m.fill(append(head, body[:min(len(body), max(room, 0))]...), foot)
}

// fill puts the foot at the end of the screen and cuts what is too long.
func (m *model) fill(lines, foot []string) []string {
	for len(lines)+len(foot) < m.height {
		lines = append(lines, "")
	}
	lines = append(lines, foot...)
	lines = lines[:min(len(lines), max(m.height, 1))]
	for i := range lines {
		lines[i] = output.Cut(lines[i], m.width, m.opt.ASCII)
	}
	return lines
}

// title is the first line: what is counted, where and when.
func (m *model) title() string {
	sign := " › "
	if m.opt.ASCII {
		sign = " > "
	}
	view := m.cfg.View
	if m.shown != nil {
		view = m.shown.View
	}
	path := ""
	for _, in := range view.Inside {
		path += sign + m.opt.Safe(in.Label)
	}
	left := m.opt.Mark(output.Bold, "pkt top") + path + " by " + m.opt.Mark(output.Bold, m.opt.Safe(view.By))
	if view.Filter != "" {
		left += ", only " + m.opt.Mark(output.Bold, m.opt.Safe(view.Filter))
	}
	return m.sides(left, m.opt.Mark(output.Dim, m.opt.Safe(m.where())))
}

// where is the right end of the first line.
func (m *model) where() string {
	parts := []string{m.cfg.Source, string(output.AppendSpan(nil, m.cfg.Interval))}
	if m.shown != nil {
		parts = append(parts, m.clock(m.shown.Result.To))
	}
	if m.paused {
		parts = append(parts, "PAUSED")
	}
	return strings.Join(parts, " · ")
}

// clock is a time of day.
func (m *model) clock(ns int64) string {
	loc := m.opt.Location
	if loc == nil {
		loc = time.UTC
	}
	return time.Unix(0, ns).In(loc).Format(time.TimeOnly)
}

// sides puts one text at the left end of a line and one at the right end. The
// left one is cut where there is no room for both.
func (m *model) sides(left, right string) string {
	room := m.width - output.Width(right) - 2
	if room < 8 {
		return left
	}
	left = output.Cut(left, room, m.opt.ASCII)
	return left + blanks(m.width-output.Width(left)-output.Width(right)) + right
}

func blanks(n int) string { return strings.Repeat(" ", max(n, 0)) }

// foot is the last lines: what is being typed, how complete things are, and keys.
func (m *model) foot() []string {
	var lines []string
	if m.prompt != nil {
		lines = append(lines, m.promptLines()...)
	}
	if m.notice != "" {
		return append(lines, m.opt.Safe(m.notice), m.keyLine())
	}
	return append(append(lines, m.completeness()...), m.keyLine())
}

// promptLines are the line that is typed, with its cursor, and what is wrong.
func (m *model) promptLines() []string {
	p := m.prompt
	cursor := "█"
	if m.opt.ASCII {
		cursor = "_"
	}
	label := p.label + ": "
	before, after := m.opt.Safe(string(p.text[:p.at])), m.opt.Safe(string(p.text[p.at:]))
	// Where the line is longer than the screen, the cursor stays on it.
	if over := len([]rune(before)) - (m.width - len(label) - 2); over > 0 {
		before = string([]rune(before)[min(over, len([]rune(before))):])
	}
	lines := []string{m.opt.Mark(output.Bold, label) + before + cursor + after}
	for _, w := range p.wrong {
		lines = append(lines, m.opt.Safe(w))
	}
	return lines
}

// statusLines is how many lines completeness may take.
const statusLines = 3

// completeness says in words what is missing of what is shown, on more lines
// where one has no room for it.
func (m *model) completeness() []string {
	s := &m.shown.Status
	var parts []string
	all := s.Received
	count := func(n uint64) string { return string(output.AppendCount(nil, n)) }
	switch {
	case s.KernelDrops == 0 && s.OtherDrops == 0:
		parts = append(parts, fmt.Sprintf("complete: %s, kernel dropped 0", plural(all, "packet")))
	default:
		share := output.AppendPercent(nil, float64(s.KernelDrops)/float64(max(all, 1)))
		parts = append(parts, fmt.Sprintf("INCOMPLETE: kernel dropped %s of %s, %s", count(s.KernelDrops), plural(all, "packet"), share))
	}
	if s.OtherDrops > 0 {
		parts = append(parts, fmt.Sprintf("%s lost before", count(s.OtherDrops)))
	}
	parts = append(parts, s.Notes...)
	parts = append(parts, "since "+m.clock(m.shown.Began))
	if n := len(m.sheet.hidden); n > 0 && m.menu == nil && !m.help {
		parts = append(parts, plural(uint64(n), "column")+" hidden")
	}
	how := output.Dim
	if s.KernelDrops+s.OtherDrops > 0 {
		how = output.Bold
	}
	lines := []string{m.opt.Safe(parts[0])}
	for _, p := range parts[1:] {
		p = m.opt.Safe(" · " + p)
		if last := &lines[len(lines)-1]; len(lines) == statusLines || output.Width(*last)+output.Width(p) <= m.width {
			*last += p
		} else {
			lines = append(lines, strings.TrimLeft(p, " ·-"))
		}
	}
	for i := range lines {
		lines[i] = m.opt.Mark(how, lines[i])
	}
	return lines
}

func plural(n uint64, what string) string {
	if n != 1 {
		what += "s"
	}
	return string(output.AppendCount(nil, n)) + " " + what
}

// keyLine is the last line.
func (m *model) keyLine() string {
	switch {
	case m.menu != nil:
		return m.opt.Mark(output.Dim, "up, down: choose  enter: group  esc: close  or type any expression")
	case m.prompt != nil:
		return m.opt.Mark(output.Dim, "enter: filter  esc: close  an empty line takes all packets  examples: tcp port 443   len > 1kB")
	case m.help:
		return m.opt.Mark(output.Dim, "any key: back")
	}
	var parts []string
	for _, b := range bindings() {
		if b.short == "" {
			continue
		}
		what := b.short
		if b.label == "t" && m.totals {
			what = "rates"
		}
		if b.label == "p" && m.paused {
			what = "go on"
		}
		parts = append(parts, m.opt.Mark(output.Bold, b.label)+" "+what)
	}
	if m.shown.Depth > 0 {
		parts = append(parts, m.opt.Mark(output.Bold, "esc")+" back")
	}
	return strings.Join(parts, "  ")
}

// helpLines are the page of keys.
func (m *model) helpLines() []string {
	var keys []string
	for _, b := range bindings() {
		if b.label != "" {
			keys = append(keys, fmt.Sprintf("  %-11s %-26s", b.label, b.doc))
		}
	}
	sorts := []string{}
	for _, l := range sortLetters {
		sorts = append(sorts, fmt.Sprintf("  %-11s %-26s", l.key, l.doc))
	}
	lines := append([]string{"", m.opt.Mark(output.Bold, "Keys")}, m.beside(keys)...)
	lines = append(lines, "", m.opt.Mark(output.Bold, "Sort by"))
	return append(lines, m.beside(sorts)...)
}

// beside puts lines into two columns where the screen has room for them.
func (m *model) beside(lines []string) []string {
	if len(lines) < 2 || m.width < 2*output.Width(lines[0]) {
		return lines
	}
	half := (len(lines) + 1) / 2
	out := make([]string, half)
	for i := range out {
		if out[i] = lines[i]; half+i < len(lines) {
			out[i] += lines[half+i]
		}
	}
	return out
}

// menuLines are the list of groupings.
func (m *model) menuLines(room int) []string {
	lines := []string{"", m.opt.Mark(output.Bold, "Group by")}
	from := max(m.menu.at-(room-len(lines))+1, 0)
	for i := from; i < len(m.cfg.Groupings); i++ {
		g := m.cfg.Groupings[i]
		line := fmt.Sprintf("  %-22s  %s", m.opt.Safe(g.By), g.Doc)
		if i == m.menu.at && m.prompt.String() == "" {
			line = m.opt.Mark(output.Selected, m.marker()+line[1:])
		}
		lines = append(lines, line)
	}
	return lines
}

// marker is what stands before the selected line: colour alone says nothing.
func (m *model) marker() string {
	if m.opt.ASCII {
		return ">"
	}
	return "▸"
}
