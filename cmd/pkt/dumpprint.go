package main

import (
	"context"

	"pkt/field"
	"pkt/flow"
	"pkt/fragment"
	"pkt/output"
	"pkt/packet"
)

// packetPrinter is a meter.Tap that prints packets.
type packetPrinter struct {
	session *session
	out     *output.Printer
	w       output.Writer
	rows    *output.Rows[*packet.Batch]
	text    bool
	flush   bool
	err     error
}

// print prints the packets of the session.
func (d *dumpFlags) print(ctx context.Context, s *session, show *displayFlags) error {
	text, err := d.text(show)
	if err != nil {
		s.source.Close()
		return err
	}
	if text {
		return d.printLines(ctx, s, show)
	}
	format, opt, err := show.options(s.env)
	p := &packetPrinter{session: s, text: format.Text(), flush: d.flush || d.lines.buffered || s.source.Live()}
	if err == nil {
		p.out = output.New(s.env.stdout, format, opt)
		err = p.configure(format, opt, d, show)
	}
	if err != nil {
		s.source.Close()
		return err
	}
	s.noteSSH(format)
	s.meter.Add(p)
	return s.end(s.run(ctx, func() error { return p.finish(d.summary) }))
}

func (p *packetPrinter) configure(format output.Format, opt output.Options, d *dumpFlags, show *displayFlags) error {
	entries := append(packetEntries(p.session.owners.table), dumpEntries(d.stamps, opt.Location)...)
	usual := d.columns(opt.Time)
	if p.session.owners.flags.packets || p.session.owners.flags.own {
		usual = append(usual, "process.pid", "process.comm")
	}
	if format != output.Table {
		usual = p.session.owners.usual(packetRecord(), format)
	}
	picked, err := pick(show.fields, usual, entries, field.Packet)
	if err != nil {
		return err
	}
	p.rows = output.NewRows(picked)
	cols := output.Columns(picked)
	dress(cols, packetLooks)
	if format.Text() {
		exact(cols)
	}
	p.w, err = p.out.Records(output.Record{Type: "packet", Columns: cols})
	return err
}

// exact shows lengths as the number of bytes: of a packet each one counts.
func exact(cols []output.Column) {
	for i := range cols {
		if cols[i].Unit == field.Bytes {
			cols[i].Unit = field.NoUnit
		}
	}
}

// Batch implements meter.Tap.
func (p *packetPrinter) Batch(b *packet.Batch, in packet.Set, _ []fragment.Credit, _ *flow.Refs) {
	if p.err != nil || in.Empty() {
		return
	}
	p.err = p.rows.Write(b, in, p.w)
	if p.err == nil && p.flush {
		p.err = p.out.Flush()
	}
	if p.err != nil {
		p.session.meter.Stop()
	}
}

// Ended implements meter.Tap.
func (p *packetPrinter) Ended([]flow.Row) {}

// finish ends the output.
func (p *packetPrinter) finish(summary bool) error {
	if p.err == nil {
		p.err = p.w.Close()
	}
	if p.err == nil && p.session.meter.Totals().Packets == 0 {
		p.err = p.out.Line("no packets")
	}
	if p.err == nil && summary {
		p.err = writeAside(p.out, "summary", summaryEntries(), p.session.about())
	}
	if p.err == nil {
		p.err = p.out.Close()
	}
	return p.err
}
