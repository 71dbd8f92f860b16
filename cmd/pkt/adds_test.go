package main

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestTablesAddUp adds up the packets of all rows of tables, other included,
// and compares with their total.
func TestTablesAddUp(t *testing.T) {
	office := pcaps + "office/in.pcap"
	for _, args := range [][]string{
		{"flows", "-r", office},
		{"flows", "-r", office, "--limit", "10"},
		{"flows", "-r", office, "--limit", "10", "--sort=-bytes", "--fields", "src,packets"},
		{"flows", "-r", office, "-o", "wide"},
		{"top", "-r", office},
		{"top", "-r", office, "--limit", "1"},
		{"top", "-r", office, "--limit", "0"},
		{"top", "-r", office, "--by", "proto"},
		{"top", "-r", office, "--by", "src_ip,dst_ip", "--sort", "packets"},
		{"top", "-r", office, "--by", "bucket(len,64) as size"},
		{"top", "-r", office, "--by", "minute(ts)"},
		{"top", "-r", office, "--by", "service", "--limit", "3"},
		{"top", "-r", office, "--by", "state"},
		{"top", "-r", pcaps + "fragments/in.pcap"},
		{"top", "-r", pcaps + "vlan/in.pcap", "--by", "vlan"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			got := pkt(t, args...)
			if rows, total := packetsColumn(t, got.stdout); rows != total || total == 0 {
				t.Errorf("rows add up to %d, the total is %d:\n%s", rows, total, got.stdout)
			}
		})
	}
}

// packetsColumn adds up the column PKTS of a table, and returns what its last
// row, the total, has there.
func packetsColumn(t *testing.T, table string) (rows, total uint64) {
	t.Helper()
	lines := strings.Split(table, "\n")
	end := strings.Index(lines[0], "PKTS")
	if end < 0 {
		t.Fatalf("no packets in %q", lines[0])
	}
	end += len("PKTS")
	for _, line := range lines[1:] {
		if len(line) < end || strings.Contains(line, " packets are in no flow") {
			break // the footer
		}
		// Columns end at the same byte: cells before this one are in ASCII.
		words := strings.Fields(string([]rune(line)[:end]))
		n, err := strconv.ParseUint(strings.ReplaceAll(words[len(words)-1], ",", ""), 10, 64)
		if err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		rows, total = rows+total, n
	}
	return rows, total
}

// TestManualPage compares the manual page with what the commands say now, but
// for its first line, which has the day on which it was made.
func TestManualPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/man/pkt.1")
	if err != nil {
		t.Fatal(err)
	}
	_, want, _ := strings.Cut(pkt(t, "man").stdout, "\n")
	if _, have, _ := strings.Cut(string(page), "\n"); have != want {
		t.Error("docs/man/pkt.1 is not current: go generate ./cmd/pkt")
	}
}
