package decode

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
	if !w.enter(LayerEthernet, off) {
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
	if !w.enter(LayerDSA, tag) {
		return
	}
	if link != linkBrcm && w.frame[tag]&dsaTagged != 0 {
		w.tag(be16(w.frame[tag+2:]) & vlanMask)
	}
	w.etherTypeOrLength(be16(w.frame[tag+dsaLen:]), tag+dsaLen+2)
}
