package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// streamsCorpus is the folder of captures and their contents, which is not part of pkt.
const streamsCorpus = "../../../shared/corpus/streams/"

// corpusTable returns the rows of a table as maps by column.
func corpusTable(t *testing.T, name string) (table []map[string]string) {
	t.Helper()
	text, err := os.ReadFile(streamsCorpus + name)
	if err != nil {
		t.Skip("no corpus of streams: ", err)
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

// sideKey names what one side has sent.
type sideKey struct{ src, dst, sum string }

// TestStreamsCorpus writes the streams of captures to files and compares with what is known of
// them: each direction has its file, and there are no others. What differs is what
// docs/REASSEMBLY.md lists.
func TestStreamsCorpus(t *testing.T) {
	want := map[string][]sideKey{}
	for _, r := range corpusTable(t, "streams.tsv") {
		k := sideKey{r["client"], r["server"], r["sha256"]}
		if r["direction"] == "s2c" {
			k.src, k.dst = k.dst, k.src
		}
		want[r["pcap"]] = append(want[r["pcap"]], k)
	}
	disputed := map[string]bool{}
	for _, r := range corpusTable(t, "disputed.tsv") {
		disputed[r["pcap"]+" "+r["src"]+" "+r["dst"]] = true
	}
	complete := map[string]bool{}
	text, err := os.ReadFile(streamsCorpus + "pcaps.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		c := strings.Split(strings.TrimSpace(line), "\t")
		complete[c[0]] = c[len(c)-1] == "complete"
	}
	listed := listedStreams(t)
	var mu sync.Mutex
	rows, missing, found := 0, 0, 0
	t.Run("captures", func(t *testing.T) {
		for pcap, sides := range want {
			rows += len(sides)
			t.Run(pcap, func(t *testing.T) {
				t.Parallel()
				have := streamFiles(t, streamsCorpus+"pcaps/"+pcap)
				absent, extra := 0, 0
				for _, k := range sides {
					if have[k] == 0 {
						absent++
						continue
					}
					have[k]--
				}
				for k, n := range have {
					if complete[pcap] && !disputed[pcap+" "+k.src+" "+k.dst] {
						extra += n
					}
				}
				mu.Lock()
				defer mu.Unlock()
				missing += absent
				if [2]int{absent, extra} != listed[pcap] {
					t.Errorf("%d missing and %d extra of %d, docs/REASSEMBLY.md lists %v", absent, extra, len(sides), listed[pcap])
				}
				if _, ok := listed[pcap]; ok {
					found++
				}
			})
		}
	})
	if found != len(listed) {
		t.Errorf("%d of %d listed captures were found", found, len(listed))
	}
	t.Logf("%d of %d directions", rows-missing, rows)
}

// streamFiles runs pkt streams --dir and counts its files by sender, receiver and content.
func streamFiles(t *testing.T, pcap string) map[sideKey]int {
	dir := t.TempDir()
	if r := pkt(t, "streams", "-r", pcap, "--dir", dir, "--quiet"); r.code != exitOK && r.code != exitDamaged {
		t.Fatalf("exit code %d: %s", r.code, r.stderr)
	}
	text, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var index []struct{ Src, Dst, File, SHA256 string }
	if err := json.Unmarshal(text, &index); err != nil {
		t.Fatal(err)
	}
	have := map[sideKey]int{}
	for _, e := range index {
		if got := fileSum(t, filepath.Join(dir, e.File)); got != e.SHA256 {
			t.Errorf("%s has the sum %s, the index says %s", e.File, got, e.SHA256)
		}
		have[sideKey{e.Src, e.Dst, e.SHA256}]++
	}
	return have
}

// listedStreams reads the table of docs/REASSEMBLY.md: missing and extra by capture.
func listedStreams(t *testing.T) map[string][2]int {
	text, err := os.ReadFile("../../docs/REASSEMBLY.md")
	if err != nil {
		t.Fatal(err)
	}
	m := map[string][2]int{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (\\d+) \\| (\\d+) \\|").FindAllStringSubmatch(string(text), -1) {
		missing, _ := strconv.Atoi(row[2])
		extra, _ := strconv.Atoi(row[3])
		m[row[1]] = [2]int{missing, extra}
	}
	return m
}
