package flow

import (
	"slices"

	"pkt/decode"
	"pkt/field"
)

// tcpFields are what is known of TCP connections.
func tcpFields() []entry {
	return slices.Concat(
		[]entry{
			fixed("tcp.handshake_rtt_s", "time from the SYN to the ACK of the SYN-ACK", field.Duration, field.Seconds,
				func(r *Row) (field.Cell, bool) { return field.FromInt(r.Handshake), r.Handshake > 0 }),
			fixed("tcp.rtt_s", "running estimate of the round trip time, from both sides of the capture", field.Duration, field.Seconds,
				func(r *Row) (field.Cell, bool) {
					rtt := r.TCP[0].RTT + r.TCP[1].RTT
					return field.FromInt(rtt), rtt > 0
				}),
		},
		tcpSides("retrans_packets", "packets with payload that was sent before", field.Packets,
			func(s *TCPSide) uint64 { return uint64(s.RetransPackets) }),
		tcpSides("retrans_bytes", "payload bytes that were sent before", field.Bytes,
			func(s *TCPSide) uint64 { return s.RetransBytes }),
		[]entry{
			fixed("tcp.retrans_pct", "retransmitted packets in percent of all packets", field.Float, field.Percent, retransPercent),
			sum(number("tcp.out_of_order", "packets that came later than what follows them", field.Packets,
				func(r *Row) (uint64, bool) {
					return uint64(r.TCP[0].OutOfOrder) + uint64(r.TCP[1].OutOfOrder), r.isTCP()
				})),
			sum(number("tcp.zero_window", "packets that say that no more can be taken", field.Packets,
				func(r *Row) (uint64, bool) {
					return uint64(r.TCP[0].ZeroWindow) + uint64(r.TCP[1].ZeroWindow), r.isTCP()
				})),
			text("tcp.src_flags", "flags that the originator has sent", sideFlags(0)),
			text("tcp.dst_flags", "flags that the responder has sent", sideFlags(1)),
			number("tcp.src_mss", "maximum segment size in the SYN of the originator", field.Bytes,
				func(r *Row) (uint64, bool) { return uint64(r.TCP[0].MSS), r.TCP[0].MSS != 0 }),
			number("tcp.dst_mss", "maximum segment size in the SYN of the responder", field.Bytes,
				func(r *Row) (uint64, bool) { return uint64(r.TCP[1].MSS), r.TCP[1].MSS != 0 }),
		},
	)
}

// retransPercent returns the share of packets that were sent again.
func retransPercent(r *Row) (field.Cell, bool) {
	packets := r.SrcSent.Packets + r.DstSent.Packets
	if !r.isTCP() || packets == 0 {
		return field.Cell{}, false
	}
	again := uint64(r.TCP[0].RetransPackets) + uint64(r.TCP[1].RetransPackets)
	return field.FromFloat(100 * float64(again) / float64(packets)), true
}

// sideFlags returns a reader of the flags that a side has sent, as tcpdump
// writes them.
func sideFlags(side int) func(r *Row, dst []byte) []byte {
	return func(r *Row, dst []byte) []byte {
		if f := r.TCP[side].Flags; f != 0 {
			return decode.Flags(f).Append(dst)
		}
		return dst
	}
}

// tcpSides returns a field for each side of a connection.
func tcpSides(name, doc string, unit field.Unit, read func(*TCPSide) uint64) []entry {
	side := func(prefix, who string, i int) entry {
		return sum(number("tcp."+prefix+name, doc+", of the "+who, unit,
			func(r *Row) (uint64, bool) { return read(&r.TCP[i]), r.isTCP() }))
	}
	return []entry{side("src_", "originator", 0), side("dst_", "responder", 1)}
}
