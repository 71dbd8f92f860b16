package flow_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pkt/flow"
)

// readTSV returns the rows of a table as maps by column.
func readTSV(t *testing.T, path string) (table []map[string]string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	names := strings.Split(lines[0], "\t")
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, v := range strings.Split(line, "\t") {
			row[names[i]] = v
		}
		table = append(table, row)
	}
	return table
}

// zeekID are the columns that name a connection, zeekFacts those to compare.
var (
	zeekID    = []string{"id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto"}
	zeekFacts = []string{"orig_bytes", "resp_bytes", "conn_state", "missed_bytes", "history",
		"orig_pkts", "orig_ip_bytes", "resp_pkts", "resp_ip_bytes"}
)

// zeekRow returns a flow as Zeek's conn.log has it.
func zeekRow(r *flow.Row) map[string]string {
	m := map[string]string{
		"id.orig_h":     r.Src.Addr().String(),
		"id.orig_p":     fmt.Sprint(r.SrcPort),
		"id.resp_h":     r.Dst.Addr().String(),
		"id.resp_p":     fmt.Sprint(r.DstPort),
		"proto":         map[uint8]string{1: "icmp", 6: "tcp", 17: "udp", 58: "icmp"}[r.Proto],
		"orig_bytes":    fmt.Sprint(r.SrcSent.Payload),
		"resp_bytes":    fmt.Sprint(r.DstSent.Payload),
		"conn_state":    flow.StateNames[r.State],
		"missed_bytes":  fmt.Sprint(r.TCP[0].Missed + r.TCP[1].Missed),
		"history":       string(r.History()),
		"orig_pkts":     fmt.Sprint(r.SrcSent.Packets),
		"orig_ip_bytes": fmt.Sprint(r.SrcSent.IPBytes),
		"resp_pkts":     fmt.Sprint(r.DstSent.Packets),
		"resp_ip_bytes": fmt.Sprint(r.DstSent.IPBytes),
	}
	if r.Proto == 6 {
		m["orig_bytes"] = fmt.Sprint(r.TCP[0].StreamBytes)
		m["resp_bytes"] = fmt.Sprint(r.TCP[1].StreamBytes)
	}
	if m["history"] == "" {
		m["history"] = "-"
	}
	return m
}

// columns returns some columns of a row as text.
func columns(m map[string]string, names []string) string {
	var s []string
	for _, c := range names {
		s = append(s, m[c])
	}
	return strings.Join(s, " ")
}

// compareZeek returns how the likeliest of the flows differs from a row of
// Zeek's. Zeek writes no sizes for connections without a duration.
func compareZeek(want map[string]string, flows []map[string]string) (diff string) {
	diff = "there is no such flow"
	least := len(zeekFacts) + 1
	for _, have := range flows {
		if columns(have, zeekID) != columns(want, zeekID) {
			continue
		}
		var d []string
		for _, f := range zeekFacts {
			if have[f] != want[f] && want[f] != "-" {
				d = append(d, f+"="+have[f])
			}
		}
		if len(d) < least {
			least, diff = len(d), strings.Join(d, " ")
		}
	}
	return diff
}

// TestZeek compares with Zeek's connections. A row that differs must be in the
// list of differences, and one in the list must differ.
func TestZeek(t *testing.T) {
	flows := map[string][]map[string]string{}
	found := differences{}
	table := readTSV(t, corpus(t, "streams/zeek_conn.tsv"))
	for _, want := range table {
		pcap := want["pcap"]
		if flows[pcap] == nil {
			p := newPipeline(flow.Config{})
			p.readFile(t, corpus(t, "streams/pcaps/"+pcap), nil)
			for i := range p.rows {
				flows[pcap] = append(flows[pcap], zeekRow(&p.rows[i]))
			}
		}
		name := pcap + " " + columns(want, zeekID) + " " + want["conn_state"]
		if diff := compareZeek(want, flows[pcap]); diff != "" {
			found.note(t, zeekDifferences, name, "want "+columns(want, zeekFacts)+"; "+diff)
		}
	}
	found.check(t, zeekDifferences)
	t.Logf("%d of %d rows equal", len(table)-found.rows(), len(table))
}

// TestZeekAttempts checks that flows which Zeek's attempt timer cuts in two have
// what both rows have.
func TestZeekAttempts(t *testing.T) {
	const pcap = "zeek-ssh-ssh.client-side-half-duplex.pcap"
	p := newPipeline(flow.Config{})
	p.readFile(t, corpus(t, "streams/pcaps/"+pcap), nil)
	have := map[string]string{}
	for i := range p.rows {
		r := zeekRow(&p.rows[i])
		have[columns(r, zeekID)] = r["orig_pkts"] + " " + r["orig_ip_bytes"] + " " + r["orig_bytes"]
	}
	sums := map[string][3]int{}
	for _, want := range readTSV(t, corpus(t, "streams/zeek_conn.tsv")) {
		if want["pcap"] != pcap {
			continue
		}
		sum := sums[columns(want, zeekID)]
		for i, column := range []string{"orig_pkts", "orig_ip_bytes", "orig_bytes"} {
			n, err := strconv.Atoi(want[column])
			if err != nil {
				t.Fatal(err)
			}
			sum[i] += n
		}
		sums[columns(want, zeekID)] = sum
	}
	for id, sum := range sums {
		if want := fmt.Sprint(sum[0], " ", sum[1], " ", sum[2]); have[id] != want {
			t.Errorf("%s: have %s, want %s", id, have[id], want)
		}
	}
}

// differences counts the rows that differ, by the name of their difference.
type differences map[string]int

// note takes a row that differs.
func (d differences) note(t *testing.T, listed map[string][]string, name, how string) {
	for reason, names := range listed {
		for _, n := range names {
			if n == name {
				d[reason]++
				return
			}
		}
	}
	t.Errorf("%s: %s", name, how)
}

// check holds what was found against the list, and that against the document.
func (d differences) check(t *testing.T, listed map[string][]string) {
	t.Helper()
	documented := documentedDifferences(t)
	for reason, names := range listed {
		if d[reason] < len(names) {
			t.Errorf("%s lists %d rows, but %d differ", reason, len(names), d[reason])
		}
		if documented[reason] != d[reason] {
			t.Errorf("docs/CONFORMANCE.md counts %d rows as %s, not %d", documented[reason], reason, d[reason])
		}
	}
}

// rows returns how many rows differ.
func (d differences) rows() (n int) {
	for v := range maps.Values(d) {
		n += v
	}
	return n
}

// documentedDifferences reads the tables of docs/CONFORMANCE.md: the name of a
// difference and how many rows it explains.
func documentedDifferences(t *testing.T) map[string]int {
	text, err := os.ReadFile("../docs/CONFORMANCE.md")
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]int{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| (\\d+) \\|").FindAllStringSubmatch(string(text), -1) {
		m[row[1]], _ = strconv.Atoi(row[2])
	}
	return m
}
