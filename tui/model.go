package tui

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"pkt/output"
	"pkt/packet"
	"pkt/stats"
)

// maxRows is how many rows the screen asks for: what is beyond them is in other.
const maxRows = 500

// holdOrder is how long rows keep their places, so that they can be read.
const holdOrder = 2 * time.Second

// model is what is on the screen. All of it belongs to the program's goroutine.
type model struct {
	cfg    Config
	worker Worker
	feed   *Feed
	opt    output.Options
	width  int
	height int

	latest *Update // nil before the first one
	shown  *Update // the latest, or the one that the screen is held at
	paused bool
	totals bool
	sort   string // field; empty: the usual order
	desc   bool
	help   bool
	notice string // about the key that was pressed last

	rows     rows
	graph    history
	sheet    drawn // the table as it was drawn last
	top      int   // first row on the screen
	selected int
	prompt   *prompt // nil: nothing is being typed
	menu     *menu   // nil: not open; else prompt is its line
	leaving  bool
}

// updated and ended come out of the feed.
type (
	updated struct{ *Update }
	ended   struct{}
)

func newModel(cfg Config, w Worker, feed *Feed) *model {
	return &model{cfg: cfg, worker: w, feed: feed, opt: cfg.Options, sort: cfg.Sort, desc: cfg.Desc, width: 80, height: 24}
}

// Init implements tea.Model.
func (m *model) Init() tea.Cmd { return m.next() }

// next waits for an update.
func (m *model) next() tea.Cmd {
	return func() tea.Msg {
		u, ok := <-m.feed.latest
		if !ok {
			return ended{}
		}
		return updated{u}
	}
}

// Update implements tea.Model.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		m.move(0)
	case updated:
		m.take(msg.Update)
		return m, m.next()
	case ended:
		m.leaving = true
		return m, tea.Quit
	case tea.PasteMsg:
		if m.prompt != nil {
			m.prompt.insert(msg.Content)
		}
	case tea.KeyPressMsg:
		if cmd := m.key(msg); cmd != nil {
			return m, cmd
		}
	}
	if m.leaving {
		return m, tea.Quit
	}
	return m, nil
}

// take shows an update, unless the screen is held at an earlier one of the same
// ranking.
func (m *model) take(u *Update) {
	fresh := m.latest == nil || m.latest.Serial != u.Serial
	m.latest = u
	if fresh {
		m.paused = false
		m.top, m.selected = 0, 0
		m.rows, m.graph, m.sheet = rows{}, history{}, drawn{}
	}
	m.graph.add(u)
	if m.paused {
		return
	}
	m.shown = u
	m.selected = m.rows.take(u, m.selected)
	m.move(0)
}

// key takes a key.
func (m *model) key(k tea.KeyPressMsg) tea.Cmd {
	m.notice = ""
	switch name := k.String(); {
	case name == "ctrl+c":
		m.quit()
	case name == "ctrl+z":
		return tea.Suspend
	case name == "ctrl+l":
		return tea.ClearScreen
	case m.menu != nil:
		m.menuKey(k)
	case m.prompt != nil:
		m.promptKey(k)
	case m.help:
		m.help = false
		if name == "q" {
			m.quit()
		}
	default:
		m.command(name)
	}
	return nil
}

// command does what a key of the table does.
func (m *model) command(name string) {
	for _, b := range bindings() {
		if slices.Contains(b.keys, name) {
			b.do(m)
			return
		}
	}
	m.sortByLetter(name)
}

func (m *model) quit() { m.leaving = true }

func (m *model) toggleHelp() { m.help = !m.help }

func (m *model) togglePause() {
	m.paused = !m.paused
	if !m.paused && m.latest != nil {
		m.take(m.latest)
	}
}

func (m *model) toggleRateUnit() { m.opt.Rate = output.BitRate + output.ByteRate - m.opt.Rate }

func (m *model) toggleSizeUnit() { m.opt.Size = output.SI + output.IEC - m.opt.Size }

func (m *model) toggleTotals() {
	m.totals = !m.totals
	m.sheet = drawn{}
	m.arrange("", false)
}

// arrange asks for another order, and follows the screen's needs.
func (m *model) arrange(sort string, desc bool) {
	m.sort, m.desc = sort, desc
	a := Arrangement{Sort: sort, Desc: desc, Totals: m.totals, Limit: maxRows}
	if m.totals && sort == "" && m.shown != nil {
		a.Sort, a.Desc = m.shown.Totals.Sort, true
	}
	m.paused = false
	m.rows.release()
	m.worker.Arrange(a)
}

// move moves the selection, and the rows with it.
func (m *model) move(by int) {
	m.selected = max(min(m.selected+by, len(m.rows.items)-1), 0)
	page := m.page()
	m.top = max(min(m.top, m.selected), m.selected-page+1, 0)
	m.top = max(min(m.top, len(m.rows.items)-page), 0)
}

// row is the selected row, nil if there is none.
func (m *model) row() *stats.Row {
	if m.selected < len(m.rows.items) {
		return m.rows.items[m.selected]
	}
	return nil
}

// openRow shows what is inside the selected row.
func (m *model) openRow() {
	row := m.row()
	if row == nil {
		return
	}
	u := m.shown
	for k := u.FirstKey; k < len(u.Result.By); k++ {
		if name := u.Result.By[k].Name; name == "flow" || name == "flow_id" {
			m.notice = "a flow is the last: nothing is inside"
			return
		}
	}
	v := View{By: "flow", Filter: u.View.Filter, Inside: slices.Clone(u.View.Inside)}
	in := Inside{By: u.View.By, Label: m.label(row)}
	for k := u.FirstKey; k < len(u.Result.By); k++ {
		in.Values = append(in.Values, row.Value(k))
	}
	v.Inside = append(v.Inside, in)
	if err := m.worker.Open(v); err != nil {
		m.notice = firstLine(err)
		return
	}
	m.reset()
}

// label is how a row is called: by what stands in its columns of keys.
func (m *model) label(row *stats.Row) string {
	sheet := m.table()
	r := output.NewRows(sheet.Entries)
	r.Read([]stats.Row{*row}, packet.FirstN(1))
	var parts []string
	for i, v := range r.At(0) {
		if c := &sheet.Columns[i]; c.Key {
			parts = append(parts, string(m.opt.AppendValue(nil, c, &v)))
		}
	}
	return strings.Join(parts, " ")
}

// back leaves a row that was opened.
func (m *model) back() {
	if m.shown == nil || m.shown.Depth == 0 {
		return
	}
	m.worker.Back()
	m.reset()
}

// reset asks for the rows that a ranking shows at first.
func (m *model) reset() { m.arrange("", false) }

func (m *model) openFilter() {
	if m.shown != nil {
		m.prompt = newPrompt("filter", m.shown.View.Filter)
	}
}

// promptKey takes a key while a filter is typed.
func (m *model) promptKey(k tea.KeyPressMsg) {
	switch k.String() {
	case "esc":
		m.prompt = nil
	case "enter":
		v := m.shown.View
		if v.Filter == m.prompt.String() {
			m.prompt = nil
			return
		}
		v.Filter = m.prompt.String()
		if err := m.worker.Replace(v); err != nil {
			m.prompt.fail(err)
			return
		}
		m.prompt = nil
		m.reset()
	default:
		m.prompt.wrong = nil
		m.prompt.key(k)
	}
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
