package main

import (
	"pkt/decode"
	"pkt/field"
	"pkt/flow"
	"pkt/names"
	"pkt/packet"
)

// The table of fields is put together here, and handed to whoever needs it.

// packetEntries returns the fields of packets.
func packetEntries() []field.Entry[*packet.Batch] { return decode.Fields() }

// flowEntries returns the fields of flows, of which some are looked up by the
// number of an interface.
func flowEntries(iface func(uint32) packet.Iface) []field.Entry[[]flow.Row] {
	return flow.Fields(flow.Lookup{Iface: iface, Service: names.Service})
}
