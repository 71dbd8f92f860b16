package output

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"strings"
	"testing"

	"pkt/stats"
)

// summarySample is a small capture with something of everything.
func summarySample() *stats.Summary {
	s := &stats.Summary{
		Volume:   stats.Volume{Packets: 42230, Bytes: 37_400_000},
		Captured: 37_300_000,
		First:    1_700_000_000_250_000_000,
		Last:     1_700_000_124_500_000_000,
		Span:     124_250_000_000,
		Rates:    stats.Rates{AvgBps: 2.408e6, PeakBps: 61.2e6, AvgPps: 339.9, PeakPps: 5200, PeakAt: 1_700_000_060_000_000_000},
		Flows:    2136,
		Inputs: []stats.Input{
			{File: "office.pcapng", Iface: "eth0", Link: "EN10MB", SnapLen: 262144, Volume: stats.Volume{Packets: 42000, Bytes: 37_000_000}, Drops: 7},
			{File: "office.pcapng", Link: "RAW", SnapLen: 96, Volume: stats.Volume{Packets: 230, Bytes: 400_000}},
		},
		Timeline: stats.Timeline{Start: 1_700_000_000_250_000_000, Width: 4_000_000_000},
		Protocols: []stats.Protocol{
			{Depth: 0, Name: "ipv4", Volume: stats.Volume{Packets: 42000, Bytes: 37_300_000}},
			{Depth: 1, Name: "tcp", Volume: stats.Volume{Packets: 38000, Bytes: 36_900_000}},
			{Depth: 2, Name: "https", Volume: stats.Volume{Packets: 38000, Bytes: 36_900_000}},
			{Depth: 1, Name: "udp", Volume: stats.Volume{Packets: 3808, Bytes: 402_000}},
			{Depth: 0, Name: "arp", Volume: stats.Volume{Packets: 230, Bytes: 13_800}},
		},
		Sizes: stats.Sizes{Min: 42, Mean: 885.6, Max: 1514, P50: 1400, P90: 1514, P99: 1514, Classes: []stats.SizeClass{
			{From: 0, To: 63, Volume: stats.Volume{Packets: 12000, Bytes: 700_000}},
			{From: 64, To: 1518, Volume: stats.Volume{Packets: 30230, Bytes: 36_700_000}},
			{From: 1519},
		}},
		TCP: stats.TCPHealth{
			Connections: 210, Handshakes: 200, Complete: 190, Rejected: 4, Unanswered: 5, HalfOpen: 1, Reset: 9, Midstream: 10,
			Packets: 38112, Retrans: 310, RetransB: 402_000, OutOfOrder: 12, ZeroWindow: 3, Missed: 1500,
			RTT: stats.Quantiles{Count: 190, P50: 12_400_000, P90: 40_000_000, P99: 210_000_000, Max: 1_200_000_000},
		},
		Checksums: []stats.Checksum{{Name: "ipv4", Checked: 42000}, {Name: "tcp", Checked: 38112, Bad: 2, Offloaded: 17000}},
		Hosts: []stats.Talker{
			{Addr: netip.MustParseAddr("10.0.0.2"), Volume: stats.Volume{Packets: 42000, Bytes: 37_300_000}, Sent: 1_000_000, Received: 36_300_000, Flows: 2136},
			{Addr: netip.MustParseAddr("2001:db8::9"), Volume: stats.Volume{Packets: 10, Bytes: 1000}, Sent: 1000, Flows: 1},
		},
		HostsMore: 1240,
		Ports: []stats.PortUse{
			{Proto: "tcp", Port: 443, Service: "https", Volume: stats.Volume{Packets: 38112, Bytes: 36_900_000}, Flows: 210},
			{Proto: "udp", Port: 50000, Volume: stats.Volume{Packets: 3808, Bytes: 402_000}, Flows: 1904},
		},
		Notices: stats.Notices{
			Tagged:    stats.Volume{Packets: 4223, Bytes: 3_000_000},
			Tunnelled: stats.Volume{Packets: 230, Bytes: 400_000}, Tunnels: []stats.Tunnel{{Name: "gre", Volume: stats.Volume{Packets: 230, Bytes: 400_000}}},
			Cut: stats.Volume{Packets: 100, Bytes: 150_000}, Backwards: 3, BackwardStep: 1_500_000, Drops: 7, Comments: 1, LessDetail: 5,
		},
		Problems: []stats.ProblemCount{{Name: "bad_length", Volume: stats.Volume{Packets: 2, Bytes: 120}}},
		Damage:   []string{"reading office.pcapng: truncated at packet 42231"},
	}
	for i := range uint64(32) {
		s.Timeline.Buckets = append(s.Timeline.Buckets, stats.Volume{Packets: i * 80, Bytes: i * i % 37 * 100_000})
	}
	return s
}

func TestSummaryPage(t *testing.T) {
	for _, m := range []struct {
		name string
		opt  Options
	}{
		{"pipe", Options{}},
		{"colour", Options{Terminal: true, Width: 100, Color: true}},
		{"narrow", Options{Terminal: true, Width: 48, ASCII: true, Rate: ByteRate, Size: IEC}},
	} {
		var out bytes.Buffer
		p := NewPage(&out, m.opt)
		p.Summary(summarySample())
		if err := p.Flush(); err != nil {
			t.Fatal(err)
		}
		golden(t, "summary-"+m.name+".txt", out.Bytes())
	}
}

// Words go on below their column, and none is cut that fits a line.
func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text       string
		n          int
		line, rest string
	}{
		{"", 5, "", ""},
		{"a few words", 11, "a few words", ""},
		{"a few words", 10, "a few", "words"},
		{"a few words", 5, "a few", "words"},
		{"a few words", 4, "a", "few words"},
		{"a few words", -3, "a", "few words"},
		{"longest word", 4, "longest", "word"},
		{"unbroken", 4, "unbroken", ""},
		{"µµ µµ", 4, "µµ", "µµ"},
	} {
		if line, rest := wrap(c.text, c.n); line != c.line || rest != c.rest {
			t.Errorf("%q in %d cells: %q and %q, want %q and %q", c.text, c.n, line, rest, c.line, c.rest)
		}
	}
}

// Damage is shown even where it left no packet to speak of.
func TestSummaryOfDamage(t *testing.T) {
	var out bytes.Buffer
	p := NewPage(&out, Options{})
	s := stats.NewSurvey(stats.SurveyConfig{}).Summary()
	s.Damage = []string{"reading x.pcap: truncated at packet 1"}
	p.Summary(s)
	if err := p.Flush(); err != nil || !strings.Contains(out.String(), "Notices\n  reading x.pcap: truncated at packet 1\n") {
		t.Errorf("%q, %v", out.String(), err)
	}
}

// An empty capture is no reason to divide by zero or to draw.
func TestSummaryOfNothing(t *testing.T) {
	var out bytes.Buffer
	p := NewPage(&out, Options{})
	s := stats.NewSurvey(stats.SurveyConfig{}).Summary()
	p.Summary(s)
	if err := p.Flush(); err != nil || out.String() != "Capture\n  packets  0, 0 B, 0 flows\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
	if b := AppendSummary(nil, s, TimeDefault); !json.Valid(b) {
		t.Errorf("%s", b)
	}
}

func TestSummaryJSON(t *testing.T) {
	for layout, name := range map[TimeLayout]string{TimeDefault: "", EpochNanos: "-epoch-ns"} {
		b := AppendSummary(nil, summarySample(), layout)
		var out bytes.Buffer
		if err := json.Indent(&out, b, "", " "); err != nil {
			t.Fatalf("%v: %s", err, b)
		}
		out.WriteByte('\n')
		golden(t, "summary"+name+".json", out.Bytes())
		schema, err := SummarySchema(layout)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "summary"+name+".schema.json", schema)
		var record, model map[string]any
		if json.Unmarshal(b, &record) != nil || json.Unmarshal(schema, &model) != nil {
			t.Fatal("not JSON")
		}
		model["type"] = "object"
		follows(t, "stats", record, model)
	}
}

// follows checks that a value is as the schema says, as far as members and
// kinds go.
func follows(t *testing.T, path string, v any, schema map[string]any) {
	t.Helper()
	if c, ok := schema["const"]; ok && c == v {
		return
	}
	kind := schema["type"]
	switch v := v.(type) {
	case map[string]any:
		properties, ok := schema["properties"].(map[string]any)
		if kind != "object" || !ok {
			t.Fatalf("%s is an object, the schema says %v", path, kind)
		}
		for name, member := range v {
			p, ok := properties[name].(map[string]any)
			if !ok {
				t.Errorf("%s.%s is not in the schema", path, name)
				continue
			}
			if p["description"] == "" {
				t.Errorf("%s.%s is not described", path, name)
			}
			follows(t, path+"."+name, member, p)
		}
		for _, name := range schema["required"].([]any) {
			if _, ok := v[name.(string)]; !ok {
				t.Errorf("%s.%s is missing", path, name)
			}
		}
	case []any:
		if kind != "array" {
			t.Fatalf("%s is an array, the schema says %v", path, kind)
		}
		for _, e := range v {
			follows(t, path+"[]", e, schema["items"].(map[string]any))
		}
	case string:
		if kind != "string" {
			t.Errorf("%s is a string, the schema says %v", path, kind)
		}
	case float64:
		if kind != "number" && kind != "integer" || kind == "integer" && v != float64(int64(v)) {
			t.Errorf("%s is %v, the schema says %v", path, v, kind)
		}
	}
}
