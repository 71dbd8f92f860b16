package main

import (
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"pkt/content"
	"pkt/flow"
	"pkt/names"
	"pkt/reassembly"
)

// sideNames are the spellings of the sides of a flow.
var sideNames = []string{"client", "server"}

// isServer reports whether a side of a flow is the responder.
func isServer(row *flow.Row, side uint8) bool { return (side == 1) != row.SrcHigh }

// sender returns who sends on a side, and who receives.
func sender(row *flow.Row, side uint8) (from, to netip.AddrPort) {
	from, to = row.Endpoints()
	if isServer(row, side) {
		from, to = to, from
	}
	return from, to
}

// flowID returns the number of a flow as records have it.
func flowID(id uint64) string { return fmt.Sprintf("%016x", id) }

// streamNames tells who is at the ends of streams.
type streamNames struct{ flows *flow.Table }

// about returns what is known of a side's stream now.
func (n *streamNames) about(s *reassembly.Stream, side uint8) content.About {
	var row flow.Row
	n.flows.Row(s.Handle, &row)
	a := content.About{Proto: names.Protocol(row.Proto), Side: sideNames[0], FlowID: flowID(row.ID), Start: time.Unix(0, row.Start)}
	if isServer(&row, side) {
		a.Side = sideNames[1]
	}
	if row.HasVLAN {
		a.VLAN = strconv.Itoa(int(row.VLAN))
	}
	a.Src, a.Dst = sender(&row, side)
	return a
}

// streamChoice says which streams count.
type streamChoice struct {
	flows *flow.Table
	ids   map[uint64]struct{} // nil: all
	side  string
}

// wanted reports whether a flow counts.
func (c *streamChoice) wanted(s *reassembly.Stream) bool {
	if c.ids == nil {
		return true
	}
	var row flow.Row
	c.flows.Row(s.Handle, &row)
	_, ok := c.ids[row.ID]
	return ok
}

// wantedSide reports whether a side of a flow counts, by what is known now.
func (c *streamChoice) wantedSide(s *reassembly.Stream, side uint8) bool {
	if c.side == "both" {
		return true
	}
	var row flow.Row
	c.flows.Row(s.Handle, &row)
	return c.takes(&row, side)
}

// takes reports whether a side of a flow counts.
func (c *streamChoice) takes(row *flow.Row, side uint8) bool {
	return c.side == "both" || isServer(row, side) == (c.side == sideNames[1])
}

// parseFlowID reads a flow_id.
func parseFlowID(text string) (uint64, error) {
	id, err := strconv.ParseUint(text, 16, 64)
	if err != nil || len(text) != 16 {
		return 0, usagef("--flow %s: a flow_id has 16 hexadecimal digits: see pkt flows --fields flow_id,src,dst", text)
	}
	return id, nil
}
