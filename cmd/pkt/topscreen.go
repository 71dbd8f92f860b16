package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"pkt/field"
	"pkt/flow"
	"pkt/fragment"
	"pkt/meter"
	"pkt/output"
	"pkt/packet"
	"pkt/stats"
	"pkt/tui"
)

// screenRows is how many rows a result for the screen has at most.
const screenRows = 500

// topScreen is pkt top on a full screen: the run counts for as many rankings as
// the user has opened inside each other, and shows the latest.
type topScreen struct {
	session *session
	printer *topPrinter // prints the table that stays
	flags   *topFlags
	rank    *rankFlags
	show    *displayFlags
	feed    *tui.Feed
	notes   *heldNotes

	// What follows belongs to the goroutine of the run, and is changed by questions
	// to the meter.
	levels []*level
	rows   stats.Rows
	over   bool

	serial int // of the ranking that was made last; the screen's
	depth  int // rankings, as the screen knows
}

// level is a ranking on the screen.
type level struct {
	view     tui.View
	serial   int
	firstKey int
	cfg      stats.Config
	filter   meter.Filter // nil: all packets
	ranking  *stats.Ranking
	coverage *coverage // nil: no key is of owners
	entries  []field.Entry[[]stats.Row]
	began    int64  // 0: with the next batch
	next     int64  // when it is shown next, while it is new
	broken   string // why the filter cannot be used
}

// wantsScreen reports whether a live top is one on the whole screen.
func (t *topFlags) wantsScreen(env *environment, isLive, formatGiven bool) bool {
	return isLive && env.outWidth > 0 && !formatGiven && !t.once && t.count == 0 && env.getenv("TERM") != "dumb"
}

// config is what the screen shows at first.
func (t *topScreen) config(opt output.Options) tui.Config {
	var names []string
	for _, f := range t.session.source.Ifaces() {
		names = append(names, f.Name)
	}
	source := strings.Join(names, ", ")
	env := []string{}
	for _, name := range []string{"TERM", "TERM_PROGRAM", "COLORTERM", "WT_SESSION", "TMUX", "STY", "SSH_TTY"} {
		if v := t.session.env.getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	interval := t.flags.interval
	if interval == 0 {
		interval = defaultInterval
	}
	return tui.Config{
		Output: t.session.env.stdout, Env: env, Options: opt, Source: source, Interval: interval,
		Groupings: t.groupings(), View: tui.View{By: strings.Join(t.flags.by, ", ")},
	}
}

// run runs the session with a screen until the user leaves, the run ends or ctx
// is cancelled, and prints what stays.
func (t *topScreen) run(ctx context.Context, cfg tui.Config) error {
	s := t.session
	t.feed = tui.NewFeed()
	first, err := t.level(cfg.View)
	if err != nil {
		return err
	}
	t.levels, t.depth = []*level{first}, 1
	t.rows = stats.Rows{Limit: t.limit(), Sort: t.printer.listed.Sort}
	if len(t.rows.Sort) > 0 {
		cfg.Sort, cfg.Desc = t.rows.Sort[0].Entry.Name, t.rows.Sort[0].Desc
	}
	t.notes = &heldNotes{to: s.env.stderr}
	env := *s.env
	env.stderr = t.notes
	s.env, s.screen = &env, true
	s.meter.Add(t)

	// A hang-up too leaves the terminal as it was.
	ctx, stopSignals := signal.NotifyContext(ctx, syscall.SIGHUP, syscall.SIGQUIT)
	defer stopSignals()
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	screen := tui.New(cfg, t, t.feed)
	var screenErr error
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer leave()
		screenErr = screen.Run(ctx)
	}()
	// Also when the run panics: what is said then is to be read.
	closed := false
	closeScreen := func() {
		if !closed {
			closed, t.over = true, true
			t.feed.Close()
			<-done
			t.notes.release()
		}
	}
	defer closeScreen()
	err = s.run(ctx, func() error {
		closeScreen()
		return t.finish()
	})
	if screenErr != nil {
		return screenErr
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// finish prints the first ranking as a table.
func (t *topScreen) finish() error {
	base := t.levels[0]
	p := t.printer
	p.ranking, p.coverage, p.single = base.ranking, base.coverage, true
	p.outfit(&base.cfg)
	var err error
	if p.listed, err = p.listing(&base.cfg, t.rank); err != nil {
		// The order was by a key of the first grouping.
		p.listed, _ = p.listing(&base.cfg, &rankFlags{limit: t.rank.limit})
	}
	p.latest = nil
	if base.serial > 1 || base.view.Filter != "" {
		p.about = "since " + time.Unix(0, base.began).In(p.location()).Format(time.TimeOnly)
	}
	if base.view.Filter != "" {
		p.about += ", only " + base.view.Filter
	}
	return p.finish()
}

// Batch implements meter.Tap.
func (t *topScreen) Batch(b *packet.Batch, in packet.Set, credits []fragment.Credit, refs *flow.Refs) {
	defer t.hurry(b.Now)
	for _, l := range t.levels {
		if l.began == 0 {
			l.began = b.Now
		}
		if l.filter == nil {
			l.coverage.Batch(b, in, credits, refs)
			l.ranking.Batch(b, in, credits, refs)
			continue
		}
		// Fragments that had been held back are left out: nobody knows any more
		// whether the filter takes them.
		passed, err := l.filter.Filter(b, in)
		if err != nil {
			l.broken = err.Error()
		}
		l.coverage.Batch(b, passed, nil, refs)
		l.ranking.Batch(b, passed, nil, refs)
	}
}

// A new ranking is shown more often than every interval for a while, so that the
// screen follows the key at once.
const (
	hurryFor   = 2 * time.Second
	hurryEvery = 200 * time.Millisecond
)

// hurry shows a ranking that is new.
func (t *topScreen) hurry(now int64) {
	l := t.levels[len(t.levels)-1]
	if now-l.began < int64(hurryFor) && now >= l.next {
		l.next = now + int64(hurryEvery)
		t.deliver(l, l.ranking.Snapshot(t.rows))
	}
}

// Ended implements meter.Tap.
func (t *topScreen) Ended(rows []flow.Row) {
	for _, l := range t.levels {
		l.coverage.Ended(rows)
		l.ranking.Ended(rows)
	}
}

// Open implements tui.Worker.
func (t *topScreen) Open(v tui.View) error {
	l, err := t.level(v)
	if err != nil {
		return err
	}
	return t.ask(func() { t.levels = append(t.levels, l) })
}

// Replace implements tui.Worker.
func (t *topScreen) Replace(v tui.View) error {
	l, err := t.level(v)
	if err != nil {
		return err
	}
	return t.ask(func() { t.levels[len(t.levels)-1] = l })
}

// Back implements tui.Worker.
func (t *topScreen) Back() {
	t.ask(func() {
		if n := len(t.levels) - 1; n > 0 {
			t.levels[n] = nil
			t.levels = t.levels[:n]
		}
	})
}

// Arrange implements tui.Worker.
func (t *topScreen) Arrange(a tui.Arrangement) {
	t.ask(func() {
		l := t.levels[len(t.levels)-1]
		t.rows = stats.Rows{Limit: min(a.Limit, t.limit()), Quiet: a.Totals}
		i := slices.IndexFunc(l.entries, func(e field.Entry[[]stats.Row]) bool { return e.Name == a.Sort && !e.List })
		if i >= 0 {
			t.rows.Sort = []stats.Sort{{Entry: l.entries[i], Desc: a.Desc}}
		}
		if l.began != 0 {
			t.deliver(l, l.ranking.Snapshot(t.rows))
		}
	})
}

// ask puts a question to the run.
func (t *topScreen) ask(do func()) error {
	if !t.session.meter.Ask(do) {
		return errors.New("too many keys at once: try again")
	}
	return nil
}

// limit is how many rows results for the screen have.
func (t *topScreen) limit() int {
	if t.rank.limit > 0 {
		return min(t.rank.limit, screenRows)
	}
	return screenRows
}

// level makes the ranking of a view.
func (t *topScreen) level(v tui.View) (*level, error) {
	cfg, err := t.flags.config(t.session)
	if err != nil {
		return nil, err
	}
	l := &level{view: v, cfg: cfg}
	if err := t.keys(l); err != nil {
		return nil, explained(err)
	}
	if needMarks(v.By, v.Filter) && !t.session.flags.marks {
		// Every packet would have had to be looked at with its flow from the start.
		return nil, errors.New("what retransmissions are is not followed: start pkt top with this, as --by or --where")
	}
	if v.Filter != "" {
		if l.filter, err = newScreenFilter(v.Filter, t.session.owners.table); err != nil {
			return nil, err
		}
	}
	l.cfg.Each = func(r *stats.Result) { t.deliver(l, r) }
	l.cfg.Wanted = func() (stats.Rows, bool) { return t.rows, !t.over && l == t.levels[len(t.levels)-1] }
	l.entries = columnsOf(&l.cfg, l.firstKey, t.session.owners.table)
	l.ranking = stats.NewRanking(l.cfg, t.session.meter.Flows())
	l.coverage = newCoverage(l.ranking, &l.cfg, l.firstKey, t.session.meter.Flows())
	t.serial++
	l.serial = t.serial
	return l, nil
}

// keys gives a level the keys of the rows that were opened, and behind them those
// of its grouping that are not among them.
func (t *topScreen) keys(l *level) error {
	l.cfg.Keys = nil
	schema := topSchema(l.cfg.Local, t.session.meter.Iface, t.session.owners.table)
	add := func(by string) error {
		keys, err := stats.ParseBy(schema, by)
		for _, k := range keys {
			if !slices.ContainsFunc(l.cfg.Keys, func(o stats.Key) bool { return o.Name == k.Name }) {
				l.cfg.Keys = append(l.cfg.Keys, k)
			}
		}
		return err
	}
	for _, in := range l.view.Inside {
		if err := add(in.By); err != nil {
			return err
		}
		l.cfg.Within = append(l.cfg.Within, in.Values...)
	}
	l.firstKey = len(l.cfg.Keys)
	if err := add(l.view.By); err != nil {
		return err
	}
	switch {
	case len(l.cfg.Keys) == l.firstKey:
		return fmt.Errorf("all rows have the same %s here", l.view.By)
	case len(l.cfg.Keys) > stats.MaxKeys:
		return fmt.Errorf("at most %d keys", stats.MaxKeys)
	}
	return nil
}

// deliver hands a result to the screen.
func (t *topScreen) deliver(l *level, r *stats.Result) {
	s := t.session
	c := s.source.Stats()
	u := &tui.Update{
		View: l.view, Serial: l.serial, Depth: len(t.levels) - 1, Began: l.began, Result: r, FirstKey: l.firstKey,
		Rates: t.sheet(l, r, screenRates(&l.cfg)), Totals: t.sheet(l, r, screenTotals),
		Status: tui.Status{
			Received:    max(c.Received.Load(), s.meter.Totals().Packets),
			KernelDrops: c.KernelDrops.Load(),
			OtherDrops:  c.Drops.Load() + c.IfaceDrops.Load(),
			Notes:       t.notes.lines(),
		},
	}
	if l.coverage != nil {
		o := l.coverage.now()
		u.Status.Notes = append(u.Status.Notes, o.words(s.owners.method()))
	}
	u.Rates.Sort, u.Totals.Sort = l.cfg.MainRate(), "bytes"
	if l.broken != "" {
		u.Status.Notes = append(u.Status.Notes, "filter: "+l.broken)
	}
	if r.Overlap {
		u.Status.Notes = append(u.Status.Notes, "a packet counts in several rows")
	}
	if r.Evicted > 0 {
		u.Status.Notes = append(u.Status.Notes, fmt.Sprintf("%s groups dropped for lack of room", output.AppendCount(nil, r.Evicted)))
	}
	t.feed.Put(u)
}

// sheet returns the columns of a table on the screen: the keys and those of the
// names that the result has, or what --fields says.
func (t *topScreen) sheet(l *level, r *stats.Result, names []string) tui.Sheet {
	var usual []string
	usual = append(usual, keyNames(l.cfg.Keys[l.firstKey:])...)
	if ownerKeyOf(l.cfg.Keys[l.firstKey:]) >= 0 {
		usual = append(usual, "process.user")
	}
	for _, name := range names {
		there := slices.ContainsFunc(l.entries, func(e field.Entry[[]stats.Row]) bool { return e.Name == name })
		if there && !slices.Contains(usual, name) && worthShowing(name, r) {
			usual = append(usual, name)
		}
	}
	entries, err := pick(t.show.fields, usual, l.entries, field.Group)
	if err != nil { // the first ranking has been asked before; others may lack a key
		entries, _ = pick[[]stats.Row](nil, usual, l.entries, field.Group)
	}
	cols := output.Columns(entries)
	dress(cols, screenLooks(&l.cfg))
	for i := range cols {
		c := &cols[i]
		c.Spark = c.Name == "recent_bps"
		if slices.Contains(keyNames(l.cfg.Keys), c.Name) {
			c.Key, c.Priority = true, 0
		}
		if c.Title == "" {
			c.Title = strings.ToUpper(c.Name)
		}
	}
	return tui.Sheet{Entries: entries, Columns: cols}
}
