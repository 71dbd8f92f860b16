package main

import (
	"slices"
	"strings"

	"pkt/field"
	"pkt/names"
	"pkt/packet"
	"pkt/stats"
)

// pick returns the columns for a result: what --fields asks for, or the usual
// ones that any row has a value of.
func (p *topPrinter) pick(r *stats.Result) ([]field.Entry[[]stats.Row], error) {
	usual := p.usual
	if p.text && p.show.format != "wide" {
		usual = nil
		usual = append(usual, keyNames(p.keys)...)
		usual = append(usual, p.ownerUsual(r)...)
		for _, e := range p.entries {
			if e.Name == "service" && !slices.Contains(usual, "service") {
				usual = append(usual, "service")
			}
		}
		columns := topColumns
		switch {
		case r != nil && r.Interval > 0 && p.live != nil:
			columns = p.live
		case r != nil && r.Interval > 0:
			columns = intervalColumns
		case r != nil && p.live != nil && r.Total.HasDir:
			columns = finalColumns
		}
		for _, c := range columns {
			if c == "share" { // its bar ends the line
				usual = append(usual, p.added...)
			}
			there := slices.ContainsFunc(p.entries, func(e field.Entry[[]stats.Row]) bool { return e.Name == c })
			if there && !slices.Contains(usual, c) && (r == nil || worthShowing(c, r)) {
				usual = append(usual, c)
			}
		}
	}
	return pick(p.show.fields, usual, p.entries, field.Group)
}

// setUsual decides on the columns that are there if nothing is said.
func (p *topPrinter) setUsual(cfg *stats.Config) {
	rates := cfg.RateFields("")
	special := map[string]bool{}
	for _, e := range cfg.HistoryFields() {
		special[e.Name] = !cfg.Live || !slices.Contains(rates, e.Name)
	}
	for _, e := range p.entries {
		if !special[e.Name] || p.isKey(e.Name) {
			p.usual = append(p.usual, e.Name)
		}
	}
	if !cfg.Live {
		return
	}
	p.live = liveColumns(cfg)
}

// usesHistory reports whether anything that was asked for needs what rows
// carried lately.
func usesHistory(cfg *stats.Config, picked []field.Entry[[]stats.Row], expr string) bool {
	for _, h := range cfg.HistoryFields() {
		same := func(name string) bool { return name == h.Name }
		switch {
		case strings.Contains(expr, h.Name),
			slices.ContainsFunc(picked, func(e field.Entry[[]stats.Row]) bool { return same(e.Name) }),
			slices.ContainsFunc(cfg.Rows.Sort, func(s stats.Sort) bool { return same(s.Entry.Name) }):
			return true
		}
	}
	return false
}

// worthShowing reports whether rows of the result have a value in a column.
func worthShowing(name string, r *stats.Result) bool {
	switch {
	case name == "peers":
		return len(r.Items) > 0 && r.Items[0].HasPeers
	case strings.HasPrefix(name, "tx_"), strings.HasPrefix(name, "rx_"):
		return r.Total.HasDir
	case name == "flows", name == "active_flows":
		return r.Total.HasFlows
	}
	return true
}

// serviceOf returns a column with the service name of key k, a port.
func serviceOf(k int) field.Entry[[]stats.Row] {
	return field.Entry[[]stats.Row]{
		Field: field.Field{Name: "service", Doc: "name of the port", Kind: field.String, Scope: field.Group},
		Col: func(rows []stats.Row, in packet.Set, dst *field.Vector) (has packet.Set) {
			dst.Text = dst.Text[:0]
			for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
				c, ok := rows[i].Cell(k)
				if !ok {
					continue
				}
				if name := names.Service(uint8(c.Lo>>16), uint16(c.Lo)); name != "" {
					dst.SetText(i, name)
					has.Add(i)
				}
			}
			return has
		},
	}
}

// aboutResult returns the columns that all rows of a result have alike.
func (p *topPrinter) aboutResult() []field.Entry[[]stats.Row] {
	constant := func(f field.Field, read func(r *stats.Result) (field.Cell, bool)) field.Entry[[]stats.Row] {
		f.Scope = field.Group
		return field.Entry[[]stats.Row]{Field: f, Col: func(_ []stats.Row, in packet.Set, dst *field.Vector) (has packet.Set) {
			c, ok := read(p.latest)
			if !ok {
				return has
			}
			for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
				dst.Cells[i] = c
			}
			return in
		}}
	}
	return []field.Entry[[]stats.Row]{
		constant(field.Field{Name: "ts", Doc: "end of the time that the row is about", Kind: field.Time},
			func(r *stats.Result) (field.Cell, bool) { return field.FromInt(r.To), r.To > 0 }),
		constant(field.Field{Name: "interval_s", Doc: "length of the interval", Kind: field.Duration, Unit: field.Seconds},
			func(r *stats.Result) (field.Cell, bool) { return field.FromInt(r.Interval), r.Interval > 0 }),
		constant(field.Field{Name: "overlap", Doc: "a packet counts in several rows, so that they do not add up", Kind: field.Bool},
			func(r *stats.Result) (field.Cell, bool) { return field.FromBool(r.Overlap), r.Overlap }),
	}
}
