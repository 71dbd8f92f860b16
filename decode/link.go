package decode

import "pkt/packet"

// LINKTYPE_ values, https://www.tcpdump.org/linktypes.html.
const (
	linkNull         = 0
	linkEthernet     = 1
	linkTokenRing    = 6
	linkARCNETBSD    = 7
	linkSLIP         = 8
	linkPPP          = 9
	linkFDDI         = 10
	linkRaw12        = 12 // DLT_RAW where it was written as it is
	linkRaw14        = 14 // likewise, OpenBSD
	linkPPPHDLC      = 50
	linkPPPEther     = 51
	linkATM          = 100
	linkRaw          = 101
	linkSLIPBSDOS    = 102
	linkCHDLC        = 104
	linkWLAN         = 105
	linkFrameRelay   = 107
	linkLoop         = 108
	linkENC          = 109
	linkSLL          = 113
	linkPFLOG        = 117
	linkPrism        = 119
	linkIPFC         = 122
	linkSunATM       = 123
	linkRadiotap     = 127
	linkARCNETLinux  = 129
	linkIEEE1394     = 138
	linkAVS          = 163
	linkPPPD         = 166
	linkJuniperEther = 178
	linkJuniperPPP   = 179
	linkJuniperFR    = 180
	linkJuniperCHDLC = 181
	linkPPI          = 192
	linkPPPDir       = 204
	linkCHDLCDir     = 205
	linkFRDir        = 206
	linkIPNET        = 226
	linkIPv4         = 228
	linkIPv6         = 229
	linkNFLOG        = 239
	linkNetanalyzer  = 240
	linkIPoIB        = 242
	linkPKTAP        = 258
	linkMPacket      = 274
	linkSLL2         = 276
	linkBrcm         = 281
	linkBrcmPrepend  = 282
	linkDSA          = 284
	linkEDSA         = 285
)

// link decodes from the link-layer header at off on. Link types without IP
// inside, and those that pkt does not know, are packet.ProblemUnknown.
func (w *walker) link(link uint16, off int) {
	switch link {
	case linkEthernet:
		w.ethernet(off)
	case linkRaw, linkRaw12, linkRaw14:
		w.ip(off)
	case linkIPv4:
		w.ipv4(off)
	case linkIPv6:
		w.ipv6(off)
	case linkSLL:
		w.sll(off)
	case linkSLL2:
		w.sll2(off)
	case linkNull, linkLoop:
		w.null(off)
	case linkPPP, linkPPPHDLC:
		w.ppp(off)
	case linkPPPEther:
		w.pppoe(off)
	case linkPPPD:
		w.pppd(off)
	case linkPPPDir:
		w.skip(off, 1, linkPPP)
	case linkCHDLC:
		w.chdlc(off)
	case linkCHDLCDir:
		w.skip(off, 1, linkCHDLC)
	case linkFrameRelay:
		w.frameRelay(off)
	case linkFRDir:
		w.skip(off, 1, linkFrameRelay)
	case linkWLAN:
		w.wlan(off)
	case linkRadiotap:
		w.radiotap(off)
	case linkPrism:
		w.prism(off)
	case linkAVS:
		w.avs(off)
	case linkPPI:
		w.ppi(off)
	case linkNFLOG:
		w.nflog(off)
	default:
		w.rareLink(link, off)
	}
}

// rareLink decodes the link types that are seldom met.
func (w *walker) rareLink(link uint16, off int) {
	switch link {
	case linkFDDI:
		w.fddi(off)
	case linkTokenRing:
		w.tokenRing(off)
	case linkARCNETBSD:
		w.arcnet(off, 3)
	case linkARCNETLinux:
		w.arcnet(off, 5)
	case linkSLIP:
		w.slip(off, slipLen)
	case linkSLIPBSDOS:
		w.slip(off, slipBSDOSLen)
	case linkIPFC:
		w.ipfc(off)
	case linkIPNET:
		w.ipnet(off)
	case linkIPoIB:
		w.ipoib(off)
	case linkIEEE1394:
		w.ieee1394(off)
	case linkATM:
		w.atm(off)
	case linkSunATM:
		w.sunATM(off)
	case linkENC:
		w.enc(off)
	case linkPFLOG:
		w.pflog(off)
	case linkPKTAP:
		w.pktap(off)
	case linkDSA, linkEDSA, linkBrcm:
		w.dsa(link, off)
	case linkBrcmPrepend, linkNetanalyzer:
		w.skip(off, 4, linkEthernet)
	case linkMPacket:
		w.skip(off, 8, linkEthernet)
	case linkJuniperEther, linkJuniperPPP, linkJuniperFR, linkJuniperCHDLC:
		w.juniper(link, off)
	default:
		w.problem(packet.ProblemUnknown)
		w.stop(off)
	}
}

// skip passes n bytes in front of a frame of another link type.
func (w *walker) skip(off, n int, link uint16) {
	if w.lacks(off, n) {
		w.short(off)
		return
	}
	w.link(link, off+n)
}

// addresses notes where a frame has its destination and, behind it, its source
// address. The outermost ones are kept.
func (w *walker) addresses(off int) {
	if w.l.Has.Any(packet.HasMAC|packet.HasTunnel) || off > 0xffff {
		return
	}
	w.l.Has |= packet.HasMAC
	w.l.MAC = uint16(off)
	w.trace.source(off + 6)
	w.trace.destination(off)
}
