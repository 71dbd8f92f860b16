package decode

import (
	"fmt"
	"strings"
	"testing"

	"pkt/field"
	"pkt/internal/pkttest"
	"pkt/packet"
)

// text spells the values that a field has for packet i of a batch.
func text(e *entry, b *packet.Batch, i int) string {
	if e.List {
		var all []string
		for _, c := range e.ListCol(b, i, nil) {
			all = append(all, cellText(e, c, nil))
		}
		return strings.Join(all, ",")
	}
	var in packet.Set
	in.Add(i)
	var v field.Vector
	if has := e.Col(b, in, &v); !has.Has(i) {
		return "-"
	}
	return cellText(e, v.Cells[i], v.Text)
}

func cellText(e *entry, c field.Cell, all []byte) string {
	switch e.Kind {
	case field.Enum:
		return e.Names[c.Lo]
	case field.String:
		off, n := c.Lo>>32, c.Lo&0xffffffff
		return string(all[off : off+n])
	case field.Addr:
		return c.Addr().String()
	case field.MAC:
		return fmt.Sprintf("%012x", c.Lo)
	}
	return fmt.Sprint(c.Lo)
}

// decoded returns a batch of one decoded frame.
func decoded(link uint16, frame []byte) *packet.Batch {
	b := &packet.Batch{N: 1, First: 7, Ifaces: []packet.Iface{{Name: "eth0", File: "a.pcap"}}}
	b.Records[0] = packet.Record{Nanos: 5, CapLen: uint32(len(frame)), WireLen: uint32(len(frame)) + 3, Link: link, Dir: packet.DirOut}
	b.Block = packet.NewBlock(frame, nil)
	b.Notes = []packet.Note{{Kind: packet.NoteComment, Text: "one"}, {Kind: packet.NoteProcess, PID: 3}, {Kind: packet.NoteComment, Text: "two"}}
	Batch(b, b.All())
	return b
}

// fieldCase is a decoded packet with the values of some of its fields, as
// name=value, separated by spaces.
type fieldCase struct {
	b      *packet.Batch
	values string
}

func fieldCases() []fieldCase {
	eth := pkttest.Ethernet{Src: "02:00:00:00:00:01", Dst: "02:00:00:00:00:02"}
	four := pkttest.IPv4{Src: "192.0.2.1", Dst: "192.0.2.2", TTL: 9, TOS: 0xb9, ID: 77, DF: true, Options: []byte{148, 4, 0, 0}}
	six := pkttest.IPv6{Src: "2001:db8::a", Dst: "2001:db8::b"}
	options := pkttest.Options(pkttest.MSS(1460), pkttest.SACKPermitted(), pkttest.Timestamps(11, 12), pkttest.WindowScale(7))
	syn := pkttest.TCP{SrcPort: 40000, DstPort: 443, Seq: 100, Ack: 200, Window: 512, Flags: pkttest.SYN | pkttest.ACK | pkttest.ECE, Options: options}
	tcp := decoded(linkEthernet, pkttest.Frame(eth, pkttest.VLAN{ID: 7}, pkttest.VLAN{ID: 8}, four, syn, pkttest.Text("hello")))
	vxlan := decoded(linkEthernet, pkttest.Frame(eth, six, pkttest.UDP{SrcPort: 9}, pkttest.VXLAN{VNI: 4711}, eth, four, pkttest.UDP{SrcPort: 1, DstPort: 2}))
	arp := decoded(linkEthernet, pkttest.Frame(eth, pkttest.ARP{SrcIP: "10.0.0.7", DstIP: "10.0.0.8"}))
	mpls := decoded(linkEthernet, pkttest.Frame(eth, pkttest.MPLS{Label: 16}, pkttest.MPLS{Label: 17}, six, pkttest.ICMP{Type: 128, Code: 3}))
	fragment := decoded(linkEthernet, pkttest.Fragments(16, 99, eth, six, pkttest.UDP{}, pkttest.Zeros(30))[1])
	bad := decoded(linkEthernet, pkttest.Frame(eth, pkttest.IPv4{Version: pkttest.Exactly(7)}))
	stp := decoded(linkEthernet, pkttest.Frame(eth, pkttest.LLC{DSAP: 0x42, SSAP: 0x42, Control: 3}, pkttest.Zeros(35)))
	sll := decoded(linkSLL, pkttest.Frame(pkttest.SLL{Src: "02:00:00:00:00:01"}, four, syn))
	wifi := decoded(linkWLAN, pkttest.Frame(pkttest.WiFi{FromDS: true, Src: "02:00:00:00:00:01", Dst: "02:00:00:00:00:02"}, pkttest.LLC{DSAP: 0xaa, SSAP: 0xaa, Control: 3}, pkttest.SNAP{}, four, syn))
	gre := decoded(linkEthernet, pkttest.Frame(eth, four, pkttest.GRE{Key: pkttest.Number(5)}, four, syn))
	return []fieldCase{
		{tcp, "num=7 ts=5 iface=eth0 file=a.pcap dir=out len=" + fmt.Sprint(tcp.Records[0].WireLen) + " caplen=" + fmt.Sprint(tcp.Records[0].CapLen) + " link=EN10MB"},
		{tcp, "layers=eth,vlan,vlan,ip,tcp proto=tcp eth_type=2048 src_mac=020000000001 dst_mac=020000000002 mac=020000000001,020000000002 vlan=7 vlans=7,8 mpls.label=-"},
		{tcp, "ip_version=4 src_ip=192.0.2.1 dst_ip=192.0.2.2 host=192.0.2.1,192.0.2.2 ttl=9 tos=185 dscp=46 ecn=1 ip.id=77 ip.df=1 ip.len=" + fmt.Sprint(24+20+len(options)+5) + " ip.options=148 fragment=0 ip.frag_offset=- payload_len=5"},
		{tcp, "src_port=40000 dst_port=443 tcp.flags.syn=1 tcp.flags.ack=1 tcp.flags.fin=0 tcp.flags.rst=0 tcp.flags.ece=1 tcp.flags.ns=0 tcp.flags_text=S.E tcp.seq=100 tcp.ack=200 tcp.win=512"},
		{tcp, "tcp.mss=1460 tcp.wscale=7 tcp.sack_permitted=1 tcp.ts_val=11 tcp.ts_ecr=12 tcp.options=2,4,8,3 udp.len=- icmp.type=- arp.op=- tunnel.type=- tunnel.id=- problems= "},
		{vxlan, "layers=eth,ipv6,udp,vxlan,eth,ip,udp proto=udp src_ip=192.0.2.1 src_port=1 udp.len=8 tunnel.type=vxlan tunnel.src_ip=2001:db8::a tunnel.dst_ip=2001:db8::b tunnel.id=4711 tunnel.depth=1 tcp.seq=- tcp.flags_text=-"},
		{arp, "layers=eth,arp proto=arp eth_type=2054 arp.op=1 arp.sender_ip=10.0.0.7 arp.target_ip=10.0.0.8 src_ip=- host= src_port=- ip_version=- payload_len=-"},
		{mpls, "layers=eth,mpls,mpls,ipv6,icmp6 proto=icmp6 mpls.label=16 icmp.type=128 icmp.code=3 src_port=- ip.id=- ip.df=- ip_version=6 vlan=- vlans= ttl=64"},
		{fragment, "layers=eth,ipv6,frag proto=udp fragment=1 ip.frag_offset=16 ip.id=99 src_port=- payload_len=16 ip.len=64"},
		{bad, "layers=eth,ip proto=other problems=bad_version src_ip=-"},
		{stp, "layers=eth,llc proto=bpdu eth_type=-"},
		{sll, "layers=sll,ip,tcp src_mac=020000000001 dst_mac=- link=LINUX_SLL"},
		{wifi, "layers=wlan,llc,ip,tcp src_mac=020000000001 dst_mac=020000000002 link=IEEE802_11"},
		{gre, "layers=eth,ip,gre,ip,tcp tunnel.type=gre tunnel.id=5 tunnel.src_ip=192.0.2.1"},
	}
}

func TestFields(t *testing.T) {
	fields := map[string]*entry{}
	for _, e := range Fields() {
		fields[e.Name] = &e
	}
	for _, tt := range fieldCases() {
		for _, want := range strings.Fields(tt.values) {
			name, value, _ := strings.Cut(want, "=")
			e := fields[name]
			if e == nil {
				t.Errorf("no field %q", name)
				continue
			}
			if got := text(e, tt.b, 0); got != value {
				t.Errorf("%s is %q, want %q", name, got, value)
			}
		}
	}
	if got := text(fields["comment"], decoded(linkRaw, stack()), 0); got != "one\ntwo" {
		t.Errorf("comment is %q", got)
	}
}

// TestFieldTable holds the table to the rules of package field.
func TestFieldTable(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range Fields() {
		if seen[e.Name] {
			t.Errorf("%s is there twice", e.Name)
		}
		seen[e.Name] = true
		if e.Doc == "" || strings.HasSuffix(e.Doc, ".") || e.Scope != field.Packet {
			t.Errorf("%s: doc %q, scope %d", e.Name, e.Doc, e.Scope)
		}
		if (e.Col == nil) == (e.ListCol == nil) || e.List != (e.ListCol != nil) {
			t.Errorf("%s has not exactly one column, of the kind that it says", e.Name)
		}
		if (e.Kind == field.Enum) != (e.Names != nil) {
			t.Errorf("%s: kind %d, %d names", e.Name, e.Kind, len(e.Names))
		}
	}
	for what, n := range map[string]int{"layer": len(layerNames) - int(numLayers), "problem": len(problemNames) - int(packet.NumProblems),
		"tunnel": len(tunnelNames) - int(packet.NumTunnels), "proto": len(protoNames) - int(NumProtos)} {
		if n != 0 {
			t.Errorf("names of values of %s: %+d", what, n)
		}
	}
	names := map[string]bool{}
	for _, n := range protoNames {
		if names[n] {
			t.Errorf("protocol %q is there twice", n)
		}
		names[n] = true
	}
}

// TestColumns reads every field of a batch of all kinds of frames: only rows
// that were asked for, and without allocating.
func TestColumns(t *testing.T) {
	b := benchBatch(seeds()...)
	Batch(b, b.All())
	var in packet.Set
	for i := 0; i < packet.BatchLen; i += 3 {
		in.Add(i)
	}
	var v field.Vector
	cells := make([]field.Cell, 0, maxHeaders)
	for _, e := range Fields() {
		read := func() {
			if e.List {
				for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
					cells = e.ListCol(b, i, cells[:0])
				}
				return
			}
			if has := e.Col(b, in, &v); has.And(in) != has {
				t.Errorf("%s has rows that nobody asked for", e.Name)
			}
		}
		if n := testing.AllocsPerRun(5, read); n != 0 {
			t.Errorf("%s: %v allocations", e.Name, n)
		}
	}
}

func BenchmarkColumn(b *testing.B) {
	batch := benchBatch(benchFrames()["TCP4"], benchFrames()["UDP6"])
	all := batch.All()
	Batch(batch, all)
	var v field.Vector
	for _, e := range Fields() {
		if e.List {
			continue
		}
		b.Run(e.Name, func(b *testing.B) {
			for b.Loop() {
				e.Col(batch, all, &v)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*packet.BatchLen), "ns/pkt")
		})
	}
}
