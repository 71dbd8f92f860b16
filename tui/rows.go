package tui

import (
	"slices"

	"pkt/stats"
)

// rows are the rows on the screen. They keep their places for a while, so that
// they can be read: only then the order of the latest update takes effect.
type rows struct {
	items   []*stats.Row
	keys    []string // of the items
	ordered int64    // time of the update that gave the order; 0: the next one gives it
}

// release lets the next update give the order.
func (r *rows) release() { r.ordered = 0 }

// take takes over the rows of an update. It returns the place of the row that was
// at a place before.
func (r *rows) take(u *Update, selected int) int {
	var key string
	if selected > 0 && selected < len(r.keys) {
		key = r.keys[selected] // the first place stays the first place
	}
	now := u.Result.To
	if r.ordered == 0 || now-r.ordered >= int64(holdOrder) || now < r.ordered {
		r.ordered = now
		r.items, r.keys = r.items[:0], r.keys[:0]
	}
	r.merge(u.Result)
	if key != "" {
		if at := slices.Index(r.keys, key); at >= 0 {
			return at
		}
	}
	return selected
}

// merge puts the rows of a result into the places that they have, and the others
// behind them.
func (r *rows) merge(res *stats.Result) {
	byKey := make(map[string]*stats.Row, len(res.Items))
	keys := make([]string, len(res.Items))
	for i := range res.Items {
		keys[i] = string(res.Items[i].AppendKey(nil))
		byKey[keys[i]] = &res.Items[i]
	}
	items, held := r.items[:0], r.keys[:0]
	for _, key := range r.keys {
		if row := byKey[key]; row != nil {
			items, held = append(items, row), append(held, key)
			delete(byKey, key)
		}
	}
	for _, key := range keys {
		if row := byKey[key]; row != nil {
			items, held = append(items, row), append(held, key)
		}
	}
	r.items, r.keys = items, held
}

// history is the traffic that the graph shows.
type history struct {
	at      int64 // end of the latest second
	all     []float64
	tx, rx  []float64
	hasWays bool
}

// maxHistory is how many seconds the graph has: two a cell of a wide terminal.
const maxHistory = 1024

// add takes over what an update tells of the seconds before it.
func (h *history) add(u *Update) {
	recent := u.Result.Total.Recent
	if recent == nil {
		return
	}
	h.hasWays = h.hasWays || u.Result.Total.HasDir
	const second = 1e9
	end := u.Result.To / second * second
	fresh := int(min((end-h.at)/second, stats.RecentLen))
	if fresh <= 0 {
		return
	}
	h.at = end
	for i := stats.RecentLen - fresh; i < stats.RecentLen; i++ {
		h.all = append(h.all, recent.Bps[i])
		if recent.Tx != nil {
			h.tx, h.rx = append(h.tx, recent.Tx[i]), append(h.rx, recent.Rx[i])
		}
	}
	if over := len(h.all) - maxHistory; over > 0 {
		h.all = slices.Delete(h.all, 0, over)
		h.tx = slices.Delete(h.tx, 0, min(over, len(h.tx)))
		h.rx = slices.Delete(h.rx, 0, min(over, len(h.rx)))
	}
}

// until returns the seconds up to a time: the screen may be held.
func (h *history) until(to int64) (all, tx, rx []float64) {
	late := int(max(h.at-to/1e9*1e9, 0) / 1e9)
	cut := func(s []float64) []float64 { return s[:max(len(s)-late, 0)] }
	return cut(h.all), cut(h.tx), cut(h.rx)
}
