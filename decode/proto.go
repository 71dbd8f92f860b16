package decode

import (
	"strconv"

	"pkt/names"
	"pkt/packet"
)

// Proto says what a packet is: an IP protocol number (0 to 255), or one of the
// values behind them.
type Proto uint16

// What packets without an IP header are.
const (
	ProtoOther Proto = 256 + iota
	ProtoARP
	ProtoRARP
	ProtoLLDP
	ProtoPPPoE
	ProtoPPP
	ProtoEAPOL
	ProtoLACP
	ProtoMPLS
	ProtoIPX
	ProtoPTP
	ProtoMACsec
	ProtoCFM
	ProtoLoopback
	ProtoProfinet
	ProtoEtherCAT
	ProtoAppleTalk
	ProtoDECnet
	ProtoFCoE
	ProtoAoE
	ProtoHomePlug
	ProtoWoL
	ProtoBPDU // of spanning trees
	ProtoLLC
	ProtoWLAN
	NumProtos
)

// protoNames are the spellings of the protocols.
var protoNames = makeProtoNames()

// makeProtoNames names every value, the IP protocols by their IANA keywords in
// lower case but for "icmp6", numbers that are not assigned "ip-N".
func makeProtoNames() []string {
	all := make([]string, 256, NumProtos)
	for i := range all {
		all[i] = names.Protocol(uint8(i))
		if all[i] == "" {
			all[i] = "ip-" + strconv.Itoa(i)
		}
	}
	all[protoICMPv6] = "icmp6"
	return append(all, "other", "arp", "rarp", "lldp", "pppoe", "ppp", "eapol", "lacp", "mpls", "ipx", "ptpv2",
		"macsec", "cfm", "loopback", "profinet", "ethercat", "appletalk", "decnet", "fcoe", "aoe", "homeplug", "wol",
		"bpdu", "llc", "wlan")
}

// ProtoNames returns the spellings of all protocols: the names of an Enum
// field whose cells are Protos, IP protocol numbers among them. The table is
// shared and must not be written.
func ProtoNames() []string { return protoNames }

// String returns the protocol's spelling.
func (p Proto) String() string { return protoNames[p] }

// ProtoOf says what packet i of a decoded batch is: the transport protocol of
// the innermost IP packet, else what the EtherType names.
func ProtoOf(b *packet.Batch, i int) Proto {
	l := &b.Layers[i]
	switch {
	case l.Has.Any(packet.HasIP):
		return Proto(l.Proto)
	case l.EtherType != 0:
		return etherProto(l.EtherType)
	}
	return unnamedProto(b, i)
}

// etherProto names what an EtherType announces, where no IP header follows.
func etherProto(et uint16) Proto {
	switch et {
	case etherARP:
		return ProtoARP
	case etherRARP:
		return ProtoRARP
	case etherPPPoED, etherPPPoE:
		return ProtoPPPoE
	case etherMPLS, etherMPLSMC:
		return ProtoMPLS
	case etherIPX:
		return ProtoIPX
	case 0x88cc:
		return ProtoLLDP
	case 0x888e:
		return ProtoEAPOL
	case 0x8809:
		return ProtoLACP
	case 0x88f7:
		return ProtoPTP
	case 0x88e5:
		return ProtoMACsec
	case 0x8902:
		return ProtoCFM
	case 0x9000:
		return ProtoLoopback
	case 0x8892:
		return ProtoProfinet
	case 0x88a4:
		return ProtoEtherCAT
	case 0x809b, 0x80f3:
		return ProtoAppleTalk
	case 0x6003:
		return ProtoDECnet
	case 0x8906:
		return ProtoFCoE
	case 0x88a2:
		return ProtoAoE
	case 0x887b, 0x88e1, 0x8912:
		return ProtoHomePlug
	case 0x0842:
		return ProtoWoL
	}
	return ProtoOther
}

// unnamedProto says what a packet without IP header and EtherType is, by the
// last header that was followed.
func unnamedProto(b *packet.Batch, i int) Proto {
	const sapBPDU = 0x42
	var t trace
	l := walk(b, i, &t)
	if t.numLayers == 0 {
		return ProtoOther
	}
	switch t.layers[t.numLayers-1].Layer {
	case LayerLLC:
		if l.L3 >= llcLen && b.Frame(i)[l.L3-llcLen] == sapBPDU {
			return ProtoBPDU
		}
		return ProtoLLC
	case LayerPPP, LayerPPPoE:
		return ProtoPPP
	case LayerWLAN:
		return ProtoWLAN
	}
	return ProtoOther
}
