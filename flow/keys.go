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

	// Clock is the latest time in the batch, of all its packets.
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
	k.clock = latest(b)
	k.v4, k.v6 = packet.Set{}, packet.Set{}
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		l := &b.Layers[i]
		if !l.Has.Any(packet.HasIP) {
			continue
		}
		src, dst := portsOf(l)
		if l.Has.Any(packet.HasIPv4) {
			k.v4.Add(i)
			k.fill4(i, b.Frame(i)[l.L3:], l, src, dst)
		} else {
			k.v6.Add(i)
			k.fill6(i, b.Frame(i)[l.L3:], l, src, dst)
		}
		if k.ip[i] == 0 {
			k.ip[i] = l.WireEnd - l.L3
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
func (k *Keys) fill4(i int, h []byte, l *packet.Layers, src, dst uint16) {
	addrs, side := orient4(binary.BigEndian.Uint64(h[12:20]), src, dst)
	key := low(l) | placePorts(side, src, dst)
	k.addr4[i], k.side[i], k.key[i] = addrs, side, key
	k.tag[i] = uint32(k.secret.hash4(addrs, key&(keyMask|k.vlan)) >> 32)
	k.ip[i] = uint32(binary.BigEndian.Uint16(h[2:4]))
}

// fill6 sets the key of packet i with the IPv6 header h.
func (k *Keys) fill6(i int, h []byte, l *packet.Layers, src, dst uint16) {
	a := &k.addr6[i]
	for w := range a {
		a[w] = binary.BigEndian.Uint64(h[8+8*w : 16+8*w])
	}
	side := orient6(a, src, dst)
	key := low(l) | placePorts(side, src, dst)
	k.side[i], k.key[i] = side, key
	k.tag[i] = uint32(k.secret.hash6(a, key&(keyMask|k.vlan)) >> 32)
	k.ip[i] = 0
	if n := uint32(binary.BigEndian.Uint16(h[4:6])); n != 0 {
		k.ip[i] = 40 + n
	}
}

// orient4 puts the addresses of a packet (source<<32 | destination) in the order
// of sides, and tells which side the source is.
func orient4(addrs uint64, src, dst uint16) (uint64, uint8) {
	if from, to := uint32(addrs>>32), uint32(addrs); from < to || from == to && src <= dst {
		return addrs, 0
	}
	return bits.RotateLeft64(addrs, 32), 1
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
	if side == 1 {
		src, dst = dst, src
	}
	return uint64(src)<<48 | uint64(dst)<<32
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
