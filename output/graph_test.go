package output

import (
	"math"
	"strings"
	"testing"
	"time"

	"pkt/field"
)

func TestAppendGraph(t *testing.T) {
	values := []float64{100, 0, 1, 2, 3, 4, 5, 6, 8, math.NaN(), 0.001}
	for _, c := range []struct {
		line        int
		down, ascii bool
		want        string
	}{
		{0, false, false, "  ⢀⣴⣿⣿⢀"},
		{1, false, false, "    ⢀⣼ "},
		{0, true, false, "  ⠈⠻⣿⣿⠈"},
		{0, false, true, "  .:::."},
	} {
		got := string(AppendGraph(nil, values[1:], 8, 7, 2, c.line, c.down, c.ascii))
		if c.want != got {
			t.Errorf("line %d, down %v, ascii %v: %q, want %q", c.line, c.down, c.ascii, got, c.want)
		}
	}
	if got := string(AppendGraph(nil, []float64{1}, 1, 4, 1, 0, false, false)); got != "   ⢸" {
		t.Errorf("one value: %q", got)
	}
}

func TestAppendSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{2 * time.Second: "2 s", 90 * time.Second: "90 s", 5 * time.Minute: "5 min"} {
		if got := string(AppendSpan(nil, d)); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// TestSparkColumns draws lists with one scale, and gives columns the room that
// they are to have at least.
func TestSparkColumns(t *testing.T) {
	cols := []Column{
		{Field: field.Field{Name: "port", Kind: field.Uint}, Key: true, Least: 9},
		{Field: field.Field{Name: "recent_bps", Kind: field.Float, List: true, Unit: field.BitPerSec}, Title: "1 MIN", Spark: true, Top: 7},
		{Field: field.Field{Name: "bytes", Kind: field.Uint, Unit: field.Bytes}, Priority: 1},
	}
	list := func(n, last int) (cells []field.Cell) {
		for i := range n {
			cells = append(cells, field.FromFloat(float64(last-n+1+i)))
		}
		return cells
	}
	for _, c := range []struct {
		width  int
		want   string
		hidden int
	}{
		{0, "PORT       1 MIN           BYTES\n443            ▁▂▃▄▅▆▇█     12 B\n53         ▁▁▁▁▁▁▁▁▁▁▁▂     12 B\n7                            0 B\n", 0},
		{21, "PORT       1 MIN\n443          ▁▂▃▄▅▆▇█\n53         ▁▁▁▁▁▁▁▁▁▂\n7\n", 1},
	} {
		hidden := -1
		got := render(t, Table, Options{Terminal: c.width > 0, Width: c.width}, Record{Type: "t", Columns: cols, Hidden: func(names []string) { hidden = len(names) }},
			[]Value{{Cell: field.Cell{Lo: 443}, Has: true}, {List: list(8, 7), Has: true}, {Cell: field.Cell{Lo: 12}, Has: true}},
			[]Value{{Cell: field.Cell{Lo: 53}, Has: true}, {List: list(12, 1), Has: true}, {Cell: field.Cell{Lo: 12}, Has: true}},
			[]Value{{Cell: field.Cell{Lo: 7}, Has: true}, {}, {Has: true}})
		if got != c.want || hidden != c.hidden {
			t.Errorf("width %d: %d hidden\n%s\nwant\n%s", c.width, hidden, got, c.want)
		}
	}
}

// render prints rows of one record.
func render(t *testing.T, f Format, opt Options, r Record, rows ...[]Value) string {
	t.Helper()
	var out strings.Builder
	p := New(&out, f, opt)
	w, err := p.Records(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range rows {
		if err := w.Row(Item, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
