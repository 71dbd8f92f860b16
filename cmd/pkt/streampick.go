package main

import (
	"context"
	"regexp"

	"pkt/content"
	"pkt/filter"
	"pkt/flow"
	"pkt/fragment"
	"pkt/packet"
	"pkt/reassembly"
)

// pick finds the flows that --where and --grep are true for, in a pass of its own: what is
// true of a flow is known only at its end. It returns nil for all flows.
func (f *streamFlags) pick(ctx context.Context, env *environment, src *sourceFlags, words []string, grep *regexp.Regexp) (map[uint64]struct{}, error) {
	if f.where == "" && grep == nil {
		return nil, nil
	}
	flag := "--where"
	if f.where == "" {
		flag = "--grep"
	}
	if err := src.readableTwice(flag); err != nil {
		return nil, err
	}
	s, err := src.open(env, words, true)
	if err != nil {
		return nil, err
	}
	var ids map[uint64]struct{}
	if grep != nil {
		found := &flowFinder{flows: s.meter.Flows(), ids: map[uint64]struct{}{}}
		choice := &streamChoice{flows: s.meter.Flows(), side: f.side}
		g := content.NewGrep(grep, 0, found)
		g.Side = choice.wantedSide
		s.meter.Add(reassembly.New(f.cfg, s.meter.Flows(), g))
		ids = found.ids
	}
	if f.where != "" {
		p, err := filter.Compile(f.where, flowSchema(s.meter.Iface, s.owners.table))
		if err != nil {
			s.source.Close()
			return nil, err
		}
		w := &wherePicker{predicate: p, among: ids, ids: map[uint64]struct{}{}}
		s.meter.Add(w)
		ids = w.ids
	}
	err = s.run(ctx, func() error { return nil })
	s.source.Close()
	return ids, err
}

// wherePicker collects the flows that an expression is true for. It is a meter.Tap.
type wherePicker struct {
	predicate *filter.Predicate[[]flow.Row]
	among     map[uint64]struct{} // nil: of all flows
	ids       map[uint64]struct{}
}

// Batch implements meter.Tap.
func (w *wherePicker) Batch(*packet.Batch, packet.Set, []fragment.Credit, *flow.Refs) {}

// Ended implements meter.Tap.
func (w *wherePicker) Ended(rows []flow.Row) {
	in := w.predicate.Filter(rows, packet.FirstN(len(rows)))
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		if _, ok := w.among[rows[i].ID]; ok || w.among == nil {
			w.ids[rows[i].ID] = struct{}{}
		}
	}
}
