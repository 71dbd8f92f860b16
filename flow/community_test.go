package flow_test

import (
	"net/netip"
	"testing"

	"pkt/field"
	"pkt/flow"
	"pkt/packet"
)

// communityRow returns a row with what goes into a Community ID.
func communityRow(proto uint8, src, dst string, srcPort, dstPort uint16, hasPorts bool) *flow.Row {
	a, b := netip.MustParseAddr(src), netip.MustParseAddr(dst)
	r := &flow.Row{
		Src: field.FromAddr(a), Dst: field.FromAddr(b),
		SrcPort: srcPort, DstPort: dstPort,
		Proto: proto, HasPorts: hasPorts, IPVersion: 6,
	}
	if a.Is4() {
		r.IPVersion = 4
	}
	return r
}

// TestCommunityID holds the baseline of the specification, which names both
// directions of most flows.
func TestCommunityID(t *testing.T) {
	for _, c := range []struct {
		proto            uint8
		src, dst         string
		srcPort, dstPort uint16
		ports            bool
		want             string
	}{
		{58, "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 135, 136, false, "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
		{58, "fe80::260:97ff:fe07:69ea", "fe80::200:86ff:fe05:80da", 136, 135, false, "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
		{58, "fe80::260:97ff:fe07:69ea", "fe80::200:86ff:fe05:80da", 135, 136, false, "1:zavyT/cezQr1fmImYCwYnMXbgck="},
		{58, "3ffe:501:1800:2345::2", "3ffe:507:0:1:200:86ff:fe05:80da", 3, 0, false, "1:2ObVBgIn28oZvibYZhZMBgh7WdQ="},
		{58, "3ffe:501:410:0:2c0:dfff:fe47:33e", "3ffe:507:0:1:200:86ff:fe05:80da", 1, 4, false, "1:hLZd0XGWojozrvxqE0dWB1iM6R0="},
		{58, "3ffe:507:0:1:200:86ff:fe05:80da", "3ffe:501:0:1001::2", 128, 129, false, "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg="},
		{58, "3ffe:501:0:1001::2", "3ffe:507:0:1:200:86ff:fe05:80da", 129, 128, false, "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg="},
		{58, "fe80::200:86ff:fe05:80da", "ff02::2", 133, 134, false, "1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0="},
		{58, "fe80::260:97ff:fe07:69ea", "ff02::1", 134, 133, false, "1:pkvHqCL88/tg1k4cPigmZXUtL00="},
		{1, "192.168.0.89", "192.168.0.1", 8, 0, false, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
		{1, "192.168.0.1", "192.168.0.89", 0, 8, false, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
		{1, "10.0.0.1", "10.0.0.2", 11, 0, false, "1:YHxtAirCG//0OzkcVAukqKQN9xM="},
		{6, "2001:470:e5bf:dead:4957:2174:e82c:4887", "2607:f8b0:400c:c03::1a", 63943, 25, true, "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="},
		{6, "2607:f8b0:400c:c03::1a", "2001:470:e5bf:dead:4957:2174:e82c:4887", 25, 63943, true, "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="},
		{132, "192.168.170.8", "192.168.170.56", 7, 7, true, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs="},
		{132, "192.168.170.56", "192.168.170.8", 7, 7, true, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs="},
		{6, "128.232.110.120", "66.35.250.204", 34855, 80, true, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
		{6, "66.35.250.204", "128.232.110.120", 80, 34855, true, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
		{17, "192.168.1.52", "8.8.8.8", 54585, 53, true, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
		{17, "8.8.8.8", "192.168.1.52", 53, 54585, true, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
		{46, "10.1.12.1", "10.1.12.2", 0, 0, false, "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw="},
		{46, "10.1.12.2", "10.1.12.1", 0, 0, false, "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw="},
	} {
		r := communityRow(c.proto, c.src, c.dst, c.srcPort, c.dstPort, c.ports)
		if have := string(flow.CommunityID(r, nil)); have != c.want {
			t.Errorf("%d %s %d > %s %d: have %s, want %s", c.proto, c.src, c.srcPort, c.dst, c.dstPort, have, c.want)
		}
	}
}

func TestCommunityIDAllocatesNothing(t *testing.T) {
	r := communityRow(6, "128.232.110.120", "66.35.250.204", 34855, 80, true)
	buf := make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() { buf = flow.CommunityID(r, buf[:0]) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestCommunityIDOfCapture takes the flows of Zeek's Community ID captures, to
// whose tests these names belong.
func TestCommunityIDOfCapture(t *testing.T) {
	for _, c := range []struct{ pcap, want string }{
		{"filters/captures/z_communityid_sctp.pcap", "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs="},
		{"streams/pcaps/zeek-communityid-tcp.pcap", "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
		{"streams/pcaps/zeek-communityid-udp.pcap", "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
	} {
		p := newPipeline(flow.Config{})
		p.readFile(t, corpus(t, c.pcap), func(*packet.Batch) {})
		found := false
		for i := range p.rows {
			found = found || string(flow.CommunityID(&p.rows[i], nil)) == c.want
		}
		if !found {
			t.Errorf("%s has no flow %s", c.pcap, c.want)
		}
	}
}
