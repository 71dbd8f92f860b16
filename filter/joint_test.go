package filter

import (
	"testing"
)

func TestCompileJoint(t *testing.T) {
	ofFlows := flows()
	ofFlows.Prefix = "flow."
	for _, tt := range []struct {
		text        string
		rows, other int // parts of either
	}{
		{"len > 100", 1, 0},
		{"flow.bytes > 1MB", 0, 1},
		{`flow.bytes > 1MB && flow.state == "S0"`, 0, 2},
		{`len > 100 && (flow.bytes > 1MB || flow.state == "S0") && ttl < 5`, 2, 1},
		{`flow.dst_port == 443 && dst_port == 443`, 1, 1},
		{`lower(iface) == "eth0" && flow.bytes % 7 == 0 and not (flow.tcp.rtt_s > 1s)`, 1, 2},
		{`let x = flow.bytes; x * x > 10`, 0, 1},
		{"flow.bytes > 5 && true", 0, 1},
	} {
		p, o, err := CompileJoint(tt.text, packets(), ofFlows)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if p == nil != (tt.rows == 0) || p != nil && len(p.parts) != tt.rows || o == nil != (tt.other == 0) || o != nil && len(o.parts) != tt.other {
			t.Errorf("%s: %v and %v", tt.text, p, o)
		}
	}
	for _, tt := range []struct{ text, want string }{
		{"flow.bytes > 1MB || len > 5", "\"len\" is a field of packets and stands with flow.bytes, one of flows: only && joins parts with fields of both\n  flow.bytes > 1MB || len > 5\n                      ^^^"},
		{"ttl > 3 && not (flow.bytes > 1 && len > 5)", "\"len\" is a field of packets and stands with flow.bytes, one of flows: only && joins parts with fields of both\n  ttl > 3 && not (flow.bytes > 1 && len > 5)\n                                    ^^^"},
		{"let x = flow.bytes; x * len > 10", "\"len\" is a field of packets and stands with flow.bytes, one of flows: only && joins parts with fields of both\n  let x = flow.bytes; x * len > 10\n                          ^^^"},
		{"state == \"S0\"", "\"state\" is a field of flows: here it is flow.state\n  state == \"S0\"\n  ^^^^^"},
		{"flow.stat == \"S0\"", "unknown field \"flow.stat\", did you mean flow.start?\n  flow.stat == \"S0\"\n  ^^^^^^^^^"},
		{"flow.state == \"SX\"", "there is no \"SX\" here"},
	} {
		schema := packets()
		for _, e := range ofFlows.Entries {
			schema.Others = append(schema.Others, e.Field)
		}
		_, _, err := CompileJoint(tt.text, schema, ofFlows)
		if e, ok := err.(*Error); !ok || len(e.Error()) < len(tt.want) || e.Error()[:len(tt.want)] != tt.want {
			t.Errorf("%s:\n got %v\nwant %s", tt.text, err, tt.want)
		}
	}
}

// FuzzCompileJoint: no expression over packets and flows makes the compiler
// fail, and a part never has fields of both.
func FuzzCompileJoint(f *testing.F) {
	for _, s := range []string{"len > 1 && flow.bytes > 2", "flow.bytes > 1 || len > 2", "let x = flow.bytes; x > len", `flow.state in ["S0"] and not has(vlan)`} {
		f.Add(s)
	}
	ofFlows := flows()
	ofFlows.Prefix = "flow."
	ofPackets := packets()
	b := batchOf(1, ordinary()...)
	f.Fuzz(func(t *testing.T, text string) {
		p, o, err := CompileJoint(text, ofPackets, ofFlows)
		if err != nil {
			if p != nil || o != nil {
				t.Error("a predicate beside an error")
			}
			return
		}
		if p == nil && o == nil {
			t.Error("neither predicate")
		}
		if p != nil {
			p.Filter(b, b.All())
			for i := range p.parts {
				for _, n := range fieldNodes(nil, p.parts[i].n) {
					if n.field >= len(ofPackets.Entries) {
						t.Errorf("%q: a field of flows", p.parts[i].Text)
					}
				}
			}
		}
		if o != nil {
			for i := range o.parts {
				for _, n := range fieldNodes(nil, o.parts[i].n) {
					if n.field < len(ofPackets.Entries) {
						t.Errorf("%q: a field of packets", o.parts[i].Text)
					}
				}
			}
		}
	})
}
