package stats

import (
	"pkt/field"
	"pkt/packet"
)

// Summary is what one page says about a capture. Times are nanoseconds since
// 1970 UTC, durations nanoseconds, rates per second.
type Summary struct {
	Volume
	First, Last int64 // earliest and latest packet; valid only if Packets > 0
	Rates       Rates
	Inputs      []Input // interfaces and files, in the order of the capture
	Timeline    Timeline
	Protocols   []Protocol // a tree, by depth first
	Sizes       Sizes
	TCP         TCPHealth
	Checksums   []Checksum // empty if they were not verified
	Flows       uint64
	Hosts       []Talker // the busiest first
	HostsMore   int      // hosts that are not listed
	Ports       []PortUse
	PortsMore   int
	Notices     Notices
	Problems    []ProblemCount // frames that could not be decoded whole
}

// Volume is an amount of traffic.
type Volume struct {
	Packets uint64
	Bytes   uint64 // original frame lengths
}

// add counts one packet.
func (v *Volume) add(bytes uint64) {
	v.Packets++
	v.Bytes += bytes
}

// Rates are averages over the span of the capture, absent (0) if it has none,
// and the busiest second of the clock.
type Rates struct {
	AvgBps, PeakBps float64 // bit/s
	AvgPps, PeakPps float64 // packets/s
	PeakAt          int64   // beginning of the second with the most bytes
}

// Input is one interface of a live capture or of a file.
type Input struct {
	Volume
	packet.Iface
	Drops uint64 // packets that were lost, as the file records it
}

// Protocol is a node of the tree network / transport / service.
type Protocol struct {
	Volume
	Depth int    // 0: network, 1: transport, 2: service
	Name  string // "ipv4", "tcp", "https"; "50000/tcp" for a port without a name
}

// SizeClasses are where the classes of the size histogram begin. The last one
// is open.
var SizeClasses = [...]int{0, 64, 128, 256, 512, 1024, 1519}

// Sizes is how long frames were. Lengths above 65535 count as that in the
// quantiles, exactly elsewhere.
type Sizes struct {
	Min, Max      uint32
	Mean          float64
	P50, P90, P99 uint32
	Classes       [len(SizeClasses)]Volume
}

// TCPHealth is how TCP connections fared. Counts of packets are of the flows
// that have ended, which at the end of a capture are all.
type TCPHealth struct {
	Connections uint64
	Handshakes  uint64 // connections that began with a SYN
	Complete    uint64 // of these, the ones that were established
	Rejected    uint64 // answered by a RST
	Unanswered  uint64 // a SYN, and nothing back
	HalfOpen    uint64 // given up between SYN and ACK
	Reset       uint64 // established, then aborted
	Midstream   uint64 // already open when the capture began
	Packets     uint64
	Retrans     uint64 // packets
	RetransB    uint64 // bytes
	OutOfOrder  uint64
	ZeroWindow  uint64
	Missed      uint64 // bytes of content that were never captured
	RTT         Quantiles
}

// Quantiles are of durations, at most 1.6 % too low. Valid only if Count > 0.
type Quantiles struct {
	Count              uint64
	P50, P90, P99, Max int64
}

// Checksum is how the checksums of one protocol turned out.
type Checksum struct {
	Name      string
	Checked   uint64
	Bad       uint64
	Offloaded uint64 // wrong because the sender's network card fills them in later
}

// Talker is a host. What it says to itself counts once.
type Talker struct {
	Volume
	Addr           field.Cell
	Sent, Received uint64 // bytes
	Flows          uint64
}

// PortUse is a service port.
type PortUse struct {
	Volume
	Proto   uint8
	Port    uint16
	Service string // empty if it has no name
	Flows   uint64
}

// Notices are facts that explain why numbers may not be what one expects.
type Notices struct {
	Tagged       Volume // packets with a VLAN tag
	MPLS         Volume
	PPPoE        Volume
	Tunnelled    Volume
	Tunnels      [packet.NumTunnels]Volume
	Fragments    Volume
	Cut          Volume // captured shorter than they were
	CutBytes     uint64 // that were not captured
	Offloaded    Volume // without an IP length, as offloading leaves it
	Duplicates   Volume // the same frame as the one before it
	Backwards    uint64 // packets that are older than the one before them
	BackwardStep int64  // the largest such step, ns
	Drops        uint64 // packets that were lost, as the capture records it
	Comments     uint64
	LessDetail   uint64 // hosts and ports that were dropped because there were too many
}

// ProblemCount is how many packets had a problem.
type ProblemCount struct {
	Problem packet.Problem
	Volume
}
