package output

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"pkt/field"
)

// full is a destination that breaks after some writes, as a pipe does whose
// reader has left.
type full struct{ left int }

func (f *full) Write(b []byte) (int, error) {
	if f.left--; f.left < 0 {
		return 0, syscall.EPIPE
	}
	return len(b), nil
}

func TestErrorStays(t *testing.T) {
	for f := Table; f <= TSV; f++ {
		p := New(&full{left: 1}, f, Options{})
		s := ports()
		w, err := p.Records(s.record)
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		for ; err == nil && rows < 10000; rows++ {
			err = w.Row(Item, s.rows[0])
		}
		if !errors.Is(err, syscall.EPIPE) || !errors.Is(w.Close(), syscall.EPIPE) || !errors.Is(p.Close(), syscall.EPIPE) {
			t.Errorf("%s: %v after %d rows", f, err, rows)
		}
		if rows > 5000 {
			t.Errorf("%s noticed only after %d rows", f, rows)
		}
	}
}

func TestEmpty(t *testing.T) {
	for f, want := range map[Format]string{
		Table: "PORT  SERVICE  FLOWS    PKTS    BYTES  SHARE\n", JSON: "[]\n", NDJSON: "",
		CSV: "row,port,service,flows,packets,bytes,share\n", TSV: "row\tport\tservice\tflows\tpackets\tbytes\tshare\n",
	} {
		s := ports()
		s.rows = nil
		var out bytes.Buffer
		p := New(&out, f, Options{})
		if err := errors.Join(s.write(p), p.Close()); err != nil || out.String() != want {
			t.Errorf("%s: %q, %v; want %q", f, out.String(), err, want)
		}
	}
}

// TestAside holds that records that accompany others stand between them in
// JSON and nowhere else.
func TestAside(t *testing.T) {
	snapshot := Record{Type: "snapshot", Aside: true, Columns: []Column{{Field: field.Field{Name: "drops", Kind: field.Uint}}}}
	for f := Table; f <= TSV; f++ {
		var out bytes.Buffer
		p := New(&out, f, Options{})
		s := ports()
		if err := s.write(p); err != nil {
			t.Fatal(err)
		}
		w, err := p.Records(snapshot)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Row(Item, []Value{num(7)}), w.Close(), s.write(p), p.Close()); err != nil {
			t.Fatal(err)
		}
		got := out.String()
		if has := strings.Contains(got, `{"type":"snapshot","drops":7}`); has != (f == JSON || f == NDJSON) {
			t.Errorf("%s: snapshot written: %v\n%s", f, has, got)
		}
		if f == JSON && !json.Valid(out.Bytes()) {
			t.Errorf("invalid JSON:\n%s", got)
		}
		if n := strings.Count(got, "port"); f == CSV && n != 1 {
			t.Errorf("%d headers:\n%s", n, got)
		}
		if f == Table && !strings.Contains(got, "damaged\n\nPORT") {
			t.Errorf("no empty line between tables:\n%s", got)
		}
	}
}

// TestStreamedTable feeds more rows than a table looks at. Later rows that are
// too long do not move the columns behind them for longer than they must.
func TestStreamedTable(t *testing.T) {
	cols := []Column{
		{Field: field.Field{Name: "name", Kind: field.String}},
		{Field: field.Field{Name: "bytes", Kind: field.Uint, Unit: field.Bytes}},
	}
	for _, opt := range []Options{{}, {Terminal: true, Width: 40}} {
		var out bytes.Buffer
		p := New(&out, Table, opt)
		w, err := p.Records(Record{Columns: cols})
		if err != nil {
			t.Fatal(err)
		}
		for range held + 1 {
			if err := w.Row(Item, []Value{str("ab"), num(5)}); err != nil {
				t.Fatal(err)
			}
		}
		err = errors.Join(w.Row(Item, []Value{str("0123456789abcdef"), num(5)}), w.Close(), p.Close())
		lines := strings.Split(out.String(), "\n")
		if err != nil || len(lines) != held+4 {
			t.Fatalf("%d lines, %v", len(lines), err)
		}
		first, last := lines[1], lines[held+2]
		if first != "ab                5 B" {
			t.Errorf("first row %q", first)
		}
		want := "0123456789abcdef  5 B"
		if opt.Terminal {
			want = "0123456789a…      5 B"
		}
		if last != want {
			t.Errorf("last row %q, want %q", last, want)
		}
	}
}

// TestFlushedTable holds that a live table shows its rows at each tick.
func TestFlushedTable(t *testing.T) {
	var out bytes.Buffer
	p := New(&out, Table, Options{})
	s := ports()
	w, err := p.Records(s.record)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		if err := errors.Join(w.Row(Item, s.rows[i]), p.Flush()); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(out.String(), "\n"); n != i+2 {
			t.Errorf("%d lines after %d rows:\n%s", n, i+1, out.String())
		}
	}
}

// TestJSONShape holds that members of one object stand together whatever the
// order of the columns, and that an object without members is not there.
func TestJSONShape(t *testing.T) {
	col := func(name string) Column { return Column{Field: field.Field{Name: name, Kind: field.Uint}} }
	r := Record{Type: "x", Columns: []Column{
		col("a.b"), col("c"), col("a.d.e"), col("f.g"), col("a.h"), col("p50(tcp.rtt_s)"),
		{Field: field.Field{Name: "dst_port", Kind: field.Port}}, {Field: field.Field{Name: "service", Kind: field.Port}},
		{Field: field.Field{Name: "avg", Kind: field.Float}},
	}}
	var out bytes.Buffer
	p := New(&out, NDJSON, Options{})
	w, err := p.Records(r)
	if err != nil {
		t.Fatal(err)
	}
	nan := float(math.NaN())
	full := []Value{num(1), num(2), num(3), absent, num(5), num(6), port(17, 53), port(254, 9), nan}
	bare := []Value{absent, absent, num(3), num(4), absent, absent, absent, absent, absent}
	if err := errors.Join(w.Row(Item, full), w.Row(Item, bare), w.Row(Total, full), p.Close()); err != nil {
		t.Fatal(err)
	}
	want := `{"type":"x","a":{"b":1,"d":{"e":3},"h":5},"c":2,"p50(tcp.rtt_s)":6,"dst_proto":"udp","dst_port":53,"service":"9/254"}
{"type":"x","a":{"d":{"e":3}},"f":{"g":4}}
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
	for _, clash := range [][]Column{{col("a"), col("a")}, {col("a"), col("a.b")}, {col("a.b"), col("a")}} {
		if _, err := p.Records(Record{Type: "x", Columns: clash}); err == nil {
			t.Errorf("no error for %s beside %s", clash[0].Name, clash[1].Name)
		}
	}
}

func FuzzJSONString(f *testing.F) {
	for _, s := range []string{"", "plain", "\"\\\x00\x1f\x7f", "\xff\xc0\xaf", "\u2028\u202e\ufeff", "\U000e0001", "東京\xe6"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, s []byte) {
		got := AppendJSONString(nil, s)
		var back string
		if err := json.Unmarshal(got, &back); err != nil {
			t.Fatalf("%q: %v", got, err)
		}
		if want := strings.ToValidUTF8(string(s), "\ufffd"); utf8.Valid(s) && back != want {
			t.Fatalf("%q reads back as %q", s, back)
		}
		var std string
		b, _ := json.Marshal(string(s))
		if err := json.Unmarshal(b, &std); err != nil || std != back {
			t.Fatalf("%q: %q, encoding/json has %q", s, back, std)
		}
		for _, r := range string(got) {
			if hidden(r) {
				t.Fatalf("%q reaches the terminal", r)
			}
		}
	})
}

func FuzzSafe(f *testing.F) {
	f.Add([]byte("\x1b]0;title\x07\u009b\u202e\xff東"), 3)
	f.Fuzz(func(t *testing.T, s []byte, n int) {
		n = 1 + n&63
		for _, ascii := range []bool{false, true} {
			got := cut(AppendSafe(nil, s, ascii), 0, n, ascii)
			if w := width(got); w > n {
				t.Fatalf("%d cells of %d: %q", w, n, got)
			}
			for _, r := range string(got) {
				if hidden(r) || ascii && r >= utf8.RuneSelf || r == utf8.RuneError && !bytes.ContainsRune(s, r) {
					t.Fatalf("%q reaches the terminal", r)
				}
			}
		}
	})
}

// FuzzSeparated writes two values a line and reads them back.
func FuzzSeparated(f *testing.F) {
	f.Add("a", "b")
	f.Add("", "")
	f.Add(" x", "\"q\",\r\n")
	f.Add("tab\t\\t", "line\n\\")
	cols := []Column{{Field: field.Field{Name: "a", Kind: field.String}}, {Field: field.Field{Name: "b", Kind: field.String}}}
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, format := range []Format{CSV, TSV} {
			var out bytes.Buffer
			p := New(&out, format, Options{NoHeader: true})
			w, err := p.Records(Record{Columns: cols})
			if err := errors.Join(err, w.Row(Item, []Value{str(a), str(b)}), p.Close()); err != nil {
				t.Fatal(err)
			}
			got := unTSV(out.String())
			if format == CSV {
				// The reader makes one character of CR LF wherever it stands.
				a, b = strings.ReplaceAll(a, "\r\n", "\n"), strings.ReplaceAll(b, "\r\n", "\n")
				if got, err = csv.NewReader(&out).Read(); err != nil {
					t.Fatal(err)
				}
			}
			if len(got) != 2 || got[0] != a || got[1] != b {
				t.Fatalf("%s: %q, want %q and %q", format, got, a, b)
			}
		}
	})
}

// unTSV reads one line of TSV.
func unTSV(line string) []string {
	cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
	for i := range cells {
		cells[i] = strings.NewReplacer(`\t`, "\t", `\n`, "\n", `\r`, "\r", `\\`, `\`).Replace(cells[i])
	}
	return cells
}
