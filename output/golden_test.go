package output

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file of testdata. Escape characters are visible
// there.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	text := strings.ReplaceAll(string(got), "\x1b", "␛")
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), text); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

// modes are the destinations that tables are tried on.
var modes = []struct {
	name string
	opt  Options
}{
	{"piped", Options{}},
	{"80", Options{Terminal: true, Width: 80}},
	{"120", Options{Terminal: true, Width: 120}},
	{"200", Options{Terminal: true, Width: 200}},
	{"40", Options{Terminal: true, Width: 40}},
	{"color", Options{Terminal: true, Width: 80, Color: true}},
	{"ascii", Options{Terminal: true, Width: 80, ASCII: true}},
	{"iec", Options{Size: IEC, Rate: ByteRate, Time: RFC3339Secs, Location: time.FixedZone("", 3600), NoHeader: true}},
}

func TestGolden(t *testing.T) {
	samples := map[string]sample{"ports": ports(), "kinds": kinds()}
	for name, s := range samples {
		for _, m := range modes {
			for _, f := range []Format{Table, Wide} {
				if f == Wide && m.name != "piped" && m.name != "80" {
					continue
				}
				t.Run(fmt.Sprintf("%s-%s-%s", name, f, m.name), func(t *testing.T) {
					got := printed(t, s, f, m.opt)
					golden(t, fmt.Sprintf("%s-%s-%s.txt", name, f, m.name), got)
					if f == Table && m.opt.Width > 0 {
						checkWidths(t, got, m.opt.Width)
					}
				})
			}
		}
		for _, f := range []Format{JSON, NDJSON, CSV, TSV} {
			t.Run(fmt.Sprintf("%s-%s", name, f), func(t *testing.T) {
				golden(t, fmt.Sprintf("%s.%s", name, f), printed(t, s, f, Options{}))
			})
		}
		t.Run(name+"-schema", func(t *testing.T) {
			got, err := Schema(s.record, TimeDefault)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".schema.json", got)
		})
	}
}

func printed(t *testing.T, s sample, f Format, opt Options) []byte {
	t.Helper()
	var out bytes.Buffer
	p := New(&out, f, opt)
	if err := s.write(p); err != nil {
		t.Fatal(err)
	}
	if err := p.Line("owners known for 100 % · 0 damaged"); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// checkWidths fails for lines that a terminal would wrap and for blanks at the
// end of a line.
func checkWidths(t *testing.T, text []byte, limit int) {
	t.Helper()
	for line := range strings.Lines(stripped(string(text))) {
		line = strings.TrimSuffix(line, "\n")
		if w := width(line); w > limit {
			t.Errorf("%d cells, limit %d: %q", w, limit, line)
		}
		if strings.HasSuffix(line, " ") {
			t.Errorf("blanks at the end: %q", line)
		}
	}
}

// stripped returns text without attributes.
func stripped(text string) string {
	for _, a := range []string{"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[22m", "\x1b[36m"} {
		text = strings.ReplaceAll(text, a, "")
	}
	return text
}

// TestColorSaysNothing holds that a table with colour is the same text as one
// without.
func TestColorSaysNothing(t *testing.T) {
	for name, s := range map[string]sample{"ports": ports(), "kinds": kinds()} {
		plain := printed(t, s, Table, Options{Terminal: true, Width: 80})
		colored := printed(t, s, Table, Options{Terminal: true, Width: 80, Color: true})
		if d := cmp.Diff(string(plain), stripped(string(colored))); d != "" {
			t.Errorf("%s (-plain +colour):\n%s", name, d)
		}
		if bytes.Equal(plain, colored) {
			t.Errorf("%s: no colour", name)
		}
	}
}

func TestPage(t *testing.T) {
	for _, m := range modes[:7] {
		var out bytes.Buffer
		p := NewPage(&out, m.opt)
		p.Section("Capture")
		p.Line("file", "office.pcapng")
		p.Line("span", "2m 04s, 2026-11-23 14:02:11.250 to 14:04:15.250")
		p.Line("note", "an evil\x1b[2J name that is much longer than what any narrow terminal has room for, by far")
		p.Section("Rate")
		var series []float64
		for i := range 300 {
			series = append(series, float64(i*(300-i)))
		}
		p.Spark("bytes", series, 22500, "0", "61.2 Mbit/s")
		p.Section("Protocols")
		p.Bar("tcp", "36.9 MB", 0.987)
		p.Bar("udp", "402 kB", 0.0107)
		p.Bar("other", "97.0 kB", 0.0026)
		p.Section("Frame sizes")
		p.Histogram([]Bin{{"64-127", 31007}, {"128-1023", 0}, {"1024-1518", 11223}})
		p.Text("42,230 frames")
		if err := p.Flush(); err != nil {
			t.Fatal(err)
		}
		golden(t, "page-"+m.name+".txt", out.Bytes())
		if m.opt.Width > 0 {
			checkWidths(t, out.Bytes(), m.opt.Width)
		}
	}
}

// TestEveryWidth holds that no terminal wraps a table or a page, however narrow.
func TestEveryWidth(t *testing.T) {
	for limit := 10; limit <= 250; limit++ {
		for _, s := range []sample{ports(), kinds()} {
			checkWidths(t, printed(t, s, Table, Options{Terminal: true, Width: limit}), limit)
		}
		var out bytes.Buffer
		p := NewPage(&out, Options{Terminal: true, Width: limit})
		p.Section("A heading that is long")
		p.Line("a long label", "a value 東京")
		p.Bar("share", "36.9 MB", 0.5)
		p.Spark("rate", []float64{1, 2, 3}, 3, "0 bit/s", "61.2 Mbit/s")
		p.Text("words across the page, as many as it takes")
		if err := p.Flush(); err != nil {
			t.Fatal(err)
		}
		checkWidths(t, out.Bytes(), limit)
	}
}
