package filter

import (
	"os"
	"strings"
	"testing"

	"pkt/packet"
)

// TestDocs compiles the examples of docs/EXPRESSIONS.md: the kind of a block
// says what its lines are.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../docs/EXPRESSIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	b := batchOf(1, ordinary()...)
	kind, n := "", 0
	for line := range strings.Lines(string(page)) {
		line = strings.TrimSpace(line)
		if what, fence := strings.CutPrefix(line, "```"); fence {
			kind = what
			continue
		}
		if line == "" {
			continue
		}
		var err error
		switch kind {
		case "packets":
			var p *Predicate[*packet.Batch]
			if p, err = Compile(line, packets()); err == nil {
				p.Filter(b, b.All())
			}
		case "joint":
			ofFlows := flows()
			ofFlows.Prefix = "flow."
			_, _, err = CompileJoint(line, packets(), ofFlows)
		case "flows":
			_, err = Compile(line, flows())
		case "by", "agg", "aggflows":
			err = compileItems(line, kind)
		default:
			continue
		}
		n++
		if err != nil {
			t.Errorf("%v", err)
		}
	}
	if n < 30 {
		t.Errorf("only %d examples", n)
	}
}

// compileItems compiles a list: of packets, else of their flows.
func compileItems(text, kind string) error {
	items, err := Split(text)
	ofFlows := flows()
	ofFlows.Prefix = "flow."
	for _, it := range items {
		switch kind {
		case "agg":
			_, err = CompileAggregate(it, packets())
		case "aggflows":
			_, err = CompileAggregate(it, ofFlows)
		default:
			if _, err = CompileKey(it, packets()); err != nil {
				_, err = CompileKey(it, ofFlows)
			}
		}
		if err != nil {
			return err
		}
	}
	return err
}
