package meter

import (
	"pkt/flow"
	"pkt/packet"
	"pkt/process"
)

// noted tells the flow table of the owners that a capture file names for its packets.
type noted struct {
	read  *process.Noted
	table *flow.Table
	row   [1]flow.Row
}

// batch looks at the notes of the packets in the set. The owner of a packet that went
// out, or whose way is not known, is that of the sender's end.
func (n *noted) batch(b *packet.Batch, in packet.Set, refs *flow.Refs) {
	for from := 0; from < len(b.Notes); {
		i := b.Notes[from].Packet
		to := from + 1
		for to < len(b.Notes) && b.Notes[to].Packet == i {
			to++
		}
		notes := b.Notes[from:to]
		from = to
		if i >= b.N || !in.Has(i) || refs.Flow[i] == flow.NoFlow {
			continue
		}
		if id := n.read.Owner(notes); id != process.Nobody {
			n.own(id, b.Records[i].Dir, refs.Flow[i], refs.Info[i])
		}
	}
}

// own makes an owner that of an end of a flow.
func (n *noted) own(id process.ID, dir packet.Dir, h flow.Handle, info flow.Ref) {
	n.table.Identify([]flow.Handle{h}, n.row[:])
	side := info & flow.RefDst
	if dir == packet.DirIn {
		side ^= flow.RefDst
	}
	owners := n.row[0].Owner
	if owners[side].ID != id {
		owners[side] = process.Side{ID: id, Via: process.ViaFile, Local: true}
		n.table.SetOwners(h, owners)
	}
}
