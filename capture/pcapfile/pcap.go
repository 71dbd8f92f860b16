package pcapfile

import (
	"fmt"

	"pkt/packet"
)

// The file header of draft-ietf-opsawg-pcap, section 4:
//
//	 0  magic number
//	 4  major version, minor version
//	 8  reserved (once: time zone)
//	12  reserved (once: accuracy of time stamps)
//	16  snapshot length
//	20  link type; the upper bits tell the length of the FCS
const pcapHeaderLen = 24

// And of a record, section 5:
//
//	 0  seconds since 1970
//	 4  microseconds or nanoseconds
//	 8  captured length
//	12  length on the wire
const pcapRecordLen = 16

// pcapVariant is a layout that a magic number announces.
type pcapVariant struct {
	magic  uint32
	head   int   // length of a record's header
	unit   int64 // of the second half of a time stamp, in nanoseconds
	typeAt int   // where the record's header has a Linux packet type; 0: nowhere
}

// pcapVariants are told apart by their magic number; but see isNokia. The last two add an
// interface index, an EtherType and a packet type to every record: the first
// is of Kuznetzov's patch to libpcap, the second of netsniff-ng.
var pcapVariants = []pcapVariant{
	{magic: 0xa1b2c3d4, head: pcapRecordLen, unit: 1000},
	{magic: 0xa1b23c4d, head: pcapRecordLen, unit: 1},
	{magic: 0xa1b2cd34, head: 24, unit: 1000, typeAt: 22},
	{magic: 0xa1e2cb12, head: 24, unit: 1, typeAt: 23},
}

// findPcap returns the layout and byte order that the first bytes of a file
// announce. The bytes are at least four.
func findPcap(b []byte) (v pcapVariant, o order, ok bool) {
	for _, v := range pcapVariants {
		for _, o := range []order{littleEndian, bigEndian} {
			if o.u32(b) == v.magic {
				return v, o, true
			}
		}
	}
	return pcapVariant{}, littleEndian, false
}

// Limits of a frame. A pcap file may hold longer ones than it says its snapshot
// length is, but a record beyond both that and minLimit is damage. USB captures
// hold frames of up to maxFrame.
const (
	minLimit = 1 << 20
	maxFrame = 128 << 20
)

// pcap reads the records of a pcap file.
type pcap struct {
	pcapVariant
	order order
	limit uint32 // longest captured length that is believed
	link  uint16
	iface uint32
	// Files before version 2.3 have the two lengths of a record the other way
	// round; those of version 2.3 may.
	swapped, maybeSwapped bool
}

// newPcap reads the file header. It returns nil without error if the file ends
// inside of it.
func newPcap(s *stream, v pcapVariant, o order) (format, error) {
	h := s.bytes()
	if len(h) < pcapHeaderLen {
		return nil, nil
	}
	major, minor := o.u16(h[4:]), o.u16(h[6:])
	if major != 2 {
		return nil, s.fail(&FormatError{Looks: fmt.Sprintf("pcap of version %d.%d", major, minor)})
	}
	if v.magic == pcapVariants[0].magic && isNokia(s, o) {
		v.head += nokiaMore
	}
	h = s.bytes()
	snapLen := o.u32(h[16:])
	f := &pcap{
		pcapVariant:  v,
		order:        o,
		limit:        min(max(snapLen, minLimit), maxFrame),
		link:         uint16(o.u32(h[20:])),
		swapped:      minor < 3,
		maybeSwapped: minor == 3,
	}
	f.iface, _ = s.rd.addIface(packet.Iface{
		File: s.path, Link: f.link, SnapLen: snapLen, BigEndian: bool(o), Micros: v.unit == 1000,
	})
	s.info.Format = "pcap"
	s.r += pcapHeaderLen
	return f, nil
}

// nokiaMore is how much longer the header of a record is in files of Nokia's IPSO,
// which have the magic number of all others.
const nokiaMore = 4

// isNokia reports whether a file is one of those: the second record makes sense
// behind a longer header, and none behind the usual one. Pipes are not looked at so
// far ahead.
func isNokia(s *stream, o order) bool {
	if s.live || s.follow || s.fill(pcapHeaderLen+pcapRecordLen) != nil {
		return false
	}
	first := s.bytes()[pcapHeaderLen:]
	sec, n := o.u32(first), int64(o.u32(first[8:]))
	if n > minLimit || s.fill(pcapHeaderLen+2*(pcapRecordLen+nokiaMore)+int(n)) != nil {
		return false
	}
	second := s.bytes()[pcapHeaderLen+pcapRecordLen+int(n):]
	return !isRecord(o, second, sec) && isRecord(o, second[nokiaMore:], sec)
}

// isRecord reports whether what h begins with can be the header of a record that
// was captured within a year of a second.
func isRecord(o order, h []byte, near uint32) bool {
	const year = 366 * 24 * 3600
	sec, micros, n := o.u32(h), o.u32(h[4:]), o.u32(h[8:])
	return sec-near+year <= 2*year && micros < 1e6 && n <= minLimit && n <= o.u32(h[12:])
}

// walk implements format.
func (f *pcap) walk(s *stream, b *packet.Batch) (want int) {
	buf := s.block.Bytes[:s.w]
	n, off := b.N, s.r
	for n < s.limit {
		h := buf[off:]
		if len(h) < f.head {
			want = f.head
			break
		}
		capLen, wireLen := f.order.u32(h[8:]), f.order.u32(h[12:])
		if f.swapped || f.maybeSwapped && capLen > wireLen {
			capLen, wireLen = wireLen, capLen
		}
		if capLen > f.limit {
			s.r, b.N = off, n
			s.damage(n, fmt.Sprintf("record of %d bytes", capLen))
			s.ended = true
			return 0
		}
		if int(capLen) > len(h)-f.head {
			want = f.head + int(capLen)
			break
		}
		r := &b.Records[n]
		r.Nanos = int64(f.order.u32(h))*1e9 + int64(f.order.u32(h[4:]))*f.unit
		r.Off = uint32(off + f.head)
		r.CapLen = capLen
		r.WireLen = wireLen
		r.Iface = f.iface
		r.Link = f.link
		r.Dir = packet.DirUnknown
		if f.typeAt != 0 {
			r.Dir = linuxDir(h[f.typeAt])
		}
		off += f.head + int(capLen)
		n++
	}
	s.r, b.N = off, n
	return want
}

// linuxDir returns the direction that a packet type of linux/if_packet.h
// means.
func linuxDir(packetType byte) packet.Dir {
	switch packetType {
	case 0, 1, 2: // PACKET_HOST, PACKET_BROADCAST, PACKET_MULTICAST
		return packet.DirIn
	case 4: // PACKET_OUTGOING
		return packet.DirOut
	}
	return packet.DirUnknown
}

// skipped implements format.
func (f *pcap) skipped() int64 { return 0 }
