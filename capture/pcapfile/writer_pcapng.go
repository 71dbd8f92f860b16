package pcapfile

import (
	"math"
	"unicode/utf8"

	"pkt/packet"
)

// Options of interfaces, packets and statistics, sections 4.2, 4.3.1 and 4.6.
const (
	ifName        = 2
	ifDescription = 3
	ifResolution  = 9
	ifOS          = 12
	epbFlags      = 2
	epbDropCount  = 4
	epbOwner      = 8
	isbIfReceived = 4
	isbIfDrops    = 5
)

// noLength is the length of a section that was not known when it began.
const noLength = math.MaxUint64

// ngWriter lays out a pcapng file: see pcapng.go and ngpacket.go. Interfaces
// have the numbers that they have in the table of the batches.
type ngWriter struct {
	order      order // of the section
	unit       int64 // of time stamps, in nanoseconds
	resolution byte  // the same as if_tsresol
	cut        uint32
	described  int      // interfaces that the section has
	drops      []uint64 // by interface: what its statistics have said in the section
	noted      uint64   // packets that notes of interfaces say were lost
	lost       uint64   // packets lost before the next one, by notes of packets that were left out
	last       int64    // time of the latest packet, ns
	options    []byte   // of the packet at hand
}

// begin implements layout.
func (f *ngWriter) begin(w *Writer) {
	f.unit, f.resolution, f.cut = 1, 9, math.MaxUint32
	if w.opt.Resolution == Microseconds {
		f.unit, f.resolution = 1000, 6
	}
	if w.opt.SnapLen != 0 {
		f.cut = w.opt.SnapLen
	}
	if len(w.ifaces) > 0 {
		f.order = order(w.ifaces[0].BigEndian)
	}
	w.buf = f.section(w.buf, w.opt.Application)
	w.buf = f.describe(w.buf, w.ifaces)
}

// section appends a Section Header Block.
func (f *ngWriter) section(b []byte, application string) []byte {
	const userApplication = 4
	start := len(b)
	b = f.open(b, blockSection)
	b = f.order.append32(b, byteOrderMagic)
	b = f.order.append16(b, 1) // version 1.0
	b = f.order.append16(b, 0)
	b = f.order.append64(b, noLength)
	b = f.text(b, userApplication, application)
	f.described = 0
	clear(f.drops)
	return f.close(b, start)
}

// describe appends an Interface Description Block for every interface that the
// section lacks.
func (f *ngWriter) describe(b []byte, ifaces []packet.Iface) []byte {
	for ; f.described < len(ifaces); f.described++ {
		iface := &ifaces[f.described]
		snapLen := iface.SnapLen
		if f.cut != math.MaxUint32 && (snapLen == 0 || snapLen > f.cut) {
			snapLen = f.cut
		}
		start := len(b)
		b = f.open(b, blockInterface)
		b = f.order.append16(b, iface.Link)
		b = f.order.append16(b, 0)
		b = f.order.append32(b, snapLen)
		b = f.text(b, ifName, iface.Name)
		b = f.text(b, ifDescription, iface.Desc)
		b = f.option(b, ifResolution, 1)
		b = append(b, f.resolution, 0, 0, 0)
		b = f.text(b, ifOS, iface.OS)
		b = f.order.append32(b, optEnd)
		b = f.close(b, start)
	}
	return b
}

// write implements layout.
func (f *ngWriter) write(w *Writer, b *packet.Batch, in packet.Set, notes []packet.Note) error {
	if f.described < len(b.Ifaces) {
		if err := f.emit(w, f.describe(f.options[:0], b.Ifaces)); err != nil {
			return err
		}
	}
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		r := &b.Records[i]
		if hostOrdered(r.Link) && ifaceOrder(b.Ifaces, r.Iface) != f.order {
			f.order = !f.order
			blocks := f.describe(f.section(f.options[:0], w.opt.Application), b.Ifaces)
			if err := f.emit(w, blocks); err != nil {
				return err
			}
		}
		f.options = f.options[:0]
		if oneWay(r.Dir) || len(notes) > 0 && notes[0].Packet <= i || f.lost != 0 {
			n, err := f.annotate(w, b, i, notes)
			if err != nil {
				return err
			}
			notes = notes[n:]
		}
		if err := f.packet(w, r, b.Frame(i)[:min(r.CapLen, f.cut)]); err != nil {
			return err
		}
	}
	return f.leave(w, b, notes)
}

// packet appends an Enhanced Packet Block with the options at hand.
func (f *ngWriter) packet(w *Writer, r *packet.Record, frame []byte) error {
	const fixed = blockHeaderLen + 20
	n := padded(len(frame))
	total := fixed + n + len(f.options) + 4
	if total > cap(w.buf)-len(w.buf) {
		if err := w.room(total); err != nil {
			return err
		}
	}
	f.last = r.Nanos
	stamp := f.stamp(r.Nanos)
	at := len(w.buf)
	w.buf = w.buf[:at+total]
	h := w.buf[at : at+total]
	if n > 0 {
		f.order.put32(h[fixed+n-4:], 0) // padding; the frame comes over the rest
	}
	f.order.put32(h, blockEnhanced)
	f.order.put32(h[4:], uint32(total))
	f.order.put32(h[8:], r.Iface)
	f.order.put32(h[12:], uint32(stamp>>32))
	f.order.put32(h[16:], uint32(stamp))
	f.order.put32(h[20:], uint32(len(frame)))
	f.order.put32(h[24:], r.WireLen)
	copy(h[fixed:], frame)
	copy(h[fixed+n:], f.options)
	f.order.put32(h[total-4:], uint32(total))
	return nil
}

// stamp returns a time in the units of the file. One before 1970 becomes 0:
// stamps have no sign.
func (f *ngWriter) stamp(nanos int64) uint64 {
	nanos = max(nanos, 0)
	if f.unit != 1 {
		nanos /= 1000
	}
	return uint64(nanos)
}

// annotate makes the options of packet i of its direction and its notes, and of
// the notes of packets before it that are left out. It returns the number of
// notes that are done.
func (f *ngWriter) annotate(w *Writer, b *packet.Batch, i int, notes []packet.Note) (done int, err error) {
	for done < len(notes) && notes[done].Packet < i {
		done++
	}
	if err := f.leave(w, b, notes[:done]); err != nil {
		return 0, err
	}
	own := done
	for ; done < len(notes) && notes[done].Packet == i; done++ {
		if err := f.count(w, b, &notes[done]); err != nil {
			return 0, err
		}
	}
	f.options = f.options[:0]
	if d := b.Records[i].Dir; oneWay(d) {
		f.options = f.order.append32(f.option(f.options, epbFlags, 4), uint32(d))
	}
	if f.lost != 0 {
		f.options = f.order.append64(f.option(f.options, epbDropCount, 8), f.lost)
		f.lost = 0
	}
	for _, n := range notes[own:done] {
		switch n.Kind {
		case packet.NoteComment:
			f.options = f.text(f.options, optComment, n.Text)
		case packet.NoteProcess:
			f.options = f.option(f.options, epbOwner, 8)
			f.options = f.order.append32(f.options, n.PID)
			f.options = f.order.append32(f.options, n.TID)
		}
	}
	if len(f.options) > 0 {
		f.options = f.order.append32(f.options, optEnd)
	}
	return done, nil
}

// oneWay reports whether the format has a word for a direction.
func oneWay(d packet.Dir) bool { return d == packet.DirIn || d == packet.DirOut }

// leave keeps what notes of packets that are left out count.
func (f *ngWriter) leave(w *Writer, b *packet.Batch, notes []packet.Note) error {
	for i := range notes {
		if err := f.count(w, b, &notes[i]); err != nil {
			return err
		}
	}
	return nil
}

// count takes a note about lost packets: those before a packet go with the next
// one that is written, those of an interface into its statistics.
func (f *ngWriter) count(w *Writer, b *packet.Batch, n *packet.Note) error {
	switch n.Kind {
	case packet.NoteDrops:
		f.lost += min(n.Count, math.MaxUint64-f.lost)
	case packet.NoteIfaceDrop:
		iface := uint32(0)
		if n.Packet < b.N {
			iface = b.Records[n.Packet].Iface
		}
		f.noted += n.Count
		return f.statistics(w, iface, n.Count, 0)
	}
	return nil
}

// statistics appends an Interface Statistics Block: an interface lost so many
// more packets, and received so many in all, 0 where nobody counts them. Its
// counters run from the start of the section.
func (f *ngWriter) statistics(w *Writer, iface uint32, lost, received uint64) error {
	if uint64(iface) >= uint64(f.described) {
		return nil
	}
	for len(f.drops) <= int(iface) {
		f.drops = append(f.drops, 0)
	}
	f.drops[iface] += min(lost, math.MaxUint64-f.drops[iface])
	b := f.open(f.options[:0], blockStatistics)
	b = f.order.append32(b, iface)
	stamp := f.stamp(f.last)
	b = f.order.append32(b, uint32(stamp>>32))
	b = f.order.append32(b, uint32(stamp))
	if received > 0 {
		b = f.order.append64(f.option(b, isbIfReceived, 8), received)
	}
	b = f.order.append64(f.option(b, isbIfDrops, 8), f.drops[iface])
	b = f.order.append32(b, optEnd)
	return f.emit(w, f.close(b, 0))
}

// end implements layout: packets lost behind the last one that is written, and
// what a live capture has counted, are said by the first interface.
func (f *ngWriter) end(w *Writer) error {
	if w.opt.Counters != nil {
		c, before := w.opt.Counters(), w.before
		w.before = c
		dropped := c.Dropped - before.Dropped
		dropped -= min(dropped, f.noted) // that was said already
		return f.statistics(w, 0, f.lost+dropped, c.Received-before.Received)
	}
	if f.lost == 0 {
		return nil
	}
	return f.statistics(w, 0, f.lost, 0)
}

// emit writes whole blocks that were made in the memory for options.
func (f *ngWriter) emit(w *Writer, blocks []byte) error {
	f.options = blocks[:0]
	if err := w.room(len(blocks)); err != nil {
		return err
	}
	w.buf = append(w.buf, blocks...)
	return nil
}

// open appends the head of a block, close its length at both ends.
func (f *ngWriter) open(b []byte, typ uint32) []byte {
	return f.order.append32(f.order.append32(b, typ), 0)
}

func (f *ngWriter) close(b []byte, start int) []byte {
	total := uint32(len(b) - start + 4)
	f.order.put32(b[start+4:], total)
	return f.order.append32(b, total)
}

// option appends the head of an option of n bytes.
func (f *ngWriter) option(b []byte, code uint16, n int) []byte {
	return f.order.append16(f.order.append16(b, code), uint16(n))
}

// text appends an option that holds text, cut to what an option can hold. An
// empty one is left out.
func (f *ngWriter) text(b []byte, code uint16, s string) []byte {
	if s == "" {
		return b
	}
	if len(s) > math.MaxUint16 {
		n := math.MaxUint16
		for n > math.MaxUint16-utf8.UTFMax && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	b = append(f.option(b, code, len(s)), s...)
	return append(b, 0, 0, 0)[:len(b)+padded(len(s))-len(s)]
}

// whole implements layout.
func (f *ngWriter) whole(b []byte) (n int) {
	for len(b)-n >= blockMinLen {
		size := int(f.order.u32(b[n+4:]))
		if size < blockMinLen || size > len(b)-n {
			break
		}
		n += size
	}
	return n
}
