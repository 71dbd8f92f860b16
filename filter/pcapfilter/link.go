package pcapfilter

import (
	"strconv"
	"strings"
)

// linkFamily says how a link layer names the protocol it carries and where its
// addresses are.
type linkFamily uint8

// Families. linkUnknown can be compiled for, but has no protocols.
const (
	linkUnknown    linkFamily = iota
	linkEthernet              // DIX type or IEEE 802.3 length and LLC
	linkLLC                   // IEEE 802.2 LLC always
	linkWLAN                  // IEEE 802.11: a header of variable length, then LLC
	linkSunATM                // ATM pseudo-header, LLC
	linkPPP                   // PPP protocol number
	linkPPPBSDOS              // the same, with Van Jacobson compression
	linkCHDLC                 // EtherType, OSI as 0xfefe
	linkEtherType             // EtherType at typ
	linkSLL                   // EtherType, or that of an LLC header
	linkNull                  // address family, in the capturing host's byte order
	linkLoop                  // address family, in network byte order
	linkRawVersion            // IP, the version tells which
	linkIPv4                  // IPv4 only
	linkIPv6                  // IPv6 only
	linkPFLog                 // address family in one byte
	linkARCnet                // ARCnet system codes
	linkLocalTalk             // AppleTalk only
	linkFrameRelay            // NLPID
	linkJuniper               // a magic number, no protocols
	linkIPNet                 // Solaris address family
	linkBACnet                // a preamble, no protocols
)

// linkLayer is one link layer. Offsets are in bytes from the start of the
// packet, net and netNoSNAP from payload.
type linkLayer struct {
	link   uint16
	family linkFamily
	name   string
	desc   string
	// short is what errors call it, where that is not desc.
	short string

	header    uint32 // where the link-layer header begins
	typ       uint32 // where the protocol is named; none if nowhere
	payload   uint32 // behind the header, and behind the MAC header of IEEE 802
	net       uint32 // network header; IEEE 802: behind LLC and SNAP
	netNoSNAP uint32 // network header of protocols that need LLC only
}

// LINKTYPE_ values that the compiler treats on their own.
const (
	linkTypeEthernet  = 1
	linkTypeTokenRing = 6
	linkTypeSLIP      = 8
	linkTypePPP       = 9
	linkTypeFDDI      = 10
	linkTypeATM1483   = 100
	linkTypeRaw       = 101
	linkTypeCHDLC     = 104
	linkTypeWLAN      = 105
	linkTypeSLL       = 113
	linkTypePrism     = 119
	linkTypeIPFC      = 122
	linkTypeSunATM    = 123
	linkTypeRadiotap  = 127
	linkTypeMTP2Phdr  = 139
	linkTypeMTP2      = 140
	linkTypeAVS       = 163
	linkTypePPPD      = 166
	linkTypePPI       = 192
	linkTypeERF       = 197
	linkTypeIPNet     = 226
	linkTypeSLL2      = 276
)

// lookupLink returns the link layer of a LINKTYPE_ value. Values that nobody
// knows are link layers without protocols.
func lookupLink(link uint16) linkLayer {
	switch link {
	case 12, 14:
		// Raw IP as some BSDs number it in their files.
		link = linkTypeRaw
	}
	for i := range linkLayers {
		if linkLayers[i].link == link {
			return linkLayers[i]
		}
	}
	name := "DLT " + strconv.Itoa(int(link))
	return linkLayer{link: link, name: name, desc: name, typ: none, payload: none, net: none, netNoSNAP: none}
}

// LinkByName returns the LINKTYPE_ value of a name such as EN10MB, in any case
// and with or without LINKTYPE_ or DLT_ before it.
func LinkByName(name string) (link uint16, ok bool) {
	name = strings.ToUpper(name)
	name = strings.TrimPrefix(strings.TrimPrefix(name, "LINKTYPE_"), "DLT_")
	if name == "ETHERNET" {
		return linkTypeEthernet, true
	}
	for i := range linkLayers {
		if linkLayers[i].name == name {
			return linkLayers[i].link, true
		}
	}
	return 0, false
}

// LinkName returns the name of a LINKTYPE_ value, EN10MB for example, and what
// it is in words.
func LinkName(link uint16) (name, description string) {
	l := lookupLink(link)
	return l.name, l.desc
}
