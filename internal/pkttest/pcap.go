package pkttest

import (
	"encoding/binary"
	"time"
)

// Packet is one record of a capture.
type Packet struct {
	Nanos   int64 // capture time, nanoseconds since 1970 UTC
	Data    []byte
	WireLen int    // original length; 0: len(Data)
	Iface   int    // interface, in a pcapng file
	Options []byte // of a pcapng packet block, made by NGOption
}

// At returns a packet with the given frame.
func At(nanos int64, frame []byte) Packet { return Packet{Nanos: nanos, Data: frame} }

// Every returns packets with the given frames, step apart.
func Every(start int64, step time.Duration, frames ...[]byte) []Packet {
	packets := make([]Packet, len(frames))
	for i, f := range frames {
		packets[i] = At(start+int64(i)*int64(step), f)
	}
	return packets
}

// wireLen returns the original length.
func (p Packet) wireLen() int {
	if p.WireLen == 0 {
		return len(p.Data)
	}
	return p.WireLen
}

// Snap returns the packet cut to the first n bytes of its frame.
func (p Packet) Snap(n int) Packet {
	p.WireLen = p.wireLen()
	p.Data = Truncate(p.Data, n)
	return p
}

// Pcap is a file in the classic format.
type Pcap struct {
	BigEndian bool
	Nano      bool   // times in nanoseconds instead of microseconds
	Modified  bool   // Kuznetzov's format, magic 0xa1b2cd34, with longer records
	Link      uint32 // LINKTYPE_ value, with whatever the upper bits may hold
	SnapLen   uint32 // 0: 262144
	Packets   []Packet
}

// Bytes returns the file.
func (f Pcap) Bytes() []byte {
	order := f.order()
	magic := uint32(0xa1b2c3d4)
	switch {
	case f.Nano:
		magic = 0xa1b23c4d
	case f.Modified:
		magic = 0xa1b2cd34
	}
	snap := f.SnapLen
	if snap == 0 {
		snap = 262144
	}
	out := order.AppendUint32(nil, magic)
	out = order.AppendUint16(order.AppendUint16(out, 2), 4)
	out = order.AppendUint32(order.AppendUint32(out, 0), 0)
	out = order.AppendUint32(order.AppendUint32(out, snap), f.Link)
	for _, p := range f.Packets {
		out = append(out, f.record(order, p)...)
	}
	return out
}

// record returns the header and bytes of one packet.
func (f Pcap) record(order binary.AppendByteOrder, p Packet) []byte {
	fraction := p.Nanos % 1e9
	if !f.Nano {
		fraction /= 1000
	}
	out := order.AppendUint32(nil, uint32(p.Nanos/1e9))
	out = order.AppendUint32(out, uint32(fraction))
	out = order.AppendUint32(out, uint32(len(p.Data)))
	out = order.AppendUint32(out, uint32(p.wireLen()))
	if f.Modified { // interface index, protocol, packet type, padding
		out = order.AppendUint32(out, 1)
		out = append(order.AppendUint16(out, 0x0800), 0, 0)
	}
	return append(out, p.Data...)
}

// order returns the file's byte order.
func (f Pcap) order() binary.AppendByteOrder {
	if f.BigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}
