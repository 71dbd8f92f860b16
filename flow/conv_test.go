package flow_test

import (
	"fmt"
	"net/netip"
	"strconv"
	"testing"

	"pkt/flow"
	"pkt/packet"
)

// tally is what one side of a conversation sent.
type tally struct{ packets, bytes uint64 }

// conversations adds up flows as tshark's conversation tables do: by addresses,
// and by addresses and ports. A name has the lower end first.
type conversations map[string]*[2]tally

// add adds what two ends have sent to each other.
func (m conversations) add(proto, a, b string, ab, ba tally) {
	if a == b {
		ab, ba = tally{ab.packets + ba.packets, ab.bytes + ba.bytes}, tally{}
	}
	if a > b {
		a, b, ab, ba = b, a, ba, ab
	}
	c := m[proto+" "+a+" "+b]
	if c == nil {
		c = new([2]tally)
		m[proto+" "+a+" "+b] = c
	}
	c[0].packets += ab.packets
	c[0].bytes += ab.bytes
	c[1].packets += ba.packets
	c[1].bytes += ba.bytes
}

// flows adds rows of the table.
func (m conversations) flows(rows []flow.Row) {
	for i := range rows {
		r := &rows[i]
		ab, ba := tally{r.SrcSent.Packets, r.SrcSent.Bytes}, tally{r.DstSent.Packets, r.DstSent.Bytes}
		src, dst := r.Src.Addr(), r.Dst.Addr()
		m.add(ipName(src), src.String(), dst.String(), ab, ba)
		if name := map[uint8]string{6: "tcp", 17: "udp"}[r.Proto]; name != "" && r.HasPorts {
			m.add(name, netip.AddrPortFrom(src, r.SrcPort).String(), netip.AddrPortFrom(dst, r.DstPort).String(), ab, ba)
		}
	}
}

func ipName(a netip.Addr) string {
	if a.Is4() {
		return "ip"
	}
	return "ipv6"
}

// tunnels adds the outermost IP headers of tunnelled packets. tshark counts a
// packet for every IP header in it, flows are those of the innermost one.
func (m conversations) tunnels(b *packet.Batch) {
	for i := range b.N {
		l := &b.Layers[i]
		if !l.Has.Any(packet.HasTunnel) {
			continue
		}
		var src, dst netip.Addr
		switch h := b.Frame(i)[l.Outer:]; h[0] >> 4 {
		case 4:
			src, dst = netip.AddrFrom4([4]byte(h[12:16])), netip.AddrFrom4([4]byte(h[16:20]))
		case 6:
			src, dst = netip.AddrFrom16([16]byte(h[8:24])), netip.AddrFrom16([16]byte(h[24:40]))
		default:
			continue
		}
		m.add(ipName(src), src.String(), dst.String(), tally{1, uint64(b.Records[i].WireLen)}, tally{})
	}
}

func TestConversations(t *testing.T) {
	have, want := map[string]conversations{}, map[string]conversations{}
	for _, row := range readTSV(t, corpus(t, "streams/conversations.tsv")) {
		pcap := row["pcap"]
		if have[pcap] == nil {
			m := conversations{}
			p := newPipeline(flow.Config{})
			p.readFile(t, corpus(t, "streams/pcaps/"+pcap), m.tunnels)
			m.flows(p.rows)
			have[pcap], want[pcap] = m, conversations{}
		}
		// tshark gives each connection on the same ports a row of its own.
		num := func(column string) uint64 {
			n, err := strconv.ParseUint(row[column], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		want[pcap].add(row["proto"], row["a"], row["b"],
			tally{num("pkts_ab"), num("bytes_ab")}, tally{num("pkts_ba"), num("bytes_ba")})
	}
	found, all := differences{}, 0
	for pcap, m := range want {
		for name, w := range m {
			all++
			h := have[pcap][name]
			if h == nil {
				h = new([2]tally)
			}
			if *h != *w {
				found.note(t, conversationDifferences, pcap+" "+name, fmt.Sprintf("have %v, want %v", *h, *w))
			}
		}
	}
	found.check(t, conversationDifferences)
	t.Logf("%d of %d conversations equal", all-found.rows(), all)
}
