// Package pkttest makes what tests of pkt are made of: frames of every kind
// that pkt decodes, conversations on a clock of their own, and capture files
// in every variant of their formats.
//
// A frame is written as the list of its headers, outermost first:
//
//	frame := pkttest.Frame(
//		pkttest.Ethernet{},
//		pkttest.IPv4{Src: "10.0.0.1", Dst: "10.0.0.2"},
//		pkttest.TCP{SrcPort: 40000, DstPort: 443, Flags: pkttest.SYN},
//	)
//
// Lengths, checksums, next-protocol fields and port numbers of tunnels are
// right by default. Fields of type *uint16 overrule what would be computed:
//
//	pkttest.IPv4{Src: "10.0.0.1", Dst: "10.0.0.2", Length: pkttest.Exactly(0)}
//
// The package serves tests only. A mistake in its use, such as an address that
// does not parse, panics.
package pkttest
