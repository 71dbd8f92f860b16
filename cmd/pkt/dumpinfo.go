package main

import (
	"net/netip"
	"strconv"

	"pkt/decode"
	"pkt/field"
	"pkt/packet"
)

// infoColumn returns a column of what a packet is about, in a few words.
func infoColumn() field.Column[*packet.Batch] {
	return func(b *packet.Batch, in packet.Set, dst *field.Vector) (has packet.Set) {
		dst.Text = dst.Text[:0]
		for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
			from := len(dst.Text)
			dst.Text = appendInfo(dst.Text, b.Frame(i), &b.Layers[i])
			if len(dst.Text) > from {
				setText(dst, i, from)
				has.Add(i)
			}
		}
		return has
	}
}

func appendInfo(dst, frame []byte, l *packet.Layers) []byte {
	if h, ok := decode.TCPOf(frame, l); ok {
		return appendTCP(dst, h, l)
	}
	if h, ok := decode.ICMPOf(frame, l); ok {
		return appendICMP(dst, h, l.Has.Any(packet.HasIPv6))
	}
	if h, ok := decode.ARPOf(frame, l); ok {
		return appendARP(dst, h)
	}
	n := l.WireEnd - l.Payload
	switch {
	case l.Has.Any(packet.HasLaterPart):
		dst = append(appendNumber(dst, "fragment at", fragmentOffset(frame, l)), ' ')
	case !l.Has.Any(packet.HasUDP):
		return dst
	}
	return appendNumber(dst, "data", n)
}

// fragmentOffset returns where the fragment lies in its datagram, in bytes.
func fragmentOffset(frame []byte, l *packet.Layers) uint32 {
	if h, ok := decode.IPv4Of(frame, l); ok {
		return uint32(h.FragOffset())
	}
	h, _ := decode.IPv6Of(frame, l)
	f, _ := h.Fragment()
	return uint32(f.Offset)
}

// appendTCP appends flags as tcpdump writes them, and numbers as they were sent.
func appendTCP(dst []byte, h decode.TCP, l *packet.Layers) []byte {
	flags := h.Flags()
	dst = flags.Append(dst)
	if n := l.WireEnd - l.Payload; n > 0 {
		dst = appendNumber(dst, " data", n)
	}
	dst = appendNumber(dst, " seq", h.Seq())
	if flags&decode.ACK != 0 {
		dst = appendNumber(dst, " ack", h.Ack())
	}
	return appendNumber(dst, " win", uint32(h.Window()))
}

func appendNumber(dst []byte, what string, n uint32) []byte {
	return strconv.AppendUint(append(append(dst, what...), ' '), uint64(n), 10)
}

// icmpNames and icmp6Names are the types that most packets have, by the
// registries of IANA.
var (
	icmpNames = map[uint8]string{
		0: "echo reply", 3: "unreachable", 5: "redirect", 8: "echo request", 11: "time exceeded",
		12: "parameter problem", 13: "timestamp request", 14: "timestamp reply",
	}
	icmp6Names = map[uint8]string{
		1: "unreachable", 2: "packet too big", 3: "time exceeded", 4: "parameter problem", 128: "echo request",
		129: "echo reply", 130: "listener query", 131: "listener report", 133: "router solicitation",
		134: "router advertisement", 135: "neighbor solicitation", 136: "neighbor advertisement", 143: "listener report v2",
	}
)

func appendICMP(dst []byte, h decode.ICMP, six bool) []byte {
	names := icmpNames
	if six {
		names = icmp6Names
	}
	name := names[h.Type()]
	if name == "" {
		dst = appendNumber(dst, "type", uint32(h.Type()))
	}
	dst = append(dst, name...)
	if h.Code() != 0 {
		dst = appendNumber(dst, " code", uint32(h.Code()))
	}
	return dst
}

// appendARP appends who is asked for, or who answers.
func appendARP(dst []byte, h decode.ARP) []byte {
	sender, ok := h.Sender()
	target, _ := h.Target()
	switch {
	case ok && h.Op() == 1:
		dst = netip.AddrFrom4(target).AppendTo(append(dst, "who has "...))
		return netip.AddrFrom4(sender).AppendTo(append(dst, " tell "...))
	case ok && h.Op() == 2:
		return append(netip.AddrFrom4(sender).AppendTo(dst), " is at the source"...)
	}
	return appendNumber(dst, "operation", uint32(h.Op()))
}
