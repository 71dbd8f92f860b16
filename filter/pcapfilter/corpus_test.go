package pcapfilter

import (
	"bufio"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/pcapgo"
)

// corpusDir is where the verdicts of libpcap lie, beside the module.
const corpusDir = "../../../shared/corpus/filters"

// capture is one capture of the corpus.
type capture struct {
	name      string
	link      uint16
	bigEndian bool
	frames    [][]byte
	wireLens  []uint32
}

// corpus returns the rows of a table of the corpus, or skips the test.
func corpus(t testing.TB, table string) [][]string {
	f, err := os.Open(filepath.Join(corpusDir, table))
	if err != nil {
		t.Skipf("no filter corpus: %v", err)
	}
	defer f.Close()
	var rows [][]string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if line := lines.Text(); !strings.HasPrefix(line, "#") {
			rows = append(rows, strings.Split(line, "\t"))
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// unescape undoes the corpus's \\, \t and \n.
func unescape(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n").Replace(s)
}

// readCapture reads a capture of the corpus.
func readCapture(t testing.TB, name string) *capture {
	f, err := os.Open(filepath.Join(corpusDir, "captures", name))
	if err != nil {
		t.Skipf("no filter corpus: %v", err)
	}
	defer f.Close()
	c := &capture{name: name}
	var magic [4]byte
	if _, err := io.ReadFull(f, magic[:]); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	type reader interface {
		ReadPacketData() ([]byte, gopacket.CaptureInfo, error)
	}
	var r reader
	if magic == [4]byte{0x0a, 0x0d, 0x0d, 0x0a} {
		ng, err := pcapgo.NewNgReader(f, pcapgo.DefaultNgReaderOptions)
		if err != nil {
			t.Fatal(err)
		}
		r, c.link = ng, uint16(ng.LinkType())
	} else {
		old, err := pcapgo.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		old.SetSnaplen(0)
		r, c.link = old, uint16(old.LinkType())
		c.bigEndian = magic[0] == 0xa1
	}
	for {
		data, info, err := r.ReadPacketData()
		if err != nil {
			return c
		}
		c.frames = append(c.frames, append([]byte(nil), data...))
		c.wireLens = append(c.wireLens, uint32(info.Length))
	}
}

// captures returns all captures of the corpus.
func captures(t testing.TB) []*capture {
	names, err := filepath.Glob(filepath.Join(corpusDir, "captures", "*"))
	if err != nil || len(names) == 0 {
		t.Skip("no filter corpus")
	}
	var all []*capture
	for _, n := range names {
		all = append(all, readCapture(t, filepath.Base(n)))
	}
	return all
}

// verdict is which packets of a capture match, or that the expression is
// rejected.
type verdict struct {
	message string // of an error
	count   string
	sum     string
}

// judge compiles an expression for a capture and runs it.
func judge(t *testing.T, expr string, c *capture) verdict {
	p, err := Compile(expr, Options{Link: c.link, BigEndian: c.bigEndian})
	if err != nil {
		return verdict{message: err.Error()}
	}
	var list []string
	m := p.Matcher()
	for i, f := range c.frames {
		match := m.Match(f, c.wireLens[i])
		if match != run(p.Raw(), f, c.wireLens[i]) {
			t.Errorf("%s, %s packet %d: Matcher says %v", expr, c.name, i+1, match)
		}
		if match {
			list = append(list, strconv.Itoa(i+1))
		}
	}
	sum := sha1.Sum([]byte(strings.Join(list, ",")))
	return verdict{count: strconv.Itoa(len(list)), sum: hex.EncodeToString(sum[:])[:16]}
}

// minAgreement is the part of the pairs that has to agree; docs/PCAP-FILTER.md
// explains each of the others.
const minAgreement = 0.9993

// TestCorpus compares verdicts and errors with those of libpcap 1.10.3.
func TestCorpus(t *testing.T) {
	linkNames := map[string]string{}
	for _, r := range corpus(t, "linktypes.tsv") {
		linkNames[r[0]] = r[1]
	}
	errors := map[[2]string]string{}
	for _, r := range corpus(t, "errors.tsv") {
		errors[[2]string{r[0], r[1]}] = r[2]
	}
	verdicts := map[[2]string]verdict{}
	for _, r := range corpus(t, "verdicts.tsv") {
		verdicts[[2]string{r[0], r[1]}] = verdict{count: r[2], sum: r[3]}
	}
	all := captures(t)
	var pairs, agree, skewPairs, skewAgree, messages, sameMessages int
	bad := map[string][]string{}
	diff := map[string]int{}
	for _, e := range corpus(t, "expressions.tsv") {
		id, skew, expr := e[0], e[2] == "1", unescape(e[3])
		for _, c := range all {
			got := judge(t, expr, c)
			message, rejected := errors[[2]string{id, linkNames[c.name]}]
			want := verdicts[[2]string{id, c.name}]
			ok := got.message == "" && got == want
			if rejected {
				ok = got.message != "" || got.count == "0" && message == "expression rejects all packets"
				if message != "expression rejects all packets" && !skew {
					messages++
					if message == got.message {
						sameMessages++
					} else {
						diff[fmt.Sprintf("%s => %s", message, got.message)]++
					}
				}
			}
			if skew {
				skewPairs++
				if ok {
					skewAgree++
				}
				continue
			}
			pairs++
			if ok {
				agree++
				continue
			}
			bad[expr] = append(bad[expr], fmt.Sprintf("%s: want %s%s got %s%s", c.name, want.count, message, got.count, got.message))
		}
	}
	t.Logf("main: %d of %d pairs agree, %.3f %%", agree, pairs, 100*float64(agree)/float64(pairs))
	t.Logf("skew: %d of %d pairs agree; %d of %d messages are the same", skewAgree, skewPairs, sameMessages, messages)
	report(t, bad, diff)
	if float64(agree) < minAgreement*float64(pairs) {
		t.Errorf("agreement is below %.2f %%", 100*minAgreement)
	}
}

// report logs what differs, most frequent first.
func report(t *testing.T, bad map[string][]string, diff map[string]int) {
	var exprs []string
	for e := range bad {
		exprs = append(exprs, e)
	}
	sort.Slice(exprs, func(i, j int) bool {
		if len(bad[exprs[i]]) != len(bad[exprs[j]]) {
			return len(bad[exprs[i]]) > len(bad[exprs[j]])
		}
		return exprs[i] < exprs[j]
	})
	for i, e := range exprs {
		if i == 60 {
			break
		}
		t.Logf("%d pairs differ: %s: %s", len(bad[e]), e, bad[e][0])
	}
	var msgs []string
	for m := range diff {
		msgs = append(msgs, m)
	}
	sort.Slice(msgs, func(i, j int) bool { return diff[msgs[i]] > diff[msgs[j]] })
	for i, m := range msgs {
		if i == 40 {
			break
		}
		t.Logf("%d messages differ: %s", diff[m], m)
	}
}
