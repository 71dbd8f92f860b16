package flow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pkt/field"
	"pkt/flow"
	"pkt/internal/pkttest"
	"pkt/packet"
)

// fieldText returns the fields of one row that it has, as name=value.
func fieldText(rows []flow.Row) (got []string) {
	look := flow.Lookups{
		Iface:   func(uint32) packet.Iface { return packet.Iface{Name: "eth0", File: "x.pcap"} },
		Service: func(_ uint8, port uint16) string { return fmt.Sprint("service-", port) },
	}
	v := new(field.Vector)
	for _, e := range flow.Fields(look) {
		if has := e.Col(rows, packet.FirstN(1), v); has.Empty() {
			continue
		}
		c := v.Cells[0]
		var s string
		switch e.Kind {
		case field.String:
			s = string(v.TextAt(0))
		case field.Enum:
			s = e.Names[c.Lo]
		case field.Addr:
			s = c.Addr().String()
		case field.Float:
			s = fmt.Sprintf("%.6g", c.Float())
		case field.Port:
			s = fmt.Sprint(c.Lo>>16, "/", c.Lo&0xffff)
		default:
			s = fmt.Sprint(c.Int())
		}
		got = append(got, e.Name+"="+s)
	}
	return got
}

func TestFields(t *testing.T) {
	c := pkttest.Dial(1e18, "10.0.0.1:40000", "10.0.0.2:8000")
	c.Handshake()
	c.Client.Send(text(100))
	c.Wait(980 * time.Millisecond)
	c.Client.Resend(1)
	c.Close()
	have := fieldText(newPipeline(flow.Config{}).packets(c.Packets, 512))
	want := strings.Fields(`flow_id=ID community_id=1:RYwXqNdlCRAKrXKZeJTtizNMK+o=
		start=1000000000000000000 end=1000000001010250000 duration_s=1010250000 proto=tcp ip_version=4
		src_ip=10.0.0.1 src_port=40000 dst_ip=10.0.0.2 dst_port=8000
		iface=eth0 file=x.pcap port=6/8000 service=service-8000
		state=SF history=ShADaTFf end_reason=fin guessed=0 port_via=handshake
		packets=9 bytes=710 ip_bytes=584 payload_bytes=200
		src_packets=6 dst_packets=3 src_bytes=536 dst_bytes=174 src_ip_bytes=452 dst_ip_bytes=132
		src_payload_bytes=200 dst_payload_bytes=0 missed_bytes=0
		avg_bps=5622.37 avg_pps=8.90869
		tcp.handshake_rtt_s=10050000 tcp.rtt_s=10050000
		tcp.src_retrans_packets=1 tcp.dst_retrans_packets=0 tcp.src_retrans_bytes=100 tcp.dst_retrans_bytes=0
		tcp.retrans_pct=11.1111 tcp.out_of_order=0 tcp.zero_window=0
		tcp.src_flags=FSP. tcp.dst_flags=FS. tcp.src_mss=1460 tcp.dst_mss=1460`)
	have[0] = "flow_id=ID"
	if !slices.Equal(have, want) {
		t.Errorf("have %q\nwant %q", have, want)
	}
}

// TestFieldsOfUDP lacks what only connections have.
func TestFieldsOfUDP(t *testing.T) {
	have := fieldText(newPipeline(flow.Config{}).packets([]pkttest.Packet{datagram(0, "10.0.0.1:40000", "10.0.0.2:53", 30)}, 512))
	for _, f := range have {
		if strings.HasPrefix(f, "tcp.") || strings.HasPrefix(f, "missed") || strings.HasPrefix(f, "avg") || strings.HasPrefix(f, "vlan") {
			t.Errorf("a datagram has %s", f)
		}
	}
}

// TestFieldsAllocateNothing reads all columns of many rows.
func TestFieldsAllocateNothing(t *testing.T) {
	rows := make([]flow.Row, packet.BatchLen)
	r := newPipeline(flow.Config{}).packets([]pkttest.Packet{datagram(0, "10.0.0.1:40000", "10.0.0.2:53", 30)}, 512)
	for i := range rows {
		rows[i] = r[0]
	}
	fields := flow.Fields(flow.Lookups{
		Iface:   func(uint32) packet.Iface { return packet.Iface{Name: "eth0"} },
		Service: func(uint8, uint16) string { return "domain" },
	})
	v := new(field.Vector)
	if n := testing.AllocsPerRun(10, func() {
		for _, e := range fields {
			e.Col(rows, packet.FirstN(len(rows)), v)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	names := map[string]bool{}
	for _, e := range fields {
		if names[e.Name] || e.Doc == "" || strings.HasSuffix(e.Doc, ".") || e.Scope != field.Flow {
			t.Errorf("field %+v", e.Field)
		}
		names[e.Name] = true
	}
}
