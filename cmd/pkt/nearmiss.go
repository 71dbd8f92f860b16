package main

import (
	"fmt"

	"pkt/decode"
	"pkt/output"
	"pkt/packet"
)

// maxLooked is how many packets that a filter drops are looked at.
const maxLooked = 4096

// nearMiss looks at the first packets that a pcap-filter drops, as long as it
// drops all: the language does not look behind VLAN tags and into tunnels unless
// it is told to.
type nearMiss struct {
	matched                   bool
	looked, tagged, tunnelled uint64
}

// look takes notice of the packets of a set, of which some have matched. The
// layers of the others are free.
func (m *nearMiss) look(b *packet.Batch, in, matched packet.Set) {
	m.matched = m.matched || !matched.Empty()
	if m.matched || m.looked >= maxLooked {
		return
	}
	decode.Batch(b, in)
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		m.looked++
		switch l := &b.Layers[i]; {
		case l.Has.Any(packet.HasVLAN):
			m.tagged++
		case l.Has.Any(packet.HasTunnel):
			m.tunnelled++
		}
	}
}

// note says that a filter has probably not met the packets that were meant, ""
// if nothing speaks for it.
func (m *nearMiss) note() string {
	if m.matched || 2*(m.tagged+m.tunnelled) <= m.looked {
		return ""
	}
	what, hint := "have a VLAN tag", "\"vlan and ...\" looks behind it"
	n := m.tagged
	if m.tunnelled > m.tagged {
		what, hint, n = "are in a tunnel", "a pcap-filter looks at its outer headers", m.tunnelled
	}
	return fmt.Sprintf("no packet matches the filter, but %s of the %s looked at %s: %s; --where looks at the innermost headers",
		output.AppendCount(nil, n), output.AppendCount(nil, m.looked), what, hint)
}
