package main

import (
	"slices"
	"strconv"
	"strings"

	"pkt/output"
	"pkt/packet"
	"pkt/process"
)

// checkOwners refuses what cannot be done with owners of packets.
func (d *dumpFlags) checkOwners(src *sourceFlags) error {
	if src.owner.own && !src.isLive() {
		return usagef("a command behind -- is for live captures: -r names a file")
	}
	if src.owner.packets && d.write != "" && !strings.Contains(d.write, ".pcapng") {
		return usagef("--process -w %s: pcap has no room for owners of packets, pcapng has: name it .pcapng", d.write)
	}
	return nil
}

// lineOwner returns what a line says of the owner of its packet, as tcpdump's -k on
// other systems does; nil if nobody asks.
func (a *attribution) lineOwner() func(dst []byte, b *packet.Batch, i int) []byte {
	if !a.flags.packets && !a.flags.own {
		return nil
	}
	return func(dst []byte, b *packet.Batch, i int) []byte {
		if !b.HasOwner || b.Owner[i] == 0 {
			return dst
		}
		o := a.table.Owner(process.ID(b.Owner[i]))
		dst = append(append(dst, "(proc "...), output.Safe(o.Comm)...)
		if o.PID != 0 {
			dst = strconv.AppendUint(append(dst, ':'), uint64(o.PID), 10)
		}
		return append(dst, ") "...)
	}
}

// ownerNotes adds the owners of packets to the notes of a batch, for a capture file.
type ownerNotes struct {
	table *process.Table
	notes []packet.Note
	texts map[process.ID]comment
}

// comment is what a file says of an owner, as long as that is known the same way.
type comment struct {
	via  process.Via
	comm string
	text string
}

// annotate returns the notes of the batch with those of the owners, in order.
func (n *ownerNotes) annotate(b *packet.Batch, in packet.Set) []packet.Note {
	n.notes = n.notes[:0]
	from := 0
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		for from < len(b.Notes) && b.Notes[from].Packet <= i {
			n.notes = append(n.notes, b.Notes[from])
			from++
		}
		id := process.ID(b.Owner[i])
		if id == process.Nobody {
			continue
		}
		o := n.table.Owner(id)
		if o.PID != 0 {
			n.notes = append(n.notes, packet.Note{Packet: i, Kind: packet.NoteProcess, PID: o.PID})
		}
		n.notes = append(n.notes, packet.Note{Packet: i, Kind: packet.NoteComment, Text: n.text(id, &o)})
	}
	n.notes = append(n.notes, b.Notes[from:]...)
	return slices.Clip(n.notes)
}

// text returns the comment about an owner.
func (n *ownerNotes) text(id process.ID, o *process.Owner) string {
	via := n.table.Via(id)
	if c, ok := n.texts[id]; ok && c.via == via && c.comm == o.Comm {
		return c.text
	}
	c := comment{via, o.Comm, string(process.AppendComment(nil, o, via))}
	n.texts[id] = c
	return c.text
}
