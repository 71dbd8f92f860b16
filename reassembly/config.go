package reassembly

import "fmt"

// Policy says which of two segments counts for bytes that both have, while these
// have not been handed out. N is the segment that comes later, O the other one.
type Policy uint8

// Policies. Those named after systems do what their receivers do.
const (
	First   Policy = iota // O
	Last                  // N
	BSD                   // N if it starts before O
	Windows               // as BSD
	Linux                 // as BSD, and N if both start together and N ends behind O
	Solaris               // N if it covers O, or starts and ends behind it
)

// PolicyNames are the spellings of the policies.
var PolicyNames = []string{"first", "last", "bsd", "windows", "linux", "solaris"}

// ParsePolicy returns the policy of a name.
func ParsePolicy(name string) (Policy, error) {
	for i, n := range PolicyNames {
		if n == name {
			return Policy(i), nil
		}
	}
	return 0, fmt.Errorf("%q is no overlap policy", name)
}

// span is a range of offsets in a stream.
type span struct{ from, to int64 }

// prefers reports whether the later segment n wins over o.
func (p Policy) prefers(n, o span) bool {
	switch p {
	case Last:
		return true
	case BSD, Windows:
		return n.from < o.from
	case Linux:
		return n.from < o.from || n.from == o.from && n.to > o.to
	case Solaris:
		return n.from <= o.from && n.to >= o.to || n.from > o.from && n.to > o.to
	}
	return false
}

// Checksum says what becomes of segments with wrong checksums.
type Checksum uint8

// Ways to look at checksums.
const (
	// Auto drops segments whose sum is wrong, but not those of hosts of which a
	// tenth or more are wrong: these leave the sum to their network card.
	Auto Checksum = iota
	Off
	// Strict drops every segment whose sum is wrong or was left to a card.
	Strict
)

// ChecksumNames are the spellings of the ways.
var ChecksumNames = []string{"auto", "off", "strict"}

// Defaults and limits.
const (
	DefaultHalfBytes    = 4 << 20
	DefaultHalfSegments = 4096
	DefaultHeld         = 256 << 20

	// acceptable is how far beyond all that was seen a segment may lie without
	// anything that confirms it, reach how far one may lie at all.
	acceptable = 1 << 20
	reach      = 1 << 30

	// What makes the start of a stream certain without a SYN.
	startBytes    = 64 << 10
	startSegments = 64
	startTime     = 1e9 // ns of capture time

	// What makes an acknowledged hole be given up where nothing can be patched.
	holeBytes = 1 << 20
	holeTime  = 1e9 // ns of capture time

	// maxGaps bounds the gaps that are listed and can be patched, of a side and of
	// all together. More are only counted.
	maxGaps    = 4096
	maxAllGaps = 1 << 20
)

// Config says how an Assembler works. The zero value takes TCP with the defaults.
type Config struct {
	TCP, UDP  bool
	Overlap   Policy
	Checksum  Checksum
	UrgentOOB bool // urgent bytes are not part of the stream
	// MaxStream ends each side of a stream after so many bytes; 0: no limit.
	MaxStream int64
	// HalfBytes and HalfSegments bound what a side may hold back, Held what all
	// sides do together, in bytes of memory. 0 means the defaults.
	HalfBytes    int
	HalfSegments int
	Held         int
}

func (c *Config) defaults() {
	if !c.TCP && !c.UDP {
		c.TCP = true
	}
	if c.HalfBytes == 0 {
		c.HalfBytes = DefaultHalfBytes
	}
	if c.HalfSegments == 0 {
		c.HalfSegments = DefaultHalfSegments
	}
	if c.Held == 0 {
		c.Held = DefaultHeld
	}
}

// Stats counts what an Assembler has done.
type Stats struct {
	Streams   uint64 // flows with content
	Bytes     uint64 // handed out
	Skipped   uint64 // holes given up because too much was held back
	Strays    uint64 // segments dropped because nothing confirmed their numbers
	BadSums   uint64 // segments dropped for their checksums
	Late      uint64 // bytes that came after their hole was given up, and could not be used
	MostHeld  int    // bytes of memory, at the most, that were held back
	Conflicts uint64 // bytes that came twice and differed
}
