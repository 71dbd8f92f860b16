package main

import (
	"errors"
	"slices"
	"strings"

	"pkt/field"
	"pkt/filter"
	"pkt/filter/pcapfilter"
	"pkt/flow"
	"pkt/meter"
	"pkt/packet"
	"pkt/process"
)

// packetSchema is what expressions over packets may name.
func packetSchema(owners *process.Table) filter.Schema[*packet.Batch] {
	return filter.Schema[*packet.Batch]{Scope: field.Packet, Entries: append(packetEntries(owners), eitherPort()), Others: allFields()}
}

// eitherPort is the field "port" of packets in expressions: both ports, as host
// is both addresses. It needs no flow, and so can be asked before decoding.
func eitherPort() field.Entry[*packet.Batch] {
	return field.Entry[*packet.Batch]{
		Field: field.Field{Name: "port", Doc: "ports of source and destination", Kind: field.Uint, List: true, Scope: field.Packet},
		ListCol: func(b *packet.Batch, i int, dst []field.Cell) []field.Cell {
			l := &b.Layers[i]
			if !l.Has.Any(packet.HasPorts) {
				return dst
			}
			return append(dst, field.Cell{Lo: uint64(l.SrcPort)}, field.Cell{Lo: uint64(l.DstPort)})
		},
	}
}

// needMarks reports whether one of the texts names a field that the marks of
// packets tell. A name inside of another text only costs time.
func needMarks(texts ...string) bool {
	for _, e := range flow.PacketFields() {
		if slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, e.Name) }) {
			return true
		}
	}
	return false
}

// flowSchema is what expressions over flows may name.
func flowSchema(iface func(uint32) packet.Iface, owners *process.Table) filter.Schema[[]flow.Row] {
	return filter.Schema[[]flow.Row]{Scope: field.Flow, Entries: append(flowEntries(iface, owners), endpointEntries()...), Others: allFields()}
}

// packetWhere is a --where over packets. It is a meter.Filter of decoded
// packets, with another one before it that drops frames which cannot match.
type packetWhere struct {
	text      string
	predicate *filter.Predicate[*packet.Batch] // nil: all packets
	flows     *filter.Predicate[[]flow.Row]    // of the packets' flows; nil: all
	first     *meter.Meter                     // the first pass, if there is one
	early     early
}

// newPacketWhere compiles an expression; nil stands for none. owners may be nil.
func newPacketWhere(text string, owners *process.Table) (*packetWhere, error) {
	if text == "" {
		return nil, nil
	}
	w := &packetWhere{text: text}
	flows := flowSchema(func(n uint32) packet.Iface { return w.first.Iface(n) }, owners)
	flows.Prefix = "flow."
	var err error
	w.predicate, w.flows, err = filter.CompileJoint(text, packetSchema(owners), flows)
	var wrong *filter.Error
	if errors.As(err, &wrong) {
		if _, e := pcapfilter.Compile(text, pcapfilter.Options{Link: linkEthernet}); e == nil {
			wrong.Msg += "; this is a pcap-filter: give its words without --where"
		}
	}
	if err != nil {
		return nil, err
	}
	w.early.predicate = w.predicate
	return w, nil
}

// mayDrop reports whether frames may be dropped before they are decoded. With
// marks, and where flows are asked about, every packet has to reach its flow.
func (w *packetWhere) mayDrop(marks bool) bool {
	return w != nil && w.predicate != nil && w.flows == nil && !marks
}

// apply puts the filters into the configuration of a meter.
func (w *packetWhere) apply(cfg *meter.Config, marks bool) {
	if w == nil || w.predicate == nil {
		return
	}
	if w.mayDrop(marks) {
		cfg.Raw = append(cfg.Raw, &w.early)
	}
	cfg.Where = append(cfg.Where, w)
}

// Filter implements meter.Filter.
func (w *packetWhere) Filter(b *packet.Batch, in packet.Set) (packet.Set, error) {
	return w.predicate.Filter(b, in), nil
}

// early drops frames before they are decoded, by what an expression says that a
// pcap-filter can say too. It is a meter.Filter.
type early struct {
	predicate *filter.Predicate[*packet.Batch]
	links     []earlyLink
	In, Out   uint64 // packets that it was asked about, and that it let through
}

// earlyLink is the filter for one link type, nil where there is none.
type earlyLink struct {
	link    uint16
	matcher *pcapfilter.Matcher
}

// Filter implements meter.Filter.
func (e *early) Filter(b *packet.Batch, in packet.Set) (packet.Set, error) {
	e.In += uint64(in.Len())
	var out packet.Set
	for first := in.Next(0); first >= 0; first = in.Next(first) {
		link := b.Records[first].Link
		var same packet.Set
		for i := first; i >= 0; i = in.Next(i + 1) {
			if b.Records[i].Link == link {
				same.Add(i)
			}
		}
		in = in.AndNot(same)
		if m := e.matcher(link); m != nil {
			same = m.Filter(b, same)
		}
		out = out.Or(same)
	}
	e.Out += uint64(out.Len())
	return out, nil
}

// matcher returns the filter for frames of a link type.
func (e *early) matcher(link uint16) *pcapfilter.Matcher {
	for i := range e.links {
		if e.links[i].link == link {
			return e.links[i].matcher
		}
	}
	found := earlyLink{link: link}
	if program, _, ok := e.predicate.Pushdown(link); ok {
		found.matcher = program.Matcher()
	}
	e.links = append(e.links, found)
	return found.matcher
}
