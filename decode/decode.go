package decode

import (
	"math/bits"

	"pkt/packet"
)

// Batch fills b.Layers for the packets in the set.
func Batch(b *packet.Batch, in packet.Set) {
	for word, set := range in {
		for set != 0 {
			i := word<<6 + bits.TrailingZeros64(set)
			set &= set - 1
			r := &b.Records[i]
			frame, l := b.Frame(i), &b.Layers[i]
			if r.Link == linkEthernet && common(frame, r.WireLen, l) {
				continue
			}
			general(r.Link, frame, r.WireLen, bigEndian(b, r.Iface), l, nil)
		}
	}
}

// Frame fills l for one frame of a link type, a LINKTYPE_ value. wire is the
// frame's length on the wire, bigEndian the byte order of the capturing host,
// which some link types' headers are in.
func Frame(link uint16, frame []byte, wire uint32, bigEndian bool, l *packet.Layers) {
	if link == linkEthernet && common(frame, wire, l) {
		return
	}
	general(link, frame, wire, bigEndian, l, nil)
}

// bigEndian returns the byte order of the section that an interface is of.
func bigEndian(b *packet.Batch, iface uint32) bool {
	return uint64(iface) < uint64(len(b.Ifaces)) && b.Ifaces[iface].BigEndian
}

// general decodes any frame. Where t is not nil, it notes what was passed.
func general(link uint16, frame []byte, wire uint32, bigEndian bool, l *packet.Layers, t *trace) {
	*l = packet.Layers{}
	w := walker{
		frame:     frame,
		end:       len(frame),
		wire:      max(len(frame), int(min(wire, maxWire))),
		bigEndian: bigEndian,
		l:         l,
		trace:     t,
	}
	w.link(link, 0)
}
