package decode

import "encoding/binary"

// Headers that capturing hosts and devices put in front of packets.

// IPNET of Solaris, https://www.tcpdump.org/linktypes.html: version, address
// family, and 22 bytes about zones and interfaces.
const (
	ipnetLen   = 24
	ipnetINET  = 2
	ipnetINET6 = 26
)

func (w *walker) ipnet(off int) {
	if !w.enter(layerIPNET, off) {
		return
	}
	if w.lacks(off, ipnetLen) {
		w.short(off)
		return
	}
	switch w.frame[off+1] {
	case ipnetINET:
		w.ipv4(off + ipnetLen)
	case ipnetINET6:
		w.ipv6(off + ipnetLen)
	default:
		w.stop(off + ipnetLen)
	}
}

// enc decodes OpenBSD's encapsulated IP: address family, SPI, flags, 4 bytes
// each.
func (w *walker) enc(off int) {
	const encLen = 12
	if !w.enter(layerENC, off) {
		return
	}
	if w.lacks(off, encLen) {
		w.short(off)
		return
	}
	w.family(be32(w.frame[off:]), off+encLen)
}

// pflog decodes OpenBSD's packet filter log: a header that begins with its
// length, which padding to 4 bytes follows, and the address family.
func (w *walker) pflog(off int) {
	if !w.enter(layerPFLOG, off) {
		return
	}
	if w.lacks(off, 2) {
		w.short(off)
		return
	}
	n := (int(w.frame[off]) + 3) &^ 3
	if n < 4 || w.lacks(off, n) {
		w.short(off)
		return
	}
	w.family(uint32(w.frame[off+1]), off+n)
}

// pktap decodes Apple's per-packet header in little-endian order: its length,
// the type of the record, the link type of the frame behind it.
func (w *walker) pktap(off int) {
	const pktapMinLen = 12
	if !w.enter(layerPKTAP, off) {
		return
	}
	if w.lacks(off, pktapMinLen) {
		w.short(off)
		return
	}
	h := w.frame[off:w.end]
	n, link := binary.LittleEndian.Uint32(h), binary.LittleEndian.Uint32(h[8:])
	if n < pktapMinLen || uint64(n) > uint64(len(h)) || link > 0xffff {
		w.short(off)
		return
	}
	w.link(uint16(link), off+int(n))
}

// Tags of Ethernet switches (DSA), between the addresses and the EtherType:
// 4 bytes, of Marvell's second kind behind an EtherType and 2 reserved bytes.
// Marvell's tag takes the place of an 802.1Q tag where it says so.
//
//	Marvell: | mode 2 bits, tagged 1, device 5 | port 5, … | priority 3, DEI 1, VLAN 12 |
const (
	dsaAt     = 12
	dsaLen    = 4
	edsaSkip  = 4
	dsaTagged = 0x20
)

func (w *walker) dsa(link uint16, off int) {
	if !w.enter(layerEthernet, off) {
		return
	}
	tag := off + dsaAt
	if link == linkEDSA {
		tag += edsaSkip
	}
	if w.lacks(off, tag-off+dsaLen+2) {
		w.short(off)
		return
	}
	w.addresses(off)
	if !w.enter(layerDSA, tag) {
		return
	}
	if link != linkBrcm && w.frame[tag]&dsaTagged != 0 {
		w.tag(be16(w.frame[tag+2:]) & vlanMask)
	}
	w.etherTypeOrLength(be16(w.frame[tag+dsaLen:]), tag+dsaLen+2)
}

// juniper decodes a frame captured on a Juniper router: a magic number, flags,
// extensions behind their length where a flag says so, and the frame.
//
//	+---------+---------+--------------+- - - - - - +
//	| "MGC" 3 | flags 1 | (length 2)   | (extensions)|
//	+---------+---------+--------------+- - - - - - +
func (w *walker) juniper(link uint16, off int) {
	const (
		juniperLen   = 4
		juniperMagic = 0x4d4743
		noL2         = 0x02
		extended     = 0x80
	)
	if !w.enter(layerJuniper, off) {
		return
	}
	if w.lacks(off, juniperLen) {
		w.short(off)
		return
	}
	flags := w.frame[off+3]
	if be32(w.frame[off:])>>8 != juniperMagic {
		w.stop(off)
		return
	}
	off += juniperLen
	if flags&extended != 0 {
		if w.lacks(off, 2) || w.lacks(off, 2+int(be16(w.frame[off:]))) {
			w.short(off)
			return
		}
		off += 2 + int(be16(w.frame[off:]))
	}
	if flags&noL2 != 0 {
		w.skip(off, 4, linkRaw) // the protocol in 4 bytes, as the version says again
		return
	}
	w.link(juniperFrame(link), off)
}

// juniperFrame returns the link type of the frames behind a Juniper header.
func juniperFrame(link uint16) uint16 {
	switch link {
	case linkJuniperPPP:
		return linkPPP
	case linkJuniperFR:
		return linkFrameRelay
	case linkJuniperCHDLC:
		return linkCHDLC
	}
	return linkEthernet
}
