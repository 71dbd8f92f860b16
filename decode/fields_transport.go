package decode

import (
	"math/bits"

	"pkt/field"
	"pkt/packet"
)

// portFields are the ports of TCP, UDP, UDP-Lite, SCTP and DCCP.
func portFields() []entry {
	return []entry{
		uintField("src_port", "source port", field.NoUnit, srcPortColumn),
		uintField("dst_port", "destination port", field.NoUnit, dstPortColumn),
	}
}

func srcPortColumn(b *packet.Batch, in packet.Set, dst *field.Vector) (has packet.Set) {
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			i := word<<6 + bits.TrailingZeros64(set)
			if l := &b.Layers[i]; l.Has.Any(packet.HasPorts) {
				dst.Cells[i] = field.Cell{Lo: uint64(l.SrcPort)}
				has[word] |= set & -set
			}
		}
	}
	return has
}

func dstPortColumn(b *packet.Batch, in packet.Set, dst *field.Vector) (has packet.Set) {
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			i := word<<6 + bits.TrailingZeros64(set)
			if l := &b.Layers[i]; l.Has.Any(packet.HasPorts) {
				dst.Cells[i] = field.Cell{Lo: uint64(l.DstPort)}
				has[word] |= set & -set
			}
		}
	}
	return has
}

// tcpFields are what the TCP header says.
func tcpFields() []entry {
	flag := func(name, doc string, f Flags) entry {
		return kindField("tcp.flags."+name, doc, field.Bool, column(packet.HasTCP, func(frame []byte, l *packet.Layers) uint64 {
			return bit(Flags(be16(frame[l.L4+tcpOffsetAt:]))&f != 0)
		}))
	}
	return []entry{
		flag("syn", "opens the connection", SYN),
		flag("ack", "acknowledges", ACK),
		flag("fin", "no more data follows", FIN),
		flag("rst", "resets the connection", RST),
		flag("psh", "hand over to the application at once", PSH),
		flag("urg", "the urgent pointer is valid", URG),
		flag("ece", "echoes congestion", ECE),
		flag("cwr", "has reduced its congestion window", CWR),
		flag("ns", "nonce sum, since RFC 9768 accurate ECN", NS),
		kindField("tcp.flags_text", "flags as tcpdump writes them: S. for SYN and ACK", field.String, flagsColumn),
		uintField("tcp.seq", "sequence number", field.NoUnit, column(packet.HasTCP, at32(tcpSeqAt))),
		uintField("tcp.ack", "acknowledgment number, if the flag is set", field.NoUnit, optional(packet.HasTCP, tcpAck)),
		uintField("tcp.win", "window as sent, not scaled", field.NoUnit,
			column(packet.HasTCP, func(f []byte, l *packet.Layers) uint64 { return uint64(be16(f[l.L4+tcpWindowAt:])) })),
		uintField("tcp.mss", "maximum segment size option", field.Bytes,
			tcpOption(OptMSS, func(o Options) uint64 { return uint64(o.MSS) })),
		uintField("tcp.wscale", "window scale option: shift as sent", field.NoUnit,
			tcpOption(OptScale, func(o Options) uint64 { return uint64(o.Scale) })),
		kindField("tcp.sack_permitted", "selective acknowledgments are permitted", field.Bool,
			tcpOption(OptSACKPermitted, func(Options) uint64 { return 1 })),
		uintField("tcp.ts_val", "timestamp of the sender", field.NoUnit,
			tcpOption(OptTimestamps, func(o Options) uint64 { return uint64(o.TSVal) })),
		uintField("tcp.ts_ecr", "timestamp that is echoed", field.NoUnit,
			tcpOption(OptTimestamps, func(o Options) uint64 { return uint64(o.TSEcr) })),
		listField("tcp.options", "numbers of the options", field.Uint, tcpOptionsColumn),
	}
}

// at32 returns a reader of 4 bytes of the transport header.
func at32(off uint32) func(frame []byte, l *packet.Layers) uint64 {
	return func(frame []byte, l *packet.Layers) uint64 { return uint64(be32(frame[l.L4+off:])) }
}

func tcpAck(frame []byte, l *packet.Layers) (uint64, bool) {
	h, _ := TCPOf(frame, l)
	return uint64(h.Ack()), h.Flags()&ACK != 0
}

// tcpOption returns a column of the segments that have an option.
func tcpOption(which OptionSet, read func(o Options) uint64) field.Column[*packet.Batch] {
	return optional(packet.HasTCP, func(frame []byte, l *packet.Layers) (uint64, bool) {
		h, _ := TCPOf(frame, l)
		o := h.Options()
		if o.Has&which == 0 {
			return 0, false
		}
		return read(o), true
	})
}

func flagsColumn(b *packet.Batch, in packet.Set, dst *field.Vector) (has packet.Set) {
	dst.Text = dst.Text[:0]
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		h, ok := TCPOf(b.Frame(i), &b.Layers[i])
		if !ok {
			continue
		}
		start := len(dst.Text)
		dst.Text = h.Flags().Append(dst.Text)
		dst.Cells[i] = field.Cell{Lo: uint64(start)<<32 | uint64(len(dst.Text)-start)}
		has.Add(i)
	}
	return has
}

func tcpOptionsColumn(b *packet.Batch, i int, dst []field.Cell) []field.Cell {
	h, ok := TCPOf(b.Frame(i), &b.Layers[i])
	if !ok {
		return dst
	}
	for rest := h.b[tcpMinLen:]; ; {
		kind, _, next, ok := cutOption(rest)
		if !ok {
			return dst
		}
		dst = append(dst, field.Cell{Lo: uint64(kind)})
		rest = next
	}
}

// messageFields are what UDP, ICMP and ARP say.
func messageFields() []entry {
	return []entry{
		uintField("udp.len", "length of the datagram as sent; of UDP-Lite, what the checksum covers", field.Bytes,
			column(packet.HasUDP, func(f []byte, l *packet.Layers) uint64 { return uint64(be16(f[l.L4+udpLengthAt:])) })),
		uintField("icmp.type", "type of the ICMP or ICMPv6 message", field.NoUnit,
			column(packet.HasICMP, func(_ []byte, l *packet.Layers) uint64 { return uint64(l.SrcPort) })),
		uintField("icmp.code", "code of the ICMP or ICMPv6 message", field.NoUnit,
			column(packet.HasICMP, func(_ []byte, l *packet.Layers) uint64 { return uint64(l.DstPort) })),
		uintField("arp.op", "ARP operation: 1 asks, 2 answers", field.NoUnit,
			column(packet.HasARP, func(f []byte, l *packet.Layers) uint64 { return uint64(be16(f[l.L3+arpOpAt:])) })),
		kindField("arp.sender_ip", "IPv4 address of the sender of ARP", field.Addr, arpColumn(ARP.Sender)),
		kindField("arp.target_ip", "IPv4 address that ARP asks for", field.Addr, arpColumn(ARP.Target)),
	}
}

// arpColumn returns a column of an address in ARP packets.
func arpColumn(read func(ARP) ([4]byte, bool)) field.Column[*packet.Batch] {
	return func(b *packet.Batch, in packet.Set, dst *field.Vector) (has packet.Set) {
		for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
			l := &b.Layers[i]
			if !l.Has.Any(packet.HasARP) {
				continue
			}
			h, _ := ARPOf(b.Frame(i), l)
			if ip, ok := read(h); ok {
				dst.Cells[i] = field.FromAddr4(ip[:])
				has.Add(i)
			}
		}
		return has
	}
}
