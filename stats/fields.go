package stats

import (
	"pkt/field"
	"pkt/packet"
)

// Fields returns the columns of the rows of r.
func (r *Ranking) Fields() []field.Entry[[]Row] { return r.cfg.Fields() }

// Fields returns the columns of rows of such a ranking: one for each key, behind
// them those of any ranking, without the ones that need an interval where there
// is none, and last the aggregates.
func (c *Config) Fields() []field.Entry[[]Row] {
	var out []field.Entry[[]Row]
	for k := range c.Keys {
		f := c.Keys[k].Field
		f.List, f.Scope = false, field.Group
		out = append(out, field.Entry[[]Row]{Field: f, Col: keyColumn(k, f.Kind == field.String)})
	}
	history := c.HistoryFields()
	for _, e := range counterFields() {
		if e.Name == "share" && len(history) > 0 {
			out, history = append(out, history[:len(c.Windows)]...), history[len(c.Windows):]
		}
		if !needsInterval[e.Name] || c.Interval > 0 {
			out = append(out, e)
		}
	}
	if c.hasState() {
		out = append(out, stateFields()...)
	}
	out = append(out, history...)
	for k := range c.Aggregates {
		out = append(out, field.Entry[[]Row]{Field: c.Aggregates[k].Field, Col: aggregateColumn(k)})
	}
	return out
}

// needsInterval are the fields that rows have only with an interval.
var needsInterval = map[string]bool{
	"interval_packets": true, "interval_bytes": true, "bps": true, "tx_bps": true, "rx_bps": true,
}

// keyColumn reads key k.
func keyColumn(k int, isText bool) field.Column[[]Row] {
	return func(rows []Row, in packet.Set, dst *field.Vector) (has packet.Set) {
		if isText {
			dst.Text = dst.Text[:0]
		}
		for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
			c, ok := rows[i].Cell(k)
			switch {
			case !ok:
				continue
			case isText:
				dst.SetText(i, rows[i].Text(k))
			default:
				dst.Cells[i] = c
			}
			has.Add(i)
		}
		return has
	}
}

// Fields returns the columns that rows of rankings can have, those of the
// default windows among them.
func Fields() []field.Entry[[]Row] {
	c := Config{Windows: DefaultWindows, Interval: second}
	return append(c.Fields(), stateFields()...)
}

// counterFields are the columns that rows of every ranking have.
func counterFields() []field.Entry[[]Row] {
	return []field.Entry[[]Row]{
		count("rank", "place in the order, from 1", field.NoUnit, func(r *Row) (uint64, bool) { return uint64(r.Rank), r.Kind == RowItem }),
		count("groups", "groups that the row stands for", field.Count, func(r *Row) (uint64, bool) { return uint64(r.Groups), true }),
		count("packets", "packets", field.Packets, func(r *Row) (uint64, bool) { return r.Packets, true }),
		count("bytes", "frame lengths added up", field.Bytes, func(r *Row) (uint64, bool) { return r.Bytes, true }),
		count("interval_packets", "packets in the interval", field.Packets, func(r *Row) (uint64, bool) { return r.IntervalPackets, r.result.Interval > 0 }),
		count("interval_bytes", "bytes in the interval", field.Bytes, func(r *Row) (uint64, bool) { return r.IntervalBytes, r.result.Interval > 0 }),
		count("active_flows", "flows that have not ended", field.Count, func(r *Row) (uint64, bool) { return r.ActiveFlows, r.HasActive }),
		count("flows", "distinct flows", field.Count, func(r *Row) (uint64, bool) { return r.Flows, r.HasFlows }),
		count("peers", "distinct addresses at the other end of what the key names", field.Count, func(r *Row) (uint64, bool) { return r.Peers, r.HasPeers }),
		count("tx_bytes", "bytes sent by the local end", field.Bytes, func(r *Row) (uint64, bool) { return r.TxBytes, r.HasDir }),
		count("rx_bytes", "bytes received by the local end", field.Bytes, func(r *Row) (uint64, bool) { return r.RxBytes, r.HasDir }),
		rate("bps", "rate in the interval", func(r *Row) (float64, bool) { return perSecond(r.IntervalBytes, r.result.Elapsed) }),
		rate("tx_bps", "rate sent in the interval", func(r *Row) (float64, bool) { return r.dir(perSecond(r.IntervalTxBytes, r.result.Elapsed)) }),
		rate("rx_bps", "rate received in the interval", func(r *Row) (float64, bool) { return r.dir(perSecond(r.IntervalRxBytes, r.result.Elapsed)) }),
		rate("avg_bps", "rate over the whole time", func(r *Row) (float64, bool) { return perSecond(r.Bytes, r.result.Span) }),
		rate("tx_avg_bps", "rate sent over the whole time", func(r *Row) (float64, bool) { return r.dir(perSecond(r.TxBytes, r.result.Span)) }),
		rate("rx_avg_bps", "rate received over the whole time", func(r *Row) (float64, bool) { return r.dir(perSecond(r.RxBytes, r.result.Span)) }),
		rate("peak_bps", "rate in the busiest second", func(r *Row) (float64, bool) { return r.peak(r.PeakBytes, r.Bytes), r.HasPeak }),
		rate("tx_peak_bps", "rate sent in the busiest second", func(r *Row) (float64, bool) { return r.peak(r.PeakTxBytes, r.TxBytes), r.HasPeak && r.HasDir }),
		rate("rx_peak_bps", "rate received in the busiest second", func(r *Row) (float64, bool) { return r.peak(r.PeakRxBytes, r.RxBytes), r.HasPeak && r.HasDir }),
		number(field.Field{Name: "share", Doc: "share of all bytes, of the interval where there is one", Unit: field.Ratio}, (*Row).share),
		count("retrans_packets", "TCP packets that were retransmitted", field.Packets, func(r *Row) (uint64, bool) { return r.Retrans, true }),
		number(field.Field{Name: "bytes_per_flow", Doc: "bytes divided by flows", Unit: field.Bytes}, func(r *Row) (float64, bool) {
			return float64(r.Bytes) / float64(max(r.Flows, 1)), r.HasFlows && r.Flows > 0
		}),
		column(field.Field{Name: "first", Doc: "time of the first packet", Kind: field.Time}, func(r *Row) (field.Cell, bool) { return field.FromInt(r.First), r.Packets > 0 }),
		column(field.Field{Name: "last", Doc: "time of the last packet", Kind: field.Time}, func(r *Row) (field.Cell, bool) { return field.FromInt(r.Last), r.Packets > 0 }),
	}
}

// dir drops a value that needs a direction where there is none.
func (r *Row) dir(v float64, ok bool) (float64, bool) { return v, ok && r.HasDir }

// peak is the rate in the busiest second. It is at least the average, which is
// higher where all was over in less than a second.
func (r *Row) peak(busiest, all uint64) float64 {
	peak := float64(busiest) * 8
	if average, ok := perSecond(all, r.result.Span); ok {
		return max(peak, average)
	}
	return peak
}

// share is the part of the total that the row has.
func (r *Row) share() (float64, bool) {
	part, all := r.Bytes, r.result.Total.Bytes
	if r.result.Interval > 0 {
		part, all = r.IntervalBytes, r.result.Total.IntervalBytes
	}
	return float64(part) / float64(max(all, 1)), all > 0
}

// perSecond is the rate of bytes in a span of ns, in bit/s. There is none
// without a span.
func perSecond(bytes uint64, span int64) (float64, bool) {
	return float64(bytes) * 8 / (float64(max(span, 1)) / second), span > 0
}

// column returns a column that reads one value a row.
func column(f field.Field, read func(*Row) (field.Cell, bool)) field.Entry[[]Row] {
	f.Scope = field.Group
	return field.Entry[[]Row]{Field: f, Col: func(rows []Row, in packet.Set, dst *field.Vector) (has packet.Set) {
		for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
			c, ok := read(&rows[i])
			if ok {
				dst.Cells[i] = c
				has.Add(i)
			}
		}
		return has
	}}
}

func count(name, doc string, unit field.Unit, read func(*Row) (uint64, bool)) field.Entry[[]Row] {
	return column(field.Field{Name: name, Doc: doc, Kind: field.Uint, Unit: unit}, func(r *Row) (field.Cell, bool) {
		v, ok := read(r)
		return field.Cell{Lo: v}, ok
	})
}

func number(f field.Field, read func(*Row) (float64, bool)) field.Entry[[]Row] {
	f.Kind = field.Float
	return column(f, func(r *Row) (field.Cell, bool) {
		v, ok := read(r)
		return field.FromFloat(v), ok
	})
}

func rate(name, doc string, read func(*Row) (float64, bool)) field.Entry[[]Row] {
	return number(field.Field{Name: name, Doc: doc, Unit: field.BitPerSec}, read)
}
