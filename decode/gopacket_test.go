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
// decodes, and the transport layer behind it. ips counts IP layers.
func theirs(c captured) (f facts, ips int, p gopacket.Packet) {
	p = gopacket.NewPacket(c.data, layers.LinkType(c.link), gopacket.DecodeOptions{NoCopy: true})
	for _, layer := range p.Layers() {
		if len(layer.LayerContents()) == 0 {
			continue // gopacket lists layers that it failed to decode
		}
		switch h := layer.(type) {
		case *layers.IPv4:
			f, ips = facts{src: h.SrcIP.String(), dst: h.DstIP.String(), proto: uint8(h.Protocol)}, ips+1
			if h.FragOffset != 0 {
				f.transport, f.payload = "fragment", len(h.Payload)
			}
		case *layers.IPv6:
			f, ips = facts{src: addr6(h.SrcIP), dst: addr6(h.DstIP), proto: uint8(h.NextHeader)}, ips+1
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
	return f, ips, p
}

// documented returns why this package decodes a packet differently on purpose,
// or "" if it should not.
func documented(c captured, l *packet.Layers, a, b facts, theirIPs int) string {
	switch {
	case l.Has.Any(packet.HasFragment) && !l.Has.Any(packet.HasLaterPart) && b.transport == "":
		return "gopacket does not read the transport header in a first fragment"
	case l.Has.Any(packet.HasIPv6) && b.transport == "" && b.proto == protoFragment:
		return "gopacket does not read what is behind an atomic fragment's header"
	case l.Has.Any(packet.HasIPv6) && b.transport == "" && !l.Has.Any(packet.HasFragment) && a.proto == b.proto && hasFragmentHeader(c, l):
		return "likewise"
	case int(l.Depth) >= theirIPs && theirIPs > 0 && l.Has.Any(packet.HasTunnel):
		return "gopacket does not enter Teredo, AYIYA, ERSPAN type III and L2TP"
	case c.link == linkWLAN:
		return "gopacket takes the last 4 bytes of all 802.11 frames for a check sequence"
	case l.Problem == packet.ProblemBadVersion:
		return "gopacket does not look at the IP version behind an EtherType or a protocol number"
	case l.Problem == packet.ProblemBadOffset:
		return "gopacket hands out ports of TCP headers that it failed to decode"
	case l.Problem == packet.ProblemTruncated && b.transport == "":
		return "gopacket reads no ports or types of headers that were cut"
	}
	return ""
}

func hasFragmentHeader(c captured, l *packet.Layers) bool {
	h, _ := IPv6Of(c.data, l)
	_, ok := h.Fragment()
	return ok
}

// compare decodes one frame with both decoders and reports whether they agree;
// ours alone counts as no difference.
func compare(t *testing.T, name string, n int, c captured, reasons map[string]int) {
	a, l := ours(c)
	b, ips, p := theirs(c)
	if ips == 0 {
		return
	}
	if a == b {
		reasons["agree"]++
		return
	}
	why := documented(c, &l, a, b, ips)
	if why == "" {
		t.Errorf("%s, frame %d:\n%v, %+v\n%v (%s)", name, n, a, l, b, LayerTypes(p))
	}
	reasons[why]++
}

// TestAgainstGopacket holds this decoder to the addresses, ports, protocols and
// payload lengths that gopacket finds in the captures of the corpora.
func TestAgainstGopacket(t *testing.T) {
	reasons := map[string]int{}
	for _, path := range corpus(t) {
		n := 0
		readCapture(t, path, 20000, func(c captured) {
			n++
			compare(t, filepath.Base(path), n, c, reasons)
		})
	}
	for why, n := range reasons {
		t.Logf("%7d %s", n, why)
	}
}

// TestAgainstGopacketGenerated does the same with the first packets of large
// captures that the benchmarks generate, where PKT_BENCH_CAPTURES names their
// directory.
func TestAgainstGopacketGenerated(t *testing.T) {
	dir := os.Getenv("PKT_BENCH_CAPTURES")
	if dir == "" {
		t.Skip("PKT_BENCH_CAPTURES is not set")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.pcap"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures in %s: %v", dir, err)
	}
	reasons := map[string]int{}
	for _, path := range files {
		n := 0
		readCapture(t, path, 100000, func(c captured) {
			n++
			compare(t, filepath.Base(path), n, c, reasons)
		})
	}
	t.Log(reasons)
}

func LayerTypes(p gopacket.Packet) string {
	var b bytes.Buffer
	for _, l := range p.Layers() {
		fmt.Fprintf(&b, "%v ", l.LayerType())
	}
	return b.String()
}

// addr6 spells an IPv6 address as netip does, which keeps ::ffff:1.2.3.4 apart
// from 1.2.3.4.
func addr6(ip []byte) string { return netip.AddrFrom16([16]byte(ip)).String() }
