package stats

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"pkt/flow"
	"pkt/packet"
)

// rankFlows is rank with a flow table of its own configuration.
func rankFlows(t *testing.T, cfg Config, flows flow.Config, specs []spec) (*Ranking, *feed) {
	f := newFeed(t, flows)
	r := NewRanking(cfg, f.table)
	f.consumer, f.ended = r.Batch, r.Ended
	f.run(specs)
	r.Close()
	return r, f
}

// clients returns datagrams from as many clients to 300 servers on a high port,
// each twice with a while between: nothing but the number of its peers tells
// that a server is one, and at first it has one.
func clients(n int) (specs []spec) {
	for round := range 2 {
		for i := range n {
			client := netip.AddrFrom4([4]byte{10, 0, byte(i / 250), byte(i % 250)})
			server := netip.AddrFrom4([4]byte{192, 0, byte(2 + i%300/250), byte(i % 300 % 250)})
			s := spec{
				ts: int64(round)*1000e9 + int64(i)*2e8, proto: 17, size: i % 50, src: client, dst: server,
				srcPort: uint16(33000 + i), dstPort: 45678, dir: packet.DirOut,
			}
			back := s
			back.src, back.dst, back.srcPort, back.dstPort, back.dir = s.dst, s.src, s.dstPort, s.srcPort, packet.DirIn
			specs = append(specs, s, back)
		}
	}
	return specs
}

// Beliefs that were wrong are put right at the end of a flow, with all that it
// brought, and leave nothing behind.
func TestBeliefsChange(t *testing.T) {
	for _, directed := range []bool{false, true} {
		specs := clients(900)
		if !directed {
			for i := range specs {
				specs[i].dir = packet.DirUnknown
			}
		}
		wrong := false
		cfg := Config{Keys: mustParse(t, "port"), Interval: 10e9, Each: func(res *Result) { wrong = wrong || len(res.Items) > 1 }}
		r, f := rankFlows(t, cfg, flow.Config{Idle: 1 << 60}, specs)
		if !wrong {
			t.Error("every flow was attributed rightly from its start: nothing is tested")
		}
		r.cfg.Interval = 0
		res := r.Result()
		checkTotal(t, res, specs)
		checkRows(t, res, portModel(specs, f), false)
		if res.Groups != 1 || r.groups.count() != 1 {
			t.Errorf("%d rows, %d groups are kept, want one", res.Groups, r.groups.count())
		}
	}
}

// portModel groups packets by the ports of their flows' rows.
func portModel(specs []spec, f *feed) map[string]*sum {
	return model(specs, func(s *spec) map[string][]netip.Addr {
		if s.flow == 0 {
			return tuple("-")
		}
		row := f.rows[s.flow]
		key, peer := portOf(&row)
		return one(s, key, peer)
	})
}

// Flows that end midway are judged then, by what is known of them; their handles
// are used again.
func TestFlowsEndMidway(t *testing.T) {
	for _, by := range []string{"port", "src_ip", "host", "flow_id", "state", "port,src_ip"} {
		for _, interval := range []int64{0, 5e9} {
			t.Run(fmt.Sprint(by, interval), func(t *testing.T) {
				specs := randomTraffic(rand.New(rand.NewPCG(15, 16)), 10_000)
				cfg := Config{Keys: mustParse(t, by), Interval: interval}
				if interval > 0 {
					cfg.Each = func(res *Result) { checkInterval(t, res) }
				}
				r, f := rankFlows(t, cfg, flow.Config{Idle: 2e9}, specs)
				if len(f.rows) < 500 {
					t.Fatalf("%d flows", len(f.rows))
				}
				r.cfg.Interval = 0
				res := r.Result()
				checkTotal(t, res, specs)
				for i := range r.groups.hot {
					if n := r.groups.hot[i].active; n != 0 {
						t.Errorf("group %d: %d active flows at the end", i, int32(n))
					}
				}
				if by == "port" {
					checkRows(t, res, portModel(specs, f), false)
				}
			})
		}
	}
}

// checkInterval checks that no row of an interval has more than the total or
// less than nothing.
func checkInterval(t *testing.T, res *Result) {
	t.Helper()
	var sum uint64
	for i := range res.Items {
		it := &res.Items[i]
		if it.IntervalBytes > res.Total.IntervalBytes || it.IntervalTxBytes > it.IntervalBytes ||
			it.IntervalRxBytes > it.IntervalBytes || it.IntervalPackets > it.Packets {
			t.Errorf("row %s: %+v", words(it), it)
		}
		sum += it.IntervalBytes
	}
	if !res.Overlap && sum != res.Total.IntervalBytes {
		t.Errorf("rows of an interval have %d bytes, the total %d", sum, res.Total.IntervalBytes)
	}
}

// With the active timeout a flow has several rows, and may end without one.
func TestActiveTimeout(t *testing.T) {
	for _, c := range directCases {
		specs := randomTraffic(rand.New(rand.NewPCG(17, 18)), 6_000)
		r, _ := rankFlows(t, Config{Keys: mustParse(t, c.by)}, flow.Config{Idle: 3e9, Active: 1e9}, specs)
		res := r.Result()
		checkTotal(t, res, specs)
		want := model(specs, c.tuples)
		for i := range res.Items {
			row := &res.Items[i]
			if g := want[words(row)]; g == nil || row.Packets != g.packets || row.Bytes != g.bytes || int(row.Flows) != len(g.flows) {
				t.Errorf("%s: %s: %+v, want %+v", c.by, words(row), row, g)
			}
		}
	}
	for _, by := range []string{"port", "flow_id", "state", "port,len"} {
		specs := randomTraffic(rand.New(rand.NewPCG(17, 18)), 6_000)
		r, _ := rankFlows(t, Config{Keys: mustParse(t, by)}, flow.Config{Idle: 3e9, Active: 1e9}, specs)
		checkTotal(t, r.Result(), specs)
	}
}

// Where pairs have no room, rows say that they are too low, and by how much is
// counted.
func TestPairsHaveNoRoom(t *testing.T) {
	for _, by := range []string{"port", "src_ip", "len", "port,len"} {
		specs := randomTraffic(rand.New(rand.NewPCG(19, 20)), 5_000)
		r, _ := rank(t, Config{Keys: mustParse(t, by), MaxPairs: 16}, specs)
		res := r.Result()
		checkTotal(t, res, specs)
		marked := 0
		for i := range res.Items {
			if res.Items[i].Lower {
				marked++
			}
		}
		if res.Missed == 0 || marked == 0 {
			t.Errorf("%s: %d missed, %d rows marked", by, res.Missed, marked)
		}
	}
}

// Strings are kept only for groups that there are.
func TestTextsAreBounded(t *testing.T) {
	specs := randomTraffic(rand.New(rand.NewPCG(21, 22)), 30_000)
	for i := range specs {
		specs[i].srcPort = uint16(i)
	}
	r, _ := rankFlows(t, Config{Keys: mustParse(t, "flow"), MaxGroups: 512}, flow.Config{Idle: 1e9}, specs)
	if n := len(r.texts.all); n > 2*512+maxWaiting+packet.BatchLen {
		t.Errorf("%d strings for %d groups", n, r.groups.count())
	}
	res := r.Result()
	checkTotal(t, res, specs)
	for i := range res.Items {
		if _, ok := res.Items[i].Cell(0); ok && res.Items[i].Text(0) == "" {
			t.Error("a row has lost its name")
		}
	}
}

func TestFlowKey(t *testing.T) {
	specs := clients(2)
	specs = append(specs, spec{ts: 2000e9, proto: 1, src: netip.MustParseAddr("10.0.0.1"), dst: netip.MustParseAddr("10.0.0.2")})
	f := newFeed(t, flow.Config{Idle: 1 << 60})
	r := NewRanking(Config{Keys: mustParse(t, "flow")}, f.table)
	f.consumer, f.ended = r.Batch, r.Ended
	f.run(specs)
	r.Close()
	have := map[string]uint64{}
	res := r.Result()
	for i := range res.Items {
		have[res.Items[i].Text(0)] = res.Items[i].Packets
	}
	want := fmt.Sprint(map[string]uint64{
		"10.0.0.0:33000 > 192.0.2.0:45678/udp": 4, "10.0.0.1:33001 > 192.0.2.1:45678/udp": 4, "10.0.0.1 > 10.0.0.2/icmp": 1,
	})
	if got := fmt.Sprint(have); got != want {
		t.Errorf("have %s, want %s", got, want)
	}
}

// Local ends follow the networks, or the directions of the capture.
func TestLocalKeys(t *testing.T) {
	specs := randomTraffic(rand.New(rand.NewPCG(23, 24)), 10_000)
	nets := []netip.Prefix{netip.MustParsePrefix("10.0.1.0/24")}
	for _, local := range [][]netip.Prefix{nil, nets} {
		schema := testSchema()
		schema.Local = local
		keys, err := ParseBy(schema, "local_ip, local_port, remote_ip, remote_port")
		if err != nil {
			t.Fatal(err)
		}
		r, _ := rank(t, Config{Keys: keys, Local: local}, specs)
		out := func(s *spec) packet.Dir {
			switch {
			case local == nil:
				return s.dir
			case s.proto == 0:
				return packet.DirUnknown
			case nets[0].Contains(s.src):
				return packet.DirOut
			case nets[0].Contains(s.dst):
				return packet.DirIn
			}
			return packet.DirUnknown
		}
		want := model(specs, func(s *spec) map[string][]netip.Addr {
			here, there := addr(s, s.src)+" "+ported(s, s.srcPort), addr(s, s.dst)+" "+ported(s, s.dstPort)
			switch out(s) {
			case packet.DirOut:
				return tuple(here + " " + there)
			case packet.DirIn:
				return tuple(there + " " + here)
			}
			return tuple("- - - -")
		})
		res := r.Result()
		if len(res.Items) != len(want) {
			t.Errorf("%d rows, want %d", len(res.Items), len(want))
		}
		for i := range res.Items {
			if g := want[words(&res.Items[i])]; g == nil || g.packets != res.Items[i].Packets || len(g.flows) != int(res.Items[i].Flows) {
				t.Errorf("%s: %+v, want %+v", words(&res.Items[i]), res.Items[i], g)
			}
		}
	}
}

// What was over in less than a second has a peak above its average.
func TestPeakIsAtLeastTheAverage(t *testing.T) {
	var specs []spec
	for i := range 100 {
		specs = append(specs, spec{ts: int64(i) * 1e6, proto: 17, size: 100, src: netip.MustParseAddr("10.0.0.1"), dst: netip.MustParseAddr("10.0.0.2"), srcPort: 1000, dstPort: 53})
	}
	r, _ := rank(t, Config{Keys: mustParse(t, "port")}, specs)
	res := r.Result()
	row := &res.Items[0]
	average, _ := perSecond(row.Bytes, res.Span)
	if peak := row.peak(row.PeakBytes, row.Bytes); peak < average {
		t.Errorf("peak %v, average %v", peak, average)
	}
}
