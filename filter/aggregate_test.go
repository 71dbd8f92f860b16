package filter

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pkt/field"
	"pkt/packet"
)

// accumulate returns the result of an item of --agg over the packets of a
// batch, all in one group of two, as text.
func accumulate(t *testing.T, text string, b *packet.Batch) string {
	t.Helper()
	items, err := Split(text)
	if err != nil {
		t.Fatal(err)
	}
	a, err := CompileAggregate(items[0], packets())
	if err != nil {
		t.Fatal(err)
	}
	acc := a.NewAccumulator(DefaultMaxDistinct)
	acc.Grow(2)
	var v field.Vector
	has := b.All()
	if a.Arg.Col != nil {
		has = a.Arg.Col(b, has, &v)
	}
	var at []uint16
	var groups []uint32
	for i := range b.N {
		at, groups = append(at, uint16(i)), append(groups, 1)
	}
	acc.Add(at, groups, &v, has)
	c, ok := acc.Value(1)
	if !ok {
		return "-"
	}
	return string(appendText(nil, &a.Field, c))
}

func TestAggregates(t *testing.T) {
	b := batchOf(1, ordinary()...)
	tests := []struct{ text, want string }{
		{"count()", "8"},
		{"count(vlan)", "1"},
		{"count( dst_port ) as ports", "5"},
		{"sum(dst_port)", "40578"},
		{"max(len)", "1074"},
		{"min(len)", "42"},
		{"avg(ttl)", "55"},
		{"max(ts)", "2025-11-24T16:00:00.007Z"},
		{"p50(dst_port)", "80"},
		{"p99(dst_port)", "40000"},
		{"distinct(src_ip)", "3"},
		{"distinct(iface)", "2"},
		{"distinct(string(src_ip) + iface)", "5"},
		{"avg(len > 100 ? 1.0 : 0.0)", "0.375"},
		{"max(ts - second(ts))", "0.007"},
		{"p50(tcp.mss)", "-"},
		{"sum(vlan)", "7"},
	}
	for _, tt := range tests {
		if got := accumulate(t, tt.text, b); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.text, got, tt.want)
		}
	}
}

func TestAggregateErrors(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"len", "an aggregate is a function of a value"},
		{"median(len)", "unknown function median(): there are count, sum, avg, min, max, p1 to p99 and distinct\n  median(len)\n  ^^^^^^"},
		{"p0(len)", "unknown function p0()"},
		{"p100(len)", "unknown function p100()"},
		{"avg()", "avg() lacks an argument\n  avg()\n  ^^^^^"},
		{"sum(src_ip)", "sum() takes numbers, not an address\n  sum(src_ip)\n      ^^^^^^"},
		{"max(vlans)", "max() takes one value a row, not a list\n  max(vlans)\n      ^^^^^"},
		{"count(), avg(lenn) as x", "unknown field \"lenn\", did you mean len?\n  count(), avg(lenn) as x\n               ^^^^"},
		{"sum(len) + sum(ttl)", "an aggregate is a function of a value"},
		{"sum(5)", "the expression has the same value for all rows"},
		{"sum(len, ttl)", "unexpected token"},
	} {
		items, err := Split(tt.text)
		for _, it := range items {
			if err == nil {
				_, err = CompileAggregate(it, packets())
			}
		}
		if e, ok := err.(*Error); !ok || !strings.HasPrefix(e.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.text, err, tt.want)
		}
	}
}

// TestAccumulatorsMerge: rows that are dealt to two accumulators, merged, and
// groups that are moved together, give what one accumulator gives.
func TestAccumulatorsMerge(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	b := batchOf(1, (&generator{r}).frames(packet.BatchLen)...)
	for _, text := range []string{"count()", "sum(len)", "avg(len)", "min(ttl)", "max(ts)", "p90(len)", "distinct(src_ip)", "distinct(string(dst_port))"} {
		a, err := CompileAggregate(Item{Text: text, Expr: text}, packets())
		if err != nil {
			t.Fatal(err)
		}
		accs := []*Accumulator{a.NewAccumulator(1 << 20), a.NewAccumulator(1 << 20)}
		accs = append(accs, accs[1].Sibling())
		var v field.Vector
		has := b.All()
		if a.Arg.Col != nil {
			has = a.Arg.Col(b, has, &v)
		}
		for _, acc := range accs {
			acc.Grow(5)
		}
		for i := range b.N {
			at, group := []uint16{uint16(i)}, []uint32{uint32(r.IntN(5))}
			accs[0].Add(at, group, &v, has)
			accs[1+r.IntN(2)].Add(at, group, &v, has)
		}
		for g := range uint32(5) {
			accs[1].Take(g, accs[2], g)
		}
		moved := []uint32{0, 1, 0, 2, 0}
		for _, n := range []int{5, 3} {
			for g := range uint32(n) {
				want, okWant := accs[0].Value(g)
				got, ok := accs[1].Value(g)
				if want != got || ok != okWant {
					t.Errorf("%s: group %d of %d: %v %v, want %v %v", text, g, n, got, ok, want, okWant)
				}
			}
			accs[0].Renumber(moved, 3)
			accs[1].Renumber(moved, 3)
			moved = []uint32{0, 1, 2}
		}
	}
}

func TestDistinctBound(t *testing.T) {
	a, err := CompileAggregate(Item{Text: "distinct(len)", Expr: "distinct(len)"}, packets())
	if err != nil {
		t.Fatal(err)
	}
	acc := a.NewAccumulator(2)
	acc.Grow(1)
	var v field.Vector
	for i := range 3 {
		v.Cells[i] = field.Cell{Lo: uint64(i)}
	}
	acc.Add([]uint16{0, 1, 1, 2}, []uint32{0, 0, 0, 0}, &v, packet.FirstN(3))
	if c, _ := acc.Value(0); c.Lo != 2 || !acc.Partial(0) {
		t.Errorf("%d values, lower bound %v", c.Lo, acc.Partial(0))
	}
}

// TestRoom: what is kept one by one is bounded, said to be so, and its room is
// used again.
func TestRoom(t *testing.T) {
	b := batchOf(1, (&generator{rand.New(rand.NewPCG(1, 2))}).frames(packet.BatchLen)...)
	for _, text := range []string{"p50(len)", "distinct(len)"} {
		a, err := CompileAggregate(Item{Text: text, Expr: text}, packets())
		if err != nil {
			t.Fatal(err)
		}
		acc := a.NewAccumulator(20)
		acc.Grow(3)
		var v field.Vector
		has := a.Arg.Col(b, b.All(), &v)
		at, groups := make([]uint16, b.N), make([]uint32, b.N)
		for i := range at {
			at[i] = uint16(i)
		}
		for range 2 {
			acc.Add(at, groups, &v, has)
			if !acc.Partial(0) || acc.shared.room > 300 {
				t.Errorf("%s: all found room, %d is left", text, acc.shared.room)
			}
			acc.Take(1, acc, 0)
			if acc.Partial(0) || !acc.Partial(1) {
				t.Errorf("%s: what was partial did not move", text)
			}
			acc.Reset(1)
			if room := acc.shared.room; room != 20 && room != 320 {
				t.Errorf("%s: room for %d is left of 20", text, room)
			}
		}
	}
}

// TestSketch holds quantiles to the ranks of sorted values, within 1 %, and to
// a bounded size.
func TestSketch(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for name, draw := range map[string]func() float64{
		"log":    func() float64 { return math.Exp(20 * r.Float64()) },
		"small":  func() float64 { return float64(r.IntN(10)) },
		"signed": func() float64 { return r.NormFloat64() * 1e6 },
		"wide":   func() float64 { return math.Float64frombits(r.Uint64N(0x7ff << 52)) },
	} {
		var s, odd, even sketch
		room := math.MaxInt
		var all []float64
		for i := range 20000 {
			v := draw()
			all = append(all, v)
			s.add(v, &room)
			if i%2 == 0 {
				even.add(v, &room)
			} else {
				odd.add(v, &room)
			}
		}
		even.merge(&odd, &room)
		slices.Sort(all)
		for _, q := range []float64{0.01, 0.5, 0.9, 0.99} {
			want := all[int(math.Ceil(q*20000))-1]
			got := s.quantile(q)
			if name != "wide" && math.Abs(got-want) > 0.01*math.Abs(want) {
				t.Errorf("%s: p%v is %v, want %v", name, 100*q, got, want)
			}
			if merged := even.quantile(q); merged != got {
				t.Errorf("%s: p%v of merged halves is %v, want %v", name, 100*q, merged, got)
			}
		}
		if n := s.size(); n > 2*maxBuckets || room != math.MaxInt-n-odd.size()-even.size() {
			t.Errorf("%s: %d buckets, room for %d", name, n, room)
		}
	}
}

func BenchmarkAccumulator(b *testing.B) {
	batch := full()
	at, groups := make([]uint16, packet.BatchLen), make([]uint32, packet.BatchLen)
	for i := range at {
		at[i], groups[i] = uint16(i), uint32(i*i%50)
	}
	for _, text := range []string{"count()", "sum(len)", "max(len)", "p99(len)", "distinct(dst_port)"} {
		a, err := CompileAggregate(Item{Text: text, Expr: text}, packets())
		if err != nil {
			b.Fatal(err)
		}
		acc := a.NewAccumulator(DefaultMaxDistinct)
		acc.Grow(50)
		var v field.Vector
		has := batch.All()
		if a.Arg.Col != nil {
			has = a.Arg.Col(batch, has, &v)
		}
		b.Run(strings.TrimSuffix(text[:strings.IndexByte(text, '(')], "("), func(b *testing.B) {
			b.ReportAllocs()
			before := cpuTime()
			for b.Loop() {
				acc.Add(at, groups, &v, has)
			}
			perPacket(b, before)
		})
	}
}
