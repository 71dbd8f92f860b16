package flow

import (
	"pkt/fragment"
	"pkt/packet"
)

// credit counts a fragment that was held back, for the flow that its datagram
// turned out to belong to, or for one without ports.
func (t *Table) credit(c *fragment.Credit, refs *Refs) {
	l := packet.Layers{Has: c.Has, Proto: c.Proto, VLAN: c.VLAN, SrcPort: c.SrcPort, DstPort: c.DstPort}
	src, dst := portsOf(&l)
	a := arrival{
		nanos:   c.Nanos,
		bytes:   c.Bytes,
		ip:      c.IPBytes,
		payload: c.Payload,
		iface:   c.Iface,
		key:     low(&l),
	}
	var addr6 [4]uint64
	if c.Has.Any(packet.HasIPv4) {
		a.addr4, a.side = orient4(c.Addrs[1]<<32|c.Addrs[3], src, dst)
	} else {
		addr6 = c.Addrs
		a.addr6, a.side = &addr6, orient6(&addr6, src, dst)
	}
	a.key |= placePorts(a.side, src, dst)
	a.tag = t.tag(&a)
	h, _ := t.packet(&a, true)
	if l := t.link(h); a.nanos < l.first {
		l.first = a.nanos
	}
	refs.Credited = append(refs.Credited, h)
}
