package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"pkt/field"
	"pkt/filter"
	"pkt/flow"
	"pkt/fragment"
	"pkt/output"
	"pkt/packet"
)

// flowColumns are the columns of a table of flows; records have all fields.
var flowColumns = []string{"start", "duration_s", "proto", "src", "dst", "service", "state", "packets", "src_bytes", "dst_bytes"}

// flowLooks are how tables show the columns of flows.
var flowLooks = map[string]look{
	"start":      {priority: 9},
	"duration_s": {priority: 7},
	"proto":      {priority: 1},
	"src":        {title: "SOURCE", key: true},
	"dst":        {title: "DESTINATION", key: true},
	"service":    {priority: 8},
	"state":      {priority: 5},
	"packets":    {title: "PKTS", priority: 6},
	"src_bytes":  {title: "SENT", priority: 1},
	"dst_bytes":  {title: "RECEIVED", priority: 1},

	"process.pid":  {title: "PID", priority: 4},
	"process.comm": {title: "PROCESS", priority: 3},
}

func newFlows(env *environment) *cobra.Command {
	var src sourceFlags
	var show displayFlags
	var rank rankFlags
	var summary bool
	var where, failOn string
	cmd := &cobra.Command{
		Use:   "flows [-i IFACE | -r FILE] [pcap-filter]",
		Short: "One row per flow: state, bytes, RTT, retransmissions",
		Long: "flows prints one row for every flow of a capture. A flow is what two endpoints exchange in both\n" +
			"directions; its source is who opened it. Tables are sorted by start; records are printed as flows\n" +
			"end, the ones still open last. State and history are written in Zeek's letters.",
		Example: "  pkt flows -i eth0\n" +
			"  pkt flows -r dump.pcap\n" +
			"  pkt flows -r dump.pcap --sort -bytes --limit 10\n" +
			"  pkt flows -r dump.pcap -o json | jq 'map(select(.state == \"S0\")) | length'\n" +
			"  pkt flows -r dump.pcap --fields +community_id,+tcp.rtt_s,-start",
		RunE: func(cmd *cobra.Command, words []string) error {
			format, opt, err := show.options(env)
			if err != nil {
				return err
			}
			src.owner.flows = true
			s, err := src.open(env, words, true)
			if err != nil {
				return err
			}
			p := &flowPrinter{session: s, limit: rank.limit, out: output.New(env.stdout, format, opt)}
			if err := errors.Join(p.test(src.owner.and(where), &p.where), p.test(failOn, &p.failOn)); err != nil {
				s.source.Close()
				return err
			}
			if err := p.configure(format, &show, &rank); err != nil {
				s.source.Close()
				return err
			}
			s.meter.Add(p)
			return s.end(s.run(cmd.Context(), func() error { return p.finish(summary) }))
		},
	}
	src.register(cmd.Flags())
	src.live.register(cmd.Flags(), false)
	src.registerFlow(cmd.Flags())
	show.register(cmd.Flags())
	show.registerUnits(cmd.Flags())
	show.registerColumns(cmd.Flags())
	rank.register(cmd.Flags(), "")
	src.owner.register(cmd.Flags(), "flows")
	cmd.Flags().StringVarP(&where, "where", "Y", "", "only flows for which `EXPR` is true in the end, such as 'bytes > 1MB && state == \"SF\"'")
	cmd.Flags().StringVar(&failOn, "fail-on", "", "exit 5 if `EXPR` is true for any of the flows, such as 'tcp.retrans_pct > 5'")
	cmd.Flags().BoolVar(&summary, "summary", false, "print a summary as the last record of json and ndjson")
	complete(cmd, flowFields)
	return cmd
}

// flowPrinter is a meter.Tap that prints flows as they end, or keeps them for an
// order.
type flowPrinter struct {
	session *session
	out     *output.Printer
	w       output.Writer
	rows    *output.Rows[[]flow.Row]
	keys    *output.Rows[[]flow.Row] // of the order; nil: flows are printed as they end
	top     *output.Top[flow.Row]
	where   *filter.Predicate[[]flow.Row] // nil: all flows
	failOn  *filter.Predicate[[]flow.Row] // nil: nothing is asked
	failed  bool                          // failOn was true for a flow
	kept    []flow.Row                    // of the flows that have ended, those that where lets through
	limit   int
	printed int
	unseen  bool              // rows were printed that may still be in memory
	packets uint64            // of all flows
	sums    *sums[[]flow.Row] // nil if the format has no total
	err     error
}

func (p *flowPrinter) configure(format output.Format, show *displayFlags, rank *rankFlags) error {
	if err := rank.check(); err != nil {
		return err
	}
	entries := flowEntries(p.session.meter.Iface, p.session.owners.table)
	usual := flowColumns
	switch {
	case format != output.Table:
		usual = p.session.owners.usual(namesOf(entries), format)
	case p.session.owners.watcher != nil:
		usual = append(slices.Clip(usual), "process.pid", "process.comm")
	}
	entries = append(entries, endpointEntries()...)
	picked, err := pick(show.fields, usual, entries, field.Flow)
	if err != nil {
		return err
	}
	p.rows = output.NewRows(picked)
	order := rank.sort
	if format.Text() {
		p.sums = newSums(picked, flowLooks)
		if order == "" && !p.session.source.Live() {
			order = "start" // live, each flow is printed when it ends
		}
	}
	if order != "" {
		if p.keys, p.top, err = newOrder[flow.Row](order, rank.limit, entries, field.Flow); err != nil {
			return err
		}
	}
	cols := output.Columns(picked)
	dress(cols, flowLooks)
	if p.session.source.Live() {
		roomForEndpoints(cols)
	}
	p.w, err = p.out.Records(output.Record{Type: "flow", Columns: cols})
	return err
}

// roomForEndpoints keeps columns of endpoints as wide as those of IPv4 can become:
// live, the widths are chosen by the first flow that ends.
func roomForEndpoints(cols []output.Column) {
	for i := range cols {
		if c := &cols[i]; c.Name == "src" || c.Name == "dst" {
			c.Least = len("255.255.255.255:65535")
		}
	}
}

// Batch implements meter.Tap.
func (p *flowPrinter) Batch(*packet.Batch, packet.Set, []fragment.Credit, *flow.Refs) {
	if p.err == nil && p.unseen && p.session.source.Live() {
		p.unseen = false
		if p.err = p.out.Flush(); p.err != nil {
			p.session.meter.Stop()
		}
	}
}

// Ended implements meter.Tap.
func (p *flowPrinter) Ended(rows []flow.Row) {
	if p.err != nil {
		return
	}
	for i := range rows {
		p.packets += rows[i].SrcSent.Packets + rows[i].DstSent.Packets
	}
	if p.where != nil {
		rows = p.selected(rows)
	}
	if p.failOn != nil && !p.failed {
		in := p.failOn.Filter(rows, packet.FirstN(len(rows)))
		p.failed = !in.Empty()
	}
	if p.sums != nil {
		p.sums.count(rows, len(rows))
	}
	if p.keys == nil {
		if p.print(rows); p.err != nil {
			p.session.meter.Stop()
		}
		return
	}
	p.keys.Read(rows, packet.FirstN(len(rows)))
	for i := range rows {
		p.top.Add(p.keys.At(i), rows[i])
	}
}

// test compiles an expression over flows into a predicate; an empty one is none.
func (p *flowPrinter) test(text string, to **filter.Predicate[[]flow.Row]) (err error) {
	if text != "" {
		*to, err = filter.Compile(text, flowSchema(p.session.meter.Iface, p.session.owners.table))
	}
	return err
}

// selected returns the rows that --where lets through. They are valid until the
// next call.
func (p *flowPrinter) selected(rows []flow.Row) []flow.Row {
	in := p.where.Filter(rows, packet.FirstN(len(rows)))
	p.kept = p.kept[:0]
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		p.kept = append(p.kept, rows[i])
	}
	return p.kept
}

// print writes rows until the limit is reached.
func (p *flowPrinter) print(rows []flow.Row) {
	if p.limit > 0 {
		rows = rows[:min(len(rows), p.limit-p.printed)]
	}
	p.printed += len(rows)
	p.unseen = p.unseen || len(rows) > 0
	p.err = p.rows.Write(rows, packet.FirstN(len(rows)), p.w)
}

// finish prints what was kept for an order, and the totals.
func (p *flowPrinter) finish(summary bool) error {
	if p.err == nil && p.top != nil {
		p.printOrdered()
	}
	if p.err == nil && p.sums != nil {
		p.printSums()
	}
	if p.err == nil {
		p.err = p.w.Close()
	}
	if p.err == nil && p.sums != nil {
		p.err = p.footer()
	}
	if p.err == nil && summary {
		p.err = writeAside(p.out, "summary", summaryEntries(), p.session.about())
	}
	if p.err == nil {
		p.err = p.out.Close()
	}
	if p.err == nil && p.failed {
		return errCondition
	}
	return p.err
}

// footer says in words what a table of flows does not show.
func (p *flowPrinter) footer() error {
	if p.sums.rows == 0 {
		if err := p.out.Line("no flows"); err != nil {
			return err
		}
	}
	all := p.session.meter.Totals().Packets
	if rest := all - min(all, p.packets); rest > 0 {
		return p.out.Line(fmt.Sprintf("%s of %s packets are in no flow: they are not IP", output.AppendCount(nil, rest), output.AppendCount(nil, all)))
	}
	return nil
}

// printOrdered prints the rows that were kept.
func (p *flowPrinter) printOrdered() {
	batch := make([]flow.Row, 0, packet.BatchLen)
	flush := func() {
		if p.sums != nil {
			p.sums.list(batch, len(batch))
		}
		p.print(batch)
		batch = batch[:0]
	}
	for row := range p.top.All() {
		if batch = append(batch, *row); len(batch) == cap(batch) {
			if flush(); p.err != nil {
				return
			}
		}
	}
	flush()
}

// printSums prints the last lines of a table.
func (p *flowPrinter) printSums() {
	if p.sums.rows == 0 {
		return
	}
	if hidden := p.sums.rows - uint64(p.printed); hidden > 0 {
		p.err = p.w.Row(output.Other, p.sums.other(fmt.Sprintf("other (%s)", output.AppendCount(nil, hidden))))
	}
	if p.err == nil {
		p.err = p.w.Row(output.Total, p.sums.total(fmt.Sprintf("total (%s)", output.AppendCount(nil, p.sums.rows))))
	}
}
