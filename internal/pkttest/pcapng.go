package pkttest

import "encoding/binary"

// Block types of the pcapng format (draft-ietf-opsawg-pcapng).
const (
	BlockSection    = 0x0a0d0d0a
	BlockInterface  = 1
	BlockObsolete   = 2
	BlockSimple     = 3
	BlockNames      = 4
	BlockStatistics = 5
	BlockEnhanced   = 6
	BlockSecrets    = 10
)

// Option codes of the pcapng format.
const (
	OptComment    = 1
	OptSHBOS      = 3
	OptIfName     = 2
	OptIfDesc     = 3
	OptTSResol    = 9
	OptIfOS       = 12
	OptTSOffset   = 14
	OptEPBFlags   = 2
	OptEPBDrops   = 4
	OptISBRecv    = 4
	OptISBDrop    = 5
	OptEPBProcess = 8 // process and thread that a packet belongs to, 4 bytes each
)

// PcapNG puts together a pcapng file, block by block.
type PcapNG struct {
	out    []byte
	order  binary.AppendByteOrder
	ifaces []Interface // of the section
}

// Interface is what an interface description block says.
type Interface struct {
	Link     uint16
	SnapLen  uint32
	Name     string
	Desc     string
	OS       string
	Resol    uint8 // if_tsresol; 0: the option is left out, which means microseconds
	Offset   int64 // if_tsoffset, seconds; 0: left out
	Comments []string
}

// Section starts a section: byte order and tables of interfaces and names begin
// anew.
func (w *PcapNG) Section(order binary.AppendByteOrder, options ...[]byte) *PcapNG {
	w.order, w.ifaces = order, nil
	body := w.u32(nil, 0x1a2b3c4d)
	body = w.u16(w.u16(body, 1), 0)
	body = append(body, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff) // length not given
	return w.Block(BlockSection, w.options(body, options))
}

// Interface adds an interface to the section.
func (w *PcapNG) Interface(i Interface) *PcapNG {
	body := w.u32(w.u16(w.u16(nil, i.Link), 0), i.SnapLen)
	var options [][]byte
	text := func(code uint16, s string) {
		if s != "" {
			options = append(options, w.Option(code, []byte(s)))
		}
	}
	text(OptIfName, i.Name)
	text(OptIfDesc, i.Desc)
	if i.Resol != 0 {
		options = append(options, w.Option(OptTSResol, []byte{i.Resol}))
	}
	text(OptIfOS, i.OS)
	if i.Offset != 0 {
		options = append(options, w.Option(OptTSOffset, w.u64(nil, uint64(i.Offset))))
	}
	for _, c := range i.Comments {
		text(OptComment, c)
	}
	w.ifaces = append(w.ifaces, i)
	return w.Block(BlockInterface, w.options(body, options))
}

// Enhanced adds a packet in an enhanced packet block.
func (w *PcapNG) Enhanced(p Packet) *PcapNG {
	body := w.stamp(w.u32(nil, uint32(p.Iface)), p)
	body = w.u32(w.u32(body, uint32(len(p.Data))), uint32(p.wireLen()))
	body = append(body, pad4(p.Data)...)
	if p.Options != nil {
		body = w.options(body, [][]byte{p.Options})
	}
	return w.Block(BlockEnhanced, body)
}

// Packets adds packets in enhanced packet blocks.
func (w *PcapNG) Packets(packets ...Packet) *PcapNG {
	for _, p := range packets {
		w.Enhanced(p)
	}
	return w
}

// Simple adds a packet in a simple packet block, which has no time and belongs
// to the first interface. The frame must be cut to that one's snapshot length.
func (w *PcapNG) Simple(p Packet) *PcapNG {
	return w.Block(BlockSimple, append(w.u32(nil, uint32(p.wireLen())), pad4(p.Data)...))
}

// Obsolete adds a packet in the packet block that the enhanced one replaced.
func (w *PcapNG) Obsolete(p Packet, drops uint16) *PcapNG {
	body := w.stamp(w.u16(w.u16(nil, uint16(p.Iface)), drops), p)
	body = w.u32(w.u32(body, uint32(len(p.Data))), uint32(p.wireLen()))
	body = append(body, pad4(p.Data)...)
	return w.Block(BlockObsolete, body)
}

// Name adds a name resolution block with one IPv4 or IPv6 record.
func (w *PcapNG) Name(ip, host string) *PcapNG {
	addr := address(ip, "")
	kind := uint16(1)
	if addr.Is6() {
		kind = 2
	}
	value := append(append(addr.AsSlice(), host...), 0)
	body := w.u16(w.u16(nil, kind), uint16(len(value)))
	body = append(body, pad4(value)...)
	return w.Block(BlockNames, w.u32(body, 0)) // nrb_record_end
}

// Statistics adds an interface statistics block.
func (w *PcapNG) Statistics(iface int, nanos int64, received, dropped uint64) *PcapNG {
	body := w.stamp(w.u32(nil, uint32(iface)), Packet{Nanos: nanos, Iface: iface})
	return w.Block(BlockStatistics, w.options(body, [][]byte{
		w.Option(OptISBRecv, w.u64(nil, received)),
		w.Option(OptISBDrop, w.u64(nil, dropped)),
	}))
}

// Secrets adds a decryption secrets block with a TLS key log.
func (w *PcapNG) Secrets(keylog string) *PcapNG {
	body := w.u32(w.u32(nil, 0x544c534b), uint32(len(keylog)))
	return w.Block(BlockSecrets, append(body, pad4([]byte(keylog))...))
}

// Block adds a block of any type.
func (w *PcapNG) Block(typ uint32, body []byte) *PcapNG {
	body = pad4(body)
	length := uint32(12 + len(body))
	w.out = w.u32(w.u32(w.out, typ), length)
	w.out = w.u32(append(w.out, body...), length)
	return w
}

// Raw adds bytes as they are, for files that are damaged.
func (w *PcapNG) Raw(b []byte) *PcapNG {
	w.out = append(w.out, b...)
	return w
}

// Bytes returns the file.
func (w *PcapNG) Bytes() []byte { return w.out }

// Option returns an option in the section's byte order.
func (w *PcapNG) Option(code uint16, value []byte) []byte {
	return append(w.u16(w.u16(nil, code), uint16(len(value))), pad4(value)...)
}

// Option32 returns an option that holds a 32-bit number.
func (w *PcapNG) Option32(code uint16, v uint32) []byte { return w.Option(code, w.u32(nil, v)) }

// Option64 returns an option that holds a 64-bit number.
func (w *PcapNG) Option64(code uint16, v uint64) []byte { return w.Option(code, w.u64(nil, v)) }

// options appends options and their end to a block's body.
func (w *PcapNG) options(body []byte, options [][]byte) []byte {
	if len(options) == 0 {
		return body
	}
	for _, o := range options {
		body = append(body, o...)
	}
	return w.u32(body, 0) // opt_endofopt
}

// stamp appends a packet's time in the units of its interface.
func (w *PcapNG) stamp(body []byte, p Packet) []byte {
	resol, offset := uint8(6), int64(0)
	if p.Iface < len(w.ifaces) {
		i := w.ifaces[p.Iface]
		offset = i.Offset
		if i.Resol != 0 {
			resol = i.Resol
		}
	}
	t := units(p.Nanos-offset*1e9, resol)
	return w.u32(w.u32(body, uint32(t>>32)), uint32(t))
}

// units converts nanoseconds into units of an if_tsresol value: a negative power
// of 10, or of 2 where the upper bit is set.
func units(nanos int64, resol uint8) uint64 {
	seconds, rest := uint64(nanos/1e9), uint64(nanos%1e9)
	if resol&0x80 != 0 {
		shift := resol & 0x7f
		return seconds<<shift + rest<<shift/1e9
	}
	scale := uint64(1)
	for range resol {
		scale *= 10
	}
	if scale > 1e9 {
		return seconds*scale + rest*(scale/1e9)
	}
	return seconds*scale + rest/(1e9/scale)
}

func (w *PcapNG) u16(b []byte, v uint16) []byte { return w.order.AppendUint16(b, v) }
func (w *PcapNG) u32(b []byte, v uint32) []byte { return w.order.AppendUint32(b, v) }
func (w *PcapNG) u64(b []byte, v uint64) []byte { return w.order.AppendUint64(b, v) }
