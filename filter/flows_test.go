package filter

import (
	"net/netip"
	"testing"

	"pkt/field"
	"pkt/flow"
	"pkt/packet"
)

// sampleFlows are rows of the kinds of values that packets do not have.
func sampleFlows() []flow.Row {
	addr := func(s string) field.Cell { return field.FromAddr(netip.MustParseAddr(s)) }
	const start = 1764000000e9
	return []flow.Row{
		{ID: 0x0123456789abcdef, Src: addr("10.0.0.1"), Dst: addr("10.0.0.2"), SrcPort: 40000, DstPort: 443, Proto: 6, HasPorts: true,
			Start: start, End: start + 30e9, SrcSent: flow.Counters{Packets: 10, Bytes: 1000}, DstSent: flow.Counters{Packets: 90, Bytes: 3_000_000},
			State: flow.SF, PortVia: flow.PortHandshake, ServicePort: 443, Handshake: 25e6},
		{ID: 2, Src: addr("10.0.0.3"), Dst: addr("10.0.0.2"), SrcPort: 40001, DstPort: 443, Proto: 17, HasPorts: true,
			Start: start + 1e9, End: start + 1e9 + 300e6, SrcSent: flow.Counters{Packets: 1, Bytes: 60}, State: flow.S0, PortVia: flow.PortLower, ServicePort: 443},
		{ID: 3, Src: addr("2001:db8::1"), Dst: addr("2001:db8::2"), Proto: 58, Start: start + 5e9, End: start + 5e9,
			SrcSent: flow.Counters{Packets: 2, Bytes: 200}, DstSent: flow.Counters{Packets: 2, Bytes: 200}, State: flow.OTH},
	}
}

func TestFlows(t *testing.T) {
	rows := sampleFlows()
	tests := []struct{ text, want string }{
		{`port == 443`, "01"},
		{`port == "443/tcp"`, "0"},
		{`port != "443/tcp"`, "1"},
		{`port in [80, "443/udp"]`, "1"},
		{`port in 400..500`, "01"},
		{`port < 443`, ""},
		{`port == dst_port`, "01"},
		{`port + 1 == 444`, "01"},
		{`string(port) == "443/tcp"`, "0"},
		{`duration_s > 30`, ""},
		{`duration_s >= 30s`, "0"},
		{`duration_s == 0.3`, "1"},
		{`duration_s == 300ms`, "1"},
		{`duration_s < 0.5m`, "12"},
		{`duration_s < 1h && duration_s in 0.1..1`, "1"},
		{`-duration_s < -1s`, "0"},
		{`duration_s * 2 == 60`, "0"},
		{`duration_s == end - start`, "012"},
		{`start + duration_s == end`, "012"},
		{`start > "2025-11-24T16:00:00Z"`, "12"},
		{`start - 5s == "2025-11-24T16:00:00Z"`, "2"},
		{`tcp.handshake_rtt_s < 30ms`, "0"},
		{`has(tcp.handshake_rtt_s)`, "0"},
		{`avg_bps > 800kbit/s`, "0"},
		{`avg_bps > 5Mbit/s`, ""},
		{`avg_bps in [1600.0, 800266.6666666666]`, "01"},
		{`avg_bps != 1600`, "0"},
		{`bytes > 3MB`, "0"},
		{`bytes > 3MiB`, ""},
		{`src_bytes + dst_bytes == bytes`, "012"},
		{`dst_bytes / src_bytes == 1`, "2"},
		{`bytes / packets < 100B`, "1"},
		{`bucket(avg_bps, 1000) == 1000.0`, "1"},
		{`bucket(duration_s, 7s) == 28s`, "0"},
		{`flow_id == "0123456789abcdef"`, "0"},
		{`flow_id in ["0000000000000002", "0000000000000003"]`, "12"},
		{`state == "S0"`, "1"},
		{`state in ["SF", "S0"] && proto != "udp"`, "0"},
		{`state startsWith "S"`, "01"},
		{`service == "https" && !guessed`, "01"},
		{`max(src_bytes, dst_bytes) == 200B`, "2"},
		{`(avg_bps ?? 0) == 0`, "2"},
		{`round(avg_bps / 1000) == 800`, "0"},
		{`avg_bps > bucket(avg_bps, 1kbit/s) && has(service)`, "01"},
	}
	for _, tt := range tests {
		p, err := Compile(tt.text, flows())
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		set := p.Filter(rows, packet.FirstN(len(rows)))
		got := ""
		for i := set.Next(0); i >= 0; i = set.Next(i + 1) {
			got += string(rune('0' + i))
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.text, got, tt.want)
		}
	}
}
