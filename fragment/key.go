package fragment

import (
	"encoding/binary"

	"pkt/decode"
	"pkt/packet"
)

// key is what the fragments of a datagram have in common.
type key struct {
	addrs [4]uint64
	id    uint32
	proto uint8 // IPv4 only
	v6    bool
	vlan  uint16 // 0x1000 above it if there is one
	outer uint64 // hash of the outer header's addresses in a tunnel
}

// keyOf returns the key of a fragment, if its header is there whole.
func keyOf(frame []byte, l *packet.Layers) (k key, ok bool) {
	h := frame[l.L3:]
	if l.Has.Any(packet.HasIPv4) {
		k.addrs[1] = uint64(binary.BigEndian.Uint32(h[12:]))
		k.addrs[3] = uint64(binary.BigEndian.Uint32(h[16:]))
		k.id = uint32(binary.BigEndian.Uint16(h[4:]))
		k.proto = l.Proto
	} else {
		view, ok := decode.IPv6Of(frame, l)
		if !ok {
			return key{}, false
		}
		f, ok := view.Fragment()
		if !ok {
			return key{}, false
		}
		for w := range k.addrs {
			k.addrs[w] = binary.BigEndian.Uint64(h[8+8*w:])
		}
		k.id, k.v6 = f.ID, true
	}
	if l.Has.Any(packet.HasVLAN) {
		k.vlan = 0x1000 | l.VLAN&0xfff
	}
	if l.Has.Any(packet.HasTunnel) {
		k.outer = outerHash(frame[l.Outer:l.L3], l.Tunnel)
	}
	return k, true
}

// outerHash tells tunnels apart: by the addresses of the header that h begins
// with, and the kind of the tunnel.
func outerHash(h []byte, tunnel packet.Tunnel) uint64 {
	addrs := h[:0]
	switch {
	case len(h) >= 20 && h[0]>>4 == 4:
		addrs = h[12:20]
	case len(h) >= 40 && h[0]>>4 == 6:
		addrs = h[8:40]
	}
	hash := 0xcbf29ce484222325 ^ uint64(tunnel) // FNV-1a
	for _, b := range addrs {
		hash = (hash ^ uint64(b)) * 0x100000001b3
	}
	return hash
}

// place is where the content of a fragment lies in its datagram.
type place struct {
	offset int  // in bytes
	more   bool // others lie behind it
	begin  int  // of the content in the frame
}

// placeOf returns the place of a fragment, if its header is there whole.
func placeOf(frame []byte, l *packet.Layers) (place, bool) {
	p := place{more: l.Has.Any(packet.HasMoreParts), begin: int(l.L4)}
	if l.Has.Any(packet.HasIPv4) {
		p.offset = int(binary.BigEndian.Uint16(frame[l.L3+6:])&0x1fff) * 8
		return p, true
	}
	view, ok := decode.IPv6Of(frame, l)
	if !ok {
		return p, false
	}
	f, ok := view.Fragment()
	p.offset, p.begin = f.Offset, int(l.L3)+f.At
	return p, ok && p.begin <= int(l.L4)
}
