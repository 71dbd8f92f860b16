package flow

import (
	"encoding/binary"
	"math/bits"

	"pkt/packet"
)

// Keys holds the keys and hashes of the packets of a batch, and what of their
// IP headers the table needs. It comes from Table.NewKeys, and only serves that
// table. Fill touches nothing but the batch, so that it may run on another
// goroutine while the table takes the batch before.
type Keys struct {
	secret *secret
	vlan   uint64 // keyVLANID if the VLAN tells flows apart

	// start and clock are the first and the latest time of the batch, of packets
	// in the set or not, or of the live clock.
	start int64
	clock int64
	v4    packet.Set // packets with an IPv4 key
	v6    packet.Set
	tag   [packet.BatchLen]uint32    // the hash's upper half
	key   [packet.BatchLen]uint64    // as record.key, without its flags
	addr4 [packet.BatchLen]uint64    // as rec4.addrs
	addr6 [packet.BatchLen][4]uint64 // as rec6.addrs
	side  [packet.BatchLen]uint8     // of the sender
	ip    [packet.BatchLen]uint32    // length of the IP packet
}

// NewKeys returns an empty Keys for the batches of t.
func (t *Table) NewKeys() *Keys {
	return &Keys{secret: &t.secret, vlan: t.keyMask & keyVLANID}
}

// Fill computes the keys of the packets in the set. Layers of the batch must be
// there, and stay as they are until the batch has been through Update.
func (k *Keys) Fill(b *packet.Batch, in packet.Set) {
	k.start, k.clock = b.Now, max(latest(b), b.Now)
	if b.N > 0 {
		k.start = b.Records[0].Nanos
	}
	k.v4, k.v6 = packet.Set{}, packet.Set{}
	for word, set := range in {
		for ; set != 0; set &= set - 1 {
			i := word<<6 + bits.TrailingZeros64(set)
			l := &b.Layers[i]
			at := b.Records[i].Off + l.L3
			switch {
			case l.Has.Any(packet.HasIPv4):
				k.v4[word] |= set & -set
				k.fill4(i, (*[20]byte)(b.Block.Bytes[at:]), l)
			case l.Has.Any(packet.HasIPv6):
				k.v6[word] |= set & -set
				k.fill6(i, (*[40]byte)(b.Block.Bytes[at:]), l)
			}
		}
	}
}

// latest returns the time of the latest packet of a batch.
func latest(b *packet.Batch) (t int64) {
	for i := range b.Records[:b.N] {
		t = max(t, b.Records[i].Nanos)
	}
	return t
}

// fill4 sets the key of packet i with the IPv4 header h.
func (k *Keys) fill4(i int, h *[20]byte, l *packet.Layers) {
	src, dst := portsOf(l)
	addrs, side := orient4(binary.BigEndian.Uint64(h[12:]), src, dst)
	key := low(l) | placePorts(side, src, dst)
	k.addr4[i], k.side[i], k.key[i] = addrs, side, key
	k.tag[i] = uint32(k.secret.hash4(addrs, key&(keyMask|k.vlan)) >> 32)
	k.ip[i] = uint32(binary.BigEndian.Uint16(h[2:]))
	if k.ip[i] == 0 {
		k.ip[i] = l.WireEnd - l.L3 // left to the network card
	}
}

// fill6 sets the key of packet i with the IPv6 header h.
func (k *Keys) fill6(i int, h *[40]byte, l *packet.Layers) {
	src, dst := portsOf(l)
	a := &k.addr6[i]
	for w := range a {
		a[w] = binary.BigEndian.Uint64(h[8+8*w:])
	}
	side := orient6(a, src, dst)
	key := low(l) | placePorts(side, src, dst)
	k.side[i], k.key[i] = side, key
	k.tag[i] = uint32(k.secret.hash6(a, key&(keyMask|k.vlan)) >> 32)
	k.ip[i] = 40 + uint32(binary.BigEndian.Uint16(h[4:]))
	if k.ip[i] == 40 {
		k.ip[i] = l.WireEnd - l.L3 // a jumbogram, or left to the network card
	}
}

// orient4 puts the addresses of a packet (source<<32 | destination) in the order
// of sides, and tells which side the source is.
// There is no branch in it, since no processor could foresee which way it goes.
func orient4(addrs uint64, src, dst uint16) (uint64, uint8) {
	from := addrs>>32<<16 | uint64(src)
	to := addrs<<32>>16 | uint64(dst)
	_, side := bits.Sub64(to, from, 0)
	return bits.RotateLeft64(addrs, int(side)<<5), uint8(side)
}

// orient6 does so for the addresses in a.
func orient6(a *[4]uint64, src, dst uint16) uint8 {
	switch {
	case a[0] != a[2] && a[0] < a[2],
		a[0] == a[2] && a[1] < a[3],
		a[0] == a[2] && a[1] == a[3] && src <= dst:
		return 0
	}
	a[0], a[1], a[2], a[3] = a[2], a[3], a[0], a[1]
	return 1
}

// placePorts puts the ports into the place of their sides.
func placePorts(side uint8, src, dst uint16) uint64 {
	return uint64(bits.RotateLeft32(uint32(src)<<16|uint32(dst), int(side)<<4)) << 32
}

// tag returns the hash of an arrival.
func (t *Table) tag(a *arrival) uint32 {
	if a.addr6 != nil {
		return uint32(t.secret.hash6(a.addr6, a.key&t.keyMask) >> 32)
	}
	return uint32(t.secret.hash4(a.addr4, a.key&t.keyMask) >> 32)
}

// portsOf returns the ports of a packet, or what stands for them.
func portsOf(l *packet.Layers) (src, dst uint16) {
	if l.Has.Any(packet.HasPorts) {
		return l.SrcPort, l.DstPort
	}
	return withoutPorts(l)
}

// withoutPorts returns what stands for the ports of a packet that has none.
func withoutPorts(l *packet.Layers) (src, dst uint16) {
	if l.Has.Any(packet.HasICMP) || l.Has.Any(packet.HasLaterPart) && isICMP(l.Proto) {
		return icmpPorts(l.Proto, l.SrcPort, l.DstPort)
	}
	return 0, 0
}

// isICMP reports whether an IP protocol is one of the ICMPs. Later fragments of
// their messages have type and code from the fragment stage.
func isICMP(proto uint8) bool { return proto == protoICMP || proto == protoICMPv6 }

// low returns what a packet's key holds below the ports.
func low(l *packet.Layers) uint64 {
	key := uint64(l.Proto) << 24
	if l.Has.Any(packet.HasPorts) {
		key |= keyPorts
	}
	if l.Has.Any(packet.HasVLAN) {
		key |= keyVLAN | uint64(l.VLAN&0xfff)
	}
	return key
}
