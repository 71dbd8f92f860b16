package packet

// Has is a set of facts that decoding found about one packet.
type Has uint32

// Facts. A header is "there" when its fixed part was captured whole and its
// length fields make sense.
const (
	HasVLAN      Has = 1 << iota // Layers.VLAN is valid
	HasARP                       // L3 is at an ARP or RARP header
	HasIPv4                      // L3 is at an IPv4 header
	HasIPv6                      // L3 is at an IPv6 header
	HasTCP                       // L4 is at a TCP header
	HasUDP                       // L4 is at a UDP or UDP-Lite header
	HasSCTP                      // L4 is at an SCTP header
	HasICMP                      // L4 is at an ICMP or ICMPv6 header; SrcPort is its type, DstPort its code
	HasIGMP                      // L4 is at an IGMP header
	HasPorts                     // SrcPort and DstPort are port numbers
	HasTunnel                    // Outer and Tunnel are valid
	HasFragment                  // an IP fragment (IPv6 atomic fragments are none)
	HasLaterPart                 // a fragment that is not the first: no transport header
	HasMoreParts                 // a fragment that is not the last
	HasPadding                   // the frame is longer than its IP packet
	HasCut                       // captured bytes end before the packet does
	HasOffload                   // IP length 0: the length is the frame's
	HasMPLS                      // an MPLS label stack was seen
	HasPPPoE                     // a PPPoE session header was seen
	HasMAC                       // MAC is valid
)

// Any reports whether h has one of the facts f.
func (h Has) Any(f Has) bool { return h&f != 0 }

// All reports whether h has every fact of f.
func (h Has) All(f Has) bool { return h&f == f }

// IP is set where L3 is at an IPv4 or IPv6 header.
const HasIP = HasIPv4 | HasIPv6

// Tunnel is what the outermost tunnel of a packet is made of.
type Tunnel uint8

// Tunnels.
const (
	TunnelNone Tunnel = iota
	TunnelIPIP
	Tunnel6in4
	Tunnel4in6
	TunnelIP6IP6
	TunnelGRE
	TunnelVXLAN
	TunnelGeneve
	TunnelGTPU
	TunnelTeredo
	TunnelAYIYA
	TunnelERSPAN
	TunnelL2TP
	TunnelMPLSUDP
	TunnelEtherIP
	TunnelCAPWAP
	NumTunnels
)

// Problem is trouble with one packet. It is data, not an error: it is counted,
// can be filtered by, and is printed.
type Problem uint8

// Problems. The first one found in a packet is kept.
const (
	ProblemNone       Problem = iota
	ProblemUnknown            // link type that pkt does not decode
	ProblemTruncated          // the captured bytes end inside a header
	ProblemBadLength          // a length field that contradicts another
	ProblemBadVersion         // an IP version that the layer below did not announce
	ProblemBadOffset          // a TCP data offset below 5 or beyond the segment
	ProblemTooDeep            // more nested headers than pkt follows
	NumProblems
)

// Layers is where the headers of one packet are. Offsets count from the start
// of the frame, and L3 <= L4 <= Payload <= End <= CapLen always holds: a layer
// that is not there has the offset where it would begin.
//
// Headers are the innermost ones; of what carries them only the outermost
// network header is kept. 48 bytes.
type Layers struct {
	L3      uint32 // network header (IPv4, IPv6, ARP)
	L4      uint32 // transport header
	Payload uint32 // first byte behind the transport header
	End     uint32 // end of the payload's captured bytes; padding excluded
	WireEnd uint32 // where the payload would end had all been captured, by the IP length; >= End
	Outer   uint32 // outermost network header; valid only if HasTunnel
	Has     Has
	// SrcPort and DstPort are valid only if HasPorts, or as type and code if HasICMP.
	SrcPort, DstPort uint16
	EtherType        uint16 // of the innermost L3 header; 0 where nothing names it
	VLAN             uint16 // identifier of the outermost tag; valid only if HasVLAN
	MAC              uint16 // where the destination and source addresses are; valid only if HasMAC
	Proto            uint8  // IP protocol of the transport header; valid only if HasIP
	Tunnel           Tunnel // valid only if HasTunnel
	Problem          Problem
	Depth            uint8 // tunnels entered
	_                [6]byte
}
