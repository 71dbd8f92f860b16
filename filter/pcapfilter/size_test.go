package pcapfilter

import (
	"sort"
	"strconv"
	"testing"
)

// TestProgramSize compares the lengths of programs with those that libpcap's
// optimizer makes.
func TestProgramSize(t *testing.T) {
	exprs := map[string]string{}
	for _, e := range corpus(t, "expressions.tsv") {
		exprs[e[0]] = unescape(e[3])
	}
	type size struct{ ours, theirs int }
	sum := map[string]size{}
	ratios := map[string]float64{}
	count := map[string]int{}
	type worst struct {
		expr         string
		ours, theirs int
	}
	var worse []worst
	for _, r := range corpus(t, "insns.tsv") {
		link, ok := LinkByName(r[1])
		if !ok {
			t.Fatalf("no link type %s", r[1])
		}
		p, err := Compile(exprs[r[0]], Options{Link: link})
		if err != nil {
			continue
		}
		theirs, _ := strconv.Atoi(r[2])
		ours := len(p.Raw())
		s := sum[r[1]]
		sum[r[1]] = size{s.ours + ours, s.theirs + theirs}
		ratios[r[1]] += float64(ours) / float64(theirs)
		count[r[1]]++
		if r[1] == "EN10MB" && ours > theirs {
			worse = append(worse, worst{exprs[r[0]], ours, theirs})
		}
	}
	total, n := 0.0, 0
	for link, s := range sum {
		t.Logf("%s: %d instructions, libpcap %d; mean ratio %.3f over %d programs", link, s.ours, s.theirs, ratios[link]/float64(count[link]), count[link])
		total += ratios[link]
		n += count[link]
	}
	t.Logf("mean ratio %.3f", total/float64(n))
	if total > 1.3*float64(n) {
		t.Errorf("programs are on average %.2f times as long as libpcap's", total/float64(n))
	}
	sort.Slice(worse, func(i, j int) bool {
		return worse[i].ours-worse[i].theirs > worse[j].ours-worse[j].theirs
	})
	for i, w := range worse {
		if i == 10 {
			break
		}
		t.Logf("%d for %d: %s", w.ours, w.theirs, w.expr)
	}
	t.Logf("%d of %d Ethernet programs are longer", len(worse), count["EN10MB"])
}
