package tui

import (
	"fmt"
	"math"

	"pkt/output"
)

// graphs are the totals with their graph: what was sent grows up from the middle,
// what was received grows down. Where directions are not known there is one of
// all traffic. Both directions have one scale.
func (m *model) graphs() []string {
	half := 1
	switch {
	case m.height >= 45:
		half = 4
	case m.height >= 30:
		half = 2
	}
	total := &m.shown.Result.Total
	all, tx, rx := m.graph.until(m.shown.Result.To)
	if !m.graph.hasWays {
		top := largest(all)
		return m.graphLines(all, top, 2*half, false, m.rateOf("all", func(w rates) float64 { return w.all }),
			m.amount("total", float64(total.Bytes), top))
	}
	top := max(largest(tx), largest(rx))
	up := m.graphLines(tx, top, half, false, m.rateOf("TX", func(w rates) float64 { return w.tx }),
		m.amount("sent", float64(total.TxBytes), largest(tx)))
	return append(up, m.graphLines(rx, top, half, true, m.rateOf("RX", func(w rates) float64 { return w.rx }),
		m.amount("received", float64(total.RxBytes), largest(rx)))...)
}

// rates are those of the total over the shortest window.
type rates struct{ all, tx, rx float64 }

// rateOf is the left end of a graph: its name and the rate now.
func (m *model) rateOf(name string, read func(rates) float64) string {
	var now rates
	if r := m.shown.Result.Total.Recent; r != nil && len(r.Windows) > 0 {
		w := r.Windows[0]
		now = rates{w.Bps, w.TxBps, w.RxBps}
	}
	rate := string(output.AppendRate(nil, read(now), m.opt.Rate, m.opt.Size))
	return m.opt.Mark(output.Bold, fmt.Sprintf("%-3s", name)) + fmt.Sprintf(" %11s ", rate)
}

// amount is the right end of a graph: what it comes to, and its highest second.
func (m *model) amount(name string, bytes, peak float64) string {
	size := string(output.AppendSize(nil, bytes, m.opt.Size))
	rate := string(output.AppendRate(nil, peak, m.opt.Rate, m.opt.Size))
	return m.opt.Mark(output.Dim, fmt.Sprintf(" %8s %-8s  peak %11s", size, name, rate))
}

// graphLines draws a graph between its two ends, which stand beside its base.
func (m *model) graphLines(values []float64, top float64, height int, down bool, left, right string) []string {
	wide := m.width - output.Width(left) - output.Width(right)
	if wide < 10 {
		right, wide = "", m.width-output.Width(left)
	}
	wide = max(min(wide, maxHistory/2), 0)
	var lines []string
	for i := range height {
		line := height - 1 - i
		if down {
			line = i
		}
		g := m.opt.Mark(output.Graph, string(output.AppendGraph(nil, values, top, wide, height, line, down, m.opt.ASCII)))
		if line == 0 {
			lines = append(lines, left+g+right)
			continue
		}
		lines = append(lines, blanks(output.Width(left))+g)
	}
	return lines
}

// largest is the largest value that is one.
func largest(values []float64) (top float64) {
	for _, v := range values {
		if !math.IsNaN(v) {
			top = max(top, v)
		}
	}
	return top
}
