package meter

import (
	"net/netip"

	"pkt/packet"
	"pkt/process"
)

// PacketOwners finds the owner of every packet, before filters look at it. It is used
// from the goroutine of Prepare.
type PacketOwners struct {
	// Asked knows who owns the traffic of this machine; nil: captures tell.
	Asked Asked
	Noted *process.Noted

	flows     map[process.Flow]packetOwner
	refreshed int64
}

// packetOwner is what was answered about a flow.
type packetOwner struct {
	sides [2]process.Side
	due   int64 // when to ask again
}

const (
	// packetFlows is how many flows are remembered between packets.
	packetFlows = 1 << 16
	// packetAsk is how often a flow is asked about again, ns, and packetSettled
	// where a process uses the socket.
	packetAsk     = 20e6
	packetSettled = 1e9
)

// Fill sets the owners of the packets in the set.
func (p *PacketOwners) Fill(b *packet.Batch, in packet.Set) {
	b.HasOwner = true
	if p.Asked == nil {
		p.fillNoted(b)
		return
	}
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		p.owner(b, i)
	}
}

// fillNoted sets the owners that the capture tells of.
func (p *PacketOwners) fillNoted(b *packet.Batch) {
	clear(b.Owner[:b.N])
	clear(b.EndOwner[:b.N])
	for from := 0; from < len(b.Notes); {
		i, to := b.Notes[from].Packet, from+1
		for to < len(b.Notes) && b.Notes[to].Packet == i {
			to++
		}
		if i < b.N {
			id := uint32(p.Noted.Owner(b.Notes[from:to]))
			b.Owner[i] = id
			if b.Records[i].Dir == packet.DirIn {
				b.EndOwner[i][1] = id
			} else {
				b.EndOwner[i][0] = id
			}
		}
		from = to
	}
}

// owner asks who packet i counts for: if it goes both ways, its sender.
func (p *PacketOwners) owner(b *packet.Batch, i int) {
	f, ok := flowOf(b, i)
	if !ok {
		b.Owner[i], b.EndOwner[i] = uint32(process.Kernel), [2]uint32{}
		return
	}
	now := b.Records[i].Nanos
	known, ok := p.flows[f]
	if !ok || now >= known.due {
		known = p.ask(f, now)
	}
	dir := b.Records[i].Dir
	if dir == packet.DirBoth {
		dir = packet.DirOut
	}
	b.Owner[i] = uint32(process.Credit(known.sides[0], known.sides[1], dir).ID)
	b.EndOwner[i] = [2]uint32{uint32(known.sides[0].ID), uint32(known.sides[1].ID)}
}

// ask asks who owns the ends of a flow, and remembers the answer.
func (p *PacketOwners) ask(f process.Flow, now int64) packetOwner {
	if now-p.refreshed >= refreshEvery {
		p.refreshed = now
		p.Asked.Refresh()
	}
	if p.flows == nil || len(p.flows) >= packetFlows {
		p.flows = map[process.Flow]packetOwner{}
	}
	known := packetOwner{p.Asked.Owners(f), now + packetAsk}
	if settled(known.sides) {
		known.due = now + packetSettled
	}
	p.flows[f] = known
	return known
}

// flowOf returns the flow of packet i, seen from its sender; false if it is not IP.
func flowOf(b *packet.Batch, i int) (f process.Flow, ok bool) {
	l := &b.Layers[i]
	frame := b.Frame(i)
	var src, dst netip.Addr
	switch {
	case l.Has.Any(packet.HasIPv4):
		h := frame[l.L3:]
		src, dst = netip.AddrFrom4([4]byte(h[12:16])), netip.AddrFrom4([4]byte(h[16:20]))
		f.Proto = h[9]
	case l.Has.Any(packet.HasIPv6):
		h := frame[l.L3:]
		src, dst = netip.AddrFrom16([16]byte(h[8:24])), netip.AddrFrom16([16]byte(h[24:40]))
		f.Proto = l.Proto
	default:
		return f, false
	}
	var sport, dport uint16
	if l.Has.Any(packet.HasPorts) {
		sport, dport = l.SrcPort, l.DstPort
	}
	f.Src, f.Dst = netip.AddrPortFrom(src, sport), netip.AddrPortFrom(dst, dport)
	return f, true
}
