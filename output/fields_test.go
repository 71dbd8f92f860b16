package output

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pkt/field"
)

var someFields = []field.Field{
	{Name: "src_ip", Scope: field.Packet | field.Flow}, {Name: "dst_port", Scope: field.Packet | field.Flow},
	{Name: "bytes", Scope: field.Flow}, {Name: "num", Scope: field.Packet}, {Name: "bps", Scope: field.Group},
	{Name: "tcp.rtt_s", Scope: field.Flow}, {Name: "tcp.mss", Scope: field.Flow},
	{Name: "vlans", Scope: field.Flow, List: true}, {Name: "ts", Scope: field.Packet},
	{Name: "net(src_ip,24)", Scope: field.Flow},
}

func TestSelect(t *testing.T) {
	defaults := []string{"src_ip", "bytes"}
	for text, want := range map[string]string{
		"":                     "src_ip bytes",
		"bytes":                "bytes",
		"bytes, dst_port ":     "bytes dst_port",
		"+tcp.mss":             "src_ip bytes tcp.mss",
		"+tcp.mss,-src_ip":     "bytes tcp.mss",
		"-src_ip":              "bytes",
		"-tcp.mss":             "src_ip bytes",
		"+bytes":               "src_ip bytes",
		"tcp":                  "tcp.rtt_s tcp.mss",
		"+tcp,-tcp.rtt_s":      "src_ip bytes tcp.mss",
		"bytes,+vlans,-bytes":  "vlans",
		"bytes,,bytes,":        "bytes",
		"net(src_ip,24)":       "net(src_ip,24)",
		"bytes,net(src_ip,24)": "bytes net(src_ip,24)",
	} {
		got, err := Select(text, defaults, someFields, field.Flow)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		var names []string
		for _, i := range got {
			names = append(names, someFields[i].Name)
		}
		if s := strings.Join(names, " "); s != want {
			t.Errorf("%q: %s, want %s", text, s, want)
		}
	}
}

func TestFieldErrors(t *testing.T) {
	for text, want := range map[string]string{
		"bytes,tcp.dstport": "\"tcp.dstport\" is Wireshark's name for dst_port\n  bytes,tcp.dstport\n        ^^^^^^^^^^^",
		"src_pi":            "unknown field \"src_pi\", did you mean src_ip?\n  src_pi\n  ^^^^^^",
		"-rtt_s":            "unknown field \"rtt_s\", did you mean tcp.rtt_s?\n  -rtt_s\n   ^^^^^",
		"num":               "\"num\" is a field of packets: see pkt dump\n  num\n  ^^^",
		"bps":               "\"bps\" is a field of groups: see pkt top\n  bps\n  ^^^",
		"frame.time":        "unknown field \"frame.time\"\n  frame.time\n  ^^^^^^^^^^",
		"tcp.":              "unknown field \"tcp.\"\n  tcp.\n  ^^^^",
	} {
		_, err := Select(text, nil, someFields, field.Flow)
		var e *FieldError
		if !errors.As(err, &e) || err.Error() != want || e.ExitCode() != 2 {
			t.Errorf("%q:\n%v\nwant\n%s", text, err, want)
		}
	}
	dump := append(slices.Clone(someFields), field.Field{Name: "flow.bytes", Scope: field.Packet})
	if _, err := Select("bytes", nil, dump, field.Packet); err == nil || !strings.HasPrefix(err.Error(), "\"bytes\" is a field of flows: here it is flow.bytes\n") {
		t.Errorf("a flow's field of a packet: %v", err)
	}
	for _, text := range []string{"-vlans", "tcp", "nothing"} {
		if keys, err := ParseSort(text, someFields, field.Flow); err == nil {
			t.Errorf("sort by %s: %v", text, keys)
		}
	}
	if _, err := Find("tcp", someFields, field.Flow); err == nil {
		t.Error("found tcp, which is no field")
	}
}

func TestParseSort(t *testing.T) {
	got, err := ParseSort("-bytes,src_ip", someFields, field.Flow)
	if want := []SortKey{{2, true}, {0, false}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"src_ip", "src_pi", 1}, {"bytes", "byte", 1}, {"dst_port", "dts_prot", 2}, {"kitten", "sitting", 3},
	} {
		if got := field.Distance(c.a, c.b); got != c.want || field.Distance(c.b, c.a) != got {
			t.Errorf("%s to %s: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestParseNames(t *testing.T) {
	for name, want := range map[string]Format{"table": Table, "wide": Wide, "json": JSON, "ndjson": NDJSON, "jsonl": NDJSON, "csv": CSV, "tsv": TSV} {
		if got, err := ParseFormat(name); err != nil || got != want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for name, want := range map[string]TimeLayout{"": TimeDefault, "rfc3339": RFC3339, "rfc3339-s": RFC3339Secs, "epoch": EpochSeconds, "epoch-ms": EpochMillis, "epoch-ns": EpochNanos} {
		if got, err := ParseTimeLayout(name); err != nil || got != want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if _, err := ParseFormat("xml"); err == nil {
		t.Error("xml is a format")
	}
	if _, err := ParseTimeLayout("iso"); err == nil {
		t.Error("iso is a layout")
	}
}

func FuzzSelect(f *testing.F) {
	for _, s := range []string{"", "bytes", "+tcp,-src_ip", "a,,b", " bytes , +num", "-", "tcp.\xff", "vlans,\t東"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		picked, err := Select(text, []string{"src_ip"}, someFields, field.Flow)
		var e *FieldError
		if err != nil && (!errors.As(err, &e) || !strings.HasPrefix(text[e.Offset:], e.Name) || e.Error() == "") {
			t.Fatalf("%q: %#v", text, err)
		}
		for k, i := range picked {
			if someFields[i].Scope&field.Flow == 0 || slices.Contains(picked[:k], i) {
				t.Fatalf("%q: %v", text, picked)
			}
		}
		if _, err := ParseSort(text, someFields, field.Flow); err != nil && (!errors.As(err, &e) || e.Error() == "") {
			t.Fatalf("sort %q: %#v", text, err)
		}
	})
}
