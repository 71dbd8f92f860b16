package flow

import (
	"slices"

	"pkt/decode"
	"pkt/field"
	"pkt/packet"
)

// entry is a field of flows with what reads it.
type entry = field.Entry[[]Row]

// Lookups are what rows do not know themselves.
type Lookups struct {
	// Iface returns the interface that Row.Iface stands for.
	Iface func(uint32) packet.Iface
	// Service returns the name of a port's service, or "".
	Service func(proto uint8, port uint16) string
}

// Fields returns the fields of flows, in the order of their records. Rows are
// read packet.BatchLen at a time. A side is a prefix: src is the originator, dst
// the responder.
func Fields(look Lookups) []entry {
	return slices.Concat(
		identityFields(),
		placeFields(look),
		stateFields(),
		countFields(),
		tcpFields(),
	)
}

// identityFields are what tells a flow apart.
func identityFields() []entry {
	return []entry{
		fixed("flow_id", "number that stands for the flow: the same in every run", field.ID, field.NoUnit,
			func(r *Row) (field.Cell, bool) { return field.Cell{Lo: r.ID}, true }),
		text("community_id", "name of the flow's addresses and ports that other tools share (Community ID v1)",
			func(r *Row, dst []byte) []byte { return CommunityID(r, dst) }),
		fixed("start", "time of the first packet", field.Time, field.NoUnit,
			func(r *Row) (field.Cell, bool) { return field.FromInt(r.Start), true }),
		fixed("end", "time of the last packet", field.Time, field.NoUnit,
			func(r *Row) (field.Cell, bool) { return field.FromInt(r.End), true }),
		fixed("duration_s", "time from the first to the last packet", field.Duration, field.Seconds,
			func(r *Row) (field.Cell, bool) { return field.FromInt(r.duration()), true }),
		named("proto", "transport protocol", decode.ProtoNames(), func(r *Row) (uint64, bool) { return uint64(r.Proto), true }),
		number("ip_version", "version of IP: 4 or 6", field.NoUnit, func(r *Row) (uint64, bool) { return uint64(r.IPVersion), true }),
		fixed("src_ip", "address of the originator", field.Addr, field.NoUnit,
			func(r *Row) (field.Cell, bool) { return r.Src, true }),
		number("src_port", "port of the originator", field.NoUnit,
			func(r *Row) (uint64, bool) { return uint64(r.SrcPort), r.HasPorts }),
		fixed("dst_ip", "address of the responder", field.Addr, field.NoUnit,
			func(r *Row) (field.Cell, bool) { return r.Dst, true }),
		number("dst_port", "port of the responder", field.NoUnit,
			func(r *Row) (uint64, bool) { return uint64(r.DstPort), r.HasPorts }),
	}
}

// placeFields are where the flow was seen, and what it is for.
func placeFields(look Lookups) []entry {
	return []entry{
		number("vlan", "identifier of the outermost VLAN tag of the first packet", field.NoUnit,
			func(r *Row) (uint64, bool) { return uint64(r.VLAN), r.HasVLAN }),
		text("iface", "interface that the first packet was captured on",
			func(r *Row, dst []byte) []byte { return append(dst, look.Iface(r.Iface).Name...) }),
		text("file", "capture file that the first packet is from",
			func(r *Row, dst []byte) []byte { return append(dst, look.Iface(r.Iface).File...) }),
		fixed("port", "port of the service", field.Port, field.NoUnit,
			func(r *Row) (field.Cell, bool) {
				return field.FromPort(r.Proto, r.ServicePort), r.PortVia != PortNone
			}),
		text("service", "name that is registered for the port of the service",
			func(r *Row, dst []byte) []byte {
				if r.PortVia == PortNone {
					return dst
				}
				return append(dst, look.Service(r.Proto, r.ServicePort)...)
			}),
	}
}

// stateFields are what became of the flow.
func stateFields() []entry {
	return []entry{
		named("state", "state of the connection, in Zeek's words", StateNames,
			func(r *Row) (uint64, bool) { return uint64(r.State), true }),
		text("history", "what happened, a letter each: upper case from the originator, as Zeek writes it",
			func(r *Row, dst []byte) []byte { return append(dst, r.History()...) }),
		named("end_reason", "why the record was closed", EndReasonNames,
			func(r *Row) (uint64, bool) { return uint64(r.EndReason), true }),
		fixed("guessed", "no handshake told who the originator is", field.Bool, field.NoUnit,
			func(r *Row) (field.Cell, bool) { return field.FromBool(r.Guessed), true }),
		named("port_via", "how the port of the service was told from the other one", PortViaNames,
			func(r *Row) (uint64, bool) { return uint64(r.PortVia), r.PortVia != PortNone }),
	}
}

// countFields are what was sent.
func countFields() []entry {
	fields := []entry{
		both("packets", "packets", field.Packets, func(c *Counters) uint64 { return c.Packets }),
		both("bytes", "bytes of whole frames as captured", field.Bytes, func(c *Counters) uint64 { return c.Bytes }),
		both("ip_bytes", "bytes of IP packets", field.Bytes, func(c *Counters) uint64 { return c.IPBytes }),
		both("payload_bytes", "bytes behind the transport headers, those sent again included", field.Bytes,
			func(c *Counters) uint64 { return c.Payload }),
	}
	fields = append(fields, sides("packets", "packets", field.Packets, func(c *Counters) uint64 { return c.Packets })...)
	fields = append(fields, sides("bytes", "bytes of whole frames", field.Bytes, func(c *Counters) uint64 { return c.Bytes })...)
	fields = append(fields, sides("ip_bytes", "bytes of IP packets", field.Bytes, func(c *Counters) uint64 { return c.IPBytes })...)
	fields = append(fields, sides("payload_bytes", "bytes behind the transport headers", field.Bytes,
		func(c *Counters) uint64 { return c.Payload })...)
	return append(fields,
		sum(number("missed_bytes", "bytes of the streams that were not captured", field.Bytes,
			func(r *Row) (uint64, bool) { return r.TCP[0].Missed + r.TCP[1].Missed, r.isTCP() })),
		rate("avg_bps", "average rate of frames over the flow's duration", field.BitPerSec,
			func(r *Row) uint64 { return 8 * (r.SrcSent.Bytes + r.DstSent.Bytes) }),
		rate("avg_pps", "average rate of packets over the flow's duration", field.PacketsPerSec,
			func(r *Row) uint64 { return r.SrcSent.Packets + r.DstSent.Packets }),
	)
}

// duration returns the time from the first to the last packet, ns. It is not
// negative, even where the capture's times are not in order.
func (r *Row) duration() int64 { return max(r.End-r.Start, 0) }

// isTCP reports whether TCP is valid.
func (r *Row) isTCP() bool { return r.Proto == protoTCP && r.HasPorts }
