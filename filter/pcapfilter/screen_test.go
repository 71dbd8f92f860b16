package pcapfilter

import (
	"testing"

	"pkt/packet"
)

// Some expressions whose screens are known.
func TestScreen(t *testing.T) {
	tests := []struct {
		expr          string
		fixed, behind int
	}{
		{"host 10.0.0.1", 4, 0}, // IPv4 and ARP
		{"tcp port 443 and host 10.0.0.1", 2, 0},
		{"tcp dst port 443", 1, 1},
		{"udp port 53 and ip", 0, 2},
		{"ether host 00:11:22:33:44:55", 2, 0},
		{"net 10.1.0.0/16", 4, 0},
		{"tcp", 0, 0},
		{"not host 10.0.0.1", 0, 0},
		{"greater 100", 0, 0},
		{"host 10.0.0.1 or tcp", 0, 0},
		{"tcp[13] & 2 != 0", 0, 0},
	}
	for _, tt := range tests {
		p, err := Compile(tt.expr, Options{Link: 1})
		if err != nil {
			t.Fatal(err)
		}
		if s := p.Matcher().screen; len(s.fixed) != tt.fixed || len(s.behind) != tt.behind {
			t.Errorf("%s: %d and %d probes, want %d and %d\n%s", tt.expr, len(s.fixed), len(s.behind), tt.fixed, tt.behind, p.Append(nil))
		}
	}
}

// checkScreen fails if a screen keeps back a packet that matches.
func checkScreen(t *testing.T, expr string, m *Matcher, frame []byte) {
	t.Helper()
	if m.Match(frame, uint32(len(frame))) && !m.screen.holds(frame) && len(m.screen.fixed)+len(m.screen.behind) > 0 {
		t.Fatalf("%s: matches % x, which the screen %+v keeps back", expr, frame, m.screen)
	}
}

// A screen never keeps back what matches, at any cut of the packet.
func TestScreenKeepsNoMatchBack(t *testing.T) {
	b := mixedFrames()
	exprs := append([]string(nil), seeds...)
	for _, f := range benchFilters {
		exprs = append(exprs, f.expr)
	}
	for _, expr := range exprs {
		p, err := Compile(expr, Options{Link: 1})
		if err != nil {
			continue
		}
		m := p.Matcher()
		want := packet.Set{}
		for i := range b.N {
			if m.Match(b.Frame(i), b.Records[i].WireLen) {
				want.Add(i)
			}
			for n := range min(len(b.Frame(i)), 100) {
				checkScreen(t, expr, m, b.Frame(i)[:n])
			}
		}
		if got := m.Filter(b, b.All()); got != want {
			t.Errorf("%s: Filter finds %d, Match %d", expr, got.Len(), want.Len())
		}
	}
}

// FuzzScreen compiles any expression and runs it on any packet.
func FuzzScreen(f *testing.F) {
	b := mixedFrames()
	for i, s := range append([]string{"host 192.168.1.1", "tcp port 443 and host 192.168.1.2", "udp port 53 or 80", "net 10.0.0.0/24"}, seeds...) {
		f.Add(s, uint8(0), b.Frame(i))
		f.Add(s, uint8(i), b.Frame(i+40))
	}
	f.Fuzz(func(t *testing.T, expr string, link uint8, frame []byte) {
		if len(expr) > 200 {
			return
		}
		p, err := Compile(expr, Options{Link: fuzzLinks[int(link)%len(fuzzLinks)]})
		if err != nil {
			return
		}
		checkScreen(t, expr, p.Matcher(), frame)
	})
}
