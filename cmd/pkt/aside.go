package main

import (
	"time"

	"pkt/field"
	"pkt/meter"
	"pkt/output"
	"pkt/packet"
	"pkt/stats"
)

// aside is a record that accompanies the rows of json and ndjson: how complete
// they are, and what the whole run saw.
type aside struct {
	ts                int64
	hasTime           bool
	totals            meter.Totals
	drops, ifaceDrops uint64
	kernelDrops       uint64
	received          uint64 // valid only if live
	live              bool
	damaged           uint64
	complete          bool
	elapsed           int64
	groups, evicted   uint64
	method            string // by which owners are known; empty: nobody asked
	owned             owned
}

// about gathers what is known of the session now.
func (s *session) about() aside {
	c := s.source.Stats()
	a := aside{
		totals:      s.meter.Totals(),
		drops:       c.Drops.Load(),
		ifaceDrops:  c.IfaceDrops.Load(),
		kernelDrops: c.KernelDrops.Load(),
		received:    c.Received.Load(),
		live:        s.source.Live(),
		damaged:     c.Damaged.Load(),
		elapsed:     int64(time.Since(s.started)),
	}
	a.complete = c.Lost()+a.damaged == 0
	return a
}

// asideField returns a field of an aside.
func asideField(name, doc string, kind field.Kind, unit field.Unit, read func(*aside) (uint64, bool)) field.Entry[[]aside] {
	return field.Entry[[]aside]{
		Field: field.Field{Name: name, Doc: doc, Kind: kind, Unit: unit},
		Col: func(rows []aside, in packet.Set, dst *field.Vector) (has packet.Set) {
			for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
				if v, ok := read(&rows[i]); ok {
					dst.Cells[i].Lo = v
					has.Add(i)
				}
			}
			return has
		},
	}
}

// snapshotEntries are the fields of a snapshot. None of them is called as a
// counter of rows is, so that adding up a key of all records stays right.
func snapshotEntries() []field.Entry[[]aside] {
	return []field.Entry[[]aside]{
		asideField("ts", "end of the time that the rows are about", field.Time, field.NoUnit, func(a *aside) (uint64, bool) { return uint64(a.ts), a.hasTime }),
		asideField("groups", "groups there are, listed or not", field.Uint, field.Count, func(a *aside) (uint64, bool) { return a.groups, true }),
		asideField("complete", "nothing was lost or damaged", field.Bool, field.NoUnit, func(a *aside) (uint64, bool) { return field.FromBool(a.complete).Lo, true }),
		asideField("drops", "packets that the capture says were lost", field.Uint, field.Count, func(a *aside) (uint64, bool) { return a.drops, true }),
		asideField("iface_drops", "packets that its interfaces say were lost", field.Uint, field.Count, func(a *aside) (uint64, bool) { return a.ifaceDrops, true }),
		asideField("kernel_drops", "packets that the kernel dropped for lack of room", field.Uint, field.Count, func(a *aside) (uint64, bool) { return a.kernelDrops, a.live }),
		asideField("damaged", "places where the input was damaged", field.Uint, field.Count, func(a *aside) (uint64, bool) { return a.damaged, true }),
		asideField("evicted_groups", "groups that were dropped for lack of room", field.Uint, field.Count, func(a *aside) (uint64, bool) { return a.evicted, true }),
	}
}

// coverageEntries are the fields of a snapshot that say who owns the traffic counted so
// far, and by what that is known.
func coverageEntries() []field.Entry[[]aside] {
	part := func(name, doc string, read func(o *owned) uint64) field.Entry[[]aside] {
		return asideField(name, doc, field.Uint, field.Bytes, func(a *aside) (uint64, bool) { return read(&a.owned), a.method != "" })
	}
	return []field.Entry[[]aside]{
		{
			Field: field.Field{Name: "attribution", Doc: "by what owners are known", Kind: field.String},
			Col: func(rows []aside, in packet.Set, dst *field.Vector) (has packet.Set) {
				dst.Text = dst.Text[:0]
				for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
					if rows[i].method != "" {
						dst.SetText(i, rows[i].method)
						has.Add(i)
					}
				}
				return has
			},
		},
		part("process_bytes", "bytes of processes", func(o *owned) uint64 { return o.processes }),
		part("kernel_bytes", "bytes of the kernel", func(o *owned) uint64 { return o.kernel }),
		part("forwarded_bytes", "bytes between other machines", func(o *owned) uint64 { return o.forwarded }),
		part("unowned_bytes", "bytes without an owner", func(o *owned) uint64 { return o.unowned }),
	}
}

// summaryEntries are the fields of a summary.
func summaryEntries() []field.Entry[[]aside] {
	return []field.Entry[[]aside]{
		asideField("packets", "packets that were looked at", field.Uint, field.Packets, func(a *aside) (uint64, bool) { return a.totals.Packets, true }),
		asideField("bytes", "their frame lengths added up", field.Uint, field.Bytes, func(a *aside) (uint64, bool) { return a.totals.Bytes, true }),
		asideField("received", "packets that the kernel's filter let through", field.Uint, field.Packets, func(a *aside) (uint64, bool) { return a.received, a.live }),
		asideField("first", "time of the earliest packet", field.Time, field.NoUnit, func(a *aside) (uint64, bool) { return uint64(a.totals.First), a.totals.Packets > 0 }),
		asideField("last", "time of the latest packet", field.Time, field.NoUnit, func(a *aside) (uint64, bool) { return uint64(a.totals.Last), a.totals.Packets > 0 }),
		asideField("flows", "flows that were opened", field.Uint, field.Count, func(a *aside) (uint64, bool) { return a.totals.Flows.Opened, true }),
		asideField("evicted_flows", "flows that ended early for lack of room", field.Uint, field.Count, func(a *aside) (uint64, bool) { return a.totals.Flows.Evicted, true }),
		asideField("undecoded", "packets that could not be decoded whole", field.Uint, field.Packets, func(a *aside) (uint64, bool) { return a.totals.Undecoded, true }),
		asideField("drops", "packets that the capture says were lost", field.Uint, field.Packets, func(a *aside) (uint64, bool) { return a.drops, true }),
		asideField("iface_drops", "packets that its interfaces say were lost", field.Uint, field.Packets, func(a *aside) (uint64, bool) { return a.ifaceDrops, true }),
		asideField("kernel_drops", "packets that the kernel dropped for lack of room", field.Uint, field.Packets, func(a *aside) (uint64, bool) { return a.kernelDrops, a.live }),
		asideField("damaged", "places where the input was damaged", field.Uint, field.Count, func(a *aside) (uint64, bool) { return a.damaged, true }),
		asideField("elapsed_s", "time that the run took", field.Duration, field.Seconds, func(a *aside) (uint64, bool) { return uint64(a.elapsed), true }),
	}
}

// writeAside prints one record beside the rows.
func writeAside(out *output.Printer, kind string, entries []field.Entry[[]aside], a aside) error {
	w, err := out.Records(output.Record{Type: kind, Columns: output.Columns(entries), Aside: true})
	if err != nil {
		return err
	}
	if err := output.NewRows(entries).Write([]aside{a}, packet.FirstN(1), w); err != nil {
		return err
	}
	return w.Close()
}

// snapshot prints how complete a result is.
func (p *topPrinter) snapshot(r *stats.Result) {
	if p.err != nil || p.text {
		return
	}
	a := p.session.about()
	a.ts, a.hasTime = r.To, r.To > 0
	a.groups, a.evicted = uint64(r.Groups), r.Evicted
	a.complete = a.complete && r.Evicted == 0 && !r.Partial()
	if p.coverage != nil {
		a.method, a.owned = p.session.owners.method(), p.coverage.now()
	}
	p.err = writeAside(p.out, "snapshot", append(snapshotEntries(), coverageEntries()...), a)
}
