package stats

import (
	"net/netip"

	"pkt/field"
	"pkt/flow"
	"pkt/packet"
	"pkt/process"
)

// Owner reads what a key has of the owner that packets count for: a cell, or for a
// String text that is appended to dst. ok is false if the owner has no such thing.
type Owner func(id process.ID, dst []byte) (lo uint64, text []byte, ok bool)

// Packets of a flow count for up to two owners: going out of this machine for the one
// of the sender's end, coming in for the one of the receiver's. A way says which case
// it is. It names the sender by the order of the ends, since who is taken for the
// originator may change.
type way uint8

const (
	wayHigh way = 1 << iota // the higher end has sent
	wayIn
	wayOut
)

// wayShift is where parts have their way beside the number of a group.
const wayShift = 29

// dir returns which way packets went.
func (w way) dir() packet.Dir {
	switch {
	case w&wayIn != 0:
		return packet.DirIn
	case w&wayOut != 0:
		return packet.DirOut
	}
	return packet.DirUnknown
}

// wayOf returns the way of packet i. What goes both ways goes out and comes in, so that
// it has a way of each kind: this is the one in a direction.
func wayOf(b *packet.Batch, i int, dir packet.Dir) (w way) {
	switch dir {
	case packet.DirIn:
		w = wayIn
	case packet.DirOut:
		w = wayOut
	}
	l := &b.Layers[i]
	if !l.Has.Any(packet.HasIP) {
		return w
	}
	src, dst := addresses(b.Frame(i), l)
	if lower(netip.AddrPortFrom(dst.Addr(), l.DstPort), netip.AddrPortFrom(src.Addr(), l.SrcPort), l.Has.Any(packet.HasPorts)) {
		w |= wayHigh
	}
	return w
}

// lower reports whether a stands before b.
func lower(a, b netip.AddrPort, ports bool) bool {
	if ports {
		return a.Compare(b) < 0
	}
	return a.Addr().Less(b.Addr())
}

// owner returns who packets of a flow count for.
func (p *perFlow) owner(row *flow.Row, w way) process.ID {
	if row == nil {
		if p.cfg.NoFlow == nil {
			return process.Nobody
		}
		return p.cfg.NoFlow()
	}
	src, dst := netip.AddrPortFrom(row.Src.Addr(), row.SrcPort), netip.AddrPortFrom(row.Dst.Addr(), row.DstPort)
	sender := 0
	if lower(dst, src, row.HasPorts) != (w&wayHigh != 0) {
		sender = 1
	}
	return process.Credit(row.Owner[sender], row.Owner[sender^1], w.dir()).ID
}

// twice returns the directions that packet i counts in: a packet of the loopback
// interface is sent and received by this machine, and counts for both ends.
func twice(dir packet.Dir) [2]packet.Dir {
	if dir == packet.DirBoth {
		return [2]packet.Dir{packet.DirOut, packet.DirIn}
	}
	return [2]packet.Dir{dir, noDir}
}

// noDir stands for no second direction.
const noDir = packet.DirBoth

// setOwner puts the values of the keys of owners into a group's words.
func (p *perFlow) setOwner(words []uint64, row *flow.Row, w way) {
	if !p.ways {
		return
	}
	id := p.owner(row, w)
	for k := range p.layout.keys {
		if p.layout.keys[k].Owner == nil {
			continue
		}
		p.layout.unset(words, k)
		if c, ok := p.ownerCell(k, id); ok {
			p.layout.set(words, k, c)
		}
	}
}

// ownerCell returns the value of key k, which is one of owners.
func (p *perFlow) ownerCell(k int, id process.ID) (c field.Cell, ok bool) {
	lo, text, ok := p.layout.keys[k].Owner(id, p.text[:0])
	if p.text = text; ok && p.layout.keys[k].Kind == field.String {
		lo = p.texts.id(k, text)
	}
	return field.Cell{Lo: lo}, ok
}

// isOwner reports whether a group's key has the values of the keys of owners that
// packets of a flow have which went a way.
func (p *perFlow) isOwner(words []uint64, row *flow.Row, w way) bool {
	id := p.owner(row, w)
	for k := range p.layout.keys {
		if p.layout.keys[k].Owner == nil {
			continue
		}
		have, hok := p.layout.cell(words, k)
		want, wok := p.ownerCell(k, id)
		if have != want || hok != wok {
			return false
		}
	}
	return true
}

// alone reports whether a flow has no contribution to a group but the one with a
// number: with keys of owners it may have one for each way.
func (p *perFlow) alone(m *member, at, group uint32) bool {
	if !p.ways {
		return true
	}
	for other := m.parts; other != 0; other = p.slab.at(other - 1).next {
		if other-1 != at && p.slab.at(other-1).group == group {
			return false
		}
	}
	return true
}

// repeated reports whether another contribution of the flow, one that stands before
// it, is to the same group.
func (p *perFlow) repeated(m *member, at uint32) bool {
	if !p.ways {
		return false
	}
	for other := m.parts; other != at+1; other = p.slab.at(other - 1).next {
		if p.slab.at(other-1).group == p.slab.at(at).group {
			return true
		}
	}
	return false
}
