package flow_test

import (
	"fmt"
	"os"
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

// zeekOf returns a row as Zeek's conn.log has it.
func zeekOf(r *flow.Row) map[string]string {
	num := func(v uint64) string { return fmt.Sprint(v) }
	m := map[string]string{
		"id.orig_h": r.Src.Addr().String(), "id.orig_p": fmt.Sprint(r.SrcPort),
		"id.resp_h": r.Dst.Addr().String(), "id.resp_p": fmt.Sprint(r.DstPort),
		"proto":      map[uint8]string{6: "tcp", 17: "udp", 1: "icmp", 58: "icmp"}[r.Proto],
		"orig_bytes": num(r.SrcSent.Payload), "resp_bytes": num(r.DstSent.Payload),
		"conn_state": flow.StateNames[r.State], "missed_bytes": num(r.TCP[0].Missed + r.TCP[1].Missed),
		"history":   string(r.History()),
		"orig_pkts": num(r.SrcSent.Packets), "orig_ip_bytes": num(r.SrcSent.IPBytes),
		"resp_pkts": num(r.DstSent.Packets), "resp_ip_bytes": num(r.DstSent.IPBytes),
	}
	if r.Proto == 6 {
		m["orig_bytes"], m["resp_bytes"] = num(r.TCP[0].StreamBytes), num(r.TCP[1].StreamBytes)
	}
	if m["history"] == "" {
		m["history"] = "-"
	}
	return m
}

var zeekID = []string{"id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto"}
var zeekFacts = []string{"orig_bytes", "resp_bytes", "conn_state", "missed_bytes", "history", "orig_pkts", "orig_ip_bytes", "resp_pkts", "resp_ip_bytes"}

func id(m map[string]string, columns []string) string {
	s := ""
	for _, c := range columns {
		s += m[c] + " "
	}
	return s
}

func TestZeek(t *testing.T) {
	table := readTSV(t, corpus(t, "streams/zeek_conn.tsv"))
	flows := map[string][]map[string]string{}
	for _, want := range table {
		pcap := want["pcap"]
		if flows[pcap] == nil {
			p := newPipeline(flow.Config{})
			p.readFile(t, corpus(t, "streams/pcaps/"+pcap), nil)
			for i := range p.rows {
				flows[pcap] = append(flows[pcap], zeekOf(&p.rows[i]))
			}
		}
		best, bestDiff := "", 99
		for _, have := range flows[pcap] {
			if id(have, zeekID) != id(want, zeekID) {
				continue
			}
			diff, n := "", 0
			for _, f := range zeekFacts {
				if have[f] != want[f] && want[f] != "-" {
					diff += fmt.Sprintf(" %s=%s", f, have[f])
					n++
				}
			}
			if n < bestDiff {
				best, bestDiff = diff, n
			}
		}
		if bestDiff == 99 {
			t.Errorf("no flow:  %s %s%s", pcap, id(want, zeekID), id(want, zeekFacts))
		} else if bestDiff > 0 {
			t.Errorf("differs:  %s %s%s:%s", pcap, id(want, zeekID), id(want, zeekFacts), best)
		}
	}
}
