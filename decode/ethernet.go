package decode

import "pkt/packet"

// Ethernet, IEEE 802.3: two addresses and an EtherType, or the length of what
// follows. Tags of IEEE 802.1Q and 802.1ad stand in front of the EtherType:
//
//	+----------------+----------------+-----------+- - - - - - - - - -+
//	| destination 6  | source 6       | type 2    |  payload          |
//	+----------------+----------------+-----------+- - - - - - - - - -+
//	                 tag:  | 0x8100 2 | priority 3 bits, DEI 1, VLAN 12 |
const (
	etherTypeAt  = 12
	etherLen     = 14
	vlanLen      = 4 // a tag, or rest of a tag and the next EtherType
	vlanMask     = 0x0fff
	pbbTagLen    = 4 // 802.1ah I-TAG behind its EtherType
	fabricTagLen = 2 // FabricPath: forwarding tag and TTL, likewise
	cmdTypeAt    = 6 // Cisco metadata
	cmdLen       = 8
)

// ethernet decodes a frame that begins with its addresses.
func (w *walker) ethernet(off int) {
	if !w.enter(LayerEthernet, off) {
		return
	}
	if w.lacks(off, etherLen) {
		w.short(off)
		return
	}
	w.addresses(off)
	w.etherTypeOrLength(be16(w.frame[off+etherTypeAt:]), off+etherLen)
}

// etherTypeOrLength decodes what is behind the type field of a frame, which
// small values make an 802.3 frame.
func (w *walker) etherTypeOrLength(et uint16, off int) {
	if et >= etherMin {
		w.etherType(et, off)
		return
	}
	w.l.EtherType = 0
	if et <= 1500 {
		w.limit(off, int(et))
	}
	if !w.lacks(off, 2) && be16(w.frame[off:]) == 0xffff {
		w.l.EtherType = etherIPX // Novell's "raw" 802.3: no LLC, but IPX's checksum field
		w.stop(off)
		return
	}
	w.llc(off)
}

// etherType decodes what an EtherType announces.
func (w *walker) etherType(et uint16, off int) {
	w.l.EtherType = et
	switch et {
	case etherIPv4:
		w.ipv4(off)
	case etherIPv6:
		w.ipv6(off)
	case etherARP, etherRARP:
		w.arp(off)
	case etherVLAN, ether8021ad, etherQinQ:
		w.vlan(off)
	case etherMPLS, etherMPLSMC:
		w.mpls(off)
	case etherPPPoE:
		w.pppoe(off)
	case etherTEB:
		w.ethernet(off)
	case etherPPP:
		w.ppp(off)
	case etherBackbone:
		w.wholeFrame(off, pbbTagLen)
	case etherFabric:
		w.wholeFrame(off, fabricTagLen)
	case etherCMD:
		w.metadata(off)
	default:
		w.stop(off)
	}
}

// vlan decodes the rest of a tag.
func (w *walker) vlan(off int) {
	if !w.enter(LayerVLAN, off) {
		return
	}
	if w.lacks(off, vlanLen) {
		w.short(off)
		return
	}
	w.tag(be16(w.frame[off:]) & vlanMask)
	w.etherTypeOrLength(be16(w.frame[off+2:]), off+vlanLen)
}

// tag notes a VLAN identifier.
func (w *walker) tag(id uint16) {
	if !w.l.Has.Any(packet.HasVLAN) {
		w.l.Has |= packet.HasVLAN
		w.l.VLAN = id
	}
	w.trace.vlan(id)
}

// wholeFrame decodes a frame behind n bytes of a tag that puts a header of its
// own in front of it: IEEE 802.1ah and FabricPath.
func (w *walker) wholeFrame(off, n int) {
	if w.lacks(off, n) {
		w.short(off)
		return
	}
	w.ethernet(off + n)
}

// metadata passes Cisco's tag of a security group: version, length, option and
// group, then the EtherType.
func (w *walker) metadata(off int) {
	if w.lacks(off, cmdLen) {
		w.short(off)
		return
	}
	w.etherTypeOrLength(be16(w.frame[off+cmdTypeAt:]), off+cmdLen)
}
