package decode

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"pkt/packet"
)

// facts are what two decoders have to agree on about one packet.
type facts struct {
	src, dst     string
	proto        uint8
	sport, dport uint16
	payload      int // captured bytes behind the transport header
	transport    string
}

func (f facts) String() string {
	return fmt.Sprintf("%s > %s proto %d %s %d > %d payload %d", f.src, f.dst, f.proto, f.transport, f.sport, f.dport, f.payload)
}

// ours returns the facts that this package finds.
func ours(c captured) (f facts, l packet.Layers) {
	Frame(c.link, c.data, c.wire, c.bigEndian, &l)
	if !l.Has.Any(packet.HasIP) {
		return f, l
	}
	src, dst := addresses(c.data, &l)
	f = facts{src: src.Addr().String(), dst: dst.Addr().String(), proto: l.Proto}
	switch {
	case l.Has.Any(packet.HasLaterPart):
		f.transport = "fragment"
	case l.Has.Any(packet.HasTCP):
		f.transport = "tcp"
	case l.Has.Any(packet.HasUDP):
		f.transport = "udp"
	case l.Has.Any(packet.HasSCTP):
		f.transport = "sctp"
	case l.Has.Any(packet.HasICMP):
		f.transport = "icmp"
	}
	if f.transport != "" {
		f.payload = int(l.End - l.Payload)
		f.sport, f.dport = l.SrcPort, l.DstPort
	}
	return f, l
}

// theirs returns the facts that gopacket finds: of the last IP layer that it
// decodes, and the transport layer behind it.
func theirs(c captured) (f facts, ok bool, p gopacket.Packet) {
	p = gopacket.NewPacket(c.data, layers.LinkType(c.link), gopacket.DecodeOptions{NoCopy: true})
	for _, layer := range p.Layers() {
		if len(layer.LayerContents()) == 0 {
			continue // gopacket lists layers that it failed to decode
		}
		switch h := layer.(type) {
		case *layers.IPv4:
			f, ok = facts{src: h.SrcIP.String(), dst: h.DstIP.String(), proto: uint8(h.Protocol)}, true
			if h.FragOffset != 0 {
				f.transport, f.payload = "fragment", len(h.Payload)
			}
		case *layers.IPv6:
			f, ok = facts{src: addr6(h.SrcIP), dst: addr6(h.DstIP), proto: uint8(h.NextHeader)}, true
		case *layers.IPv6HopByHop:
			f.proto = uint8(h.NextHeader)
		case *layers.IPv6Destination:
			f.proto = uint8(h.NextHeader)
		case *layers.IPv6Routing:
			f.proto = uint8(h.NextHeader)
		case *layers.IPv6Fragment:
			f.proto = uint8(h.NextHeader)
			if h.FragmentOffset != 0 {
				f.transport, f.payload = "fragment", len(h.Payload)
			}
		case *layers.IPSecAH:
			f.proto = uint8(h.NextHeader)
		case *layers.TCP:
			f.transport, f.sport, f.dport, f.payload = "tcp", uint16(h.SrcPort), uint16(h.DstPort), len(h.Payload)
		case *layers.UDP:
			f.transport, f.sport, f.dport, f.payload = "udp", uint16(h.SrcPort), uint16(h.DstPort), len(h.Payload)
		case *layers.UDPLite:
			f.transport, f.sport, f.dport, f.payload = "udp", uint16(h.SrcPort), uint16(h.DstPort), len(h.Payload)
		case *layers.SCTP:
			f.transport, f.sport, f.dport, f.payload = "sctp", uint16(h.SrcPort), uint16(h.DstPort), len(h.Payload)
		case *layers.ICMPv4:
			f.transport, f.sport, f.dport, f.payload = "icmp", uint16(h.TypeCode.Type()), uint16(h.TypeCode.Code()), len(h.Payload)
		case *layers.ICMPv6:
			// Our header has 8 bytes, theirs 4.
			f.transport, f.sport, f.dport, f.payload = "icmp", uint16(h.TypeCode.Type()), uint16(h.TypeCode.Code()), max(0, len(h.Payload)-4)
		}
	}
	return f, ok, p
}

func TestAgainstGopacket(t *testing.T) {
	agree, differ, only, onlyThem := 0, map[string]int{}, 0, map[string]int{}
	show := os.Getenv("SHOW")
	for _, path := range corpus(t) {
		n := 0
		readCapture(t, path, 20000, func(c captured) {
			n++
			a, l := ours(c)
			b, ok, p := theirs(c)
			switch {
			case !ok && l.Has.Any(packet.HasIP):
				only++
			case ok && !l.Has.Any(packet.HasIP):
				onlyThem[filepath.Base(path)]++
				if show != "" {
					fmt.Printf("ONLYTHEM %s %d: %v %s problem %d\n", filepath.Base(path), n, b, layerTypes(p), l.Problem)
				}
			case ok && a != b:
				differ[filepath.Base(path)]++
				if show != "" {
					fmt.Printf("%s %d:\n  %v (has %x problem %d tunnel %d depth %d)\n  %v (%s)\n", filepath.Base(path), n, a, l.Has, l.Problem, l.Tunnel, l.Depth, b, layerTypes(p))
				}
			case ok:
				agree++
			}
		})
	}
	t.Log("agree", agree, "only us", only)
	t.Log("differ", differ)
	t.Log("only them", onlyThem)
}

func layerTypes(p gopacket.Packet) string {
	var b bytes.Buffer
	for _, l := range p.Layers() {
		fmt.Fprintf(&b, "%v ", l.LayerType())
	}
	return b.String()
}

// addr6 spells an IPv6 address as netip does, which keeps ::ffff:1.2.3.4 apart
// from 1.2.3.4.
func addr6(ip []byte) string { return netip.AddrFrom16([16]byte(ip)).String() }
