// Package dissect writes the layers of one packet for people, with the decoders
// of gopacket, which knows more protocols than the packet path has headers for.
// It allocates, looks at types while it runs and takes microseconds: it is for
// packets that somebody reads.
package dissect

import (
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"pkt/packet"
)

// Bounds of what is written of one packet.
const (
	maxBytes = 48 // of a field
	maxItems = 32 // of a list
	maxDepth = 6  // of structures in structures
)

// Append appends the layers of packet i, a line each, or with every a line for
// each of their fields. Text in them is as it was sent: who shows it has to
// escape it.
func Append(dst []byte, b *packet.Batch, i int, every bool) []byte {
	return Frame(dst, b.Records[i].Link, b.Frame(i), every)
}

// Frame is Append for a frame of a link type, a LINKTYPE_ value.
func Frame(dst []byte, link uint16, frame []byte, every bool) []byte {
	p := gopacket.NewPacket(frame, decoder(link), gopacket.DecodeOptions{NoCopy: true, DecodeStreamsAsDatagrams: true})
	w := writer{dst: dst, every: every}
	for _, l := range p.Layers() {
		w.layer(l)
	}
	return w.dst
}

// decoder returns what decodes a link type. Raw IP has several numbers.
func decoder(link uint16) gopacket.Decoder {
	switch link {
	case 12, 14:
		return layers.LinkTypeRaw
	}
	return layers.LinkType(link)
}
