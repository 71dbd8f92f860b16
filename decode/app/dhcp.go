package app

// Dynamic host configuration over BOOTP, RFC 2131 section 2:
//
//	+------+------------------+-------------------+--------+-------+
//	| op 1 | hardware type 1  | address length 1  | hops 1 | xid 4 |
//	+------+------------------+-------------------+--------+-------+
//	| seconds 2 | flags 2 | client, your, server, relay address 4 each |
//	+--------------------------------------------------------------+
//	| client hardware address 16 | server name 64 | file 128       |
//	+--------------------------------------------------------------+
//	| magic 0x63825363 | options: type 1, length 1, value          |
//	+--------------------------------------------------------------+
const (
	dhcpLen   = 236
	dhcpMagic = 0x63825363

	dhcpPad = 0
	dhcpEnd = 255
)

// Options of DHCP (RFC 2132).
const (
	DHCPHostName  = 12
	DHCPRequested = 50 // address
	DHCPMessage   = 53 // type
	DHCPServer    = 54
)

// dhcpNames are the types of messages, from 1.
var dhcpNames = [...]string{"Discover", "Offer", "Request", "Decline", "ACK", "NACK", "Release", "Inform",
	"Force Renew", "Lease Query", "Lease Unassigned", "Lease Unknown", "Lease Active"}

// DHCP is a view of a message of DHCP or BOOTP.
type DHCP struct{ b []byte }

// AsDHCP returns the message that b begins with, if its fixed part is there.
func AsDHCP(b []byte) (DHCP, bool) {
	if len(b) < dhcpLen {
		return DHCP{}, false
	}
	return DHCP{b}, true
}

// Op returns 1 for a request and 2 for a reply.
func (m DHCP) Op() uint8 { return m.b[0] }

// XID returns the transaction's identifier.
func (m DHCP) XID() uint32 { return be32(m.b[4:]) }

// Your returns the address that the client is given.
func (m DHCP) Your() [4]byte { return [4]byte(m.b[16:]) }

// Client returns the client's Ethernet address; ok is false if it has another kind.
func (m DHCP) Client() (mac [6]byte, ok bool) { return [6]byte(m.b[28:]), m.b[1] == 1 && m.b[2] == 6 }

// Option returns the value of an option, which lies in the message.
func (m DHCP) Option(kind uint8) (value []byte, ok bool) {
	rest := m.b[dhcpLen:]
	if len(rest) < 4 || be32(rest) != dhcpMagic {
		return nil, false
	}
	for rest = rest[4:]; len(rest) >= 2 && rest[0] != dhcpEnd; {
		if rest[0] == dhcpPad {
			rest = rest[1:]
			continue
		}
		n := int(rest[1])
		if n > len(rest)-2 {
			return nil, false
		}
		if rest[0] == kind {
			return rest[2 : 2+n], true
		}
		rest = rest[2+n:]
	}
	return nil, false
}

// Message returns the name of the message's type, "" of BOOTP.
func (m DHCP) Message() string {
	v, ok := m.Option(DHCPMessage)
	if !ok || len(v) != 1 || v[0] == 0 || int(v[0]) > len(dhcpNames) {
		return ""
	}
	return dhcpNames[v[0]-1]
}
