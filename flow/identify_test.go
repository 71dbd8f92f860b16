package flow_test

import (
	"fmt"
	"testing"

	"pkt/flow"
	"pkt/internal/pkttest"
)

// Identify says of flows what Row does, without what they counted.
func TestIdentify(t *testing.T) {
	var list []pkttest.Packet
	for i := range 200 {
		client := fmt.Sprintf("10.0.0.%d:%d", i%7, 40000+i)
		list = append(list,
			datagram(float64(i), client, "10.0.1.1:50000", 10),
			datagram(float64(i)+0.1, "10.0.1.1:50000", client, 20),
			datagram(float64(i)+0.2, fmt.Sprintf("[2001:db8::%d]:%d", i%5, 40000+i), "[2001:db8::99]:53", 10),
		)
		c := pkttest.Dial(second(float64(i)+0.3), client, "10.0.1.2:443")
		c.Handshake()
		c.Client.Send([]byte("request"))
		list = append(list, c.Packets...)
	}
	p := newPipeline(flow.Config{})
	var hs []flow.Handle
	for len(list) > 0 {
		n := min(512, len(list))
		p.batch(batchOf(list[:n]))
		for i := range n {
			if p.refs.Info[i]&flow.RefOpened != 0 {
				hs = append(hs, p.refs.Flow[i])
			}
		}
		list = list[n:]
	}
	if len(hs) < 600 {
		t.Fatalf("%d flows", len(hs))
	}
	got := make([]flow.Row, len(hs))
	p.table.Identify(hs, got)
	for i, h := range hs {
		var row flow.Row
		p.table.Row(h, &row)
		want := flow.Row{
			ID: row.ID, Handle: row.Handle, Src: row.Src, Dst: row.Dst, SrcPort: row.SrcPort, DstPort: row.DstPort,
			Proto: row.Proto, IPVersion: row.IPVersion, HasPorts: row.HasPorts, Guessed: row.Guessed,
			HasVLAN: row.HasVLAN, VLAN: row.VLAN, Iface: row.Iface, Start: row.Start, End: row.End,
			EndReason: row.EndReason, PortVia: row.PortVia, ServicePort: row.ServicePort,
		}
		if got[i] != want {
			t.Errorf("flow %d:\nhave %+v\nwant %+v", i, got[i], want)
		}
	}
}
