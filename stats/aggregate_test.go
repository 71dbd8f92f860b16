package stats

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"pkt/decode"
	"pkt/field"
	"pkt/filter"
	"pkt/flow"
	"pkt/internal/pkttest"
	"pkt/names"
	"pkt/packet"
)

// wholeSchema is the fields that the command has.
func wholeSchema() Schema {
	iface := func(uint32) packet.Iface { return packet.Iface{} }
	return Schema{Packet: decode.Fields(), Flow: flow.Fields(flow.Lookups{Iface: iface, Service: names.Service})}
}

func mustAgg(t testing.TB, text string) []Aggregate {
	t.Helper()
	a, err := ParseAgg(wholeSchema(), nil, text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// naiveAgg is what the model knows of one aggregate: the value of a packet, or
// of a flow by the packets of it and its last row, and what becomes of all
// values.
type naiveAgg struct {
	text    string
	ofFlow  bool
	ofSpec  func(*spec) (float64, bool)
	ofFlows func(packets []*spec, row *flow.Row) (float64, bool)
	join    func(sorted []float64) float64
}

func total(v []float64) (sum float64) {
	for _, x := range v {
		sum += x
	}
	return sum
}

func different(v []float64) float64 { return float64(len(slices.Compact(slices.Clone(v)))) }

func wireOf(s *spec) (float64, bool) { return float64(s.wire), true }

func bytesOf(packets []*spec, _ *flow.Row) (sum float64, has bool) {
	for _, s := range packets {
		sum += float64(s.wire)
	}
	return sum, true
}

var naiveAggs = []naiveAgg{
	{text: "count()", ofSpec: wireOf, join: func(v []float64) float64 { return float64(len(v)) }},
	{text: "sum(len)", ofSpec: wireOf, join: total},
	{text: "avg(len)", ofSpec: wireOf, join: func(v []float64) float64 { return total(v) / float64(len(v)) }},
	{text: "max(len * 2 + 1)", ofSpec: func(s *spec) (float64, bool) { return float64(2*s.wire + 1), true },
		join: func(v []float64) float64 { return v[len(v)-1] }},
	{text: "min(src_port)", ofSpec: func(s *spec) (float64, bool) { return float64(s.srcPort), s.proto == 6 || s.proto == 17 },
		join: func(v []float64) float64 { return v[0] }},
	{text: "p90(len)", ofSpec: wireOf, join: func(v []float64) float64 { return v[int(math.Ceil(0.9*float64(len(v))))-1] }},
	{text: "distinct(len)", ofSpec: wireOf, join: different},
	{text: "count(src_port)", ofSpec: func(s *spec) (float64, bool) { return 1, s.proto == 6 || s.proto == 17 },
		join: func(v []float64) float64 { return float64(len(v)) }},
	{text: "avg(flow.bytes)", ofFlow: true, ofFlows: bytesOf, join: func(v []float64) float64 { return total(v) / float64(len(v)) }},
	{text: "sum(flow.bytes) as all", ofFlow: true, ofFlows: bytesOf, join: total},
	{text: "p50(flow.bytes)", ofFlow: true, ofFlows: bytesOf, join: func(v []float64) float64 { return v[(len(v)+1)/2-1] }},
	{text: "max(flow.packets)", ofFlow: true, join: func(v []float64) float64 { return v[len(v)-1] },
		ofFlows: func(packets []*spec, _ *flow.Row) (float64, bool) { return float64(len(packets)), true }},
	{text: "count(flow.flow_id)", ofFlow: true, join: total,
		ofFlows: func([]*spec, *flow.Row) (float64, bool) { return 1, true }},
	{text: "distinct(flow.state)", ofFlow: true, join: different,
		ofFlows: func(_ []*spec, row *flow.Row) (float64, bool) { return float64(row.State), true }},
}

// naive computes an aggregate of every group, and of all.
func naive(a *naiveAgg, specs []spec, rows map[int]flow.Row, tuples func(*spec, *flow.Row) map[string][]netip.Addr) (groups map[string][]float64, all []float64) {
	groups = map[string][]float64{}
	members := map[int]map[string]bool{}
	packets := map[int][]*spec{}
	for i := range specs {
		s := &specs[i]
		var row *flow.Row
		if r, ok := rows[s.flow]; ok && s.flow != 0 {
			row = &r
			packets[s.flow] = append(packets[s.flow], s)
		}
		keys := tuples(s, row)
		if row != nil {
			if members[s.flow] == nil {
				members[s.flow] = map[string]bool{}
			}
			for k := range keys {
				members[s.flow][k] = true
			}
		}
		for k := range keys {
			groups[k] = append(groups[k], nil...)
		}
		if a.ofFlow {
			continue
		}
		if v, ok := a.ofSpec(s); ok {
			all = append(all, v)
			for k := range keys {
				groups[k] = append(groups[k], v)
			}
		}
	}
	if a.ofFlow {
		for n, keys := range members {
			row := rows[n]
			if v, ok := a.ofFlows(packets[n], &row); ok {
				all = append(all, v)
				for k := range keys {
					groups[k] = append(groups[k], v)
				}
			}
		}
	}
	for _, v := range groups {
		slices.Sort(v)
	}
	slices.Sort(all)
	return groups, all
}

// aggText is the value of aggregate k as text, with the precision of a sketch.
func aggText(f *field.Field, v aggregateValue) string {
	n := float64(v.cell.Lo)
	if f.Kind == field.Float {
		n = v.cell.Float()
	}
	if !v.has {
		return "-"
	}
	return fmt.Sprintf("%.9g", n)
}

// checkAgg compares a value with what the model has.
func checkAgg(t *testing.T, where string, a *naiveAgg, f *field.Field, got aggregateValue, values []float64) {
	t.Helper()
	counts := f.Unit == field.Count
	if len(values) == 0 && !counts {
		if got.has {
			t.Errorf("%s of %s: %s, want none", a.text, where, aggText(f, got))
		}
		return
	}
	want := 0.0
	if len(values) > 0 {
		want = a.join(values)
	}
	n := float64(got.cell.Lo)
	if f.Kind == field.Float {
		n = got.cell.Float()
	}
	limit := 1e-9 * math.Abs(want)
	if a.text[0] == 'p' {
		limit = 0.01 * math.Abs(want)
	}
	if !got.has || math.Abs(n-want) > limit {
		t.Errorf("%s of %s: %s, want %v of %d", a.text, where, aggText(f, got), want, len(values))
	}
}

// allCases are direct cases and flow cases together.
func allCases() map[string]func(*spec, *flow.Row) map[string][]netip.Addr {
	out := map[string]func(*spec, *flow.Row) map[string][]netip.Addr{}
	for _, c := range directCases {
		out[c.by] = func(s *spec, _ *flow.Row) map[string][]netip.Addr { return c.tuples(s) }
	}
	for _, c := range flowCases {
		out[c.by] = c.tuples
	}
	return out
}

// Aggregates are what all values of a group's packets and flows give, however
// these find and change their groups.
func TestAggregates(t *testing.T) {
	for by, tuples := range allCases() {
		for _, flows := range []flow.Config{{Idle: 1 << 60}, {Idle: 2e9}} {
			t.Run(fmt.Sprint(by, flows.Idle), func(t *testing.T) {
				specs := randomTraffic(rand.New(rand.NewPCG(21, 22)), 4_000)
				cfg := Config{Keys: mustParse(t, by)}
				for _, a := range naiveAggs {
					cfg.Aggregates = append(cfg.Aggregates, mustAgg(t, a.text)...)
				}
				r, f := rankFlows(t, cfg, flows, specs)
				r.cfg.Rows.Limit = 3
				some := r.Result()
				r.cfg.Rows.Limit = 0
				res := r.Result()
				for k := range naiveAggs {
					a := &naiveAggs[k]
					groups, all := naive(a, specs, f.rows, tuples)
					for i := range res.Items {
						row := &res.Items[i]
						checkAgg(t, words(row), a, &cfg.Aggregates[k].Field, row.aggregates[k], groups[words(row)])
						if row.Partial {
							t.Errorf("%s is partial", words(row))
						}
					}
					checkAgg(t, "total", a, &cfg.Aggregates[k].Field, res.Total.aggregates[k], all)
					checkOther(t, a, cfg.Aggregates[k].Field, some, k, groups, r)
				}
			})
		}
	}
}

// checkOther compares the row of what is not listed.
func checkOther(t *testing.T, a *naiveAgg, f field.Field, res *Result, k int, groups map[string][]float64, r *Ranking) {
	t.Helper()
	if !res.HasOther {
		return
	}
	if a.ofFlow && !r.oneGroup {
		if res.Other.aggregates[k].has {
			t.Errorf("%s of other: flows count in several groups", a.text)
		}
		return
	}
	var rest []float64
	for key, v := range groups {
		if !slices.ContainsFunc(res.Items, func(row Row) bool { return words(&row) == key }) {
			rest = append(rest, v...)
		}
	}
	slices.Sort(rest)
	checkAgg(t, "other", a, &f, res.Other.aggregates[k], rest)
}

// While flows go on, what they have brought and may take elsewhere counts where
// it is, and they themselves as they are.
func TestAggregatesMidway(t *testing.T) {
	for by := range allCases() {
		for _, flows := range []flow.Config{{Idle: 1 << 60}, {Idle: 2e9}, {Idle: 2e9, Active: 1e9}} {
			t.Run(fmt.Sprint(by, flows.Idle, flows.Active), func(t *testing.T) {
				specs := randomTraffic(rand.New(rand.NewPCG(23, 24)), 4_000)
				results := 0
				cfg := Config{Keys: mustParse(t, by), Aggregates: mustAgg(t, "sum(len), count(), sum(flow.bytes)"), Interval: 5e9}
				cfg.Each = func(res *Result) {
					results++
					for i := range res.Items {
						checkMidway(t, &res.Items[i])
					}
					checkMidway(t, &res.Total)
					if res.HasOther {
						checkMidway(t, &res.Other)
					}
					// The flow table is ahead by what of the batch lies behind the interval.
					const batch = packet.BatchLen * 400
					if n := res.Total.aggregates[2].cell.Lo; n > res.Total.Bytes+batch || n < res.Total.Bytes/2 {
						t.Errorf("flows have %d of %d bytes", n, res.Total.Bytes)
					}
				}
				rankFlows(t, cfg, flows, specs)
				if results < 5 {
					t.Errorf("%d results", results)
				}
			})
		}
	}
}

func checkMidway(t *testing.T, row *Row) {
	t.Helper()
	if a := row.aggregates; a[0].cell.Lo != row.Bytes || a[1].cell.Lo != row.Packets {
		t.Errorf("sum(len) is %d, count() %d; there are %d bytes, %d packets", a[0].cell.Lo, a[1].cell.Lo, row.Bytes, row.Packets)
	}
}

// What evicted groups held is in the row of what is not listed.
func TestAggregatesEvicted(t *testing.T) {
	for by := range allCases() {
		specs := randomTraffic(rand.New(rand.NewPCG(25, 26)), 4_000)
		cfg := Config{Keys: mustParse(t, by), Aggregates: mustAgg(t, "sum(len), count(), sum(flow.bytes)"), MaxGroups: 4}
		r, f := rankFlows(t, cfg, flow.Config{Idle: 2e9}, specs)
		res := r.Result()
		checkMidway(t, &res.Total)
		if res.HasOther {
			checkMidway(t, &res.Other)
		}
		var flows uint64
		for _, row := range f.rows {
			flows += row.SrcSent.Bytes + row.DstSent.Bytes
		}
		if n := res.Total.aggregates[2].cell.Lo; n != flows {
			t.Errorf("%s: flows have %d bytes, want %d", by, n, flows)
		}
	}
}

// Fragments that were held back count when their flow is known, with the length
// that is known of them.
func TestAggregatesOfFragments(t *testing.T) {
	for _, by := range []string{"port", "flow_id", "state", "src_ip", "port,src_ip"} {
		f := newFeed(t, flow.Config{Idle: 1 << 60})
		cfg := Config{Keys: mustParse(t, by), Aggregates: mustAgg(t, "sum(len), count(), max(ttl)")}
		r := NewRanking(cfg, f.table)
		f.consumer, f.ended = r.Batch, r.Ended
		f.batch(fragmentBatch())
		f.flush()
		r.Close()
		res := r.Result()
		checkMidway(t, &res.Total)
		for i := range res.Items {
			checkMidway(t, &res.Items[i])
		}
	}
}

// fragmentBatch holds a later fragment before the first one, and one without.
func fragmentBatch() *packet.Batch {
	parts := pkttest.Fragments(64, 7, pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.UDP{SrcPort: 4000, DstPort: 53}, pkttest.Zeros(150))
	alone := pkttest.Fragments(64, 8, pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.UDP{}, pkttest.Zeros(100))
	frames := [][]byte{parts[1], alone[1], parts[0], parts[2]}
	b := &packet.Batch{N: len(frames), Ifaces: []packet.Iface{{Link: 1}}}
	var mem []byte
	for i, frame := range frames {
		b.Records[i] = packet.Record{Nanos: 1e18 + int64(i), Off: uint32(len(mem)), CapLen: uint32(len(frame)), WireLen: uint32(len(frame)), Link: 1}
		mem = append(mem, frame...)
	}
	b.Block = packet.NewBlock(mem, nil)
	decode.Batch(b, b.All())
	return b
}

func TestParseAggErrors(t *testing.T) {
	for _, c := range []struct{ agg, want string }{
		{"avg(flow.bytes / len)", "\"len\" is a field of packets and stands with one of flows: an aggregate has fields of one of them\n  avg(flow.bytes / len)\n                   ^^^"},
		{"count(), sum(len), sum(len)", "two columns are called \"sum(len)\": name one with \"as\"\n  count(), sum(len), sum(len)\n                     ^^^^^^^^"},
		{"sum(len) as bytes", "two columns are called \"bytes\": name one with \"as\"\n  sum(len) as bytes\n  ^^^^^^^^"},
		{"avg(flow.byts)", "unknown field \"flow.byts\", did you mean flow.bytes?\n  avg(flow.byts)\n      ^^^^^^^^^"},
		{"avg(lenn)", "unknown field \"lenn\", did you mean len?\n  avg(lenn)\n      ^^^^"},
		{"p99(flow.state)", "p99() takes numbers, not a name\n  p99(flow.state)\n      ^^^^^^^^^^"},
	} {
		_, err := ParseAgg(wholeSchema(), []string{"bytes"}, c.agg)
		var e *filter.Error
		if !errors.As(err, &e) || e.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.agg, err, c.want)
		}
	}
}

// aggsMeasured are what aggregates are measured with.
var aggsMeasured = []string{"count()", "avg(len)", "max(ttl)", "p99(len)", "distinct(dst_port)", "avg(flow.bytes)", "p99(flow.tcp.rtt_s), avg(flow.bytes), max(len), count()"}

// BenchmarkAggregates measures what an aggregate adds to a ranking.
func BenchmarkAggregates(b *testing.B) {
	r := newRing(4000)
	for _, by := range []string{"src_ip", "port", "port,src_ip"} {
		for _, agg := range append([]string{""}, aggsMeasured...) {
			b.Run(by+"/"+agg, func(b *testing.B) {
				cfg := Config{Keys: mustParse(b, by)}
				if agg != "" {
					cfg.Aggregates = mustAgg(b, agg)
				}
				k := NewRanking(cfg, r.table)
				for range r.batches {
					batch, refs := r.next()
					k.Batch(batch, batch.All(), nil, refs)
				}
				r.settle()
				b.ReportAllocs()
				b.ResetTimer()
				before := cpuTime()
				for range b.N {
					batch, refs := r.next()
					k.Batch(batch, batch.All(), nil, refs)
				}
				b.ReportMetric(float64(cpuTime()-before)/float64(b.N*packet.BatchLen), "ns/pkt")
			})
		}
	}
}

// Once all groups are there, aggregates allocate nothing.
func TestAggregatesAllocate(t *testing.T) {
	r := newRing(2000)
	for _, by := range []string{"src_ip", "len", "port", "state", "port,src_ip", "host"} {
		cfg := Config{Keys: mustParse(t, by), Aggregates: mustAgg(t, "count(), avg(len), max(ttl), p99(len), distinct(dst_port), avg(flow.bytes)")}
		k := NewRanking(cfg, r.table)
		feed := func() {
			batch, refs := r.next()
			k.Batch(batch, batch.All(), nil, refs)
		}
		for range 200 * len(r.batches) {
			feed()
		}
		if n := testing.AllocsPerRun(2*len(r.batches), feed); n > 0 {
			t.Errorf("%s: %v allocations a batch", by, n)
		}
	}
}

// FuzzParseAgg checks that any text gives aggregates that can be counted, or an
// error that points into it.
func FuzzParseAgg(f *testing.F) {
	for _, s := range []string{
		"count(), sum(len)", "p99(flow.tcp.rtt_s), avg(flow.bytes) as mean", "distinct(flow)", "max(vlans[0])", "avg(len / (ttl - 64))",
		"min(ts), max(flow.start)", "sum(let x = len; x * x)", "p50(-len)", "count(", "f(", "avg(len) as", "p7(len > 5 ? 1.5 : -1e300)",
	} {
		f.Add(s)
	}
	schema := wholeSchema()
	r := newRing(64)
	keys := map[string][]Key{}
	for _, by := range []string{"src_ip", "port", "state,len"} {
		keys[by] = mustParse(f, by)
	}
	f.Fuzz(func(t *testing.T, text string) {
		aggs, err := ParseAgg(schema, nil, text)
		if err != nil {
			var e *filter.Error
			if !errors.As(err, &e) {
				t.Fatalf("error of type %T", err)
			}
			if e.Off < 0 || e.Len < 0 || e.Off+e.Len > len(e.Text) || e.Msg == "" {
				t.Errorf("error %+v", e)
			}
			return
		}
		for _, k := range keys {
			rank := NewRanking(Config{Keys: k, Aggregates: aggs}, r.table)
			batch, refs := r.next()
			rank.Batch(batch, batch.All(), nil, refs)
			res := rank.Result()
			if len(res.Total.aggregates) != len(aggs) {
				t.Errorf("%d values of %d aggregates", len(res.Total.aggregates), len(aggs))
			}
		}
	})
}
