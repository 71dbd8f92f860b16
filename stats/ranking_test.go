package stats

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"pkt/flow"
	"pkt/names"
	"pkt/packet"
)

// tuple is one tuple of a packet with the addresses at its other end.
func tuple(key string, peers ...netip.Addr) map[string][]netip.Addr {
	return map[string][]netip.Addr{key: peers}
}

// ported is the text of a port, if the packet has one.
func ported(s *spec, port uint16) string {
	if s.proto == 6 || s.proto == 17 {
		return fmt.Sprint(port)
	}
	return "-"
}

// addr is the text of an address, if the packet has one.
func addr(s *spec, a netip.Addr) string {
	if s.proto == 0 {
		return "-"
	}
	return a.String()
}

func masked(a netip.Addr, bits4, bits6 int) string {
	if a.Is4() {
		p, _ := a.Prefix(bits4)
		return p.Addr().String()
	}
	p, _ := a.Prefix(bits6)
	return p.Addr().String()
}

// bothEnds is a tuple for either end of a packet.
func bothEnds(s *spec, text func(netip.Addr) string) map[string][]netip.Addr {
	if s.proto == 0 {
		return tuple("-")
	}
	out := map[string][]netip.Addr{text(s.src): {s.dst}}
	out[text(s.dst)] = append(out[text(s.dst)], s.src)
	return out
}

func one(s *spec, key string, peer netip.Addr) map[string][]netip.Addr {
	if s.proto == 0 || key == "-" {
		return tuple(key)
	}
	return tuple(key, peer)
}

// directCases are groupings by keys of packets.
var directCases = []struct {
	by     string
	tuples func(*spec) map[string][]netip.Addr
}{
	{"src_ip", func(s *spec) map[string][]netip.Addr { return one(s, addr(s, s.src), s.dst) }},
	{"dst_port", func(s *spec) map[string][]netip.Addr { return one(s, ported(s, s.dstPort), s.src) }},
	{"src_port, src_ip as a", func(s *spec) map[string][]netip.Addr {
		return one(s, ported(s, s.srcPort)+" "+addr(s, s.src), s.dst)
	}},
	{"src_ip,dst_ip", func(s *spec) map[string][]netip.Addr { return tuple(addr(s, s.src) + " " + addr(s, s.dst)) }},
	{"len", func(s *spec) map[string][]netip.Addr { return tuple(fmt.Sprint(s.wire)) }},
	{"bucket(len, 64)", func(s *spec) map[string][]netip.Addr { return tuple(fmt.Sprint(s.wire / 64 * 64)) }},
	{"bucket(len, 100)", func(s *spec) map[string][]netip.Addr { return tuple(fmt.Sprint(s.wire / 100 * 100)) }},
	{"minute(ts)", func(s *spec) map[string][]netip.Addr { return tuple(fmt.Sprint(s.ts / 60e9 * 60e9)) }},
	{"second(ts),src_ip", func(s *spec) map[string][]netip.Addr {
		return one(s, fmt.Sprint(s.ts/1e9*1e9)+" "+addr(s, s.src), s.dst)
	}},
	{"host", func(s *spec) map[string][]netip.Addr { return bothEnds(s, netip.Addr.String) }},
	{"net(src_ip,24)", func(s *spec) map[string][]netip.Addr {
		if s.proto == 0 {
			return tuple("-")
		}
		return tuple(masked(s.src, 24, 64), s.dst)
	}},
	{"net(host,22,40)", func(s *spec) map[string][]netip.Addr {
		return bothEnds(s, func(a netip.Addr) string { return masked(a, 22, 40) })
	}},
}

func TestDirect(t *testing.T) {
	for _, c := range directCases {
		t.Run(c.by, func(t *testing.T) {
			specs := randomTraffic(rand.New(rand.NewPCG(3, 4)), 20_000)
			r, _ := rank(t, Config{Keys: mustParse(t, c.by)}, specs)
			res := r.Result()
			want := model(specs, c.tuples)
			checkRows(t, res, want, true)
			checkTotal(t, res, specs)
			for limit := 1; limit < len(want) && limit < 5; limit++ {
				r.cfg.Rows.Limit = limit
				checkTotal(t, r.Result(), specs)
			}
		})
	}
}

// portOf returns the port key of a flow by its final row, and its peer.
func portOf(row *flow.Row) (key string, peer netip.Addr) {
	if row.PortVia == flow.PortNone {
		return "-", netip.Addr{}
	}
	key = fmt.Sprint(uint64(row.Proto)<<16 | uint64(row.ServicePort))
	if row.ServicePort == row.DstPort {
		return key, row.Src.Addr()
	}
	return key, row.Dst.Addr()
}

// flowCases are groupings by keys of which some are of flows. row is nil for a
// packet without a flow.
var flowCases = []struct {
	by     string
	tuples func(*spec, *flow.Row) map[string][]netip.Addr
}{
	{"port", func(s *spec, row *flow.Row) map[string][]netip.Addr {
		if row == nil {
			return tuple("-")
		}
		key, peer := portOf(row)
		return one(s, key, peer)
	}},
	{"flow_id", func(s *spec, row *flow.Row) map[string][]netip.Addr {
		if row == nil {
			return tuple("-")
		}
		return tuple(fmt.Sprint(row.ID))
	}},
	{"service,flow.state", func(s *spec, row *flow.Row) map[string][]netip.Addr {
		if row == nil {
			return tuple("- -")
		}
		name, state := names.Service(row.Proto, row.ServicePort), "-"
		if name == "" || row.PortVia == flow.PortNone {
			name = "-"
		}
		if row.Proto == 6 {
			state = fmt.Sprint(uint64(row.State))
		}
		key, peer := portOf(row)
		if key == "-" {
			return tuple(name + " " + state)
		}
		return tuple(name+" "+state, peer)
	}},
	{"port,bucket(len,64)", func(s *spec, row *flow.Row) map[string][]netip.Addr {
		size := fmt.Sprint(s.wire / 64 * 64)
		if row == nil {
			return tuple("- " + size)
		}
		key, peer := portOf(row)
		if key == "-" {
			return tuple("- " + size)
		}
		return tuple(key+" "+size, peer)
	}},
	{"src_ip,state", func(s *spec, row *flow.Row) map[string][]netip.Addr {
		if row == nil {
			return tuple("- -")
		}
		if row.Proto != 6 {
			return tuple(s.src.String()+" -", s.dst)
		}
		return tuple(fmt.Sprint(s.src, " ", uint64(row.State)), s.dst)
	}},
	{"host,port", func(s *spec, row *flow.Row) map[string][]netip.Addr {
		if row == nil {
			return tuple("- -")
		}
		key, _ := portOf(row)
		return bothEnds(s, func(a netip.Addr) string { return a.String() + " " + key })
	}},
}

func TestPerFlow(t *testing.T) {
	for _, c := range flowCases {
		t.Run(c.by, func(t *testing.T) {
			specs := randomTraffic(rand.New(rand.NewPCG(5, 6)), 20_000)
			r, f := rank(t, Config{Keys: mustParse(t, c.by)}, specs)
			res := r.Result()
			want := model(specs, func(s *spec) map[string][]netip.Addr {
				if s.flow == 0 {
					return c.tuples(s, nil)
				}
				row := f.rows[s.flow]
				return c.tuples(s, &row)
			})
			checkRows(t, res, want, false)
			checkTotal(t, res, specs)
			r.cfg.Rows.Limit = 2
			checkTotal(t, r.Result(), specs)
		})
	}
}

func TestIntervals(t *testing.T) {
	const width = int64(7 * time.Second)
	for _, by := range []string{"src_ip", "bucket(len,64)", "port", "port,src_ip", "flow_id"} {
		t.Run(by, func(t *testing.T) {
			specs := randomTraffic(rand.New(rand.NewPCG(7, 8)), 20_000)
			// A long silence in the middle: it must not cost or list anything.
			for i := len(specs) / 2; i < len(specs); i++ {
				specs[i].ts += int64(10 * 365 * 24 * time.Hour)
			}
			var results []*Result
			r, _ := rank(t, Config{Keys: mustParse(t, by), Interval: width, Each: func(res *Result) { results = append(results, res) }}, specs)
			want := map[int64]uint64{}
			var clock int64
			for i := range specs {
				clock = max(clock, specs[i].ts)
				want[clock/width*width] += specs[i].wire
			}
			if len(results) != len(want) {
				t.Errorf("%d intervals, want %d", len(results), len(want))
			}
			bytes := map[string]uint64{}
			for _, res := range results {
				if res.From%width != 0 || res.To != res.From+width {
					t.Errorf("interval %d to %d", res.From, res.To)
				}
				var sum uint64
				for i := range res.Items {
					sum += res.Items[i].IntervalBytes
					bytes[words(&res.Items[i])] += res.Items[i].IntervalBytes
				}
				if sum != want[res.From] || res.Total.IntervalBytes != sum {
					t.Errorf("interval %d: %d bytes in rows, %d in the total, want %d", res.From, sum, res.Total.IntervalBytes, want[res.From])
				}
			}
			if by == "port" || by == "port,src_ip" {
				return // flows may have moved between intervals
			}
			r.cfg.Interval = 0
			for _, it := range r.Result().Items {
				if bytes[words(&it)] != it.Bytes {
					t.Errorf("%s: intervals sum up to %d, want %d", words(&it), bytes[words(&it)], it.Bytes)
				}
			}
		})
	}
}

// Clients of one server on a high port, none of which shows a handshake, are
// one row.
func TestManyClientsOneRow(t *testing.T) {
	var specs []spec
	server := netip.MustParseAddr("192.0.2.9")
	for i := range 2500 {
		client := netip.AddrFrom4([4]byte{10, 0, byte(i / 250), byte(i % 250)})
		s := spec{
			ts: int64(i) * 1e8, proto: 6, flags: 0x10, size: 100, src: client, dst: server,
			srcPort: uint16(1024 + i*7%60000), dstPort: 45678,
		}
		back := s
		back.src, back.dst, back.srcPort, back.dstPort = s.dst, s.src, s.dstPort, s.srcPort
		specs = append(specs, s, back)
	}
	r, _ := rank(t, Config{Keys: mustParse(t, "port")}, specs)
	res := r.Result()
	if len(res.Items) != 1 {
		t.Fatalf("%d rows", len(res.Items))
	}
	row := res.Items[0]
	if words(&row) != fmt.Sprint(6<<16|45678) || row.Flows != 2500 || row.Peers != 2500 || row.Packets != 5000 {
		t.Errorf("%s: %+v", words(&row), row)
	}
}

func TestLocal(t *testing.T) {
	specs := randomTraffic(rand.New(rand.NewPCG(9, 10)), 5000)
	nets := []netip.Prefix{netip.MustParsePrefix("10.0.1.0/24"), netip.MustParsePrefix("2001:db8:100::/40")}
	r, _ := rank(t, Config{Keys: mustParse(t, "port"), Local: nets}, specs)
	var tx, rx uint64
	for _, s := range specs {
		in := func(a netip.Addr) bool { return nets[0].Contains(a) || nets[1].Contains(a) }
		switch {
		case s.proto == 0:
		case in(s.src):
			tx += s.wire
		case in(s.dst):
			rx += s.wire
		}
	}
	res := r.Result()
	if res.Total.TxBytes != tx || res.Total.RxBytes != rx {
		t.Errorf("tx %d, rx %d; want %d, %d", res.Total.TxBytes, res.Total.RxBytes, tx, rx)
	}
	for i := range specs {
		specs[i].dir = packet.DirUnknown
	}
	r, _ = rank(t, Config{Keys: mustParse(t, "port")}, specs)
	if res := r.Result(); res.Total.HasDir || res.Items[0].HasDir {
		t.Error("a direction is claimed")
	}
}

// Rows beyond the bound are evicted, the busiest stay, and all adds up.
func TestEviction(t *testing.T) {
	for _, by := range []string{"dst_port", "port", "src_port,dst_port", "port,src_port", "second(ts)"} {
		t.Run(by, func(t *testing.T) {
			specs := randomTraffic(rand.New(rand.NewPCG(11, 12)), 30_000)
			rnd := rand.New(rand.NewPCG(13, 14))
			for i := range specs {
				if p := specs[i].proto; i%2 == 0 && (p == 6 || p == 17) {
					specs[i].dstPort = uint16(rnd.IntN(60000))
				}
			}
			r, _ := rank(t, Config{Keys: mustParse(t, by), MaxGroups: 64}, specs)
			if r.evicted == 0 {
				t.Fatal("nothing was evicted")
			}
			for _, limit := range []int{0, 3} {
				r.cfg.Rows.Limit = limit
				res := r.Result()
				checkTotal(t, res, specs)
				if len(res.Items) > 64+packet.BatchLen+maxWaiting || !res.HasOther {
					t.Errorf("%d rows, other: %v", len(res.Items), res.HasOther)
				}
				if res.Items[0].Rank == 1 && by == "dst_port" && res.Items[0].Lower {
					t.Error("the busiest row was evicted")
				}
			}
			for i := range r.groups.hot {
				if n := r.groups.hot[i].active; n != 0 && i != rest {
					t.Errorf("group %d: %d active flows at the end", i, int32(n))
				}
			}
		})
	}
}
