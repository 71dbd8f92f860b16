package stats

import (
	"pkt/field"
	"pkt/flow"
	"pkt/packet"
)

// Side says which end of a packet or a flow a key names. The peers of a group
// are the addresses at the other one.
type Side uint8

// Sides.
const (
	SideNone    Side = iota // none, or more than one
	SideSrc                 // the packet's source
	SideDst                 // the packet's destination
	SideBoth                // either end, as host does
	SideService             // the end with the service port
)

// Stable says how long the value of a key can change: a flow's, or that of the
// packets that one side of a flow sends. It saves asking again.
type Stable uint8

// How values of keys change.
const (
	Changing  Stable = iota // at any time, as state and len
	ByPort                  // until the service port is known for certain
	FromStart               // never, as flow_id and src_ip
)

// Key is one thing that rows of a ranking are grouped by. Exactly one of
// Column, List, Flow and Owner is set.
type Key struct {
	field.Field
	Column field.Column[*packet.Batch]
	List   field.ListColumn[*packet.Batch]
	Flow   field.Column[[]flow.Row]
	Owner  Owner
	Side   Side
	Stable Stable
}

// PacketKey returns the key of a field of packets.
func PacketKey(e field.Entry[*packet.Batch]) Key {
	k := Key{Field: e.Field, Column: e.Col, List: e.ListCol, Side: namedSide[e.Name]}
	if inFlow[e.Name] {
		k.Stable = FromStart
	}
	return k
}

// FlowKey returns the key of a field of flows, which has one value a row.
func FlowKey(e field.Entry[[]flow.Row]) Key {
	k := Key{Field: e.Field, Flow: e.Col}
	switch e.Name {
	case "port", "service", "port_via":
		k.Side, k.Stable = SideService, ByPort
	case "flow", "src_ip", "src_port", "dst_ip", "dst_port":
		k.Stable = ByPort // a handshake that tells the port tells the originator too
	case "flow_id", "community_id", "proto", "ip_version", "vlan", "iface", "file":
		k.Stable = FromStart
	}
	return k
}

// namedSide are the ends that fields of packets name.
var namedSide = map[string]Side{
	"host": SideBoth, "mac": SideBoth,
	"src_ip": SideSrc, "src_port": SideSrc, "src_mac": SideSrc,
	"dst_ip": SideDst, "dst_port": SideDst, "dst_mac": SideDst,
}

// inFlow are the fields of packets that are part of a flow's identity.
var inFlow = map[string]bool{
	"src_ip": true, "dst_ip": true, "host": true, "src_port": true, "dst_port": true, "ip_version": true,
}

// sideOf returns the one end that keys name together.
func sideOf(keys []Key) Side {
	side := SideNone
	for _, k := range keys {
		switch {
		case k.Side == SideNone || k.Side == side:
		case side == SideNone:
			side = k.Side
		default:
			return SideNone
		}
	}
	return side
}

// words is how many 64-bit words a value of the key takes.
func (k *Key) words() int {
	if k.Kind == field.Addr || k.Kind == field.Prefix {
		return 2
	}
	return 1
}
