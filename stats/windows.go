package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"pkt/field"
)

// DefaultWindows are the spans that rates are shown over, those of iftop.
var DefaultWindows = []time.Duration{2 * time.Second, 10 * time.Second, 40 * time.Second}

// Limits of the windows of a ranking: what rings have room for.
const (
	MaxWindows = 8
	MaxWindow  = 10 * time.Minute
)

// RecentLen is how many ticks the history of a row has: a minute.
const RecentLen = 60

// CheckWindows reports what is wrong with the windows of a Config.
func CheckWindows(windows []time.Duration) error {
	if len(windows) > MaxWindows {
		return fmt.Errorf("%d windows: at most %d are kept", len(windows), MaxWindows)
	}
	for i, w := range windows {
		switch {
		case w < time.Second || w > MaxWindow:
			return fmt.Errorf("window %s: it can be from 1s to %s", WindowName(w), WindowName(MaxWindow))
		case w%time.Second != 0:
			return fmt.Errorf("window %s: it must be whole seconds", WindowName(w))
		case i > 0 && w <= windows[i-1]:
			return fmt.Errorf("window %s stands behind %s: they must grow", WindowName(w), WindowName(windows[i-1]))
		}
	}
	return nil
}

// WindowName is how a span is written in the names of fields: 10s, 1m, 1m30s.
func WindowName(w time.Duration) string {
	name := w.String()
	if strings.HasSuffix(name, "m0s") {
		name = strings.TrimSuffix(name, "0s")
	}
	return name
}

// MainWindow is the place of the window that live rows are ordered by: the
// second one, where there are several. It is -1 where there is none.
func (c *Config) MainWindow() int { return min(1, len(c.Windows)-1) }

// MainRate is the name of the rate over that window: bps_10s.
func (c *Config) MainRate() string {
	if m := c.MainWindow(); m >= 0 {
		return "bps_" + WindowName(c.Windows[m])
	}
	return ""
}

// RateFields are the names of the rates over all windows; prefix is "", "tx_" or
// "rx_".
func (c *Config) RateFields(prefix string) []string {
	var names []string
	for _, w := range c.Windows {
		names = append(names, prefix+"bps_"+WindowName(w))
	}
	return names
}

// ticks is how many ticks a window has.
func ticks(w time.Duration) uint32 { return uint32((w + tickLen - 1) / tickLen) }

// Recent is what a row carried lately.
type Recent struct {
	// Windows are the rates over the windows of the configuration.
	Windows []Rate
	// Bps are the rates of the latest ticks, of whole seconds, the newest last. NaN
	// is before the first packet.
	Bps [RecentLen]float64
	// Tx and Rx are those seen from the local end. Totals always have them.
	Tx, Rx []float64
}

// Rate is a rate over a span, in bit/s.
type Rate struct {
	Bps, TxBps, RxBps float64
	// Known is false where nothing was measured, or the row had no room for its
	// history for a part of the span: then the rates are lower bounds.
	Known bool
}

// span is what lies of a window in the measured time.
type span struct{ from, to int64 }

// window returns the span of a window that ends at a time.
func (r *Ranking) window(w time.Duration, at int64) span {
	return span{max(at-int64(w), r.began()), at}
}

// amounts adds up what a group carried in a span that ends now. The tick in
// which the span begins counts by the part of it that lies in the span, of what
// of it was measured.
func (r *Ranking) amounts(g *groups, group uint32, s span) (bytes, tx, rx float64) {
	first := r.clock.tickAt(s.from)
	begin := r.clock.tick0 + int64(first)*tickLen
	end := begin + tickLen
	share := float64(end-s.from) / float64(end-max(begin, r.began()))
	var whole carried
	for t := first + 1; t <= r.clock.tick; t++ {
		whole.add(g.carried(group, t))
	}
	c := g.carried(group, first)
	part := func(all, some uint64) float64 { return float64(all) + share*float64(some) }
	return part(whole.bytes, c.bytes), part(whole.tx, c.tx), part(whole.rx, c.rx)
}

// tickAt is the number of the tick of a time.
func (c *clock) tickAt(ts int64) uint32 { return uint32(max(ts-c.tick0, 0) / tickLen) }

// rate returns the rates of a group over a span.
func (r *Ranking) rate(g *groups, group uint32, s span) Rate {
	if s.to <= s.from {
		return Rate{}
	}
	bytes, tx, rx := r.amounts(g, group, s)
	perByte := 8 * float64(second) / float64(s.to-s.from)
	return Rate{
		Bps:   bytes * perByte,
		TxBps: tx * perByte,
		RxBps: rx * perByte,
		Known: r.knows(g, group, s),
	}
}

// knows reports whether the history of a group reaches over a span.
func (r *Ranking) knows(g *groups, group uint32, s span) bool {
	first := max(r.clock.tickAt(s.from), 0)
	if n := g.side[group].ring; n != 0 {
		return g.rings.rings[n].since <= first
	}
	// Without a ring only the tick that it was in last is known.
	c := &g.hot[group]
	return c.tick <= first || c.first >= r.clock.tick0+int64(c.tick)*tickLen
}

// recent returns what a group carried lately, nil where no history is kept.
func (r *Ranking) recent(g *groups, group uint32, at int64) *Recent {
	if g.rings == nil || !r.clock.started {
		return nil
	}
	out := &Recent{Windows: make([]Rate, len(r.cfg.Windows))}
	for i, w := range r.cfg.Windows {
		out.Windows[i] = r.rate(g, group, r.window(w, at))
	}
	if g == r.total || len(r.cfg.Within) > 0 {
		out.Tx, out.Rx = make([]float64, RecentLen), make([]float64, RecentLen)
	}
	over := int(r.clock.tickAt(at))
	for i := range out.Bps {
		c, known := carried{}, over >= RecentLen-i
		if known {
			c = g.carried(group, uint32(over-RecentLen+i))
		}
		out.Bps[i] = perTick(c.bytes, known)
		if out.Tx != nil {
			out.Tx[i], out.Rx[i] = perTick(c.tx, known), perTick(c.rx, known)
		}
	}
	return out
}

// perTick is the rate of bytes in a tick, in bit/s.
func perTick(bytes uint64, known bool) float64 {
	if !known {
		return math.NaN()
	}
	return float64(bytes) * 8 * second / tickLen
}

// plus returns the sum of what two rows carried.
func (x *Recent) plus(o *Recent) *Recent {
	if x == nil || o == nil {
		return cmp.Or(x, o).clone()
	}
	for i := range x.Windows {
		a, b := &x.Windows[i], &o.Windows[i]
		a.Bps, a.TxBps, a.RxBps = a.Bps+b.Bps, a.TxBps+b.TxBps, a.RxBps+b.RxBps
		a.Known = a.Known && b.Known
	}
	for i := range x.Bps {
		x.Bps[i] += o.Bps[i]
		x.Tx[i] += o.Tx[i]
		x.Rx[i] += o.Rx[i]
	}
	return x
}

// clone returns a copy that may be changed.
func (x *Recent) clone() *Recent {
	if x == nil {
		return nil
	}
	c := *x
	c.Windows, c.Tx, c.Rx = slices.Clone(x.Windows), slices.Clone(x.Tx), slices.Clone(x.Rx)
	return &c
}

// subtract takes the rates of a row away from those of several.
func (x *Recent) subtract(o *Recent) {
	if x == nil || o == nil {
		return
	}
	for i := range x.Windows {
		a, b := &x.Windows[i], &o.Windows[i]
		a.Bps, a.TxBps, a.RxBps = less(a.Bps, b.Bps), less(a.TxBps, b.TxBps), less(a.RxBps, b.RxBps)
	}
	for i := range x.Bps {
		x.Bps[i] -= o.Bps[i]
	}
}

// less is a - b, without what rounding leaves of equal numbers.
func less(a, b float64) float64 {
	if d := a - b; d > a*1e-9 {
		return d
	}
	return 0
}

// HistoryFields returns those of Fields that need what rows carried lately.
func (c *Config) HistoryFields() []field.Entry[[]Row] {
	if len(c.Windows) == 0 {
		return nil
	}
	var out []field.Entry[[]Row]
	ways := []struct {
		prefix, doc string
		read        func(*Row, *Rate) (float64, bool)
	}{
		{"", "rate", func(_ *Row, x *Rate) (float64, bool) { return x.Bps, true }},
		{"tx_", "rate sent", func(r *Row, x *Rate) (float64, bool) { return r.dir(x.TxBps, true) }},
		{"rx_", "rate received", func(r *Row, x *Rate) (float64, bool) { return r.dir(x.RxBps, true) }},
	}
	for _, way := range ways {
		for i, w := range c.Windows {
			name := WindowName(w)
			out = append(out, rate(way.prefix+"bps_"+name, way.doc+" in the last "+name, func(r *Row) (float64, bool) {
				if r.Recent == nil || !r.Recent.Windows[i].Known {
					return 0, false
				}
				return way.read(r, &r.Recent.Windows[i])
			}))
		}
	}
	main := c.MainWindow()
	name := WindowName(c.Windows[main])
	return append(out,
		number(field.Field{Name: "share_" + name, Doc: "share of all bytes of the last " + name, Unit: field.Ratio}, func(r *Row) (float64, bool) {
			if r.Recent == nil || r.result.Total.Recent == nil {
				return 0, false
			}
			all := r.result.Total.Recent.Windows[main].Bps
			return r.Recent.Windows[main].Bps / max(all, 1), all > 0
		}),
		recentField())
}

// recentField is the history of a row.
func recentField() field.Entry[[]Row] {
	return field.Entry[[]Row]{
		Field: field.Field{
			Name: "recent_bps", Doc: "rate in each whole second of the last minute, the newest last",
			Kind: field.Float, List: true, Unit: field.BitPerSec, Scope: field.Group,
		},
		ListCol: func(rows []Row, i int, dst []field.Cell) []field.Cell {
			if rows[i].Recent == nil {
				return dst
			}
			for _, v := range rows[i].Recent.Bps {
				if !math.IsNaN(v) {
					dst = append(dst, field.FromFloat(v))
				}
			}
			return dst
		},
	}
}
