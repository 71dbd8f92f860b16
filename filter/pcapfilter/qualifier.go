package pcapfilter

// proto is a protocol qualifier.
type proto uint8

// Protocols. protoUndef marks that no qualifiers can be inherited.
const (
	protoDefault proto = iota
	protoLink
	protoIP
	protoARP
	protoRARP
	protoSCTP
	protoTCP
	protoUDP
	protoICMP
	protoIGMP
	protoIGRP
	protoPIM
	protoVRRP
	protoCARP
	protoAppleTalk
	protoAARP
	protoDECnet
	protoLAT
	protoSCA
	protoMOPRC
	protoMOPDL
	protoIPv6
	protoICMPv6
	protoAH
	protoESP
	protoISO
	protoESIS
	protoISIS
	protoL1
	protoL2
	protoIIH
	protoLSP
	protoSNP
	protoCSNP
	protoPSNP
	protoCLNP
	protoSTP
	protoIPX
	protoNetBEUI
	protoRadio
	protoUndef
)

// protoWords are the words of the protocols.
var protoWords = [...]string{
	protoLink: "link", protoIP: "ip", protoARP: "arp", protoRARP: "rarp", protoSCTP: "sctp",
	protoTCP: "tcp", protoUDP: "udp", protoICMP: "icmp", protoIGMP: "igmp", protoIGRP: "igrp",
	protoPIM: "pim", protoVRRP: "vrrp", protoCARP: "carp", protoAppleTalk: "atalk",
	protoAARP: "aarp", protoDECnet: "decnet", protoLAT: "lat", protoSCA: "sca",
	protoMOPRC: "moprc", protoMOPDL: "mopdl", protoIPv6: "ip6", protoICMPv6: "icmp6",
	protoAH: "ah", protoESP: "esp", protoISO: "iso", protoESIS: "esis", protoISIS: "isis",
	protoL1: "l1", protoL2: "l2", protoIIH: "iih", protoLSP: "lsp", protoSNP: "snp",
	protoCSNP: "csnp", protoPSNP: "psnp", protoCLNP: "clnp", protoSTP: "stp", protoIPX: "ipx",
	protoNetBEUI: "netbeui", protoRadio: "radio",
}

// lookupProtoWord returns the protocol of a word. The names of link layers all
// mean "the link layer", whatever it is.
func lookupProtoWord(word string) (proto, bool) {
	switch word {
	case "":
		return 0, false
	case "ether", "ppp", "slip", "fddi", "tr", "wlan":
		return protoLink, true
	case "es-is":
		return protoESIS, true
	case "is-is":
		return protoISIS, true
	}
	p, ok := indexOf(protoWords[:], word)
	return proto(p), ok
}

// direction is a direction qualifier.
type direction uint8

// Directions.
const (
	dirDefault direction = iota
	dirSrc
	dirDst
	dirOr
	dirAnd
	dirAddr1
	dirAddr2
	dirAddr3
	dirAddr4
	dirRA
	dirTA
)

// addrType is a type qualifier: what the name or number after it is.
type addrType uint8

// Types.
const (
	addrDefault addrType = iota
	addrHost
	addrNet
	addrPort
	addrPortRange
	addrGateway
	addrProto
	addrProtoChain
	addrUndef
)

// qualifiers say what a name or number means.
type qualifiers struct {
	proto proto
	dir   direction
	addr  addrType
}

// noQualifiers is what a primitive without qualifiers leaves to its successor.
var noQualifiers = qualifiers{protoUndef, dirDefault, addrUndef}
