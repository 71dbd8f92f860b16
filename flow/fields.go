package flow

import (
	"net/netip"
	"slices"

	"pkt/decode"
	"pkt/field"
	"pkt/packet"
)

// Lookup is what fields need to know beside the rows.
type Lookup struct {
	// Iface returns an interface of the capture by its number.
	Iface func(n uint32) packet.Iface
	// Service returns the name of a port, empty if it has none.
	Service func(proto uint8, port uint16) string
}

// Fields returns the fields of flows, with the columns that read them.
func Fields(look Lookup) []field.Entry[[]Row] {
	return slices.Concat(
		identityFields(look),
		serviceFields(look),
		stateFields(),
		volumeFields(),
		tcpFields(),
	)
}

type entry = field.Entry[[]Row]

// of makes a field of a value that rows may lack.
func of(f field.Field, read func(r *Row) (field.Cell, bool)) entry {
	f.Scope = field.Flow
	return entry{Field: f, Col: func(rows []Row, in packet.Set, dst *field.Vector) (has packet.Set) {
		for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
			if c, ok := read(&rows[i]); ok {
				dst.Cells[i] = c
				has.Add(i)
			}
		}
		return has
	}}
}

// text makes a field of strings; read appends the string, or nothing where the
// row lacks it.
func text(name, doc string, read func(dst []byte, r *Row) []byte) entry {
	return entry{
		Field: field.Field{Name: name, Doc: doc, Kind: field.String, Scope: field.Flow},
		Col: func(rows []Row, in packet.Set, dst *field.Vector) (has packet.Set) {
			dst.Text = dst.Text[:0]
			for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
				from := len(dst.Text)
				dst.Text = read(dst.Text, &rows[i])
				if n := len(dst.Text) - from; n > 0 {
					dst.Cells[i].Lo = uint64(from)<<32 | uint64(n)
					has.Add(i)
				}
			}
			return has
		},
	}
}

// always is for values that every row has.
func always(read func(r *Row) uint64) func(r *Row) (field.Cell, bool) {
	return func(r *Row) (field.Cell, bool) { return field.Cell{Lo: read(r)}, true }
}

// ifTCP is for values that only TCP has.
func ifTCP(read func(r *Row) uint64) func(r *Row) (field.Cell, bool) {
	return func(r *Row) (field.Cell, bool) { return field.Cell{Lo: read(r)}, r.Proto == protoTCP }
}

// nonzero is for values of TCP that are 0 where they are not known.
func nonzero(read func(r *Row) uint64) func(r *Row) (field.Cell, bool) {
	return func(r *Row) (field.Cell, bool) {
		v := read(r)
		return field.Cell{Lo: v}, v != 0
	}
}

func identityFields(look Lookup) []entry {
	port := func(read func(r *Row) uint16) func(r *Row) (field.Cell, bool) {
		return func(r *Row) (field.Cell, bool) { return field.Cell{Lo: uint64(read(r))}, r.HasPorts }
	}
	return []entry{
		of(field.Field{Name: "flow_id", Doc: "the same for the same flow of the same capture", Kind: field.ID}, always(func(r *Row) uint64 { return r.ID })),
		text("community_id", "Community ID version 1, seed 0, as Zeek and Suricata write it", func(dst []byte, r *Row) []byte { return CommunityID(r, dst) }),
		of(field.Field{Name: "start", Doc: "time of the first packet", Kind: field.Time}, always(func(r *Row) uint64 { return uint64(r.Start) })),
		of(field.Field{Name: "end", Doc: "time of the last packet", Kind: field.Time}, always(func(r *Row) uint64 { return uint64(r.End) })),
		of(field.Field{Name: "duration_s", Doc: "time from the first packet to the last", Kind: field.Duration, Unit: field.Seconds}, always(func(r *Row) uint64 { return uint64(r.End - r.Start) })),
		of(field.Field{Name: "proto", Doc: "IP protocol", Kind: field.Enum, Names: decode.ProtoNames()}, always(func(r *Row) uint64 { return uint64(r.Proto) })),
		of(field.Field{Name: "ip_version", Doc: "version of the IP header: 4 or 6", Kind: field.Uint}, always(func(r *Row) uint64 { return uint64(r.IPVersion) })),
		text("src", "originator: address and port", func(dst []byte, r *Row) []byte { return appendEndpoint(dst, r.Src, r.SrcPort, r.HasPorts) }),
		text("dst", "responder: address and port", func(dst []byte, r *Row) []byte { return appendEndpoint(dst, r.Dst, r.DstPort, r.HasPorts) }),
		of(field.Field{Name: "src_ip", Doc: "address of the originator, who opened the flow", Kind: field.Addr}, func(r *Row) (field.Cell, bool) { return r.Src, true }),
		of(field.Field{Name: "src_port", Doc: "port of the originator", Kind: field.Uint}, port(func(r *Row) uint16 { return r.SrcPort })),
		of(field.Field{Name: "dst_ip", Doc: "address of the responder", Kind: field.Addr}, func(r *Row) (field.Cell, bool) { return r.Dst, true }),
		of(field.Field{Name: "dst_port", Doc: "port of the responder", Kind: field.Uint}, port(func(r *Row) uint16 { return r.DstPort })),
		of(field.Field{Name: "vlan", Doc: "identifier of the outermost VLAN tag of the first packet", Kind: field.Uint}, func(r *Row) (field.Cell, bool) { return field.Cell{Lo: uint64(r.VLAN)}, r.HasVLAN }),
		text("iface", "interface of the first packet", func(dst []byte, r *Row) []byte { return append(dst, look.Iface(r.Iface).Name...) }),
		text("file", "capture file of the first packet", func(dst []byte, r *Row) []byte { return append(dst, look.Iface(r.Iface).File...) }),
	}
}

// appendEndpoint appends an address and, if there is one, a port: 10.0.0.1:443,
// [2001:db8::1]:443.
func appendEndpoint(dst []byte, addr field.Cell, port uint16, hasPort bool) []byte {
	if hasPort {
		return netip.AddrPortFrom(addr.Addr(), port).AppendTo(dst)
	}
	return addr.Addr().AppendTo(dst)
}

func serviceFields(look Lookup) []entry {
	return []entry{
		of(field.Field{Name: "port", Doc: "port of the service, however it was found: see port_via", Kind: field.Port}, func(r *Row) (field.Cell, bool) {
			return field.FromPort(r.Proto, r.ServicePort), r.PortVia != PortNone
		}),
		of(field.Field{Name: "port_via", Doc: "how the service's port was told from the other one", Kind: field.Enum, Names: PortViaNames}, always(func(r *Row) uint64 { return uint64(r.PortVia) })),
		text("service", "name of the service's port", func(dst []byte, r *Row) []byte {
			if r.PortVia == PortNone {
				return dst
			}
			return append(dst, look.Service(r.Proto, r.ServicePort)...)
		}),
	}
}

func stateFields() []entry {
	return []entry{
		of(field.Field{Name: "state", Doc: "state of the connection, as Zeek's conn_state", Kind: field.Enum, Names: StateNames}, always(func(r *Row) uint64 { return uint64(r.State) })),
		text("history", "what happened, in Zeek's letters: originator in upper case, responder in lower case", func(dst []byte, r *Row) []byte { return append(dst, r.History()...) }),
		of(field.Field{Name: "end_reason", Doc: "why the record was closed; eof: the capture ended first", Kind: field.Enum, Names: EndReasonNames}, always(func(r *Row) uint64 { return uint64(r.EndReason) })),
		of(field.Field{Name: "guessed", Doc: "no handshake told who the originator is", Kind: field.Bool}, always(func(r *Row) uint64 { return field.FromBool(r.Guessed).Lo })),
	}
}

// total makes a field of a count that adds up over rows.
func total(name, doc string, unit field.Unit, read func(r *Row) uint64) entry {
	return of(field.Field{Name: name, Doc: doc, Kind: field.Uint, Unit: unit, Sum: true}, always(read))
}

func volumeFields() []entry {
	perSecond := func(name, doc string, unit field.Unit, read func(r *Row) uint64) entry {
		return of(field.Field{Name: name, Doc: doc, Kind: field.Float, Unit: unit}, func(r *Row) (field.Cell, bool) {
			span := r.End - r.Start
			return field.FromFloat(float64(read(r)) / (float64(max(span, 1)) / 1e9)), span > 0
		})
	}
	return []entry{
		total("packets", "packets of both directions", field.Packets, func(r *Row) uint64 { return r.SrcSent.Packets + r.DstSent.Packets }),
		total("bytes", "frame lengths of both directions", field.Bytes, func(r *Row) uint64 { return r.SrcSent.Bytes + r.DstSent.Bytes }),
		total("ip_bytes", "lengths of the IP packets of both directions", field.Bytes, func(r *Row) uint64 { return r.SrcSent.IPBytes + r.DstSent.IPBytes }),
		total("payload_bytes", "bytes behind the transport headers of both directions", field.Bytes, func(r *Row) uint64 { return r.SrcSent.Payload + r.DstSent.Payload }),
		total("src_packets", "packets that the originator sent", field.Packets, func(r *Row) uint64 { return r.SrcSent.Packets }),
		total("dst_packets", "packets that the responder sent", field.Packets, func(r *Row) uint64 { return r.DstSent.Packets }),
		total("src_bytes", "frame lengths that the originator sent", field.Bytes, func(r *Row) uint64 { return r.SrcSent.Bytes }),
		total("dst_bytes", "frame lengths that the responder sent", field.Bytes, func(r *Row) uint64 { return r.DstSent.Bytes }),
		total("src_ip_bytes", "lengths of the IP packets that the originator sent", field.Bytes, func(r *Row) uint64 { return r.SrcSent.IPBytes }),
		total("dst_ip_bytes", "lengths of the IP packets that the responder sent", field.Bytes, func(r *Row) uint64 { return r.DstSent.IPBytes }),
		total("src_payload_bytes", "payload that the originator sent, retransmissions included", field.Bytes, func(r *Row) uint64 { return r.SrcSent.Payload }),
		total("dst_payload_bytes", "payload that the responder sent, retransmissions included", field.Bytes, func(r *Row) uint64 { return r.DstSent.Payload }),
		perSecond("avg_bps", "bytes over the duration", field.BitPerSec, func(r *Row) uint64 { return 8 * (r.SrcSent.Bytes + r.DstSent.Bytes) }),
		perSecond("avg_pps", "packets over the duration", field.PacketsPerSec, func(r *Row) uint64 { return r.SrcSent.Packets + r.DstSent.Packets }),
		of(field.Field{Name: "missed_bytes", Doc: "content that was never captured, by sequence numbers", Kind: field.Uint, Unit: field.Bytes, Sum: true},
			ifTCP(func(r *Row) uint64 { return r.TCP[0].Missed + r.TCP[1].Missed })),
	}
}

func tcpFields() []entry {
	count := func(name, doc string, unit field.Unit, read func(r *Row) uint64) entry {
		return of(field.Field{Name: "tcp." + name, Doc: doc, Kind: field.Uint, Unit: unit, Sum: true}, ifTCP(read))
	}
	span := func(name, doc string, read func(r *Row) uint64) entry {
		return of(field.Field{Name: "tcp." + name, Doc: doc, Kind: field.Duration, Unit: field.Seconds}, nonzero(read))
	}
	flags := func(name, doc string, side int) entry {
		return text("tcp."+name, doc, func(dst []byte, r *Row) []byte { return appendFlags(dst, r.TCP[side].Flags) })
	}
	mss := func(name, doc string, side int) entry {
		return of(field.Field{Name: "tcp." + name, Doc: doc, Kind: field.Uint, Unit: field.Bytes},
			nonzero(func(r *Row) uint64 { return uint64(r.TCP[side].MSS) }))
	}
	return []entry{
		span("handshake_rtt_s", "time from the SYN to the ACK that completes the handshake", func(r *Row) uint64 { return uint64(r.Handshake) }),
		span("rtt_s", "round-trip time, by running estimates of the paths to both sides", func(r *Row) uint64 { return uint64(r.TCP[0].RTT + r.TCP[1].RTT) }),
		span("src_rtt_s", "running estimate of the round trip to the originator, from where the capture was made", func(r *Row) uint64 { return uint64(r.TCP[0].RTT) }),
		span("dst_rtt_s", "running estimate of the round trip to the responder, from where the capture was made", func(r *Row) uint64 { return uint64(r.TCP[1].RTT) }),
		count("src_retrans_packets", "packets with payload that the originator sent again", field.Packets, func(r *Row) uint64 { return uint64(r.TCP[0].RetransPackets) }),
		count("dst_retrans_packets", "packets with payload that the responder sent again", field.Packets, func(r *Row) uint64 { return uint64(r.TCP[1].RetransPackets) }),
		count("src_retrans_bytes", "payload that the originator sent again", field.Bytes, func(r *Row) uint64 { return r.TCP[0].RetransBytes }),
		count("dst_retrans_bytes", "payload that the responder sent again", field.Bytes, func(r *Row) uint64 { return r.TCP[1].RetransBytes }),
		of(field.Field{Name: "tcp.retrans_pct", Doc: "retransmitted share of the payload of both directions", Kind: field.Float, Unit: field.Percent}, func(r *Row) (field.Cell, bool) {
			payload := r.SrcSent.Payload + r.DstSent.Payload
			again := r.TCP[0].RetransBytes + r.TCP[1].RetransBytes
			return field.FromFloat(100 * float64(again) / float64(max(payload, 1))), r.Proto == protoTCP && payload > 0
		}),
		count("out_of_order", "packets that came late and filled a hole", field.Packets, func(r *Row) uint64 { return uint64(r.TCP[0].OutOfOrder) + uint64(r.TCP[1].OutOfOrder) }),
		count("zero_window", "packets that said that nothing more could be taken", field.Packets, func(r *Row) uint64 { return uint64(r.TCP[0].ZeroWindow) + uint64(r.TCP[1].ZeroWindow) }),
		count("src_stream_bytes", "length of the originator's content by sequence numbers, without retransmissions", field.Bytes, func(r *Row) uint64 { return r.TCP[0].StreamBytes }),
		count("dst_stream_bytes", "length of the responder's content by sequence numbers, without retransmissions", field.Bytes, func(r *Row) uint64 { return r.TCP[1].StreamBytes }),
		flags("src_flags", "flags that the originator sent: FSRPAUECN", 0),
		flags("dst_flags", "flags that the responder sent: FSRPAUECN", 1),
		mss("src_mss", "maximum segment size that the originator announced", 0),
		mss("dst_mss", "maximum segment size that the responder announced", 1),
	}
}

// flagLetters are the letters of the TCP flags from bit 0 up.
const flagLetters = "FSRPAUECN"

func appendFlags(dst []byte, flags uint16) []byte {
	for bit := range len(flagLetters) {
		if flags>>bit&1 != 0 {
			dst = append(dst, flagLetters[bit])
		}
	}
	return dst
}
