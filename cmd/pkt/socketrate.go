package main

import (
	"context"
	"net/netip"
	"time"

	"pkt/capture/afpacket"
	"pkt/field"
	"pkt/flow"
	"pkt/fragment"
	"pkt/packet"
	"pkt/process"
	"pkt/process/sockdiag"
)

// socketFlow tells flows apart by their ends, seen from one of them. A remote end of
// zero stands for all of them.
type socketFlow struct {
	local, remote netip.AddrPort
	proto         uint8
}

// sentReceived are bytes of IP packets, seen from the local end.
type sentReceived struct{ sent, received uint64 }

// socketMeter is a meter.Tap that adds up what flows send.
type socketMeter struct {
	flows map[socketFlow]sentReceived
}

// measureSockets captures on all interfaces for a time, and returns what was sent and
// received by each end of the flows of this network namespace.
func measureSockets(ctx context.Context, env *environment, span time.Duration) (*socketMeter, error) {
	src := sourceFlags{duration: span, progress: "never", quiet: true, maxFlows: defaultMaxFlows, idle: defaultIdle}
	src.live = liveFlags{ifaces: []string{afpacket.Any}, buffer: afpacket.DefaultBuffer >> 10, dir: "inout", user: "root"}
	s, err := src.open(env, nil, true)
	if err != nil {
		return nil, err
	}
	defer s.source.Close()
	m := &socketMeter{flows: map[socketFlow]sentReceived{}}
	s.meter.Add(m)
	return m, s.run(ctx, func() error { return nil })
}

// Batch implements meter.Tap.
func (m *socketMeter) Batch(*packet.Batch, packet.Set, []fragment.Credit, *flow.Refs) {}

// Ended implements meter.Tap.
func (m *socketMeter) Ended(rows []flow.Row) {
	for i := range rows {
		r := &rows[i]
		src, dst := netip.AddrPortFrom(r.Src.Addr(), r.SrcPort), netip.AddrPortFrom(r.Dst.Addr(), r.DstPort)
		if !r.HasPorts {
			continue
		}
		m.add(socketFlow{src, dst, r.Proto}, r.SrcSent.IPBytes, r.DstSent.IPBytes)
		m.add(socketFlow{dst, src, r.Proto}, r.DstSent.IPBytes, r.SrcSent.IPBytes)
	}
}

// add counts for the ends of a flow, and for sockets that are not connected: bound to
// the address, or to any.
func (m *socketMeter) add(f socketFlow, sent, received uint64) {
	every := netip.IPv4Unspecified()
	if f.local.Addr().Is6() {
		every = netip.IPv6Unspecified()
	}
	for _, k := range []socketFlow{f, {f.local, netip.AddrPort{}, f.proto}, {netip.AddrPortFrom(every, f.local.Port()), netip.AddrPort{}, f.proto}} {
		c := m.flows[k]
		m.flows[k] = sentReceived{c.sent + sent, c.received + received}
	}
}

// rates puts the rates of a span of time into sockets. Those of TCP listeners and of
// other namespaces have none.
func (m *socketMeter) rates(list []process.Socket, own uint64, span time.Duration) {
	plain := func(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
	for i := range list {
		s := &list[i]
		if s.Proto > sockdiag.UDPLite || s.NetNS != own || s.State == sockdiag.Listen {
			continue
		}
		k := socketFlow{plain(s.Local), plain(s.Remote), [...]uint8{sockdiag.TCP: 6, sockdiag.UDP: 17, sockdiag.UDPLite: 136}[s.Proto]}
		if s.Remote.Port() == 0 {
			k.remote = netip.AddrPort{}
		}
		c := m.flows[k]
		if s.Remote.Port() == 0 && s.Local.Addr() == netip.IPv6Unspecified() && !s.V6Only {
			four := m.flows[socketFlow{netip.AddrPortFrom(netip.IPv4Unspecified(), s.Local.Port()), netip.AddrPort{}, k.proto}]
			c.sent, c.received = c.sent+four.sent, c.received+four.received
		}
		s.HasRate = true
		s.TxBPS, s.RxBPS = 8*float64(c.sent)/span.Seconds(), 8*float64(c.received)/span.Seconds()
	}
}

// rateEntries are the columns of rates of groups.
func rateEntries() []field.Entry[[]*socketGroup] {
	rate := func(name, doc string, read func(g *socketGroup) float64) field.Entry[[]*socketGroup] {
		return field.Entry[[]*socketGroup]{
			Field: field.Field{Name: name, Doc: doc, Kind: field.Float, Unit: field.BitPerSec, Scope: field.Socket},
			Col: func(rows []*socketGroup, in packet.Set, dst *field.Vector) (has packet.Set) {
				for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
					dst.Cells[i] = field.FromFloat(read(rows[i]))
				}
				return in
			},
		}
	}
	return []field.Entry[[]*socketGroup]{
		rate("tx_bps", "rate sent", func(g *socketGroup) float64 { return g.tx }),
		rate("rx_bps", "rate received", func(g *socketGroup) float64 { return g.rx }),
	}
}
