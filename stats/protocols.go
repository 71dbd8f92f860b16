package stats

import (
	"cmp"
	"slices"
	"strconv"

	"pkt/decode"
	"pkt/names"
	"pkt/packet"
)

// networks counts packets by network and transport protocol.
type networks struct {
	ip     [2][256]Volume // IPv4, IPv6
	arp    Volume
	others []etherVolume // packets of other protocols, few kinds
	more   Volume        // of kinds that have no number or are beyond maxOthers
}

// etherVolume is the traffic of a protocol that is not IP.
type etherVolume struct {
	etherType uint16
	Volume
}

// maxOthers bounds the kinds of non-IP traffic that are told apart.
const maxOthers = 64

func (n *networks) add(l *packet.Layers, size uint64) {
	switch {
	case l.Has.Any(packet.HasIPv4):
		n.ip[0][l.Proto].add(size)
	case l.Has.Any(packet.HasIPv6):
		n.ip[1][l.Proto].add(size)
	case l.Has.Any(packet.HasARP):
		n.arp.add(size)
	default:
		n.other(l.EtherType).add(size)
	}
}

func (n *networks) other(etherType uint16) *Volume {
	if etherType == 0 {
		return &n.more
	}
	for i := range n.others {
		if n.others[i].etherType == etherType {
			return &n.others[i].Volume
		}
	}
	if len(n.others) == maxOthers {
		return &n.more
	}
	n.others = append(n.others, etherVolume{etherType: etherType})
	return &n.others[len(n.others)-1].Volume
}

// branch is a protocol with what it carries.
type branch struct {
	Volume
	name string
	subs []branch
}

// maxServices is how many services a transport protocol shows.
const maxServices = 10

// tree puts the counts together. services holds what flows say about ports.
func (n *networks) tree(services []serviceUse) []Protocol {
	top := []branch{{Volume: n.arp, name: "arp"}, {Volume: n.more, name: "other"}}
	for _, o := range n.others {
		top = append(top, branch{Volume: o.Volume, name: etherName(o.etherType)})
	}
	for v, name := range [...]string{"ipv4", "ipv6"} {
		ip := branch{name: name}
		for proto := range n.ip[v] {
			used := n.ip[v][proto]
			if used.Packets == 0 {
				continue
			}
			ip.Packets += used.Packets
			ip.Bytes += used.Bytes
			ip.subs = append(ip.subs, branch{
				Volume: used,
				name:   protocolName(uint8(proto)),
				subs:   serviceBranches(services, v == 1, uint8(proto)),
			})
		}
		top = append(top, ip)
	}
	return flatten(nil, top, 0)
}

// serviceBranches returns the busiest services of a transport protocol.
func serviceBranches(services []serviceUse, v6 bool, proto uint8) []branch {
	var subs []branch
	for _, s := range services {
		if s.v6 == v6 && s.proto == proto {
			subs = append(subs, branch{Volume: s.Volume, name: serviceName(proto, s.port)})
		}
	}
	slices.SortStableFunc(subs, byBytes)
	return subs[:min(len(subs), maxServices)]
}

// flatten appends a tree's nodes to dst, the busiest of each level first.
func flatten(dst []Protocol, level []branch, depth int) []Protocol {
	slices.SortStableFunc(level, byBytes)
	for _, b := range level {
		if b.Packets == 0 {
			continue
		}
		dst = append(dst, Protocol{Volume: b.Volume, Depth: depth, Name: b.name})
		dst = flatten(dst, b.subs, depth+1)
	}
	return dst
}

func byBytes(a, b branch) int { return cmp.Compare(b.Bytes, a.Bytes) }

// protocolName is an IP protocol's name, as the field proto spells it.
func protocolName(proto uint8) string { return decode.Proto(proto).String() }

// serviceName is a service's name, or its port with the protocol.
func serviceName(proto uint8, port uint16) string {
	if name := names.Service(proto, port); name != "" {
		return name
	}
	return strconv.Itoa(int(port)) + "/" + protocolName(proto)
}

// etherNames are the protocols besides IP that networks commonly carry.
var etherNames = map[uint16]string{
	0x0026: "stp", 0x2000: "cdp", 0x6003: "decnet", 0x809b: "appletalk",
	0x8035: "rarp", 0x8137: "ipx", 0x86dd: "ipv6", 0x0800: "ipv4", 0x8808: "flow-control",
	0x8809: "lacp", 0x8847: "mpls", 0x8848: "mpls", 0x8863: "pppoe-discovery", 0x8864: "pppoe",
	0x888e: "eapol", 0x88a2: "aoe", 0x88ca: "tipc", 0x88cc: "lldp", 0x88e1: "homeplug",
	0x88e5: "macsec", 0x88f7: "ptp", 0x8902: "cfm", 0x8906: "fcoe", 0x8915: "roce", 0x9000: "loopback-test",
}

func etherName(etherType uint16) string {
	if name := etherNames[etherType]; name != "" {
		return name
	}
	return "0x" + strconv.FormatUint(uint64(etherType)|0x10000, 16)[1:]
}
