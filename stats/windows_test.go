package stats

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pkt/flow"
	"pkt/packet"
)

// history is what a group carried in each second of the clock.
type history map[int64]*carried

// histories sums packets up by key and by second, by brute force.
func histories(specs []spec, key func(*spec) string) (map[string]history, history) {
	groups, total := map[string]history{}, history{}
	var clock int64
	for i := range specs {
		s := &specs[i]
		clock = max(clock, s.ts)
		for _, h := range []history{groups[key(s)], total} {
			if h == nil {
				h = history{}
				groups[key(s)] = h
			}
			if h[clock/1e9] == nil {
				h[clock/1e9] = new(carried)
			}
			c := carried{bytes: s.wire}
			switch s.dir {
			case packet.DirOut:
				c.tx = s.wire
			case packet.DirIn:
				c.rx = s.wire
			}
			h[clock/1e9].add(c)
		}
	}
	return groups, total
}

// rate is the rate from one time to another, where the first second counts by
// its part.
func (h history) rate(from, to, began int64) Rate {
	var sum [3]float64
	for sec, c := range h {
		begin, end := sec*1e9, sec*1e9+1e9
		share := 1.0
		switch {
		case end <= from || begin >= to:
			continue
		case begin < from:
			share = float64(end-from) / float64(end-max(begin, began))
		}
		sum[0] += share * float64(c.bytes)
		sum[1] += share * float64(c.tx)
		sum[2] += share * float64(c.rx)
	}
	per := 8 / (float64(to-from) / 1e9)
	return Rate{Bps: sum[0] * per, TxBps: sum[1] * per, RxBps: sum[2] * per, Known: true}
}

func near(a, b Rate) bool {
	close := func(x, y float64) bool { return math.Abs(x-y) <= 1e-6*max(1, x, y) }
	return close(a.Bps, b.Bps) && close(a.TxBps, b.TxBps) && close(a.RxBps, b.RxBps) && a.Known == b.Known
}

// checkRecent compares the rates and the history of a row with the model.
func checkRecent(t *testing.T, row *Row, h history, began int64, windows []time.Duration) {
	t.Helper()
	at := row.result.at
	for i, w := range windows {
		want := h.rate(max(at-int64(w), began), at, began)
		if got := row.Recent.Windows[i]; !near(got, want) {
			t.Errorf("%s at %d: %v: %+v, want %+v", words(row), at, w, got, want)
		}
	}
	for back := range int64(RecentLen) {
		sec := at/1e9 - 1 - back
		got := row.Recent.Bps[RecentLen-1-back]
		if sec < began/1e9 {
			if !math.IsNaN(got) {
				t.Errorf("%s at %d: %v bit/s before the first packet", words(row), at, got)
			}
			continue
		}
		want := 0.0
		if c := h[sec]; c != nil {
			want = float64(c.bytes) * 8
		}
		if got != want {
			t.Errorf("%s at %d: %v bit/s %d seconds before, want %v", words(row), at, got, back, want)
		}
	}
}

func bySource(s *spec) string { return addr(s, s.src) }

// TestWindowsLive compares the rates of every second with those of the model.
func TestWindowsLive(t *testing.T) {
	windows := []time.Duration{2 * time.Second, 10 * time.Second, 40 * time.Second, 90 * time.Second}
	specs := randomTraffic(rand.New(rand.NewPCG(11, 12)), 3000)
	for i := len(specs) / 2; i < len(specs); i++ {
		specs[i].ts += int64(35 * time.Second)
	}
	var results []*Result
	f := newFeed(t, flow.Config{Idle: 1 << 60})
	f.live = true
	r := NewRanking(Config{
		Keys: mustParse(t, "src_ip"), Live: true, Windows: windows, Interval: int64(time.Second),
		Rows: Rows{Quiet: true}, Each: func(res *Result) { results = append(results, res) },
	}, f.table)
	f.consumer, f.ended = r.Batch, r.Ended
	f.run(specs)
	r.Close()
	groups, total := histories(specs, bySource)
	began := specs[0].ts
	if len(results) < 100 {
		t.Fatalf("%d results", len(results))
	}
	for _, res := range results {
		checkRecent(t, &res.Total, total, began, windows)
		main := math.Inf(1)
		for i := range res.Items {
			row := &res.Items[i]
			checkRecent(t, row, groups[words(row)], began, windows)
			if now := row.Recent.Windows[1].Bps; now > main*(1+1e-9) {
				t.Errorf("%s has %v bit/s and stands behind %v", words(row), now, main)
			} else {
				main = now
			}
		}
	}
}

// TestWindowsOffline ends the windows at the last packet.
func TestWindowsOffline(t *testing.T) {
	windows := DefaultWindows
	for _, n := range []int{1, 2, 300, 4000} {
		specs := randomTraffic(rand.New(rand.NewPCG(13, uint64(n))), n)
		r, _ := rank(t, Config{Keys: mustParse(t, "src_ip"), Windows: windows}, specs)
		res := r.Result()
		groups, total := histories(specs, bySource)
		if res.at != res.Last {
			t.Errorf("windows end at %d, the last packet is of %d", res.at, res.Last)
		}
		if n == 1 {
			if res.Total.Recent.Windows[0].Known {
				t.Error("one packet has a rate")
			}
			continue
		}
		checkRecent(t, &res.Total, total, res.First, windows)
		for i := range res.Items {
			row := &res.Items[i]
			checkRecent(t, row, groups[words(row)], res.First, windows)
		}
	}
}

// TestFewRings gives history to those that carry the most, and does not claim to
// know what it has not seen.
func TestFewRings(t *testing.T) {
	specs := randomTraffic(rand.New(rand.NewPCG(15, 16)), 4000)
	f := newFeed(t, flow.Config{Idle: 1 << 60})
	f.live = true
	windows := DefaultWindows
	var results []*Result
	r := NewRanking(Config{
		Keys: mustParse(t, "src_ip,dst_port"), Live: true, Windows: windows, Interval: int64(time.Second),
		Rows: Rows{Quiet: true}, Each: func(res *Result) { results = append(results, res) },
	}, f.table)
	r.groups.rings.most = 8
	f.consumer, f.ended = r.Batch, r.Ended
	f.run(specs)
	groups, _ := histories(specs, func(s *spec) string { return bySource(s) + " " + ported(s, s.dstPort) })
	known, unknown := 0, 0
	for _, res := range results {
		for i := range res.Items {
			row := &res.Items[i]
			for k, w := range windows {
				got := row.Recent.Windows[k]
				want := groups[words(row)].rate(max(res.at-int64(w), specs[0].ts), res.at, specs[0].ts)
				switch {
				case got.Known && !near(got, want):
					t.Errorf("%s: %+v, want %+v", words(row), got, want)
				case !got.Known && got.Bps > want.Bps*(1+1e-9):
					t.Errorf("%s: %v bit/s is no lower bound of %v", words(row), got.Bps, want.Bps)
				case got.Known:
					known++
				default:
					unknown++
				}
			}
		}
	}
	if n := r.groups.rings.count(); n != 8 {
		t.Errorf("%d rings in use", n)
	}
	if known < 1000 || unknown < 1000 {
		t.Errorf("%d rates known, %d not: the test tests nothing", known, unknown)
	}
	for n, x := range r.groups.rings.rings {
		if n > 0 && int(r.groups.side[x.group].ring) != n {
			t.Errorf("ring %d is of group %d, which has %d", n, x.group, r.groups.side[x.group].ring)
		}
	}
}

// TestWithin restricts a ranking to the row of another one.
func TestWithin(t *testing.T) {
	specs := randomTraffic(rand.New(rand.NewPCG(17, 18)), 3000)
	outer, _ := rank(t, Config{Keys: mustParse(t, "src_ip")}, specs)
	for i := range outer.Result().Items {
		row := &outer.Result().Items[i]
		inner, _ := rank(t, Config{Keys: mustParse(t, "src_ip,dst_port,service"), Windows: DefaultWindows, Within: []Value{row.Value(0)}, Rows: Rows{Limit: 2}}, specs)
		res := inner.Result()
		if res.Total.Packets != row.Packets || res.Total.Bytes != row.Bytes || res.Total.TxBytes != row.TxBytes {
			t.Errorf("%s: total %+v, the row is %+v", words(row), res.Total, row)
		}
		sum := res.Other.Bytes
		for k := range res.Items {
			if got := res.Items[k].Value(0); got != row.Value(0) {
				t.Errorf("%s: a row of %+v", words(row), got)
			}
			sum += res.Items[k].Bytes
		}
		if sum != row.Bytes {
			t.Errorf("%s: rows add up to %d, want %d", words(row), sum, row.Bytes)
		}
	}
}

func TestCheckWindows(t *testing.T) {
	tests := []struct {
		windows []time.Duration
		want    string
	}{
		{DefaultWindows, ""},
		{nil, ""},
		{[]time.Duration{time.Minute}, ""},
		{[]time.Duration{0}, "window 0s: it can be from 1s to 10m"},
		{[]time.Duration{time.Hour}, "window 1h0m: it can be from 1s to 10m"},
		{[]time.Duration{1500 * time.Millisecond}, "window 1.5s: it must be whole seconds"},
		{[]time.Duration{10 * time.Second, 2 * time.Second}, "window 2s stands behind 10s: they must grow"},
	}
	for _, tt := range tests {
		got := ""
		if err := CheckWindows(tt.windows); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%v: %q, want %q", tt.windows, got, tt.want)
		}
	}
	c := Config{Windows: []time.Duration{time.Second, 90 * time.Second}}
	if got := c.MainRate(); got != "bps_1m30s" {
		t.Errorf("the main rate is %q", got)
	}
}

// TestFirstOf compares with sorting.
func TestFirstOf(t *testing.T) {
	rnd := rand.New(rand.NewPCG(19, 20))
	for n := range 60 {
		all := rnd.Perm(n)
		for limit := range n + 2 {
			got := firstOf(append([]int(nil), all...), limit, func(a, b int) int { return a - b })
			want := limit
			if limit == 0 || limit > n {
				want = n
			}
			if len(got) != want {
				t.Fatalf("%d of %d: %d elements", limit, n, len(got))
			}
			for i := range got {
				if got[i] != i {
					t.Fatalf("%d of %d: %v", limit, n, got)
				}
			}
		}
	}
}
