package flow

// IP protocol numbers, https://www.iana.org/assignments/protocol-numbers.
const (
	protoICMP    = 1
	protoTCP     = 6
	protoUDP     = 17
	protoICMPv6  = 58
	protoSCTP    = 132
	protoUDPLite = 136
)

// oneWay stands above the code of an ICMP message that has no reply, in the
// place of the other port: such flows have one direction only.
const oneWay = 1 << 15

// pair4 and pair6 join the types of ICMP requests and replies, as Zeek and
// Community ID do: https://github.com/corelight/community-id-spec.
var (
	pair4 = [...][2]uint8{{0, 8}, {9, 10}, {13, 14}, {15, 16}, {17, 18}}
	pair6 = [...][2]uint8{{128, 129}, {130, 131}, {133, 134}, {135, 136}, {139, 140}, {144, 145}}
)

// counterpart returns the type of the message that answers an ICMP type, or
// that it answers.
func counterpart(proto uint8, typ uint16) (uint16, bool) {
	pairs := pair4[:]
	if proto == protoICMPv6 {
		pairs = pair6[:]
	}
	for _, p := range pairs {
		if uint16(p[0]) == typ {
			return uint16(p[1]), true
		}
		if uint16(p[1]) == typ {
			return uint16(p[0]), true
		}
	}
	return 0, false
}

// icmpPorts returns what stands for ports in the key of an ICMP message: its
// type, and the type of its counterpart or else its code.
func icmpPorts(proto uint8, typ, code uint16) (src, dst uint16) {
	if other, ok := counterpart(proto, typ); ok {
		return typ, other
	}
	return typ, code | oneWay
}
