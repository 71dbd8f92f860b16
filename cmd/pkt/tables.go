package main

import (
	"net/netip"
	"slices"

	"pkt/decode"
	"pkt/decode/app"
	"pkt/field"
	"pkt/flow"
	"pkt/names"
	"pkt/packet"
	"pkt/process"
)

// The table of fields is put together here, and handed to whoever needs it.

// packetEntries returns the fields of packets: of their headers, of what their
// payloads say, of their flows, and of their owners, which may be nil.
func packetEntries(owners *process.Table) []field.Entry[*packet.Batch] {
	return slices.Concat(decode.Fields(), app.Fields(), flow.PacketFields(), packetOwners(owners))
}

// flowEntries returns the fields of flows, of which some are looked up by the
// number of an interface, or by that of an owner; owners may be nil.
func flowEntries(iface func(uint32) packet.Iface, owners *process.Table) []field.Entry[[]flow.Row] {
	return append(flow.Fields(flow.Lookups{Iface: iface, Service: names.Service}), flowOwners(owners)...)
}

// noIface stands for the interfaces of captures that have not been opened.
func noIface(uint32) packet.Iface { return packet.Iface{} }

// endpointEntries are what tables show in the place of four columns: address
// and port in one. Records have them when they are asked for.
func endpointEntries() []field.Entry[[]flow.Row] {
	return []field.Entry[[]flow.Row]{
		endpoint("src", "originator: address and port", func(r *flow.Row) (field.Cell, uint16) { return r.Src, r.SrcPort }),
		endpoint("dst", "responder: address and port", func(r *flow.Row) (field.Cell, uint16) { return r.Dst, r.DstPort }),
	}
}

// endpoint returns a field such as 10.0.0.1:443 or [2001:db8::1]:443, or the
// address alone where there are no ports.
func endpoint(name, doc string, read func(r *flow.Row) (field.Cell, uint16)) field.Entry[[]flow.Row] {
	return field.Entry[[]flow.Row]{
		Field: field.Field{Name: name, Doc: doc, Kind: field.String, Scope: field.Flow},
		Col: func(rows []flow.Row, in packet.Set, dst *field.Vector) packet.Set {
			dst.Text = dst.Text[:0]
			for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
				from := len(dst.Text)
				addr, port := read(&rows[i])
				if rows[i].HasPorts {
					dst.Text = netip.AddrPortFrom(addr.Addr(), port).AppendTo(dst.Text)
				} else {
					dst.Text = addr.Addr().AppendTo(dst.Text)
				}
				dst.Cells[i].Lo = uint64(from)<<32 | uint64(len(dst.Text)-from)
			}
			return in
		},
	}
}
