package tui

// binding is a key and what it does: the table of the keys, of the help page and
// of the last line.
type binding struct {
	keys  []string // as package tea names them
	label string   // as people read it; empty: it stands with the key before
	doc   string
	short string // in the last line; empty: not there
	do    func(*model)
}

// bindings are the keys of the table.
func bindings() []binding {
	return []binding{
		{[]string{"b"}, "b", "group by something else", "group", (*model).openMenu},
		{[]string{"/"}, "/", "filter packets", "filter", (*model).openFilter},
		{[]string{"enter"}, "enter", "open the row, to its flows", "open", (*model).openRow},
		{[]string{"esc", "backspace"}, "esc", "back", "", (*model).back},
		{[]string{"t"}, "t", "rates, or totals and peaks", "totals", (*model).toggleTotals},
		{[]string{"p", "space"}, "p", "hold; counting goes on", "pause", (*model).togglePause},
		{[]string{"u"}, "u", "rates in bit/s or byte/s", "", (*model).toggleRateUnit},
		{[]string{"i"}, "i", "sizes in kB or KiB", "", (*model).toggleSizeUnit},
		{[]string{"left"}, "left, right", "sort by another column", "", func(m *model) { m.sortBeside(-1) }},
		{[]string{"right"}, "", "", "", func(m *model) { m.sortBeside(1) }},
		{[]string{"r"}, "r", "turn the order round", "", (*model).reverse},
		{[]string{"0"}, "0", "the usual order", "", func(m *model) { m.arrange("", false) }},
		{[]string{"up", "k"}, "up, down", "choose a row", "", func(m *model) { m.move(-1) }},
		{[]string{"down", "j"}, "", "", "", func(m *model) { m.move(1) }},
		{[]string{"pgup"}, "pgup, pgdn", "a page on", "", func(m *model) { m.move(-m.page()) }},
		{[]string{"pgdown"}, "", "", "", func(m *model) { m.move(m.page()) }},
		{[]string{"home", "g"}, "home, end", "first row, last row", "", func(m *model) { m.move(-maxRows) }},
		{[]string{"end", "G"}, "", "", "", func(m *model) { m.move(maxRows) }},
		{[]string{"?", "h"}, "?", "this page", "help", (*model).toggleHelp},
		{[]string{"q", "ctrl+c"}, "q", "leave; totals stay", "quit", (*model).quit},
	}
}

// sortLetters are keys that order by a column: the first field of the table on
// the screen whose name begins so.
var sortLetters = []struct {
	key, doc string
	prefixes []string
}{
	{"1 2 3", "rate over a window", nil},
	{"B", "bytes", []string{"bytes", "bps_"}},
	{"T", "sent", []string{"tx_bps_", "tx_bytes"}},
	{"R", "received", []string{"rx_bps_", "rx_bytes"}},
	{"A", "average", []string{"avg_bps", "tx_avg_bps"}},
	{"M", "peak", []string{"peak_bps", "tx_peak_bps"}},
	{"P", "packets", []string{"packets"}},
	{"F", "flows", []string{"active_flows", "flows"}},
}
