package pcapfile

import (
	"fmt"
	"math"

	"pkt/packet"
)

// Reasons why a packet is skipped.
const (
	badPacket  = "packet block of the wrong length"
	badCapture = "captured length of %d bytes in a block of %d"
	badIface   = "packet of the unknown interface %d"
)

// enhanced reads an Enhanced Packet Block, draft-ietf-opsawg-pcapng, section
// 4.3:
//
//	 0  interface
//	 4  time: upper 32 bits, lower 32 bits
//	12  captured length
//	16  length on the wire
//	20  frame, padded to a multiple of four
//	    options
func (f *pcapng) enhanced(s *stream, b *packet.Batch, body []byte) (reason string) {
	const fixed = 20
	if len(body) < fixed {
		return badPacket
	}
	id := f.order.u32(body)
	if uint64(id) >= uint64(len(f.ifaces)) {
		return fmt.Sprintf(badIface, id)
	}
	iface := &f.ifaces[id]
	capLen := f.order.u32(body[12:])
	if uint64(capLen) > uint64(len(body)-fixed) {
		return fmt.Sprintf(badCapture, capLen, len(body))
	}
	stamp := uint64(f.order.u32(body[4:]))<<32 | uint64(f.order.u32(body[8:]))
	r := &b.Records[b.N]
	r.Nanos = iface.clock.nanos(stamp)
	r.Off = uint32(s.r + blockHeaderLen + fixed)
	r.CapLen = capLen
	r.WireLen = f.order.u32(body[16:])
	r.Iface = iface.iface
	r.Link = iface.link
	r.Dir = packet.DirUnknown
	f.last = r.Nanos
	if f.lost != 0 {
		f.noteLost(b)
	}
	if end := fixed + padded(int(capLen)); end < len(body) {
		reason = f.packetOptions(s, b, f.order.options(body[end:]))
	}
	b.N++
	return reason
}

// simple reads a Simple Packet Block, section 4.4:
//
//	0  length on the wire
//	4  frame, padded to a multiple of four
//
// It is of the first interface, captured up to its snapshot length. It has no
// time: the packet gets that of the one before it, so that it neither starts
// nor ends anything.
func (f *pcapng) simple(s *stream, b *packet.Batch, body []byte) (reason string) {
	const fixed = 4
	if len(body) < fixed {
		return badPacket
	}
	if len(f.ifaces) == 0 {
		return fmt.Sprintf(badIface, 0)
	}
	iface := &f.ifaces[0]
	wireLen := f.order.u32(body)
	capLen := wireLen
	if iface.snapLen != 0 {
		capLen = min(capLen, iface.snapLen)
	}
	b.Records[b.N] = packet.Record{
		Nanos:   f.last,
		Off:     uint32(s.r + blockHeaderLen + fixed),
		CapLen:  min(capLen, uint32(len(body)-fixed)),
		WireLen: wireLen,
		Iface:   iface.iface,
		Link:    iface.link,
	}
	if f.lost != 0 {
		f.noteLost(b)
	}
	b.N++
	return ""
}

// obsolete reads a Packet Block, appendix A:
//
//	 0  interface (16 bits), packets dropped before this one (16 bits)
//	 4  time: upper 32 bits, lower 32 bits
//	12  captured length
//	16  length on the wire
//	20  frame, padded to a multiple of four
//	    options
func (f *pcapng) obsolete(s *stream, b *packet.Batch, body []byte) (reason string) {
	const (
		fixed       = 20
		notRecorded = 0xffff
	)
	if len(body) < fixed {
		return badPacket
	}
	id, drops := f.order.u16(body), f.order.u16(body[2:])
	if int(id) >= len(f.ifaces) {
		return fmt.Sprintf(badIface, id)
	}
	iface := &f.ifaces[id]
	capLen := f.order.u32(body[12:])
	if uint64(capLen) > uint64(len(body)-fixed) {
		return fmt.Sprintf(badCapture, capLen, len(body))
	}
	f.last = iface.clock.nanos(uint64(f.order.u32(body[4:]))<<32 | uint64(f.order.u32(body[8:])))
	b.Records[b.N] = packet.Record{
		Nanos:   f.last,
		Off:     uint32(s.r + blockHeaderLen + fixed),
		CapLen:  capLen,
		WireLen: f.order.u32(body[16:]),
		Iface:   iface.iface,
		Link:    iface.link,
	}
	if f.lost != 0 {
		f.noteLost(b)
	}
	if drops != notRecorded {
		noteDrops(s, b, uint64(drops))
	}
	if end := fixed + padded(int(capLen)); end < len(body) {
		reason = f.packetOptions(s, b, f.order.options(body[end:]))
	}
	b.N++
	return reason
}

// packetOptions reads the options of the packet at position b.N, section
// 4.3.1. Those of the obsolete block with the same codes mean the same.
func (f *pcapng) packetOptions(s *stream, b *packet.Batch, o options) (reason string) {
	const (
		flags     = 2
		dropCount = 4
		owner     = 8 // epb_processid_threadid
	)
	for o.next() {
		switch {
		case o.code == optComment:
			b.Notes = append(b.Notes, packet.Note{
				Packet: b.N, Kind: packet.NoteComment, Text: text(o.value),
			})
		case o.code == flags && len(o.value) >= 4:
			b.Records[b.N].Dir = ngDir(f.order.u32(o.value))
		case o.code == dropCount && len(o.value) >= 8:
			noteDrops(s, b, f.order.u64(o.value))
		case o.code == owner && len(o.value) >= 8:
			b.Notes = append(b.Notes, packet.Note{
				Packet: b.N, Kind: packet.NoteProcess,
				PID: f.order.u32(o.value), TID: f.order.u32(o.value[4:]),
			})
		}
	}
	return o.reason
}

// ngDir returns the direction of epb_flags: its two lowest bits.
func ngDir(flags uint32) packet.Dir {
	switch flags & 3 {
	case 1:
		return packet.DirIn
	case 2:
		return packet.DirOut
	}
	return packet.DirUnknown
}

// noteDrops notes that n packets were lost before the one at position b.N. The
// count comes from the file: one that is absurd is not added up.
func noteDrops(s *stream, b *packet.Batch, n uint64) {
	if n == 0 || n > math.MaxInt64 {
		return
	}
	s.rd.stats.Drops.Add(n)
	b.Notes = append(b.Notes, packet.Note{Packet: b.N, Kind: packet.NoteDrops, Count: n})
}

// noteLost notes what statistics said before the packet at position b.N.
func (f *pcapng) noteLost(b *packet.Batch) {
	b.Notes = append(b.Notes, packet.Note{Packet: b.N, Kind: packet.NoteIfaceDrop, Count: f.lost})
	f.lost = 0
}
