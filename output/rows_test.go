package output

import (
	"fmt"
	"io"
	"slices"
	"testing"

	"pkt/field"
	"pkt/packet"
)

// conn is a row like a flow's: what columns read in the tests.
type conn struct {
	id, n      uint64
	start, dur int64
	src, dst   field.Cell
	name       string
	tags       []uint64
}

// conns returns n of them.
func conns(n int) []conn {
	rows := make([]conn, n)
	for i := range rows {
		rows[i] = conn{
			id: uint64(i) * 0x9e3779b97f4a7c15, n: uint64(i) * 1237, start: start + int64(i)*1_000_003, dur: int64(i) * 12_345_678,
			src: addr("192.0.2.10").Cell, dst: addr("2001:db8::7").Cell, name: "www.example.com", tags: []uint64{100, 200},
		}
	}
	return rows
}

// fixed makes an entry of a field that all rows have.
func fixed(f field.Field, get func(*conn) field.Cell) field.Entry[[]conn] {
	return field.Entry[[]conn]{Field: f, Col: func(rows []conn, in packet.Set, dst *field.Vector) packet.Set {
		for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
			dst.Cells[i] = get(&rows[i])
		}
		return in
	}}
}

// flowLike returns 40 entries of the kinds that a flow's record has.
func flowLike() []field.Entry[[]conn] {
	e := []field.Entry[[]conn]{
		fixed(field.Field{Name: "flow_id", Kind: field.ID}, func(c *conn) field.Cell { return field.Cell{Lo: c.id} }),
		fixed(field.Field{Name: "start", Kind: field.Time}, func(c *conn) field.Cell { return field.FromInt(c.start) }),
		fixed(field.Field{Name: "end", Kind: field.Time}, func(c *conn) field.Cell { return field.FromInt(c.start + c.dur) }),
		fixed(field.Field{Name: "duration_s", Kind: field.Duration}, func(c *conn) field.Cell { return field.FromInt(c.dur) }),
		fixed(field.Field{Name: "proto", Kind: field.Enum, Names: []string{"tcp", "udp"}}, func(c *conn) field.Cell { return field.Cell{Lo: c.n & 1} }),
		fixed(field.Field{Name: "src_ip", Kind: field.Addr}, func(c *conn) field.Cell { return c.src }),
		fixed(field.Field{Name: "dst_ip", Kind: field.Addr}, func(c *conn) field.Cell { return c.dst }),
		fixed(field.Field{Name: "port", Kind: field.Port}, func(c *conn) field.Cell { return field.FromPort(6, 443) }),
		{Field: field.Field{Name: "service", Kind: field.String}, Col: func(rows []conn, in packet.Set, dst *field.Vector) packet.Set {
			dst.Text = dst.Text[:0]
			for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
				dst.SetText(i, rows[i].name)
			}
			return in
		}},
		{Field: field.Field{Name: "vlans", Kind: field.Uint, List: true}, ListCol: func(rows []conn, i int, dst []field.Cell) []field.Cell {
			for _, t := range rows[i].tags {
				dst = append(dst, field.Cell{Lo: t})
			}
			return dst
		}},
		{Field: field.Field{Name: "vlan", Kind: field.Uint}, Col: func([]conn, packet.Set, *field.Vector) (none packet.Set) { return }},
		fixed(field.Field{Name: "guessed", Kind: field.Bool}, func(c *conn) field.Cell { return field.FromBool(c.n&2 != 0) }),
		fixed(field.Field{Name: "tcp.retrans_pct", Kind: field.Float, Unit: field.Percent}, func(c *conn) field.Cell { return field.FromFloat(float64(c.n&63) / 8) }),
		fixed(field.Field{Name: "tcp.rtt_s", Kind: field.Duration}, func(c *conn) field.Cell { return field.FromInt(c.dur / 100) }),
	}
	for i := 0; len(e) < 40; i++ {
		name := fmt.Sprintf("counter_%d", i)
		if i%2 == 1 {
			name = "tcp." + name
		}
		e = append(e, fixed(field.Field{Name: name, Kind: field.Uint, Unit: field.Bytes}, func(c *conn) field.Cell { return field.Cell{Lo: c.n + uint64(i)} }))
	}
	return e
}

func TestRows(t *testing.T) {
	rows := conns(3)
	r := NewRows(flowLike())
	in := packet.FirstN(3)
	in.Remove(1)
	got := map[int]uint64{}
	r.Read(rows, in)
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		v := r.At(i)
		got[i] = v[0].Lo
		if string(v[8].Text) != "www.example.com" || len(v[9].List) != 2 || !v[9].Has || v[10].Has {
			t.Errorf("row %d: %+v", i, v[8:11])
		}
	}
	if len(got) != 2 || got[0] != rows[0].id || got[2] != rows[2].id {
		t.Errorf("read %v", got)
	}
}

// TestRowsAllocate holds that a batch of 40 columns is written without an
// allocation, in the formats for programs and in a streamed table.
func TestRowsAllocate(t *testing.T) {
	rows, entries := conns(packet.BatchLen), flowLike()
	for f := Table; f <= TSV; f++ {
		p := New(io.Discard, f, Options{Terminal: f == Table, Width: 200, Color: true})
		w, err := p.Records(Record{Type: "flow", Columns: Columns(entries)})
		if err != nil {
			t.Fatal(err)
		}
		r := NewRows(entries)
		if n := testing.AllocsPerRun(20, func() {
			for range 3 { // the first run takes a table beyond the rows that it keeps
				if err := r.Write(rows, packet.FirstN(packet.BatchLen), w); err != nil {
					t.Fatal(err)
				}
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", f, n)
		}
	}
}

func BenchmarkRows(b *testing.B) {
	rows, entries := conns(packet.BatchLen), flowLike()
	for f := Table; f <= TSV; f++ {
		b.Run(f.String(), func(b *testing.B) {
			p := New(io.Discard, f, Options{})
			w, err := p.Records(Record{Type: "flow", Columns: Columns(entries)})
			if err != nil {
				b.Fatal(err)
			}
			r := NewRows(entries)
			b.ReportAllocs()
			for b.Loop() {
				if err := r.Write(rows, packet.FirstN(packet.BatchLen), w); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/packet.BatchLen, "ns/row")
		})
	}
}

// order is by bytes, most first, then by name.
var order = []Order{
	{Field: field.Field{Name: "bytes", Kind: field.Uint}, Desc: true},
	{Field: field.Field{Name: "name", Kind: field.String}},
}

func TestTop(t *testing.T) {
	type row struct {
		keys []Value
		name string
	}
	rows := []row{
		{[]Value{num(5), str("b")}, "first"},
		{[]Value{absent, str("a")}, "no bytes"},
		{[]Value{num(9), str("zz")}, "most"},
		{[]Value{num(5), str("b")}, "tie"},
		{[]Value{num(5), absent}, "no name"},
		{[]Value{num(5), str("a")}, "by name"},
		{[]Value{num(0), str("")}, "zero"},
	}
	want := []string{"most", "by name", "first", "tie", "no name", "zero", "no bytes"}
	for limit := range len(want) + 2 {
		top := NewTop[string](order, limit)
		for _, r := range rows {
			top.Add(r.keys, r.name)
		}
		var got []string
		for r := range top.All() {
			got = append(got, *r)
		}
		n := len(want)
		if limit > 0 {
			n = min(n, limit)
		}
		if !slices.Equal(got, want[:n]) || top.Len() != n {
			t.Errorf("limit %d: %v, want %v", limit, got, want[:n])
		}
	}
}

// TestTopKinds compares one pair of values of each kind, the smaller one first.
func TestTopKinds(t *testing.T) {
	for _, c := range []struct {
		field      field.Field
		small, big Value
	}{
		{field.Field{Kind: field.Uint}, num(1), num(1 << 63)},
		{field.Field{Kind: field.Int}, integer(-1), integer(1)},
		{field.Field{Kind: field.Float}, float(-0.5), float(0.25)},
		{field.Field{Kind: field.Bool}, truth(false), truth(true)},
		{field.Field{Kind: field.Enum, Names: []string{"zulu", "alpha"}}, num(1), num(0)},
		{field.Field{Kind: field.Addr}, addr("192.0.2.200"), addr("192.0.3.1")},
		{field.Field{Kind: field.Addr}, addr("255.0.0.1"), addr("::1")},
		{field.Field{Kind: field.Port}, port(17, 53), port(6, 443)},
		{field.Field{Kind: field.Port}, port(6, 53), port(17, 53)},
		{field.Field{Kind: field.Duration}, integer(-5), integer(5)},
	} {
		for _, desc := range []bool{false, true} {
			top := NewTop[string]([]Order{{c.field, desc}}, 0)
			top.Add([]Value{c.big}, "big")
			top.Add([]Value{absent}, "absent")
			top.Add([]Value{c.small}, "small")
			var got []string
			for r := range top.All() {
				got = append(got, *r)
			}
			want := []string{"small", "big", "absent"}
			if desc {
				want = []string{"big", "small", "absent"}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%+v, descending %v: %v", c.field, desc, got)
			}
		}
	}
}

// TestTopAgainstSort feeds many rows with few different keys.
func TestTopAgainstSort(t *testing.T) {
	const n = 5000
	all, some := NewTop[int](order, 0), NewTop[int](order, 100)
	x := uint64(1)
	for i := range n {
		x = x*6364136223846793005 + 1442695040888963407
		keys := []Value{num(x >> 60), str(string('a' + byte(x>>32&7)))}
		all.Add(keys, i)
		some.Add(keys, i)
	}
	var want, got []int
	for r := range all.All() {
		want = append(want, *r)
	}
	for r := range some.All() {
		got = append(got, *r)
	}
	if len(want) != n || !slices.Equal(got, want[:100]) {
		t.Errorf("limit 100: %v, want %v", got, want[:100])
	}
}

func BenchmarkTop(b *testing.B) {
	for _, limit := range []int{20, 10000} {
		b.Run(fmt.Sprint(limit), func(b *testing.B) {
			top := NewTop[conn](order, limit)
			keys := []Value{num(0), str("www.example.com")}
			x, row := uint64(1), conn{}
			for range limit + 1 {
				top.Add(keys, row)
			}
			b.ReportAllocs()
			for b.Loop() {
				x = x*6364136223846793005 + 1442695040888963407
				keys[0].Lo = x >> 40
				top.Add(keys, row)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/row")
		})
	}
}

// TestTopAllocates holds that a full Top takes rows without an allocation.
func TestTopAllocates(t *testing.T) {
	top := NewTop[conn](order, 20)
	keys, n := []Value{num(0), str("www.example.com")}, uint64(0)
	add := func() {
		for range 100 {
			n++
			keys[0].Lo = n
			top.Add(keys, conn{})
		}
	}
	add()
	if got := testing.AllocsPerRun(10, add); got != 0 {
		t.Errorf("%v allocations", got)
	}
}
