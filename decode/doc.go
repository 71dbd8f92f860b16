// Package decode finds the headers of captured frames.
//
// One pass by hand over each frame fills its packet.Layers: where the innermost
// network and transport headers are, where the payload begins and ends, which
// tunnel carries them. Typed views (TCP, IPv4, …) then read the headers in
// place; a view can only be made of bytes that hold the header.
//
// # What is followed
//
// Encapsulations are followed to the innermost IP packet, and that is whose
// addresses and ports a packet has. A tunnel is entered only if an IP packet is
// inside: ARP in VXLAN stays a UDP datagram to port 4789, so that no frame
// disappears from the flow that carries it. Tunnels over UDP are known by their
// port, which ordinary traffic uses too; they are entered only where the inner
// packet's version and lengths fit the datagram. A fragment is never entered:
// the datagram is decoded again once it is complete. Packets that ICMP errors
// quote are payload; ICMP.Quoted reads them for who asks.
//
// # Lengths
//
// Payload and WireEnd are such that WireEnd-Payload is the payload's length on
// the wire, whatever was captured of it: a transport header that was cut inside
// its options is charged to the header. Where an IP packet names no length
// (0, as offloading network cards leave it), it reaches to the end of the
// frame. A length that exceeds the frame is believed, and reported as
// packet.ProblemBadLength.
//
// Nothing here keeps state between packets, allocates, or fails: trouble with a
// packet is its Layers.Problem.
package decode
