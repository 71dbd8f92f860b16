package stats

import (
	"net/netip"
	"slices"

	"pkt/field"
	"pkt/flow"
	"pkt/packet"
)

// withKeys returns the schema with the fields that are only there to group by.
func (s Schema) withKeys() Schema {
	s.Packet = append(slices.Clip(s.Packet), localEntries(s.Local)...)
	s.Flow = append(slices.Clip(s.Flow), flowEntry())
	return s
}

// KeyFields returns the fields that are only there to group by. Their scope is
// that of a ranking's rows.
func KeyFields() []field.Field {
	fields := []field.Field{flowEntry().Field}
	for _, e := range localEntries(nil) {
		fields = append(fields, e.Field)
	}
	for i := range fields {
		fields[i].Scope = field.Group
	}
	return fields
}

// flowEntry is the field "flow": a row for each pair of endpoints, as people
// write it. Connections that use the same ports one after the other share it;
// flow_id tells them apart.
func flowEntry() field.Entry[[]flow.Row] {
	return field.Entry[[]flow.Row]{
		Field: field.Field{Name: "flow", Doc: "endpoints and protocol: 10.0.0.1:52344 > 10.0.0.2:443/tcp", Kind: field.String, Scope: field.Flow},
		Col: func(rows []flow.Row, in packet.Set, dst *field.Vector) packet.Set {
			dst.Text = dst.Text[:0]
			for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
				from := len(dst.Text)
				dst.Text = appendFlow(dst.Text, &rows[i])
				dst.Cells[i].Lo = uint64(from)<<32 | uint64(len(dst.Text)-from)
			}
			return in
		},
	}
}

// appendFlow appends the endpoints and the protocol of a flow.
func appendFlow(dst []byte, r *flow.Row) []byte {
	dst = appendEndpoint(dst, r.Src, r.SrcPort, r.HasPorts)
	dst = append(dst, " > "...)
	dst = appendEndpoint(dst, r.Dst, r.DstPort, r.HasPorts)
	return append(append(dst, '/'), protocolName(r.Proto)...)
}

func appendEndpoint(dst []byte, addr field.Cell, port uint16, hasPorts bool) []byte {
	if !hasPorts {
		return addr.Addr().AppendTo(dst)
	}
	return netip.AddrPortFrom(addr.Addr(), port).AppendTo(dst)
}

// localEntries are addresses and ports seen from the local end, absent where it
// is not known which that is. Where both are, it is the sender.
func localEntries(nets []netip.Prefix) []field.Entry[*packet.Batch] {
	l := &local{nets: nets}
	entry := func(name, doc string, kind field.Kind, sent packet.Dir, read func(b *packet.Batch, i int, src bool) (field.Cell, bool)) field.Entry[*packet.Batch] {
		return field.Entry[*packet.Batch]{
			Field: field.Field{Name: name, Doc: doc, Kind: kind, Scope: field.Packet},
			Col: func(b *packet.Batch, in packet.Set, dst *field.Vector) (has packet.Set) {
				for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
					dir := l.way(b, i)
					if dir == packet.DirUnknown {
						continue
					}
					if c, ok := read(b, i, dir&packet.DirOut == sent&packet.DirOut); ok {
						dst.Cells[i] = c
						has.Add(i)
					}
				}
				return has
			},
		}
	}
	return []field.Entry[*packet.Batch]{
		entry("local_ip", "address of the local end", field.Addr, packet.DirOut, readAddr),
		entry("local_port", "port of the local end", field.Uint, packet.DirOut, readPort),
		entry("remote_ip", "address of the remote end", field.Addr, packet.DirIn, readAddr),
		entry("remote_port", "port of the remote end", field.Uint, packet.DirIn, readPort),
	}
}

// readAddr reads the source address of a packet, or the destination.
func readAddr(b *packet.Batch, i int, isSrc bool) (c field.Cell, ok bool) {
	if !b.Layers[i].Has.Any(packet.HasIP) {
		return c, false
	}
	src, dst := addresses(b.Frame(i), &b.Layers[i])
	if isSrc {
		return src, true
	}
	return dst, true
}

// readPort reads the source port of a packet, or the destination port.
func readPort(b *packet.Batch, i int, isSrc bool) (c field.Cell, ok bool) {
	l := &b.Layers[i]
	if isSrc {
		return field.Cell{Lo: uint64(l.SrcPort)}, l.Has.Any(packet.HasPorts)
	}
	return field.Cell{Lo: uint64(l.DstPort)}, l.Has.Any(packet.HasPorts)
}
