package field

// Kind says what a Cell of a field holds.
type Kind uint8

// Kinds.
const (
	Uint     Kind = iota // Lo: unsigned integer
	Int                  // Lo: int64
	Float                // Lo: math.Float64bits
	Bool                 // Lo: 0 or 1
	Enum                 // Lo: an index into Field.Names
	String               // Lo: offset<<32 | length into Vector.Text
	Addr                 // an IP address, see FromAddr4 and FromAddr16
	Prefix               // an IP address with its host bits cleared; Field.Bits and Bits6 are the lengths
	MAC                  // Lo: 48 bits
	Time                 // Lo: int64, nanoseconds since 1970 UTC
	Duration             // Lo: int64, nanoseconds; printed in seconds
	Port                 // Lo: IP protocol<<16 | port number, printed as 443/tcp
	ID                   // Lo: 64 bits, printed as 16 hexadecimal digits
)

// Unit is the dimension of a numeric field. Quantities in expressions follow it.
type Unit uint8

// Units.
const (
	NoUnit        Unit = iota
	Bytes              // B
	Packets            // packets
	BitPerSec          // bit/s
	PacketsPerSec      // packets/s
	Seconds            // s; kinds Duration and Float
	Ratio              // 0 to 1, printed as a percentage
	Percent            // 0 to 100
	Count              // a number of things other than bytes and packets: flows, peers
)

// Scope says whose field it is.
type Scope uint8

// Scopes.
const (
	Packet Scope = 1 << iota
	Flow
	Group  // a row of top
	Socket // an open socket
)

// Rows names the rows of a scope in messages.
func (s Scope) Rows() string {
	switch {
	case s&Packet != 0:
		return "packets"
	case s&Flow != 0:
		return "flows"
	case s&Socket != 0:
		return "sockets"
	}
	return "groups"
}

// Command names the command whose rows are of the scope.
func (s Scope) Command() string {
	switch {
	case s&Packet != 0:
		return "pkt dump"
	case s&Flow != 0:
		return "pkt flows"
	case s&Socket != 0:
		return "pkt sockets"
	}
	return "pkt top"
}

// Field is one value that rows have.
type Field struct {
	Name  string
	Doc   string // one line, lower case, without a full stop
	Kind  Kind
	List  bool // several values a row
	Unit  Unit
	Scope Scope
	// Sum says that the values of several rows may be added up.
	Sum bool
	// Names are the spellings of an Enum's values; valid only for that kind.
	Names []string
	// Bits and Bits6 are the lengths of an IPv4 and an IPv6 Prefix.
	Bits, Bits6 uint8
}

// Numeric reports whether values of the field are ordered numbers that can be
// added up.
func (f *Field) Numeric() bool {
	switch f.Kind {
	case Uint, Int, Float, Duration:
		return true
	}
	return false
}
