package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pkt/field"
	"pkt/filter"
	"pkt/output"
	"pkt/packet"
	"pkt/process"
	"pkt/stats"
)

// topPrinter prints the results of a ranking.
type topPrinter struct {
	session  *session
	show     *displayFlags
	out      *output.Printer
	text     bool // the format is for people
	ranking  *stats.Ranking
	coverage *coverage // nil: no key is of owners
	keys     []stats.Key
	owners   *process.Table
	added    []string // the columns of --agg
	entries  []field.Entry[[]stats.Row]
	usual    []string
	looks    map[string]look
	listed   stats.Rows
	single   bool     // one table is printed, of the whole run
	live     []string // columns of a table of a live interval
	count    int      // results to print at most; 0: any number
	printed  int
	failOn   *filter.Predicate[[]stats.Row] // nil: nothing is asked
	failed   bool                           // failOn was true for a row
	about    string                         // what the table is about beside that, in words
	latest   *stats.Result                  // what entries that the printer adds are about
	w        output.Writer
	rows     *output.Rows[[]stats.Row]
	label    int // the column that says "other" and "total"; -1: none
	err      error
}

// configure makes the ranking.
func (p *topPrinter) configure(top *topFlags, rank *rankFlags) error {
	cfg, err := top.config(p.session)
	if err != nil {
		return err
	}
	cfg.Each, p.count, p.single = p.each, top.count, top.once
	p.outfit(&cfg)
	if p.listed, err = p.listing(&cfg, rank); err != nil {
		return err
	}
	cfg.Rows = p.listed
	if top.failOn != "" {
		schema := filter.Schema[[]stats.Row]{Scope: field.Group, Entries: p.entries, Others: allFields()}
		if p.failOn, err = filter.Compile(top.failOn, schema); err != nil {
			return err
		}
	}
	picked, err := p.pick(nil)
	if err != nil {
		return err
	}
	if !cfg.Live && !usesHistory(&cfg, picked, top.failOn) {
		cfg.Windows = nil
	}
	p.ranking = stats.NewRanking(cfg, p.session.meter.Flows())
	p.coverage = newCoverage(p.ranking, &cfg, 0, p.session.meter.Flows())
	return nil
}

// outfit takes over the columns of a ranking, and how they look.
func (p *topPrinter) outfit(cfg *stats.Config) {
	p.keys, p.added, p.usual, p.live = cfg.Keys, nil, nil, nil
	for _, a := range cfg.Aggregates {
		p.added = append(p.added, a.Name)
	}
	p.entries, p.looks = p.columns(cfg), looksOf(cfg)
	if cfg.Live && p.single {
		p.looks = finalLooks(cfg)
	}
	p.setUsual(cfg)
}

// listing is which rows are printed, in what order. The one table of a live run
// is about all that was measured, not about what goes on at its end.
func (p *topPrinter) listing(cfg *stats.Config, rank *rankFlags) (stats.Rows, error) {
	rows := stats.Rows{Limit: rank.limit}
	if rank.limit == unlimited {
		rows.Limit = 0
		if p.text {
			rows.Limit = topRows
		}
	}
	order := rank.sort
	if cfg.Live && p.single {
		rows.Quiet = true
		if order == "" {
			order = "-bytes"
		}
	}
	if order == "" {
		return rows, nil
	}
	keys, err := output.ParseSort(order, withOthers(p.entries, field.Group), field.Group)
	if err != nil {
		return rows, err
	}
	for _, k := range keys {
		rows.Sort = append(rows.Sort, stats.Sort{Entry: p.entries[k.Field], Desc: k.Desc})
	}
	return rows, nil
}

// each prints the result of an interval. It ends the run behind the last one
// that is asked for, of which the output has to know that it was printed.
func (p *topPrinter) each(r *stats.Result) {
	if p.count > 0 && p.printed == p.count {
		return
	}
	p.print(r)
	if p.err == nil && p.session.source.Live() {
		p.err = p.out.Flush()
	}
	if p.printed++; p.err != nil || p.printed == p.count {
		p.session.meter.Stop()
	}
}

// print writes one result: a table of its own, or more records.
func (p *topPrinter) print(r *stats.Result) {
	if p.err != nil {
		return
	}
	p.latest = r
	p.session.evictedGroups, p.session.partial = r.Evicted, r.Partial()
	if p.w == nil || p.text {
		if p.err = p.begin(r); p.err != nil {
			return
		}
	}
	for chunk := 0; chunk < len(r.Items); chunk += packet.BatchLen {
		rows := r.Items[chunk:min(len(r.Items), chunk+packet.BatchLen)]
		if p.failOn != nil && !p.failed {
			in := p.failOn.Filter(rows, packet.FirstN(len(rows)))
			p.failed = !in.Empty()
		}
		if p.err = p.rows.Write(rows, packet.FirstN(len(rows)), p.w); p.err != nil {
			return
		}
	}
	if r.HasOther && (r.Interval == 0 || r.Other.IntervalPackets > 0 || p.live != nil) {
		p.special(output.Other, &r.Other, otherLabel(&r.Other))
	}
	p.special(output.Total, &r.Total, "total")
	p.snapshot(r)
	if p.text && p.err == nil {
		p.err = p.w.Close()
		if p.err == nil {
			p.err = p.out.Line(p.footer(r))
		}
	}
}

// begin starts the rows of a result.
func (p *topPrinter) begin(r *stats.Result) error {
	picked, err := p.pick(r)
	if err != nil {
		return err
	}
	cols := output.Columns(picked)
	p.dress(cols)
	p.rows = output.NewRows(picked)
	p.label = slices.IndexFunc(cols, func(c output.Column) bool { return c.Key })
	record := output.Record{Type: "top", Columns: cols, Other: true}
	if r.Interval > 0 {
		record.Heading = p.span(r)
	}
	p.w, err = p.out.Records(record)
	return err
}

// dress makes the columns look as a ranking's do.
func (p *topPrinter) dress(cols []output.Column) {
	dress(cols, p.looks)
	for i := range cols {
		if p.isKey(cols[i].Name) {
			cols[i].Key, cols[i].Priority, cols[i].Path = true, 0, "key."+cols[i].Name
		}
		if slices.Contains(p.added, cols[i].Name) {
			cols[i].Priority = 1 // it was asked for
		}
	}
}

func (p *topPrinter) isKey(name string) bool {
	return slices.Contains(keyNames(p.keys), name)
}

// otherLabel names the row of what is not listed. Groups that were dropped are
// in it, and nobody knows how many they were in the end.
func otherLabel(row *stats.Row) string {
	if row.Groups == 0 {
		return "other"
	}
	return fmt.Sprintf("other (%s)", output.AppendCount(nil, uint64(row.Groups)))
}

// special writes a row that stands for several groups.
func (p *topPrinter) special(kind output.RowKind, row *stats.Row, label string) {
	if p.err != nil || kind == output.Total && !p.text {
		return
	}
	p.rows.Read([]stats.Row{*row}, packet.FirstN(1))
	v := p.rows.At(0)
	if p.label >= 0 && !v[p.label].Has {
		v[p.label].Text = []byte(label)
	}
	p.err = p.w.Row(kind, v)
}

// finish prints the result of the whole run.
func (p *topPrinter) finish() error {
	p.ranking.Close()
	if p.latest == nil {
		p.print(p.ranking.Snapshot(p.listed))
	}
	if p.err == nil && !p.text && p.w != nil {
		p.err = p.w.Close()
	}
	if p.err == nil {
		p.err = p.out.Close()
	}
	if p.err == nil && p.failed {
		return errCondition
	}
	return p.err
}

// footer says in words what a table does not show.
func (p *topPrinter) footer(r *stats.Result) string {
	var parts []string
	live := p.session.source.Live()
	span := min(r.To, r.Last) - max(r.From, r.First)
	if live {
		span = r.To - r.From
	}
	if span > 0 {
		parts = append(parts, string(output.AppendDuration(nil, span, false)))
	}
	if p.about != "" {
		parts = append(parts, p.about)
	}
	if r.Overlap {
		parts = append(parts, "a packet counts in several rows, once in the total")
		if hidden := r.Groups - len(r.Items); hidden > 0 {
			parts = append(parts, fmt.Sprintf("%s more rows", output.AppendCount(nil, uint64(hidden))))
		}
	}
	if r.Doubled > 0 {
		parts = append(parts, "packets of the loopback interface count twice: sent and received")
	}
	if p.coverage != nil {
		o := p.coverage.now()
		parts = append(parts, o.words(p.session.owners.method()))
	}
	if r.Evicted > 0 {
		parts = append(parts, fmt.Sprintf("%s groups dropped", output.AppendCount(nil, r.Evicted)))
	}
	if r.Missed > 0 {
		parts = append(parts, "too many flows and peers to tell apart: some counts of them are too low")
	}
	if r.Partial() {
		parts = append(parts, "too many values to keep: distinct() is too low, and quantiles leave some out")
	}
	c := p.session.source.Stats()
	if live {
		received := max(c.Received.Load(), p.session.meter.Totals().Packets)
		parts = append(parts, fmt.Sprintf("kernel dropped %s of %s packets", output.AppendCount(nil, c.KernelDrops.Load()), output.AppendCount(nil, received)))
	}
	if lost := c.Lost() - c.KernelDrops.Load(); lost > 0 {
		parts = append(parts, fmt.Sprintf("%s packets lost by the capture", output.AppendCount(nil, lost)))
	}
	if !live {
		parts = append(parts, fmt.Sprintf("%d damaged", len(p.session.source.Damage())))
	}
	return strings.Join(parts, ", ")
}

// span is the heading of an interval's table.
func (p *topPrinter) span(r *stats.Result) string {
	loc := p.location()
	from, to := time.Unix(0, r.From).In(loc), time.Unix(0, r.To).In(loc)
	return from.Format("2006-01-02 15:04:05") + " to " + to.Format("15:04:05")
}

// location is where times of tables are.
func (p *topPrinter) location() *time.Location {
	if p.show.utc {
		return time.UTC
	}
	return time.Local
}
