package filter

import (
	"strings"
	"testing"
	"time"
)

func TestExplain(t *testing.T) {
	p, err := Compile(`upper(iface) == "ETH0" && host in ["10.0.0.0/8"] && (dst_port == 443 || len > 1kB) && !tcp.flags.rst`, packets())
	if err != nil {
		t.Fatal(err)
	}
	b := batchOf(1, ordinary()...)
	p.Filter(b, b.All())
	got := string(p.AppendParts(p.AppendEarly(nil, 1), true))
	text, program, _ := strings.Cut(got, "\n")
	want := "before decoding: (ip net 10.0.0.0/8 and (len >= 1001 or dst port 443)) or " + strings.Join(exempt, " or ")
	if text != want {
		t.Errorf("%s\nwant %s", text, want)
	}
	if !strings.HasPrefix(program, "  (000) ld") {
		t.Errorf("the program is missing:\n%s", program)
	}
	const parts = `kernel: !tcp.flags.rst  (8 of 8)
kernel: dst_port == 443 || len > 1kB  (2 of 8)
kernel: host in ["10.0.0.0/8"]  (1 of 2)
VM:     upper(iface) == "ETH0"  (1 of 1)
`
	if !strings.HasSuffix(got, "\n"+parts) {
		t.Errorf("got %s\nwant %s", got, parts)
	}
	if q := p.Clone(); q.Parts()[0].In != 0 || p.Parts()[0].In != 8 {
		t.Error("a clone shares counters")
	}
}

// TestLongText: expressions at the limit of their length end in reasonable
// time, one way or the other.
func TestLongText(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("(", 30000), strings.Repeat("not ", 7000) + "true", strings.Repeat("len + ", 4000) + "1 > 0",
		strings.Repeat("len > 1 && ", 4000) + "true", strings.Repeat("len > 1 ? ", 4000), "len in [" + strings.Repeat("1,", 4000) + "2]",
		strings.Repeat("abs(", 4000) + "len" + strings.Repeat(")", 4000) + " > 5", strings.Repeat("any(vlans, ", 500) + "# > 1" + strings.Repeat(")", 500),
		strings.Repeat("upper(", 900) + "iface" + strings.Repeat(")", 900) + " == \"x\"", strings.Repeat("1", 30000) + " == len", strings.Repeat("a.", 15000) + "b == 1",
		strings.Repeat("-", 30000) + "len > 5", strings.Repeat("len == 1 || vlan == 2 && ", 2000) + "ttl == 1",
	} {
		begin := time.Now()
		p, err := Compile(text, packets())
		if err == nil {
			b := batchOf(1, ordinary()...)
			p.Filter(b, b.All())
			p.Pushdown(1)
		}
		if d := time.Since(begin); d > 10*time.Second {
			t.Errorf("%.20s…: %v", text, d)
		}
	}
}
