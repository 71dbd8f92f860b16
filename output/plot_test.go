package output

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestAppendBar(t *testing.T) {
	for _, c := range []struct {
		share float64
		ascii bool
		want  string
	}{
		{0, false, "    "},
		{math.NaN(), false, "    "},
		{-1, false, "    "},
		{1e-12, false, "▏   "},
		{0.5, false, "██  "},
		{0.5 + 3./32, false, "██▍ "},
		{0.999, false, "████"},
		{7, false, "████"},
		{1e-12, true, ".   "},
		{0.5, true, "##  "},
		{0.5 + 4./32, true, "##: "},
	} {
		if got := string(AppendBar(nil, c.share, 4, c.ascii)); got != c.want {
			t.Errorf("%g: %q, want %q", c.share, got, c.want)
		}
	}
	if got := AppendBar(nil, 1, 0, false); len(got) != 0 {
		t.Errorf("no room: %q", got)
	}
}

func TestAppendSparkline(t *testing.T) {
	values := []float64{0, 1, 2, 3, 4, 5, 6, 7, math.NaN(), -1, 100}
	if got := string(AppendSparkline(nil, values, 7, false)); got != "▁▂▃▄▅▆▇█ ▁█" {
		t.Errorf("%q", got)
	}
	if got := string(AppendSparkline(nil, values, 7, true)); got != "_.-=+*%# _#" {
		t.Errorf("%q", got)
	}
	if got := string(AppendSparkline(nil, []float64{0, 0}, 0, false)); got != "▁▁" {
		t.Errorf("nothing at all: %q", got)
	}
}

func TestResample(t *testing.T) {
	for _, c := range []struct {
		src  []float64
		n    int
		want []float64
	}{
		{nil, 3, nil},
		{[]float64{1, 2}, 3, []float64{1, 2}},
		{[]float64{1, 3, 5, 7}, 2, []float64{2, 6}},
		{[]float64{3, 6, 9}, 2, []float64{4, 8}}, // the 6 counts half in both
		{[]float64{math.NaN(), 4, 1, 1}, 2, []float64{4, 1}},
	} {
		if got := Resample(nil, c.src, c.n); !slices.Equal(got, c.want) {
			t.Errorf("%v to %d: %v, want %v", c.src, c.n, got, c.want)
		}
	}
	if got := Resample(nil, []float64{math.NaN(), math.NaN(), 1, 1}, 2); !math.IsNaN(got[0]) || got[1] != 1 {
		t.Errorf("a gap: %v", got)
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		text, safe, ascii string
		width             int
	}{
		{"plain", "plain", "plain", 5},
		{"a\tb\nc\r", `a\tb\nc\r`, `a\tb\nc\r`, 9},
		{"\x1b[2J\x7f\x00", `\x1b[2J\x7f\x00`, `\x1b[2J\x7f\x00`, 15},
		{"\u009b31m", `\u009b31m`, `\u009b31m`, 9}, // CSI in one character
		{"a\u202eb\u200b", `a\u202eb\u200b`, `a\u202eb\u200b`, 14},
		{"caf\xe9", `caf\xe9`, `caf\xe9`, 7},
		{"東京", "東京", `\u6771\u4eac`, 4},
		{"e\u0301", "e\u0301", `e\u0301`, 1},
		{"█·…", "█·…", `\u2588-...`, 3},
		{"\U000e0001", `\U000e0001`, `\U000e0001`, 10},
	} {
		got := string(AppendSafe(nil, c.text, false))
		if got != c.safe || width(got) != c.width {
			t.Errorf("%q: %q of %d cells, want %q of %d", c.text, got, width(got), c.safe, c.width)
		}
		if got := string(AppendSafe(nil, c.text, true)); got != c.ascii {
			t.Errorf("%q in ASCII: %q, want %q", c.text, got, c.ascii)
		}
	}
	for n, want := range map[int]string{3: "東…", 4: "東…", 5: "東京…", 6: "東京都"} {
		if got := string(cut([]byte("x東京都"), 1, n, false)); strings.TrimPrefix(got, "x") != want {
			t.Errorf("cut to %d: %q, want %q", n, got, want)
		}
	}
}
