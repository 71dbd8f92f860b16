package stats

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pkt/decode"
	"pkt/field"
	"pkt/flow"
	"pkt/fragment"
	"pkt/internal/pkttest"
	"pkt/names"
	"pkt/packet"
)

// spec is one packet of generated traffic, and all that the model knows of it.
type spec struct {
	ts               int64
	src, dst         netip.Addr
	srcPort, dstPort uint16
	proto            uint8 // 6, 17, 1, or 0 for ARP
	flags            uint16
	size             int // of the payload
	dir              packet.Dir
	wire             uint64
	flow             int // number of its flow, from 1; 0: none
}

func (s *spec) frame() []byte {
	if s.proto == 0 {
		return pkttest.Frame(pkttest.Ethernet{}, pkttest.ARP{})
	}
	var ip pkttest.Layer = pkttest.IPv4{Src: s.src.String(), Dst: s.dst.String()}
	if s.src.Is6() {
		ip = pkttest.IPv6{Src: s.src.String(), Dst: s.dst.String()}
	}
	switch s.proto {
	case 6:
		return pkttest.Frame(pkttest.Ethernet{}, ip, pkttest.TCP{SrcPort: s.srcPort, DstPort: s.dstPort, Flags: s.flags, Seq: 1000}, pkttest.Zeros(s.size))
	case 17:
		return pkttest.Frame(pkttest.Ethernet{}, ip, pkttest.UDP{SrcPort: s.srcPort, DstPort: s.dstPort}, pkttest.Zeros(s.size))
	}
	return pkttest.Frame(pkttest.Ethernet{}, ip, pkttest.ICMP{Type: 8}, pkttest.Zeros(s.size))
}

// tuple5 names the flow of a packet.
func (s *spec) tuple5() string {
	a, b := fmt.Sprint(s.src, s.srcPort), fmt.Sprint(s.dst, s.dstPort)
	if a > b {
		a, b = b, a
	}
	return fmt.Sprint(s.proto, a, b)
}

// randomTraffic returns n packets between few hosts, in no order of flows.
func randomTraffic(rnd *rand.Rand, n int) []spec {
	var out []spec
	ts := int64(1_700_000_000_123_456_789)
	known := map[string]bool{}
	for range n {
		s := spec{ts: ts, proto: []uint8{6, 17, 17, 6, 1, 0}[rnd.IntN(6)], size: rnd.IntN(300), flags: pkttest.ACK}
		host := func() netip.Addr {
			i := byte(rnd.IntN(12))
			if i%5 == 4 {
				return netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, i % 3, 15: i})
			}
			return netip.AddrFrom4([4]byte{10, 0, i % 3, i})
		}
		s.src, s.dst = host(), host()
		for s.src.Is4() != s.dst.Is4() {
			s.dst = host()
		}
		if s.proto == 6 || s.proto == 17 {
			s.srcPort = []uint16{53, 443, 40000, 40001, 50000, 123}[rnd.IntN(6)]
			s.dstPort = []uint16{53, 443, 40000, 40001, 50000, 123}[rnd.IntN(6)]
		}
		if s.proto == 6 && !known[s.tuple5()] && rnd.IntN(2) == 0 {
			s.flags = pkttest.SYN
			s.size = 0
		}
		known[s.tuple5()] = true
		s.dir = packet.Dir(rnd.IntN(3))
		out = append(out, s)
		switch rnd.IntN(10) {
		case 0:
			ts += rnd.Int64N(3e9)
		case 1:
			ts -= rnd.Int64N(1e6)
		default:
			ts += rnd.Int64N(1e7)
		}
	}
	return out
}

// feed puts packets into batches of random sizes and through all stages before
// the one under test.
type feed struct {
	t        *testing.T
	rnd      *rand.Rand
	stage    *fragment.Stage
	table    *flow.Table
	keys     *flow.Keys
	refs     flow.Refs
	ended    func([]flow.Row)
	rows     map[int]flow.Row // of the flows that have ended, by number
	serial   map[flow.Handle]int
	flows    int
	live     bool  // batches have a clock
	now      int64 // the clock of the batch before
	consumer func(*packet.Batch, packet.Set, []fragment.Credit, *flow.Refs)
}

func newFeed(t *testing.T, cfg flow.Config) *feed {
	f := &feed{
		t: t, rnd: rand.New(rand.NewPCG(1, 2)), stage: fragment.NewStage(),
		rows: map[int]flow.Row{}, serial: map[flow.Handle]int{},
	}
	cfg.Registered = names.Registered
	f.table = flow.NewTable(cfg, f)
	f.keys = f.table.NewKeys()
	return f
}

// Ended implements flow.Sink.
func (f *feed) Ended(rows []flow.Row) {
	for _, row := range rows {
		f.rows[f.serial[row.Handle]] = row
	}
	f.ended(rows)
}

// run feeds all packets of a capture.
func (f *feed) run(specs []spec) {
	f.runOn(specs)
	f.flush()
}

// runOn feeds packets of a capture that goes on.
func (f *feed) runOn(specs []spec) {
	for len(specs) > 0 {
		n := min(len(specs), 1+f.rnd.IntN(packet.BatchLen))
		b := &packet.Batch{Ifaces: []packet.Iface{{Link: 1}}}
		var mem []byte
		for i := range specs[:n] {
			s := &specs[i]
			frame := s.frame()
			s.wire = uint64(len(frame))
			b.Records[i] = packet.Record{Nanos: s.ts, Off: uint32(len(mem)), CapLen: uint32(len(frame)), WireLen: uint32(len(frame)), Link: 1, Dir: s.dir}
			mem = append(mem, frame...)
		}
		b.N, b.Block = n, packet.NewBlock(mem, nil)
		if f.live {
			for i := range n {
				b.Now = max(b.Now, f.now, b.Records[i].Nanos)
			}
			f.now = b.Now
		}
		decode.Batch(b, b.All())
		f.batch(b)
		for i := range specs[:n] {
			h := f.refs.Flow[i]
			if f.refs.Info[i]&flow.RefOpened != 0 {
				f.flows++
				f.serial[h] = f.flows
			}
			specs[i].flow = f.serial[h]
		}
		specs = specs[n:]
	}
}

func (f *feed) batch(b *packet.Batch) {
	in, credits := f.stage.Batch(b, b.All())
	f.keys.Fill(b, in)
	f.table.Update(b, in, f.keys, credits, &f.refs)
	f.consumer(b, b.All(), credits, &f.refs)
}

// flush ends the capture.
func (f *feed) flush() {
	b := new(packet.Batch)
	f.keys.Fill(b, packet.Set{})
	credits := f.stage.Flush()
	f.table.Update(b, packet.Set{}, f.keys, credits, &f.refs)
	f.consumer(b, packet.Set{}, credits, &f.refs)
	f.table.Flush()
}

// rank runs packets through a ranking.
func rank(t *testing.T, cfg Config, specs []spec) (*Ranking, *feed) {
	f := newFeed(t, flow.Config{Idle: 1 << 60})
	r := NewRanking(cfg, f.table)
	f.consumer, f.ended = r.Batch, r.Ended
	f.run(specs)
	r.Close()
	return r, f
}

// sum is a group of the model.
type sum struct {
	packets, bytes, tx, rx uint64
	first, last            int64
	seconds                map[int64]uint64
	flows                  map[int]bool
	peers                  map[string]bool
}

func (g *sum) add(s *spec) {
	if g.packets == 0 {
		g.first, g.last = s.ts, s.ts
	}
	g.packets++
	g.bytes += s.wire
	g.first, g.last = min(g.first, s.ts), max(g.last, s.ts)
	switch s.dir {
	case packet.DirOut:
		g.tx += s.wire
	case packet.DirIn:
		g.rx += s.wire
	}
	if s.flow != 0 {
		g.flows[s.flow] = true
	}
}

// model groups packets by brute force. tuples gives the keys of a packet, each
// with the addresses at its other end.
func model(specs []spec, tuples func(*spec) map[string][]netip.Addr) map[string]*sum {
	groups := map[string]*sum{}
	var clock int64
	for i := range specs {
		s := &specs[i]
		clock = max(clock, s.ts)
		for key, peers := range tuples(s) {
			g := groups[key]
			if g == nil {
				g = &sum{seconds: map[int64]uint64{}, flows: map[int]bool{}, peers: map[string]bool{}}
				groups[key] = g
			}
			g.add(s)
			g.seconds[clock/1e9] += s.wire
			for _, p := range peers {
				g.peers[p.String()] = true
			}
		}
	}
	return groups
}

// words writes the values of a row's keys.
func words(r *Row) string {
	var out []string
	for k, f := range r.result.By {
		c, ok := r.Cell(k)
		switch {
		case !ok:
			out = append(out, "-")
		case f.Kind == field.Addr || f.Kind == field.Prefix:
			out = append(out, c.Addr().String())
		case f.Kind == field.String:
			out = append(out, r.Text(k))
		default:
			out = append(out, fmt.Sprint(c.Lo))
		}
	}
	return strings.Join(out, " ")
}

// checkRows compares a result with the model. Peaks and times are only those of
// the rows' packets where no flow moves.
func checkRows(t *testing.T, res *Result, want map[string]*sum, peaks bool) {
	t.Helper()
	if len(res.Items) != len(want) {
		t.Errorf("%d rows, want %d", len(res.Items), len(want))
	}
	for i := range res.Items {
		row := &res.Items[i]
		g := want[words(row)]
		if g == nil {
			t.Errorf("row %q is not expected", words(row))
			continue
		}
		if !peaks && row.First <= g.first && row.Last >= g.last {
			row.First, row.Last = g.first, g.last // flows that left may have widened them
		}
		got := fmt.Sprint(row.Packets, row.Bytes, row.TxBytes, row.RxBytes, row.First, row.Last, row.Flows, row.ActiveFlows)
		exp := fmt.Sprint(g.packets, g.bytes, g.tx, g.rx, g.first, g.last, len(g.flows), 0)
		if got != exp {
			t.Errorf("%s: packets bytes tx rx first last flows active\n got %s\nwant %s", words(row), got, exp)
		}
		if row.HasPeers && int(row.Peers) != len(g.peers) {
			t.Errorf("%s: %d peers, want %d: %v", words(row), row.Peers, len(g.peers), sorted(g.peers))
		}
		if peaks {
			var peak uint64
			for _, n := range g.seconds {
				peak = max(peak, n)
			}
			if row.PeakBytes != peak {
				t.Errorf("%s: peak %d, want %d", words(row), row.PeakBytes, peak)
			}
		}
		if row.Lower {
			t.Errorf("%s: a lower bound", words(row))
		}
	}
}

// checkTotal compares the total with the packets.
func checkTotal(t *testing.T, res *Result, specs []spec) {
	t.Helper()
	all := model(specs, func(*spec) map[string][]netip.Addr { return map[string][]netip.Addr{"": nil} })[""]
	row := &res.Total
	if row.Packets != all.packets || row.Bytes != all.bytes || row.TxBytes != all.tx || row.RxBytes != all.rx || row.Flows != uint64(len(all.flows)) {
		t.Errorf("total %+v, want %d packets, %d bytes, tx %d, rx %d, %d flows", row, all.packets, all.bytes, all.tx, all.rx, len(all.flows))
	}
	if res.Overlap {
		if res.HasOther {
			t.Error("an other row is claimed")
		}
		return
	}
	sum := res.Other
	for _, it := range res.Items {
		sum.Packets += it.Packets
		sum.Bytes += it.Bytes
		sum.TxBytes += it.TxBytes
		sum.RxBytes += it.RxBytes
	}
	if sum.Packets != row.Packets || sum.Bytes != row.Bytes || sum.TxBytes != row.TxBytes || sum.RxBytes != row.RxBytes {
		t.Errorf("items and other are %+v, the total %+v", sum, row)
	}
}

// testFlowFields are fields of flows.
func testFlowFields() []field.Entry[[]flow.Row] {
	one := func(name string, kind field.Kind, read func(*flow.Row) (uint64, bool)) field.Entry[[]flow.Row] {
		return field.Entry[[]flow.Row]{
			Field: field.Field{Name: name, Kind: kind, Scope: field.Flow},
			Col: func(rows []flow.Row, in packet.Set, dst *field.Vector) (has packet.Set) {
				for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
					if v, ok := read(&rows[i]); ok {
						dst.Cells[i] = field.Cell{Lo: v}
						has.Add(i)
					}
				}
				return has
			},
		}
	}
	service := one("service", field.String, nil)
	service.Col = func(rows []flow.Row, in packet.Set, dst *field.Vector) (has packet.Set) {
		dst.Text = dst.Text[:0]
		for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
			if name := names.Service(rows[i].Proto, rows[i].ServicePort); name != "" {
				dst.SetText(i, name)
				has.Add(i)
			}
		}
		return has
	}
	return []field.Entry[[]flow.Row]{
		one("port", field.Port, func(r *flow.Row) (uint64, bool) {
			return field.FromPort(r.Proto, r.ServicePort).Lo, r.PortVia != flow.PortNone
		}),
		one("state", field.Enum, func(r *flow.Row) (uint64, bool) { return uint64(r.State), r.Proto == 6 }),
		one("flow_id", field.ID, func(r *flow.Row) (uint64, bool) { return r.ID, true }),
		service,
	}
}

func testSchema() Schema { return Schema{Packet: decode.Fields(), Flow: testFlowFields()} }

func mustParse(t testing.TB, texts ...string) []Key {
	t.Helper()
	keys, err := ParseBy(testSchema(), texts...)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// sorted returns the keys of a map in order.
func sorted[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
