package filter

import (
	"fmt"
	"math"
	"math/bits"
	"net/netip"
	"slices"
	"strings"

	"pkt/field"
)

// The functions below write tests as pcap-filters; "" means that one would be
// too long or cannot be written.

// numberText compares a number of 32 bits with ranges.
func numberText(what string, ranges []bounds) string {
	if len(ranges) > maxAlternatives {
		return ""
	}
	var texts []string
	for _, r := range ranges {
		lo, hi := r.lo.Lo, min(r.hi.Lo, math.MaxUint32)
		switch {
		case lo > math.MaxUint32:
			continue
		case lo == hi:
			texts = append(texts, fmt.Sprintf("%s = %d", what, lo))
		case lo == 0:
			texts = append(texts, fmt.Sprintf("%s <= %d", what, hi))
		case hi == math.MaxUint32:
			texts = append(texts, fmt.Sprintf("%s >= %d", what, lo))
		default:
			texts = append(texts, fmt.Sprintf("(%s >= %d and %s <= %d)", what, lo, what, hi))
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return group(texts, " or ")
}

// either4or6 joins a test of IPv4 packets and one of IPv6 packets.
func either4or6(four, six string) string {
	if four == "" || six == "" {
		return ""
	}
	return "(" + four + " or " + six + ")"
}

// protoText compares a protocol number.
func protoText(what string, protos []uint64) string {
	var texts []string
	for _, p := range protos {
		texts = append(texts, fmt.Sprintf("%s = %d", what, p))
	}
	return strings.Join(texts, " or ")
}

// portText asks for one of several ports.
func portText(what string, ports []uint64) string {
	var texts []string
	for _, p := range ports {
		texts = append(texts, fmt.Sprintf("%s %d", what, p))
	}
	return strings.Join(texts, " or ")
}

// portRanges asks for ports of a side in ranges; "" means either.
func portRanges(side string, ranges []bounds) string {
	if side != "" {
		side += " "
	}
	if len(ranges) > maxAlternatives {
		return ""
	}
	var texts []string
	for _, r := range ranges {
		switch lo, hi := r.lo.Lo, min(r.hi.Lo, math.MaxUint16); {
		case lo > math.MaxUint16:
		case lo == hi:
			texts = append(texts, fmt.Sprintf("%sport %d", side, lo))
		default:
			texts = append(texts, fmt.Sprintf("%sportrange %d-%d", side, lo, hi))
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return group(texts, " or ")
}

// versionText asks for versions of IP.
func versionText(ranges []bounds) string {
	var texts []string
	for v, name := range map[uint64]string{4: "ip", 6: "ip6"} {
		key := field.Cell{Lo: v}
		if len(intersect(ranges, []bounds{{key, key}})) > 0 {
			texts = append(texts, name)
		}
	}
	if len(texts) != 1 {
		return ""
	}
	return texts[0]
}

// macText asks for Ethernet addresses.
func macText(side string, ranges []bounds) string {
	var texts []string
	for _, r := range ranges {
		if r.lo != r.hi || len(texts) == maxAlternatives {
			return ""
		}
		texts = append(texts, fmt.Sprintf("ether %s %s", side, appendMAC(nil, r.lo.Lo)))
	}
	return group(texts, " or ")
}

// flagText asks whether a TCP flag is set, or not.
func flagText(flag string, ranges []bounds) string {
	bit := map[string]int{"fin": 1, "syn": 2, "rst": 4, "psh": 8, "ack": 16, "urg": 32, "ece": 64, "cwr": 128}[flag]
	if bit == 0 || len(ranges) != 1 || ranges[0].lo.Lo > 1 {
		return ""
	}
	is := "!= 0"
	if ranges[0].lo.Lo == 0 {
		is = "= 0"
		if ranges[0].hi.Lo != 0 {
			return ""
		}
	}
	return fmt.Sprintf("(tcp[13] & %d %s or (ip6[6] = 6 and ip6[53] & %d %s))", bit, is, bit, is)
}

// protoSet asks for protocols. Those that plain packets do not have fall away.
// A packet whose IP header is damaged has a name that no header says: sets with
// such names say nothing.
func protoSet(names []string, ranges []bounds) (pushed, bool) {
	var plain []uint64
	for _, r := range ranges {
		if r.hi.Lo >= uint64(len(names)) {
			return pushed{}, false
		}
		for v := r.lo.Lo; v <= r.hi.Lo; v++ {
			switch {
			case v >= 256 && names[v] != "arp" && names[v] != "rarp":
				return pushed{}, false
			case slices.Contains(plainProtos, v):
				plain = append(plain, v)
			}
		}
	}
	if len(plain) == 0 {
		return pushed{never: true}, true
	}
	return said(either4or6(protoText("ip[9]", plain), protoText("ip6[6]", plain)), depthIP)
}

// addrText asks for addresses of a side; "" means either.
func addrText(side string, ranges []bounds) string {
	if text := prefixText(side, ranges); text != "" {
		return text
	}
	if side == "" {
		return "" // of a packet with two addresses, one may be outside
	}
	if text := prefixText(side, complement(space(field.Addr), ranges)); text != "" {
		return "((ip or ip6) and not " + text + ")"
	}
	return ""
}

// prefixText asks for addresses in ranges, as networks.
func prefixText(side string, ranges []bounds) string {
	var texts []string
	if side != "" {
		side += " "
	}
	six := complement(space(field.Addr), []bounds{ipv4})
	if in6 := intersect(ranges, six); len(in6) == len(six) && in6[0] == six[0] && in6[1] == six[1] {
		texts = append(texts, "ip6")
		ranges = intersect(ranges, []bounds{ipv4})
	}
	for _, r := range ranges {
		for lo := r.lo; ; {
			if len(texts) == maxAlternatives {
				return ""
			}
			host := hostBits(lo, r.hi)
			proto, size := "ip6", 128
			if lo.Is4() {
				proto, size = "ip", 32
			}
			switch {
			case lo.Is4() && host >= 32:
				texts = append(texts, "ip")
			case host == 0:
				texts = append(texts, fmt.Sprintf("%s %shost %v", proto, side, lo.Addr()))
			default:
				texts = append(texts, fmt.Sprintf("%s %snet %v", proto, side, netip.PrefixFrom(lo.Addr(), size-host)))
			}
			last := lastOf(lo, host)
			if last == r.hi {
				break
			}
			lo = next(last)
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return group(texts, " or ")
}

// hostBits returns how many bits the largest network has that begins at lo and
// does not reach beyond hi, IPv4 and IPv6 apart.
func hostBits(lo, hi field.Cell) int {
	most := 127
	if lo.Is4() {
		most = 32
	}
	zeros := bits.TrailingZeros64(lo.Lo)
	if lo.Lo == 0 {
		zeros = 64 + bits.TrailingZeros64(lo.Hi)
	}
	host := min(zeros, most)
	for host > 0 && (below(hi, lastOf(lo, host)) || lo.Is4() != lastOf(lo, host).Is4()) {
		host--
	}
	return host
}

// lastOf returns the last address of a network.
func lastOf(lo field.Cell, host int) field.Cell {
	switch {
	case host > 64:
		lo.Hi |= 1<<(host-64) - 1
		lo.Lo = math.MaxUint64
	case host > 0:
		lo.Lo |= ^uint64(0) >> (64 - host)
	}
	return lo
}
