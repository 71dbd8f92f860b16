package pcapfile

import (
	"fmt"
	"math"

	"pkt/packet"
)

// Every block, draft-ietf-opsawg-pcapng, section 3.1:
//
//	 0  type
//	 4  total length, a multiple of four
//	 8  body
//	-4  total length again
const (
	blockHeaderLen = 8
	blockMinLen    = 12
	// maxBlock is the longest block that is believed of a kind that is kept in
	// memory whole: a frame, its options, and the block's fixed part.
	maxBlock = maxFrame + 1<<20
)

// Types of blocks, section 11.1.
const (
	blockInterface  = 1
	blockPacket     = 2 // obsolete
	blockSimple     = 3
	blockNames      = 4
	blockStatistics = 5
	blockEnhanced   = 6
	blockSecrets    = 10
	blockSection    = 0x0a0d0d0a // reads the same in both byte orders
)

const byteOrderMagic = 0x1a2b3c4d

// badLengths is why a block cannot be told from what follows.
const badLengths = "block whose two lengths differ"

// maxIfaces is how many interfaces a section may have, and how many different
// ones a reader keeps.
const maxIfaces = 1 << 16

// findPcapng returns the byte order of a file that begins with a section. The
// bytes are at least four.
func findPcapng(b []byte) (o order, ok bool) {
	if littleEndian.u32(b) != blockSection {
		return littleEndian, false
	}
	return sectionOrder(b)
}

// sectionOrder returns the byte order of the section that b begins with. Where
// b ends before it says so, the order is little-endian.
func sectionOrder(b []byte) (o order, ok bool) {
	if len(b) < blockMinLen {
		return littleEndian, true
	}
	for _, o := range []order{littleEndian, bigEndian} {
		if o.u32(b[8:]) == byteOrderMagic {
			return o, true
		}
	}
	return littleEndian, false
}

// pcapng reads the blocks of a pcapng file.
type pcapng struct {
	order  order
	ifaces []ngIface // of the section
	// last is the time of the last packet: what packets get that have none.
	last int64
	lost uint64 // by statistics behind the last packet
	// A block that nobody wants is read in pieces: skip is how much of it is
	// yet to come before its second length, which should be skipTotal.
	skip      int64
	skipTotal uint32 // 0 if no block is being skipped
}

// ngIface is what reading packets needs of an interface of a section.
type ngIface struct {
	clock   clock
	iface   uint32 // in the reader's table
	snapLen uint32
	link    uint16
	drops   uint64 // as its last statistics say
}

func newPcapng(s *stream, o order) format {
	s.info.Format = "pcapng"
	return &pcapng{order: o}
}

// skipped implements format.
func (f *pcapng) skipped() int64 {
	if f.skipTotal == 0 {
		return 0
	}
	return int64(f.skipTotal) - 4 - f.skip
}

// walk implements format.
func (f *pcapng) walk(s *stream, b *packet.Batch) (want int) {
	for b.N < s.limit {
		if f.skipTotal != 0 {
			if want := f.skipOn(s, b); want > 0 || s.ended {
				return want
			}
		}
		buf := s.bytes()
		if len(buf) < blockMinLen {
			return blockMinLen
		}
		typ := f.order.u32(buf)
		if typ == blockSection {
			o, ok := sectionOrder(buf)
			if !ok {
				return f.stop(s, b, "section without byte order")
			}
			f.order = o
		}
		total := f.order.u32(buf[4:])
		if total < blockMinLen || total%4 != 0 {
			return f.stop(s, b, fmt.Sprintf("block of %d bytes", total))
		}
		if !isKept(typ) && int64(total) > int64(len(buf)) {
			f.sight(s, typ)
			f.skip, f.skipTotal = int64(total)-4, total
			continue
		}
		if total > maxBlock {
			return f.stop(s, b, fmt.Sprintf("block of %d bytes", total))
		}
		if int(total) > len(buf) {
			return int(total)
		}
		if f.order.u32(buf[total-4:]) != total {
			return f.stop(s, b, badLengths)
		}
		n := b.N
		if reason := f.block(s, b, typ, buf[blockHeaderLen:total-4]); reason != "" {
			s.damage(n, reason)
			if typ == blockSection {
				s.ended = true
				return 0
			}
		}
		s.r += int(total)
	}
	return 0
}

// stop ends the stream at a block that gives no way to find the next one.
func (f *pcapng) stop(s *stream, b *packet.Batch, reason string) (want int) {
	s.damage(b.N, reason)
	s.ended = true
	return 0
}

// isKept reports whether blocks of a type are looked into. Others are skipped
// without being held in memory.
func isKept(typ uint32) bool {
	switch typ {
	case blockSection, blockInterface, blockPacket, blockSimple, blockNames, blockStatistics, blockEnhanced:
		return true
	}
	return false
}

// sight counts a block that is not looked into.
func (f *pcapng) sight(s *stream, typ uint32) {
	if typ == blockSecrets {
		s.info.Secrets++
	}
}

// skipOn moves on over the block that is being skipped, and returns how many
// bytes it wants to go on. When it wants none the block is behind.
func (f *pcapng) skipOn(s *stream, b *packet.Batch) (want int) {
	n := min(f.skip, int64(s.w-s.r))
	s.r += int(n)
	f.skip -= n
	if f.skip > 0 {
		return 1
	}
	if s.w-s.r < 4 {
		return 4
	}
	if f.order.u32(s.bytes()) != f.skipTotal {
		return f.stop(s, b, badLengths)
	}
	s.r += 4
	f.skipTotal = 0
	return 0
}

// block reads the body of one block. It returns what is wrong with it, empty if
// nothing.
func (f *pcapng) block(s *stream, b *packet.Batch, typ uint32, body []byte) (reason string) {
	switch typ {
	case blockEnhanced:
		return f.enhanced(s, b, body)
	case blockSimple:
		return f.simple(s, b, body)
	case blockPacket:
		return f.obsolete(s, b, body)
	case blockSection:
		return f.section(s, body)
	case blockInterface:
		return f.describe(s, body)
	case blockStatistics:
		return f.statistics(s, body)
	case blockNames:
		return f.names(s, body)
	}
	f.sight(s, typ)
	return ""
}

// section reads a Section Header Block, section 4.1:
//
//	 0  byte-order magic
//	 4  major version, minor version
//	 8  length of the section, which is not needed
//	16  options
func (f *pcapng) section(s *stream, body []byte) (reason string) {
	const fixed = 16
	if len(body) < fixed {
		return "section header of the wrong length"
	}
	major, minor := f.order.u16(body[4:]), f.order.u16(body[6:])
	if major != 1 || minor != 0 && minor != 2 { // some writers say 1.2 and write 1.0
		return fmt.Sprintf("pcapng of version %d.%d", major, minor)
	}
	f.ifaces = f.ifaces[:0]
	o := f.order.options(body[fixed:])
	for o.next() {
		switch o.code {
		case optComment:
			s.info.addComment(o.value)
		case 2:
			s.info.Hardware = string(o.value)
		case 3:
			s.info.OS = string(o.value)
		case 4:
			s.info.Application = string(o.value)
		}
	}
	return o.reason
}

// describe reads an Interface Description Block, section 4.2:
//
//	0  link type
//	2  reserved
//	4  snapshot length
//	8  options
//
// An interface is counted even if its options are bad: packets name it by its
// position.
func (f *pcapng) describe(s *stream, body []byte) (reason string) {
	const fixed = 8
	if len(body) < fixed {
		return "interface description of the wrong length"
	}
	if len(f.ifaces) == maxIfaces {
		return "too many interfaces"
	}
	iface := packet.Iface{
		File:      s.path,
		Link:      f.order.u16(body),
		SnapLen:   f.order.u32(body[4:]),
		BigEndian: bool(f.order),
	}
	resolution, offset := byte(6), int64(0)
	o := f.order.options(body[fixed:])
	for o.next() {
		switch {
		case o.code == optComment:
			s.info.addComment(o.value)
		case o.code == 2:
			iface.Name = text(o.value)
		case o.code == 3:
			iface.Desc = text(o.value)
		case o.code == 9 && len(o.value) >= 1:
			resolution = o.value[0]
		case o.code == 12:
			iface.OS = text(o.value)
		case o.code == 14 && len(o.value) >= 8:
			offset = int64(f.order.u64(o.value))
		}
	}
	id, ok := s.rd.addIface(iface)
	if !ok {
		return "too many interfaces"
	}
	f.ifaces = append(f.ifaces, ngIface{
		clock:   newClock(resolution, offset),
		iface:   id,
		snapLen: iface.SnapLen,
		link:    iface.Link,
	})
	return o.reason
}

// statistics reads an Interface Statistics Block, section 4.6:
//
//	 0  interface
//	 4  time
//	12  options
//
// Its counters run from the start of the capture, so that a later block says
// only how much was lost since. The packet behind the block gets a note; at the
// end of a file there is none, and only Stats tells.
func (f *pcapng) statistics(s *stream, body []byte) (reason string) {
	const (
		fixed   = 12
		ifDrops = 5
		osDrops = 7
	)
	if len(body) < fixed {
		return "interface statistics of the wrong length"
	}
	id := f.order.u32(body)
	if uint64(id) >= uint64(len(f.ifaces)) {
		return fmt.Sprintf("statistics of the unknown interface %d", id)
	}
	var drops uint64
	o := f.order.options(body[fixed:])
	for o.next() {
		if (o.code == ifDrops || o.code == osDrops) && len(o.value) >= 8 {
			n := f.order.u64(o.value)
			drops += min(n, math.MaxUint64-drops)
		}
	}
	if was := f.ifaces[id].drops; drops > was {
		f.ifaces[id].drops = drops
		f.lost += drops - was
		s.rd.stats.IfaceDrops.Add(drops - was)
	}
	return o.reason
}
