package stats

import (
	"cmp"
	"slices"

	"pkt/field"
	"pkt/flow"
	"pkt/names"
)

// TCP flags as flow.TCPSide has them.
const flagSYN = 1 << 1

// protoTCP is TCP's IP protocol number.
const protoTCP = 6

// flowSurvey is what flows contribute to a Summary. All of it is counted once
// per flow, at its end.
type flowSurvey struct {
	max      int
	ended    uint64
	tcp      TCPHealth
	rtt      *histogram
	hosts    *groups // by address
	services *groups // by IP version, protocol and service port
	evicted  uint64
}

func newFlowSurvey(maxGroups int) flowSurvey {
	return flowSurvey{max: maxGroups, rtt: new(histogram), hosts: newGroups(2, maxGroups+2), services: newGroups(1, maxGroups+2)}
}

// add counts a flow.
func (f *flowSurvey) add(row *flow.Row) {
	f.ended++
	if row.Proto == protoTCP {
		f.addTCP(row)
	}
	packets := row.SrcSent.Packets + row.DstSent.Packets
	bytes := row.SrcSent.Bytes + row.DstSent.Bytes
	if row.PortVia != flow.PortNone {
		word := uint64(row.IPVersion)<<32 | field.FromPort(row.Proto, row.ServicePort).Lo
		f.count(f.services, []uint64{word}, packets, bytes)
	}
	src := f.count(f.hosts, []uint64{row.Src.Hi, row.Src.Lo}, packets, bytes)
	if row.Src == row.Dst {
		f.hosts.side[src].tx += bytes
		f.hosts.side[src].rx += bytes
		return
	}
	f.hosts.side[src].tx += row.SrcSent.Bytes
	f.hosts.side[src].rx += row.DstSent.Bytes
	dst := f.count(f.hosts, []uint64{row.Dst.Hi, row.Dst.Lo}, packets, bytes)
	f.hosts.side[dst].tx += row.DstSent.Bytes
	f.hosts.side[dst].rx += row.SrcSent.Bytes
}

// count adds a flow to the group of a key and returns the group.
func (f *flowSurvey) count(g *groups, key []uint64, packets, bytes uint64) uint32 {
	if g.count() >= f.max {
		f.evicted += uint64(g.count() - f.max/2)
		g.evict(f.max / 2)
		g.rehash()
	}
	group := g.group(key, false)
	c := &g.hot[group]
	c.packets += packets
	c.bytes += bytes
	c.flows++
	return group
}

// addTCP counts how a TCP connection fared. The states are Zeek's.
func (f *flowSurvey) addTCP(row *flow.Row) {
	t := &f.tcp
	t.Connections++
	t.Packets += row.SrcSent.Packets + row.DstSent.Packets
	for i := range row.TCP {
		side := &row.TCP[i]
		t.Retrans += uint64(side.RetransPackets)
		t.RetransB += side.RetransBytes
		t.OutOfOrder += uint64(side.OutOfOrder)
		t.ZeroWindow += uint64(side.ZeroWindow)
		t.Missed += side.Missed
	}
	if row.TCP[0].Flags&flagSYN != 0 {
		t.Handshakes++
	}
	switch row.State {
	case flow.OTH:
		t.Midstream++
	case flow.S0:
		t.Unanswered++
	case flow.REJ:
		t.Rejected++
	case flow.RSTOS0, flow.RSTRH, flow.SH, flow.SHR:
		t.HalfOpen++
	case flow.RSTO, flow.RSTR:
		t.Reset++
		t.Complete++
	case flow.S1, flow.S2, flow.S3, flow.SF:
		t.Complete++
	}
	if row.Handshake > 0 {
		f.rtt.add(row.Handshake)
	}
}

// health returns the counts of TCP with the quantiles of the round trips.
func (f *flowSurvey) health() TCPHealth {
	t := f.tcp
	t.RTT = Quantiles{
		Count: f.rtt.total,
		P50:   Duration(f.rtt.at(0.5)),
		P90:   Duration(f.rtt.at(0.9)),
		P99:   Duration(f.rtt.at(0.99)),
		Max:   Duration(f.rtt.max),
	}
	return t
}

// talkers returns the n busiest hosts.
func (f *flowSurvey) talkers(n int) []Talker {
	var out []Talker
	for _, group := range busiest(f.hosts, n) {
		key, c, side := f.hosts.key(group), &f.hosts.hot[group], &f.hosts.side[group]
		out = append(out, Talker{
			Volume:   Volume{c.packets, c.bytes},
			Addr:     field.Cell{Hi: key[0], Lo: key[1]}.Addr(),
			Sent:     side.tx,
			Received: side.rx,
			Flows:    uint64(c.flows),
		})
	}
	return out
}

// busiest returns the n groups with the most bytes, in descending order.
func busiest(g *groups, n int) []uint32 {
	order := make([]uint32, g.count())
	for i := range order {
		order[i] = uint32(i + 1)
	}
	slices.SortFunc(order, func(a, b uint32) int {
		x, y := &g.hot[a], &g.hot[b]
		return cmp.Or(cmp.Compare(y.bytes, x.bytes), cmp.Compare(y.packets, x.packets),
			slices.Compare(g.key(a), g.key(b)))
	})
	return order[:min(n, len(order))]
}

// serviceUse is the traffic of a service port over one IP version.
type serviceUse struct {
	Volume
	v6    bool
	proto uint8
	port  uint16
	flows uint64
}

// uses returns all service ports.
func (f *flowSurvey) uses() []serviceUse {
	var out []serviceUse
	for i := 1; i < len(f.services.hot); i++ {
		word, c := f.services.key(uint32(i))[0], &f.services.hot[i]
		out = append(out, serviceUse{
			Volume: Volume{c.packets, c.bytes},
			v6:     word>>32 == 6,
			proto:  uint8(word >> 16),
			port:   uint16(word),
			flows:  uint64(c.flows),
		})
	}
	return out
}

// ports adds up the service ports over both IP versions and returns the n
// busiest, and how many more there are.
func ports(uses []serviceUse, n int) (top []PortUse, more int) {
	at := make(map[uint32]int)
	for _, u := range uses {
		word := uint32(u.proto)<<16 | uint32(u.port)
		i, known := at[word]
		if !known {
			i = len(top)
			at[word] = i
			top = append(top, PortUse{Proto: protocolName(u.proto), Port: u.port, Service: names.Service(u.proto, u.port)})
		}
		top[i].Packets += u.Packets
		top[i].Bytes += u.Bytes
		top[i].Flows += u.flows
	}
	slices.SortFunc(top, func(a, b PortUse) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(b.Packets, a.Packets),
			cmp.Compare(a.Port, b.Port), cmp.Compare(a.Proto, b.Proto))
	})
	cut := min(n, len(top))
	return top[:cut], len(top) - cut
}
