package pcapfile

import (
	"fmt"
	"math"
	"math/bits"

	"pkt/capture"
	"pkt/packet"
)

// pcapWriter lays out a pcap file: see pcap.go.
type pcapWriter struct {
	order   order
	link    uint16
	snapLen uint32 // of the header
	cut     uint32 // frames are cut to so many bytes
	unit    int64  // of the second half of a time stamp, in nanoseconds
}

// newPcapWriter returns the layout for the first packet of a batch; without
// packets for its first interface, and Ethernet if there is none.
func newPcapWriter(w *Writer, b *packet.Batch, first int) *pcapWriter {
	f := &pcapWriter{link: linkEthernet, cut: math.MaxUint32, unit: 1000}
	if len(b.Ifaces) > 0 {
		f.link, f.order = b.Ifaces[0].Link, order(b.Ifaces[0].BigEndian)
	}
	if first >= 0 {
		r := &b.Records[first]
		f.link, f.order = r.Link, ifaceOrder(b.Ifaces, r.Iface)
	}
	for i := range b.Ifaces {
		iface := &b.Ifaces[i]
		if iface.Link != f.link {
			continue
		}
		f.snapLen = max(f.snapLen, knownSnapLen(iface))
		if !iface.Micros {
			f.unit = 1
		}
	}
	if f.snapLen == 0 {
		f.snapLen = knownSnapLen(&packet.Iface{Link: f.link})
	}
	switch w.opt.Resolution {
	case Microseconds:
		f.unit = 1000
	case Nanoseconds:
		f.unit = 1
	}
	if w.opt.SnapLen != 0 {
		f.cut = w.opt.SnapLen
		f.snapLen = min(f.snapLen, f.cut)
	}
	return f
}

// ifaceOrder returns the byte order of the section that an interface is of.
func ifaceOrder(ifaces []packet.Iface, n uint32) order {
	return uint64(n) < uint64(len(ifaces)) && order(ifaces[n].BigEndian)
}

// knownSnapLen returns the snapshot length of an interface, or what libpcap
// takes for the longest frame of its link type where it has none: pcap has no
// number for that.
func knownSnapLen(iface *packet.Iface) uint32 {
	const usual = 256 << 10
	if iface.SnapLen != 0 {
		return iface.SnapLen
	}
	switch capture.LinkName(iface.Link) {
	case "DBUS", "USBPCAP", "USB_LINUX", "USB_LINUX_MMAPPED", "USB_DARWIN":
		return maxFrame
	case "EBHSCR":
		return 8 << 20
	}
	return usual
}

// begin implements layout.
func (f *pcapWriter) begin(w *Writer) {
	magic := pcapVariants[0].magic
	if f.unit == 1 {
		magic = pcapVariants[1].magic
	}
	b := f.order.append32(w.buf, magic)
	b = f.order.append16(b, 2) // version 2.4
	b = f.order.append16(b, 4)
	b = f.order.append64(b, 0)
	b = f.order.append32(b, f.snapLen)
	w.buf = f.order.append32(b, uint32(f.link))
}

// write implements layout.
func (f *pcapWriter) write(w *Writer, b *packet.Batch, in packet.Set, _ []packet.Note) error {
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			i := word<<6 + bits.TrailingZeros64(set)
			r := &b.Records[i]
			if r.Link != f.link {
				return w.refuse(fmt.Errorf("packets of the link types %s and %s: %w",
					capture.LinkName(f.link), capture.LinkName(r.Link), ErrMixed))
			}
			if hostOrdered(r.Link) && ifaceOrder(b.Ifaces, r.Iface) != f.order {
				return w.refuse(fmt.Errorf("packets of captures in two byte orders: %w", ErrMixed))
			}
			n := min(r.CapLen, f.cut)
			size := pcapRecordLen + int(n)
			if size > cap(w.buf)-len(w.buf) {
				if err := w.room(size); err != nil {
					return err
				}
			}
			at := len(w.buf)
			w.buf = w.buf[:at+size]
			f.put(w.buf[at:at+size], r, n)
			copy(w.buf[at+pcapRecordLen:], b.Frame(i)[:n])
		}
	}
	return nil
}

// put writes the header of a record. Times that pcap cannot hold become the
// nearest ones that it can.
func (f *pcapWriter) put(h []byte, r *packet.Record, n uint32) {
	nanos := min(max(r.Nanos, 0), math.MaxUint32*1e9+999_999_999)
	sec := nanos / 1e9
	frac := nanos - sec*1e9
	if f.unit != 1 {
		frac /= 1000
	}
	f.order.put32(h, uint32(sec))
	f.order.put32(h[4:], uint32(frac))
	f.order.put32(h[8:], n)
	f.order.put32(h[12:], r.WireLen)
}

// end implements layout.
func (f *pcapWriter) end(*Writer) error { return nil }

// whole implements layout.
func (f *pcapWriter) whole(b []byte) (n int) {
	for len(b)-n >= pcapRecordLen {
		size := pcapRecordLen + int(f.order.u32(b[n+8:]))
		if size > len(b)-n {
			break
		}
		n += size
	}
	return n
}
