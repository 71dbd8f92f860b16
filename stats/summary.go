package stats

import "net/netip"

// SizeBounds are where the classes of frame lengths begin. The last one is open.
var SizeBounds = [...]int{0, 64, 128, 256, 512, 1024, 1519}

// Time is a point in time, ns since 1970 UTC. Duration is a span of time, ns.
type (
	Time     int64
	Duration int64
)

// Summary is what one page says about a capture. The tags are the names of its
// record's members and what the schema says of them; a member "omitzero" is
// absent where it is 0 or empty. Rates are per second.
type Summary struct {
	Volume
	Captured uint64   `json:"captured_bytes" doc:"bytes of the frames that were captured"`
	First    Time     `json:"start,omitzero" doc:"time of the earliest packet"`
	Last     Time     `json:"end,omitzero" doc:"time of the latest packet"`
	Span     Duration `json:"duration_s" doc:"time between them"`
	Rates
	Flows     uint64         `json:"flows" doc:"distinct flows"`
	Inputs    []Input        `json:"inputs" doc:"interfaces and files, in the order of the capture"`
	Timeline  Timeline       `json:"timeline" doc:"traffic over time, in buckets of equal width"`
	Protocols []Protocol     `json:"protocols" doc:"a tree of network, transport and service, depth first"`
	Sizes     Sizes          `json:"sizes" doc:"frame lengths"`
	TCP       TCPHealth      `json:"tcp" doc:"how TCP connections fared"`
	Checksums []Checksum     `json:"checksums,omitzero" doc:"how checksums turned out, where they were verified"`
	Hosts     []Talker       `json:"hosts" doc:"the busiest hosts"`
	HostsMore int            `json:"hosts_more" doc:"hosts that are not listed"`
	Ports     []PortUse      `json:"ports" doc:"the busiest service ports"`
	PortsMore int            `json:"ports_more" doc:"service ports that are not listed"`
	Notices   Notices        `json:"notices" doc:"facts that explain numbers"`
	Problems  []ProblemCount `json:"problems,omitzero" doc:"frames that could not be decoded whole"`
	// Damage is filled in by who has read the capture.
	Damage []string `json:"damage,omitzero" doc:"places where the input was damaged"`
}

// Volume is an amount of traffic.
type Volume struct {
	Packets uint64 `json:"packets" doc:"packets"`
	Bytes   uint64 `json:"bytes" doc:"original frame lengths added up"`
}

// add counts one packet.
func (v *Volume) add(bytes uint64) {
	v.Packets++
	v.Bytes += bytes
}

// Rates are averages over the span of the capture, absent if it has none, and
// the busiest second of the clock.
type Rates struct {
	AvgBps  float64 `json:"avg_bps,omitzero" doc:"average rate, bit/s"`
	PeakBps float64 `json:"peak_bps" doc:"rate in the busiest second, bit/s"`
	AvgPps  float64 `json:"avg_pps,omitzero" doc:"average rate, packets/s"`
	PeakPps float64 `json:"peak_pps" doc:"packets in the second with the most of them"`
	PeakAt  Time    `json:"peak_ts,omitzero" doc:"beginning of the second with the most bytes"`
}

// Input is one interface of a live capture or of a file.
type Input struct {
	File    string `json:"file,omitzero" doc:"path as given"`
	Iface   string `json:"iface,omitzero" doc:"interface name"`
	Link    string `json:"link" doc:"link type"`
	SnapLen uint32 `json:"snaplen,omitzero" doc:"most bytes captured of a packet"`
	Volume
	Drops uint64 `json:"drops,omitzero" doc:"packets lost, as the capture records it"`
}

// Protocol is a node of the tree network / transport / service.
type Protocol struct {
	Depth int    `json:"depth" doc:"0: network, 1: transport, 2: service"`
	Name  string `json:"name" doc:"name, or number where there is none"`
	Volume
}

// Sizes is how long frames were. Lengths above 65535 count as that in the
// quantiles, exactly elsewhere.
type Sizes struct {
	Min     uint32      `json:"min" doc:"shortest"`
	Mean    float64     `json:"mean" doc:"mean"`
	Max     uint32      `json:"max" doc:"longest"`
	P50     uint32      `json:"p50" doc:"median"`
	P90     uint32      `json:"p90" doc:"90th percentile"`
	P99     uint32      `json:"p99" doc:"99th percentile"`
	Classes []SizeClass `json:"classes" doc:"how many were of which length"`
}

// SizeClass counts the frames of lengths From to To.
type SizeClass struct {
	From int `json:"from" doc:"least length"`
	To   int `json:"to,omitzero" doc:"greatest length; absent: any"`
	Volume
}

// TCPHealth is how TCP connections fared.
type TCPHealth struct {
	Connections uint64    `json:"connections" doc:"connections"`
	Handshakes  uint64    `json:"handshakes" doc:"connections that began with a SYN"`
	Complete    uint64    `json:"established" doc:"connections whose handshake succeeded"`
	Rejected    uint64    `json:"rejected" doc:"answered by a reset"`
	Unanswered  uint64    `json:"unanswered" doc:"a SYN and nothing back"`
	HalfOpen    uint64    `json:"half_open" doc:"given up during the handshake"`
	Reset       uint64    `json:"reset" doc:"established, then reset"`
	Midstream   uint64    `json:"midstream" doc:"already open when the capture began"`
	Packets     uint64    `json:"packets" doc:"packets of TCP"`
	Retrans     uint64    `json:"retrans_packets" doc:"packets that were retransmitted"`
	RetransB    uint64    `json:"retrans_bytes" doc:"bytes that were retransmitted"`
	OutOfOrder  uint64    `json:"out_of_order" doc:"packets that came late"`
	ZeroWindow  uint64    `json:"zero_window" doc:"packets that said that nothing more can be taken"`
	Missed      uint64    `json:"missed_bytes" doc:"content that was never captured"`
	RTT         Quantiles `json:"handshake_rtt" doc:"round trips from SYN to the ACK of the SYN-ACK"`
}

// Quantiles are of durations, at most 1.6 % too low. All but Count are absent
// where that is 0.
type Quantiles struct {
	Count uint64   `json:"count" doc:"how many there were"`
	P50   Duration `json:"p50_s,omitzero" doc:"median"`
	P90   Duration `json:"p90_s,omitzero" doc:"90th percentile"`
	P99   Duration `json:"p99_s,omitzero" doc:"99th percentile"`
	Max   Duration `json:"max_s,omitzero" doc:"longest"`
}

// Checksum is how the checksums of one protocol turned out.
type Checksum struct {
	Name      string `json:"name" doc:"protocol"`
	Checked   uint64 `json:"checked" doc:"packets whose checksum was verified"`
	Bad       uint64 `json:"bad" doc:"wrong ones"`
	Offloaded uint64 `json:"offloaded" doc:"wrong because the sender's network card fills them in later"`
}

// Talker is a host. What it says to itself counts once.
type Talker struct {
	Addr netip.Addr `json:"ip" doc:"address"`
	Volume
	Sent     uint64 `json:"sent_bytes" doc:"bytes it sent"`
	Received uint64 `json:"received_bytes" doc:"bytes it was sent"`
	Flows    uint64 `json:"flows" doc:"flows it took part in"`
}

// PortUse is a service port.
type PortUse struct {
	Proto   string `json:"proto" doc:"IP protocol"`
	Port    uint16 `json:"port" doc:"service port"`
	Service string `json:"service,omitzero" doc:"name of the service"`
	Volume
	Flows uint64 `json:"flows" doc:"flows"`
}

// Notices are facts that explain why numbers may not be what one expects.
type Notices struct {
	Tagged       Volume   `json:"vlan,omitzero" doc:"packets with a VLAN tag"`
	MPLS         Volume   `json:"mpls,omitzero" doc:"packets with MPLS labels"`
	PPPoE        Volume   `json:"pppoe,omitzero" doc:"packets in a PPPoE session"`
	Tunnelled    Volume   `json:"tunnelled,omitzero" doc:"packets in a tunnel"`
	Tunnels      []Tunnel `json:"tunnels,omitzero" doc:"which tunnels these are"`
	Fragments    Volume   `json:"fragments,omitzero" doc:"IP fragments"`
	Cut          Volume   `json:"cut,omitzero" doc:"packets captured shorter than they were"`
	Offloaded    Volume   `json:"offloaded,omitzero" doc:"packets without an IP length, as offloading leaves them"`
	Duplicates   Volume   `json:"duplicates,omitzero" doc:"frames equal to the one before"`
	Backwards    uint64   `json:"backwards,omitzero" doc:"packets older than the one before"`
	BackwardStep Duration `json:"backward_step_s,omitzero" doc:"the largest such step"`
	Drops        uint64   `json:"drops,omitzero" doc:"packets lost, as the capture records it"`
	Comments     uint64   `json:"comments,omitzero" doc:"comments on packets"`
	LessDetail   uint64   `json:"evicted,omitzero" doc:"hosts and ports that were forgotten because there were too many"`
}

// Tunnel is the traffic of one kind of tunnel.
type Tunnel struct {
	Name string `json:"name" doc:"kind"`
	Volume
}

// ProblemCount is how many packets had a problem.
type ProblemCount struct {
	Name string `json:"problem" doc:"what is wrong with them"`
	Volume
}
