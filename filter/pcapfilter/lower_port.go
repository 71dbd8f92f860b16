package pcapfilter

import (
	"strconv"
	"strings"
)

// transports are the IP protocols that have ports, as a set.
type transports uint8

const (
	onTCP transports = 1 << iota
	onUDP
	onSCTP
	anyTransport = onTCP | onUDP | onSCTP
)

// numbers returns the IP protocol numbers of the set.
func (t transports) numbers() []uint32 {
	var n []uint32
	if t&onTCP != 0 {
		n = append(n, ipTCP)
	}
	if t&onUDP != 0 {
		n = append(n, ipUDP)
	}
	if t&onSCTP != 0 {
		n = append(n, ipSCTP)
	}
	return n
}

// ports lowers "port" and "portrange": on is where the name of the port is
// known; qualifiers narrow it.
func (l *lowerer) ports(id *ident, low, high uint32, on transports) *formula {
	word := "port"
	if id.q.addr == addrPortRange {
		word = "portrange"
	}
	for _, v := range [...]uint32{low, high} {
		if v > 65535 {
			return l.fail(id.span, "illegal port number %d > 65535", v)
		}
	}
	switch id.q.proto {
	case protoDefault:
	case protoTCP:
		on = onTCP
	case protoUDP:
		on = onUDP
	case protoSCTP:
		on = onSCTP
	default:
		return l.fail(id.span, "illegal qualifier of '%s'", word)
	}
	if low > high {
		low, high = high, low
	}
	if wlanDir(id.q.dir) {
		return l.wlanDirError(id.span, id.q.dir, "not a valid qualifier for "+portsWord(word), "not valid qualifiers for "+portsWord(word))
	}
	return or(l.ports6(id, low, high, on), l.ports4(id, low, high, on))
}

// portsWord returns the plural that errors have.
func portsWord(word string) string {
	if word == "port" {
		return "ports"
	}
	return "port ranges"
}

// ports4 tests the ports of IPv4, which only the first fragment has.
func (l *lowerer) ports4(id *ident, low, high uint32, on transports) *formula {
	link := l.linkProto(id.span, etherIP)
	var each []*formula
	for _, number := range on.numbers() {
		each = append(each, and(l.equal(l.networkAt(9), 1, number), l.notLaterFragment(),
			l.portPair(id.q.dir, l.transport4(0), low, high)))
	}
	return and(link, or(each...))
}

// ports6 tests the ports of IPv6 where no extension header stands before them.
func (l *lowerer) ports6(id *ident, low, high uint32, on transports) *formula {
	link := l.linkProto(id.span, etherIPv6)
	var each []*formula
	for _, number := range on.numbers() {
		each = append(each, and(l.equal(l.networkAt(6), 1, number),
			l.portPair(id.q.dir, l.transport6(0), low, high)))
	}
	return and(link, or(each...))
}

// notLaterFragment tests that an IPv4 packet is not a fragment other than the
// first.
func (l *lowerer) notLaterFragment() *formula {
	return not(l.test(relAnyBit, l.at(l.networkAt(6), 2), l.constant(0x1fff)))
}

// portPair tests the ports at the start of a transport header.
func (l *lowerer) portPair(dir direction, header offset, low, high uint32) *formula {
	port := func(n uint32) func() *formula {
		return func() *formula {
			v := l.at(header.add(n), 2)
			if low == high {
				return l.test(relEqual, v, l.constant(low))
			}
			return and(l.test(relGreaterEq, v, l.constant(low)), not(l.test(relGreater, v, l.constant(high))))
		}
	}
	return either(dir, port(0), port(2))
}

// servicePort looks up a service: its port and the protocols it has it with.
// A name that is a number is the port of all protocols.
func (l *lowerer) servicePort(name string) (port uint32, on transports, ok bool) {
	if n, err := strconv.ParseUint(name, 10, 16); err == nil {
		return uint32(n), anyTransport, true
	}
	tcp, hasTCP := l.system().Port(name, ipTCP)
	udp, hasUDP := l.system().Port(name, ipUDP)
	switch {
	case hasTCP && hasUDP && tcp == udp:
		return uint32(tcp), anyTransport, true
	case hasTCP:
		return uint32(tcp), onTCP, true
	case hasUDP:
		return uint32(udp), onUDP, true
	}
	return 0, 0, false
}

// namedPort lowers "port NAME".
func (l *lowerer) namedPort(id *ident) *formula {
	if !hasPorts(id.q.proto) {
		return l.fail(id.span, "illegal qualifier of 'port'")
	}
	port, on, ok := l.servicePort(id.text)
	if !ok {
		return l.fail(id.span, "unknown port '%s'", id.text)
	}
	if name, clash := clashing(id.q.proto, on); clash {
		return l.fail(id.span, "port '%s' is %s", id.text, name)
	}
	return l.ports(id, port, port, on)
}

// namedPorts lowers "portrange LOW-HIGH", numbers or names.
func (l *lowerer) namedPorts(id *ident) *formula {
	if !hasPorts(id.q.proto) {
		return l.fail(id.span, "illegal qualifier of 'portrange'")
	}
	low, high, found := strings.Cut(id.text, "-")
	a, onLow, okLow := l.rangeEnd(low)
	b, onHigh, okHigh := l.rangeEnd(high)
	if !found || !okLow || !okHigh {
		return l.fail(id.span, "unknown port in range '%s'", id.text)
	}
	on := onLow
	if onLow != onHigh {
		on = anyTransport
	}
	if name, clash := clashing(id.q.proto, on); clash {
		return l.fail(id.span, "port in range '%s' is %s", id.text, name)
	}
	return l.ports(id, a, b, on)
}

// rangeEnd reads an end of a range of ports. Numbers may be too large, which
// is another error than a name that is not known.
func (l *lowerer) rangeEnd(s string) (port uint32, on transports, ok bool) {
	if n, err := strconv.ParseUint(s, 10, 31); err == nil {
		return uint32(n), anyTransport, true
	}
	return l.servicePort(s)
}

// hasPorts reports whether a protocol qualifier goes with ports.
func hasPorts(p proto) bool {
	return p == protoDefault || p == protoTCP || p == protoUDP || p == protoSCTP
}

// clashing returns the name of the protocol that a service has, if it is not
// the one that was asked for.
func clashing(p proto, on transports) (name string, clash bool) {
	switch {
	case p == protoDefault || on == anyTransport:
		return "", false
	case on == onTCP && p != protoTCP:
		return "tcp", true
	case on == onUDP && p != protoUDP:
		return "udp", true
	}
	return "", false
}
