package tui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"go.uber.org/goleak"

	"pkt/decode"
	"pkt/field"
	"pkt/flow"
	"pkt/fragment"
	"pkt/internal/pkttest"
	"pkt/output"
	"pkt/packet"
	"pkt/stats"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// begin is when the traffic of tests begins.
const begin = 1_767_225_600_000_000_000

// runner is a Worker whose run goes on only when a test says so: a ranking by
// destination port of packets that the test names.
type runner struct {
	ranking *stats.Ranking
	results []*stats.Result
	now     int64
	asked   []string
	refuse  error
	rows    stats.Rows
	serial  int
	view    View
	depth   int
}

func newRunner(t testing.TB) *runner {
	r := &runner{now: begin, view: View{By: "dst_port"}, serial: 1}
	keys, err := stats.ParseBy(stats.Schema{Packet: decode.Fields(), Flow: flow.Fields(flow.Lookups{})}, "dst_port")
	if err != nil {
		t.Fatal(err)
	}
	r.ranking = stats.NewRanking(stats.Config{
		Keys: keys, Live: true, Windows: stats.DefaultWindows, Interval: 1e9,
		Each:   func(res *stats.Result) { r.results = append(r.results, res) },
		Wanted: func() (stats.Rows, bool) { return r.rows, true },
	}, nil)
	return r
}

// second lets a second pass with so many bytes of payload to each port.
func (r *runner) second(ports map[uint16]int) *Update {
	var mem []byte
	b := &packet.Batch{Ifaces: []packet.Iface{{Link: 1}}}
	for port, size := range ports {
		frame := pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.UDP{SrcPort: 40000, DstPort: port}, pkttest.Zeros(size))
		b.Records[b.N] = packet.Record{
			Nanos: r.now, Off: uint32(len(mem)), CapLen: uint32(len(frame)), WireLen: uint32(len(frame)), Link: 1, Dir: packet.DirOut,
		}
		mem = append(mem, frame...)
		b.N++
	}
	r.now += 1e9
	b.Now, b.Block = r.now, packet.NewBlock(mem, nil)
	decode.Batch(b, b.All())
	refs := new(flow.Refs)
	for i := range b.N {
		refs.Flow[i] = flow.NoFlow
	}
	r.ranking.Batch(b, b.All(), []fragment.Credit{}, refs)
	if len(r.results) == 0 {
		return nil
	}
	return r.update(r.results[len(r.results)-1])
}

func (r *runner) update(res *stats.Result) *Update {
	cols := func(names ...string) Sheet {
		var s Sheet
		for _, name := range names {
			i := slices.IndexFunc(r.ranking.Fields(), func(e field.Entry[[]stats.Row]) bool { return e.Name == name })
			e := r.ranking.Fields()[i]
			c := output.Column{Field: e.Field, Title: strings.ToUpper(name), Key: name == "dst_port", Spark: e.List, Bar: strings.HasPrefix(name, "share")}
			c.Key = name == "dst_port"
			s.Entries, s.Columns = append(s.Entries, e), append(s.Columns, c)
		}
		return s
	}
	u := &Update{
		View: r.view, Serial: r.serial, Depth: r.depth, Began: begin, Result: res,
		Rates:  cols("dst_port", "bps_2s", "bps_10s", "share_10s", "recent_bps"),
		Totals: cols("dst_port", "packets", "bytes", "avg_bps"),
		Status: Status{Received: res.Total.Packets},
	}
	u.Rates.Sort, u.Totals.Sort = "bps_10s", "bytes"
	return u
}

func (r *runner) note(what string) error {
	r.asked = append(r.asked, what)
	return r.refuse
}

func (r *runner) Open(v View) error {
	return r.note("open " + v.By + " inside " + v.Inside[len(v.Inside)-1].Label + " where " + v.Filter)
}
func (r *runner) Replace(v View) error { return r.note("replace " + v.By + " where " + v.Filter) }
func (r *runner) Back()                { r.note("back") }
func (r *runner) Arrange(a Arrangement) {
	way := "+"
	if a.Desc {
		way = "-"
	}
	r.note("arrange " + way + a.Sort)
}

// shown is a model that has taken updates.
func shown(t testing.TB, r *runner, seconds ...map[uint16]int) *model {
	m := newModel(Config{
		Source: "eth0", Interval: time.Second, View: r.view,
		Groupings: []Grouping{{"dst_port", "ports"}, {"host", "hosts"}},
	}, r, NewFeed())
	for _, s := range seconds {
		if u := r.second(s); u != nil {
			m.take(u)
		}
	}
	if m.shown == nil {
		t.Fatal("no update")
	}
	return m
}

// press sends keys to the model, named as package tea names them, or as text.
func press(m *model, keys ...string) {
	special := map[string]tea.Key{
		"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
		"left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight}, "end": {Code: tea.KeyEnd}, "home": {Code: tea.KeyHome},
		"pgdown": {Code: tea.KeyPgDown}, "backspace": {Code: tea.KeyBackspace}, "delete": {Code: tea.KeyDelete},
		"ctrl+u": {Code: 'u', Mod: tea.ModCtrl}, "ctrl+w": {Code: 'w', Mod: tea.ModCtrl}, "ctrl+k": {Code: 'k', Mod: tea.ModCtrl},
		"ctrl+c": {Code: 'c', Mod: tea.ModCtrl},
	}
	for _, k := range keys {
		if key, ok := special[k]; ok {
			m.Update(tea.KeyPressMsg(key))
			continue
		}
		for _, c := range k {
			m.Update(tea.KeyPressMsg(tea.Key{Text: string(c), Code: c}))
		}
	}
}

// ports are the rows of the table in their order.
func ports(m *model) (out []uint64) {
	for _, row := range m.rows.items {
		c, _ := row.Cell(0)
		out = append(out, c.Lo)
	}
	return out
}

// TestRowsHoldTheirOrder for two seconds, with the values of the latest update.
func TestRowsHoldTheirOrder(t *testing.T) {
	r := newRunner(t)
	m := shown(t, r, map[uint16]int{1: 100, 2: 50})
	if got := ports(m); !slices.Equal(got, []uint64{1, 2}) {
		t.Fatalf("rows %v", got)
	}
	m.take(r.second(map[uint16]int{2: 1400, 3: 1000}))
	if got := ports(m); !slices.Equal(got, []uint64{1, 2, 3}) {
		t.Errorf("after a second: rows %v", got)
	}
	if got := m.rows.items[1].Bytes; got < 1400 {
		t.Errorf("the values are old: %d bytes", got)
	}
	m.take(r.second(map[uint16]int{2: 1400, 3: 1000}))
	if got := ports(m); !slices.Equal(got, []uint64{2, 3, 1}) {
		t.Errorf("after two seconds: rows %v", got)
	}
	press(m, "down")
	m.take(r.second(map[uint16]int{3: 1400}))
	m.take(r.second(map[uint16]int{3: 1400}))
	if got := ports(m); !slices.Equal(got, []uint64{3, 2, 1}) || m.selected != 0 {
		t.Errorf("the chosen row is %d of %v, want that of port 3", m.selected, got)
	}
}

func TestKeysAskTheRun(t *testing.T) {
	tests := []struct {
		keys string
		want []string
	}{
		{"enter", []string{"open flow inside 443 where ", "arrange +"}},
		{"t", []string{"arrange -bytes"}},
		{"right", []string{"arrange -share_10s"}},
		{"left left", []string{"arrange -bps_2s", "arrange +dst_port"}},
		{"r", []string{"arrange +bps_10s"}},
		{"1", []string{"arrange -bps_2s"}},
		{"2", []string{"arrange -bps_10s"}},
		{"t P", []string{"arrange -bytes", "arrange -packets"}},
		{"0", []string{"arrange +"}},
		{"b down enter", []string{"replace host where ", "arrange +"}},
		{"b vlan,port enter", []string{"replace vlan,port where ", "arrange +"}},
		{"b esc", nil},
		{"/ udp enter", []string{"replace dst_port where udp", "arrange +"}},
		{"/ udpx backspace enter", []string{"replace dst_port where udp", "arrange +"}},
		{"/ enter", nil},
		{"/ udp esc", nil},
		{"esc", nil},
		{"p down up home end pgdown u i ? x", nil},
	}
	for _, tt := range tests {
		r := newRunner(t)
		m := shown(t, r, map[uint16]int{443: 100, 53: 50}, map[uint16]int{443: 100, 53: 50})
		for k := range strings.FieldsSeq(tt.keys) {
			press(m, k)
		}
		if !slices.Equal(r.asked, tt.want) {
			t.Errorf("%s: asked for %q, want %q", tt.keys, r.asked, tt.want)
		}
		if m.leaving {
			t.Errorf("%s: leaves", tt.keys)
		}
	}
	for _, keys := range []string{"q", "ctrl+c", "b ctrl+c", "/ ctrl+c", "? q"} {
		m := shown(t, newRunner(t), map[uint16]int{443: 100}, map[uint16]int{443: 100})
		for k := range strings.FieldsSeq(keys) {
			press(m, k)
		}
		if !m.leaving {
			t.Errorf("%s: stays", keys)
		}
	}
}

// TestMistakesStay on the screen with the text that has them.
func TestMistakesStay(t *testing.T) {
	r := newRunner(t)
	m := shown(t, r, map[uint16]int{443: 100}, map[uint16]int{443: 100})
	r.refuse = errors.New("no such thing\n  foo == 1\n  ^^^")
	press(m, "/", "foo == 1", "enter")
	screen := strings.Join(m.screen(), "\n")
	for _, want := range []string{"filter: foo == 1█", "no such thing", "  ^^^"} {
		if !strings.Contains(screen, want) {
			t.Errorf("%q is missing:\n%s", want, screen)
		}
	}
	press(m, "x")
	if screen := strings.Join(m.screen(), "\n"); strings.Contains(screen, "no such thing") || !strings.Contains(screen, "foo == 1x█") {
		t.Errorf("after another key:\n%s", screen)
	}
}

// TestPausedScreen stays as it is while the run goes on.
func TestPausedScreen(t *testing.T) {
	r := newRunner(t)
	m := shown(t, r, map[uint16]int{443: 100}, map[uint16]int{443: 100})
	press(m, "p")
	before := strings.Join(m.screen(), "\n")
	m.take(r.second(map[uint16]int{443: 1400, 53: 1000}))
	if after := strings.Join(m.screen(), "\n"); after != before {
		t.Errorf("the screen changed from\n%s\nto\n%s", before, after)
	}
	press(m, "p")
	if screen := strings.Join(m.screen(), "\n"); !strings.Contains(screen, " 53 ") {
		t.Errorf("the screen did not go on:\n%s", screen)
	}
}

// TestScreensFit draws the size that it has, whatever that is, with rows, other
// and total that add up.
func TestScreensFit(t *testing.T) {
	r := newRunner(t)
	many := map[uint16]int{}
	for i := range uint16(300) {
		many[1000+i] = int(1 + i)
	}
	m := shown(t, r, many, many, many)
	for _, size := range [][2]int{{1, 1}, {3, 2}, {10, 5}, {20, 8}, {40, 12}, {80, 24}, {81, 25}, {200, 50}, {300, 100}} {
		for _, keys := range []string{"", "t", "b", "esc", "?", "x", "/ text", "esc"} {
			for k := range strings.FieldsSeq(keys) {
				press(m, k)
			}
			m.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			lines := m.screen()
			if len(lines) != size[1] {
				t.Errorf("%v, %q: %d lines", size, keys, len(lines))
			}
			for _, line := range lines {
				if n := output.Width(line); n > size[0] {
					t.Errorf("%v, %q: %d cells: %q", size, keys, n, line)
				}
			}
		}
	}
	press(m, "end")
	if m.selected != len(m.rows.items)-1 || m.top+m.page() != len(m.rows.items) {
		t.Errorf("the end is row %d of %d, the first on the screen is %d", m.selected, len(m.rows.items), m.top)
	}
	items := m.rows.items[m.top : m.top+m.page()]
	sum := m.otherRow(items)
	for _, row := range items {
		sum.Bytes += row.Bytes
		sum.Recent.Windows[1].Bps += row.Recent.Windows[1].Bps
	}
	total := &m.shown.Result.Total
	if sum.Bytes != total.Bytes || math.Abs(sum.Recent.Windows[1].Bps-total.Recent.Windows[1].Bps) > 1 {
		t.Errorf("rows and other are %d bytes, %v bit/s, the total %d, %v", sum.Bytes, sum.Recent.Windows[1].Bps, total.Bytes, total.Recent.Windows[1].Bps)
	}
}

func TestPrompt(t *testing.T) {
	m := &model{prompt: newPrompt("filter", "")}
	for _, tt := range []struct{ keys, want string }{
		{"tcp", "tcp|"},
		{"left left x", "tx|cp"},
		{"delete", "tx|p"},
		{"home y end z", "ytxpz|"},
		{"ctrl+u", "|"},
		{"ab left ctrl+k", "a|"},
		{"ctrl+u one left right ctrl+w", "|"},
	} {
		for k := range strings.FieldsSeq(tt.keys) {
			if len(k) > 1 && strings.ContainsAny(k, "+") || slices.Contains([]string{"left", "right", "home", "end", "delete"}, k) {
				m.prompt.key(keyNamed(k))
				continue
			}
			m.prompt.insert(k)
		}
		if got := string(m.prompt.text[:m.prompt.at]) + "|" + string(m.prompt.text[m.prompt.at:]); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.keys, got, tt.want)
		}
	}
	m.prompt.insert("a\x1b[31m\nb")
	if got := m.prompt.String(); got != "a[31mb" {
		t.Errorf("control characters came in: %q", got)
	}
}

func keyNamed(name string) tea.KeyPressMsg {
	codes := map[string]rune{"left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd, "delete": tea.KeyDelete}
	if c, ok := codes[name]; ok {
		return tea.KeyPressMsg{Code: c}
	}
	return tea.KeyPressMsg{Code: rune(name[len(name)-1]), Mod: tea.ModCtrl}
}

// TestScreenIsJoined: nothing of a screen goes on after Run.
func TestScreenIsJoined(t *testing.T) {
	for name, end := range map[string]func(cancel func(), feed *Feed){
		"feed closed": func(_ func(), f *Feed) { f.Close() },
		"cancelled": func(cancel func(), f *Feed) {
			cancel()
			time.Sleep(50 * time.Millisecond)
			f.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, w := io.Pipe()
			defer w.Close()
			feed, out := NewFeed(), new(bytes.Buffer)
			run := newRunner(t)
			s := New(Config{Input: r, Output: out, Env: []string{"TERM=xterm"}, View: run.view}, run, feed)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			go func() {
				run.second(map[uint16]int{1: 1})
				for range 20 {
					if u := run.second(map[uint16]int{1: 1}); u != nil {
						feed.Put(u)
					}
					time.Sleep(5 * time.Millisecond)
				}
				end(cancel, feed)
			}()
			if err := s.Run(ctx); err != nil {
				t.Error(err)
			}
			if !strings.Contains(out.String(), "\x1b[?1049h") || !strings.Contains(out.String(), "\x1b[?1049l") {
				t.Error("the other screen was not shown, or is still there")
			}
		})
	}
}

// BenchmarkScreen measures drawing a large screen.
func BenchmarkScreen(b *testing.B) {
	r := newRunner(b)
	many := map[uint16]int{}
	for i := range uint16(300) {
		many[1000+i] = int(1 + i)
	}
	m := shown(b, r, many, many, many)
	m.Update(tea.WindowSizeMsg{Width: 200, Height: 50})
	b.ReportAllocs()
	for range b.N {
		m.screen()
	}
}

// TestLossIsSaid in words, before all else.
func TestLossIsSaid(t *testing.T) {
	m := shown(t, newRunner(t), map[uint16]int{443: 100})
	for _, tt := range []struct {
		status Status
		want   string
	}{
		{Status{Received: 12345}, "complete: 12,345 packets, kernel dropped 0 · since 00:00:00"},
		{Status{Received: 1000, KernelDrops: 25}, "INCOMPLETE: kernel dropped 25 of 1,000 packets, 2.5% · since 00:00:00"},
		{Status{Received: 1000, OtherDrops: 3}, "INCOMPLETE: kernel dropped 0 of 1,000 packets, 0.0% · 3 lost before\nsince 00:00:00"},
		{
			Status{Received: 1, Notes: []string{"owners known for 100 % of bytes by some method", "7 groups dropped for lack of room"}},
			"complete: 1 packet, kernel dropped 0\nowners known for 100 % of bytes by some method\n7 groups dropped for lack of room · since 00:00:00",
		},
	} {
		m.shown.Status = tt.status
		if got := strings.Join(m.completeness(), "\n"); got != tt.want {
			t.Errorf("%+v:\n%s\nwant\n%s", tt.status, got, tt.want)
		}
	}
}
