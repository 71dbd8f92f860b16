package filter

import (
	"testing"

	"pkt/decode"
	"pkt/field"
	"pkt/flow"
	"pkt/internal/pkttest"
	"pkt/names"
	"pkt/packet"
)

// packets returns the schema of packets, and flows that of flows.
func packets() Schema[*packet.Batch] {
	return Schema[*packet.Batch]{Scope: field.Packet, Entries: append(decode.Fields(), eitherPort()), Others: fieldsOf(flows().Entries)}
}

// eitherPort is the field "port" of packets: both ports.
func eitherPort() field.Entry[*packet.Batch] {
	return field.Entry[*packet.Batch]{
		Field: field.Field{Name: "port", Kind: field.Uint, List: true, Scope: field.Packet},
		ListCol: func(b *packet.Batch, i int, dst []field.Cell) []field.Cell {
			l := &b.Layers[i]
			if !l.Has.Any(packet.HasPorts) {
				return dst
			}
			return append(dst, field.Cell{Lo: uint64(l.SrcPort)}, field.Cell{Lo: uint64(l.DstPort)})
		},
	}
}

func flows() Schema[[]flow.Row] {
	iface := func(uint32) packet.Iface { return packet.Iface{Name: "eth0"} }
	return Schema[[]flow.Row]{Scope: field.Flow, Entries: flow.Fields(flow.Lookups{Iface: iface, Service: names.Service}), Others: fieldsOf(decode.Fields())}
}

func fieldsOf[R any](entries []field.Entry[R]) []field.Field {
	out := make([]field.Field, len(entries))
	for i := range entries {
		out[i] = entries[i].Field
	}
	return out
}

// batchOf returns a decoded batch of frames of a link type, a millisecond
// apart.
func batchOf(link uint16, frames ...[]byte) *packet.Batch {
	b := &packet.Batch{N: len(frames), First: 1, Ifaces: []packet.Iface{{Name: "eth0", File: "a.pcap", Link: link}, {Name: "wlan0", Link: link}}}
	var mem []byte
	for i, f := range frames {
		b.Records[i] = packet.Record{
			Nanos: 1764000000e9 + int64(i)*1e6, Off: uint32(len(mem)), CapLen: uint32(len(f)), WireLen: uint32(len(f)), Link: link,
			Iface: uint32(i & 1), Dir: packet.Dir(i % 3),
		}
		mem = append(mem, f...)
	}
	b.Block = packet.NewBlock(mem, nil)
	decode.Batch(b, b.All())
	return b
}

// ordinary are frames of the kinds that expressions ask for.
func ordinary() [][]byte {
	eth := pkttest.Ethernet{}
	four := pkttest.IPv4{Src: "10.0.0.1", Dst: "10.0.0.2"}
	six := pkttest.IPv6{Src: "2001:db8::1", Dst: "2001:db8::2"}
	return [][]byte{
		pkttest.Frame(eth, four, pkttest.TCP{SrcPort: 40000, DstPort: 443, Flags: pkttest.SYN}),
		pkttest.Frame(eth, four, pkttest.TCP{SrcPort: 443, DstPort: 40000, Flags: pkttest.SYN | pkttest.ACK}, pkttest.Zeros(100)),
		pkttest.Frame(eth, four, pkttest.UDP{SrcPort: 5353, DstPort: 53}, pkttest.Text("hello")),
		pkttest.Frame(eth, six, pkttest.TCP{SrcPort: 40001, DstPort: 80, Flags: pkttest.ACK}, pkttest.Zeros(1000)),
		pkttest.Frame(eth, pkttest.VLAN{ID: 7}, pkttest.VLAN{ID: 8}, six, pkttest.ICMP{Type: 128}),
		pkttest.Frame(eth, pkttest.ARP{SrcIP: "10.0.0.7", DstIP: "10.0.0.8"}),
		pkttest.Frame(eth, six, pkttest.UDP{SrcPort: 9}, pkttest.VXLAN{VNI: 4711}, eth, four, pkttest.UDP{SrcPort: 1, DstPort: 2}),
		pkttest.Frame(eth, pkttest.IPv4{Src: "192.0.2.200", Dst: "10.1.2.3", TTL: 1}, pkttest.ICMP{Type: 8}),
	}
}

// matching returns the positions of the rows that an expression holds for.
func matching(t *testing.T, text string, b *packet.Batch) string {
	t.Helper()
	p, err := Compile(text, packets())
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var out []byte
	set := p.Filter(b, b.All())
	for i := set.Next(0); i >= 0; i = set.Next(i + 1) {
		out = append(out, byte('0'+i))
	}
	return string(out)
}
