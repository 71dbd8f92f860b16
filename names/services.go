package names

import "strings"

// Transports that a service is registered for, as a set of bits.
const (
	onTCP = 1 << iota
	onUDP
	onSCTP
)

// IP protocol numbers of the transports.
const (
	tcp  = 6
	udp  = 17
	sctp = 132
)

// service is a row of the table: a name and its aliases, separated by blanks,
// for one port of one or more transports.
type service struct {
	port    uint16
	on      uint8
	name    string
	aliases string
}

// transport returns the bit of an IP protocol, 0 for one without ports in the
// table. UDP-Lite shares the ports of UDP.
func transport(proto uint8) uint8 {
	switch proto {
	case tcp:
		return onTCP
	case udp, 136:
		return onUDP
	case sctp:
		return onSCTP
	}
	return 0
}

// Service returns the name of a port of an IP protocol (6, 17, 132, 136), or
// "" where the table has none. It allocates nothing.
func Service(proto uint8, port uint16) string {
	on := transport(proto)
	lo, hi := 0, len(services)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if services[mid].port < port {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	for ; lo < len(services) && services[lo].port == port; lo++ {
		if services[lo].on&on != 0 {
			return services[lo].name
		}
	}
	return ""
}

// Registered reports whether the table has a service for a port of an IP
// protocol.
func Registered(proto uint8, port uint16) bool { return Service(proto, port) != "" }

// Port returns the port that a service name or alias stands for with an IP
// protocol. Names are case-sensitive, as in /etc/services.
func Port(name string, proto uint8) (port uint16, ok bool) {
	on := transport(proto)
	for i := range services {
		s := &services[i]
		if s.on&on != 0 && (s.name == name || hasWord(s.aliases, name)) {
			return s.port, true
		}
	}
	return 0, false
}

// hasWord reports whether word is one of the words of list, which are
// separated by single blanks.
func hasWord(list, word string) bool {
	for list != "" {
		first, rest, _ := strings.Cut(list, " ")
		if first == word {
			return true
		}
		list = rest
	}
	return false
}
