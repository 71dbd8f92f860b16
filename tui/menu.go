package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"
)

// menu is the list of groupings.
type menu struct{ at int }

func (m *model) openMenu() {
	if m.shown == nil {
		return
	}
	m.menu = &menu{at: max(slices.IndexFunc(m.cfg.Groupings, func(g Grouping) bool { return g.By == m.shown.View.By }), 0)}
	m.prompt = newPrompt("group by", "")
}

// menuKey takes a key while the menu is open.
func (m *model) menuKey(k tea.KeyPressMsg) {
	last := len(m.cfg.Groupings) - 1
	switch k.String() {
	case "esc":
		m.menu, m.prompt = nil, nil
	case "up":
		m.menu.at = max(m.menu.at-1, 0)
	case "down":
		m.menu.at = min(m.menu.at+1, last)
	case "enter":
		v := m.shown.View
		if v.By = m.prompt.String(); v.By == "" {
			v.By = m.cfg.Groupings[m.menu.at].By
		}
		if err := m.worker.Replace(v); err != nil {
			m.prompt.fail(err)
			return
		}
		m.menu, m.prompt = nil, nil
		m.reset()
	default:
		m.prompt.wrong = nil
		m.prompt.key(k)
	}
}
