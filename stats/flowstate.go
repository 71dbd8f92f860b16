package stats

import (
	"slices"

	"pkt/field"
	"pkt/flow"
)

// flowState is what became of the flow that a group stands for.
type flowState struct {
	handle flow.Handle // valid only if open
	state  flow.State  // valid only if known and not open
	open   bool        // the flow is in the table
	known  bool
}

// oneFlowKeys are the keys that tell flows apart.
var oneFlowKeys = []string{"flow", "flow_id", "community_id"}

// ofFlows reports whether a group stands for one flow at a time.
func (c *Config) ofFlows() bool {
	return slices.ContainsFunc(c.Keys, func(k Key) bool { return k.Flow != nil && slices.Contains(oneFlowKeys, k.Name) })
}

// hasState reports whether rows have the columns of stateFields.
func (c *Config) hasState() bool {
	return c.ofFlows() && !slices.ContainsFunc(c.Keys, func(k Key) bool { return k.Name == "state" })
}

// opened notes that a flow came to a group.
func (g *groups) opened(group uint32, h flow.Handle) {
	if g.flows != nil {
		*g.flow(group) = flowState{handle: h, open: true, known: true}
	}
}

// ended notes what became of a flow of a group, unless another one came later.
// Of one that the active timeout has cut, the rest is not followed: it may end
// without notice.
func (g *groups) ended(group uint32, row *flow.Row) {
	if g.flows == nil {
		return
	}
	if f := g.flow(group); f.open && f.handle == row.Handle {
		*f = flowState{state: row.State, known: true}
	}
}

// gone notes that a flow of a group has ended without notice.
func (g *groups) gone(group uint32, h flow.Handle) {
	if g.flows == nil {
		return
	}
	if f := g.flow(group); f.open && f.handle == h {
		*f = flowState{}
	}
}

// flow returns the state of a group's flow.
func (g *groups) flow(group uint32) *flowState {
	for len(g.flows) <= int(group) {
		g.flows = append(grown(g.flows, 1, g.most), flowState{})
	}
	return &g.flows[group]
}

// setState finds out what the flow of a row is like now.
func (r *Ranking) setState(row *Row, group uint32) {
	if r.groups.flows == nil {
		return
	}
	f := *r.groups.flow(group)
	row.HasState = f.known
	if row.State = f.state; f.open {
		var now flow.Row
		r.table.Row(f.handle, &now)
		row.State = now.State
	}
}

// stateFields are the columns of rows that stand for one flow each.
func stateFields() []field.Entry[[]Row] {
	return []field.Entry[[]Row]{
		column(field.Field{Name: "state", Doc: "state of the connection, in Zeek's words", Kind: field.Enum, Names: flow.StateNames},
			func(r *Row) (field.Cell, bool) { return field.Cell{Lo: uint64(r.State)}, r.HasState }),
	}
}
