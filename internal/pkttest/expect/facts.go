package main

import "strings"

// Facts are what is known of one capture.
type Facts struct {
	Packets int `json:"packets"`
	// Bytes are original frame lengths, Captured what the file holds of them.
	Bytes    int    `json:"bytes"`
	Captured int    `json:"captured_bytes"`
	Start    string `json:"start,omitempty"` // of the first packet, seconds since 1970
	End      string `json:"end,omitempty"`   // of the last packet in the file
	// Complete is false where the tools give up before the end of the file.
	Complete  bool             `json:"complete"`
	Fragments int              `json:"fragments,omitempty"` // packets that are IP fragments
	Protocols map[string]Count `json:"protocols"`           // by innermost transport, else by what else is known
	// FlowCount is the number of conversations. They are listed unless there
	// are very many, or fragments, which tshark does not credit to ports.
	FlowCount int     `json:"flow_count"`
	Flows     []*Flow `json:"flows,omitempty"`
}

// Count is a number of packets and their original lengths.
type Count struct {
	Packets int `json:"packets"`
	Bytes   int `json:"bytes"`
}

// Flow is what tshark holds for one conversation of TCP, UDP or SCTP; source is
// the sender of its first packet.
type Flow struct {
	Proto      string `json:"proto"`
	SrcIP      string `json:"src_ip"`
	SrcPort    string `json:"src_port"`
	DstIP      string `json:"dst_ip"`
	DstPort    string `json:"dst_port"`
	SrcPackets int    `json:"src_packets"`
	DstPackets int    `json:"dst_packets"`
	SrcBytes   int    `json:"src_bytes"`
	DstBytes   int    `json:"dst_bytes"`
}

// packet is what tshark says about one packet.
type packet struct {
	time, src, dst   string
	layers           []string // frame.protocols
	srcPort, dstPort string
	stream           string
	length, captured int
	fragment         bool
}

// listed is how many flows are listed at most.
const listed = 500

// transports are the protocols that packets are counted by.
var transports = []string{"tcp", "udp", "udplite", "sctp", "icmp", "icmpv6", "igmp", "esp", "arp"}

// transport returns the innermost protocol that packets are counted by. What an
// ICMP error quotes is not looked at.
func (p *packet) transport() string {
	found := "other"
	for _, l := range p.layers {
		for _, t := range transports {
			if l == t {
				found = t
			}
		}
		if l == "icmp" || l == "icmpv6" {
			break
		}
	}
	return found
}

// add counts one packet.
func (f *Facts) add(p *packet, flows map[string]*Flow) {
	f.Packets++
	f.Bytes += p.length
	f.Captured += p.captured
	if f.Start == "" {
		f.Start = p.time
	}
	f.End = p.time
	if p.fragment {
		f.Fragments++
	}
	proto := p.transport()
	c := f.Protocols[proto]
	f.Protocols[proto] = Count{c.Packets + 1, c.Bytes + p.length}
	if p.srcPort == "" || p.stream == "" || strings.HasPrefix(proto, "icmp") {
		return
	}
	key := proto + p.stream
	flow := flows[key]
	if flow == nil {
		flow = &Flow{Proto: proto, SrcIP: p.src, SrcPort: p.srcPort, DstIP: p.dst, DstPort: p.dstPort}
		flows[key] = flow
		f.Flows = append(f.Flows, flow)
	}
	if p.src == flow.SrcIP && p.srcPort == flow.SrcPort {
		flow.SrcPackets++
		flow.SrcBytes += p.length
	} else {
		flow.DstPackets++
		flow.DstBytes += p.length
	}
}
