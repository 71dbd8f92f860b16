package line

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pkt/capture/pcapfile"
	"pkt/decode"
	"pkt/packet"
)

// facts are what a line says about a packet, read back from its text: of both
// programs by the same expressions.
type facts struct {
	time   string
	hosts  []string // of each IP header: "source.port > destination.port"
	tcp    string   // flags, seq, ack, win
	length string   // of TCP and UDP payloads
	icmp   string   // kind, id, seq, length of echoes
	arp    string   // all of it
}

var (
	startOfLine = regexp.MustCompile(`^-?\d+\.\d{6} `)
	hostsOf     = regexp.MustCompile(`\bIP6? (?:truncated-ip6? - \d+ bytes missing! ?)?([0-9a-f.:]+) > ([0-9a-f.:]+):(?: |$)`)
	// portsBehind are ports that tcpdump writes behind extension headers.
	portsBehind = regexp.MustCompile(`(?:HBH|DSTOPT|\)|\):|mobility) +(\d+) > (\d+): `)
	tcpOf       = regexp.MustCompile(`Flags \[([^\]]*)\](?:, seq (\d+(?::\d+)?))?(?:, ack (\d+))?, win (\d+)(?:.*?, length (\d+))?`)
	udpOf       = regexp.MustCompile(`\bUDP(?:-Lite)?, (?:bad )?length (\d+)`)
	quickOf     = regexp.MustCompile(`\btcp (\d+)`)
	icmpOf      = regexp.MustCompile(`(ICMP6?,? echo (?:request|reply), id \d+, seq \d+, length \d+)`)
	arpOf       = regexp.MustCompile(`\bR?ARP, .*`)
)

// read reads the facts of one packet.
func read(text string) (f facts) {
	if at := startOfLine.FindString(text); at != "" {
		f.time = strings.TrimSpace(at)
	}
	for _, m := range hostsOf.FindAllStringSubmatch(text, -1) {
		f.hosts = append(f.hosts, m[1]+" > "+m[2])
	}
	if m := portsBehind.FindStringSubmatch(text); m != nil && len(f.hosts) > 0 {
		last := &f.hosts[len(f.hosts)-1]
		*last = strings.Replace(*last, " > ", "."+m[1]+" > ", 1) + "." + m[2]
	}
	if m := tcpOf.FindStringSubmatch(text); m != nil {
		f.tcp, f.length = strings.Join(m[1:5], " "), m[5]
	} else if m := udpOf.FindStringSubmatch(text); m != nil {
		f.length = m[1]
	} else if m := quickOf.FindStringSubmatch(text); m != nil {
		f.length = m[1]
	}
	if m := icmpOf.FindStringSubmatch(text); m != nil {
		f.icmp = strings.Replace(m[1], "ICMP6,", "ICMP6", 1)
	}
	f.arp = strings.TrimRight(arpOf.FindString(text), " ")
	return f
}

// differences names the facts in which two readings differ. What one of them
// does not say at all is a difference, but for lengths of UDP, which tcpdump
// writes in many ways for the applications that it knows.
func differences(theirs, ours facts, quick bool) (all []string) {
	add := func(name, a, b string) {
		if a != b {
			all = append(all, fmt.Sprintf("%s: tcpdump %q, pkt %q", name, a, b))
		}
	}
	add("time", theirs.time, ours.time)
	add("hosts", strings.Join(theirs.hosts, ", "), strings.Join(ours.hosts, ", "))
	add("tcp", theirs.tcp, ours.tcp)
	if quick || theirs.length != "" && ours.length != "" || theirs.tcp != "" || ours.tcp != "" {
		add("length", theirs.length, ours.length)
	}
	add("icmp", theirs.icmp, ours.icmp)
	add("arp", theirs.arp, ours.arp)
	return all
}

// tcpdumpLines returns what tcpdump says about each packet, lines that go on
// joined.
func tcpdumpLines(t *testing.T, path string, flags ...string) (all []string) {
	t.Helper()
	cmd := exec.Command("tcpdump", append(flags, "-nn", "-tt", "-r", path)...)
	cmd.Env = append(os.Environ(), "TZ=UTC")
	out, err := cmd.Output()
	if err != nil && len(out) == 0 {
		return nil
	}
	scan := bufio.NewScanner(bytes.NewReader(out))
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		text := scan.Text()
		if startOfLine.MatchString(text) || len(all) == 0 {
			all = append(all, text)
			continue
		}
		all[len(all)-1] += " " + strings.TrimSpace(text)
	}
	return all
}

// ownLines returns what pkt says, likewise.
func ownLines(path string, opt Options) (all []string) {
	src, err := pcapfile.Open([]string{path}, pcapfile.Options{})
	if err != nil {
		return nil
	}
	defer src.Close()
	opt.Numeric, opt.Clock = true, NewClock(StampEpoch, time.UTC, false)
	p := New(io.Discard, opt)
	var b packet.Batch
	for src.Next(&b) == nil {
		decode.Batch(&b, b.All())
		for i := range b.N {
			all = append(all, strings.TrimSuffix(string(p.append(nil, &b, i)), "\n"))
		}
	}
	b.Reset()
	return all
}

// corpus returns the captures that lines are compared on.
func corpus(t *testing.T) (files []string) {
	for _, dir := range []string{"streams/pcaps", "filters/captures"} {
		found, _ := filepath.Glob("../../../shared/corpus/" + dir + "/*.pcap*")
		files = append(files, found...)
	}
	if len(files) == 0 {
		t.Skip("no ../shared/corpus beside the repository: lines are not compared with tcpdump's")
	}
	if _, err := exec.LookPath("tcpdump"); err != nil {
		t.Skip("tcpdump is not installed: lines are not compared with its")
	}
	slices.Sort(files)
	return files
}

// pair is what both programs say about one packet.
type pair struct {
	file         string
	theirs, ours string
	t, o         facts
}

// sameTime and noFacts help to say what else must hold where a difference is
// explained: an explanation of one fact does not excuse another.
func (p *pair) sameTime() bool { return p.t.time == p.o.time }

func (f *facts) none() bool { return f.tcp == "" && f.icmp == "" && f.arp == "" }

// says reports whether tcpdump's line has one of the words.
func (p *pair) says(words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(p.theirs, w) })
}

// explained are the reasons for differences, by the names that
// docs/CONFORMANCE.md explains. The first one that fits counts.
var explained = []struct {
	name string
	fits func(p *pair) bool
}{
	{"deeper-tunnel", func(p *pair) bool {
		n := len(p.t.hosts)
		return p.sameTime() && n > 0 && len(p.o.hosts) > n && slices.Equal(p.o.hosts[:n], p.t.hosts) && p.t.none()
	}},
	{"tunnel-in-fragment", func(p *pair) bool {
		n := len(p.o.hosts)
		return p.sameTime() && n > 0 && len(p.t.hosts) > n && slices.Equal(p.t.hosts[:n], p.o.hosts) && strings.Contains(p.ours, "(frag ")
	}},
	{"unknown-header", func(p *pair) bool {
		return p.sameTime() && len(p.t.hosts) == 0 && p.t.none() && p.says("ethertype Unknown", "Unknown Ethertype", "nknown PPP protocol",
			"nknown CHDLC protocol", "AF Unknown", "Unknown AF", "UNSUPPORTED", "wrong link-layer encapsulation")
	}},
	{"offload", func(p *pair) bool { return p.sameTime() && p.says("IP bad-len 0") && len(p.o.hosts) > 0 }},
	{"bad-options", func(p *pair) bool {
		return p.t.tcp == p.o.tcp && slices.Equal(p.t.hosts, p.o.hosts) && p.says("[bad opt]") && strings.Contains(p.ours, "[bad opt]")
	}},
	{"bad-offset", func(p *pair) bool {
		return slices.Equal(p.t.hosts, p.o.hosts) && p.says("[bad hdr length") && strings.Contains(p.ours, "[bad_offset]")
	}},
	{"accurate-ecn", func(p *pair) bool {
		flags, rest, _ := strings.Cut(p.o.tcp, " ")
		return strings.TrimSuffix(flags, "e")+" "+rest == p.t.tcp && flags != strings.TrimSuffix(flags, "e")
	}},
	{"broken-arp", func(p *pair) bool {
		return p.sameTime() && (p.says("[|arp]") && strings.Contains(p.ours, "[truncated]") || p.says("ARP, Unknown (") && strings.Contains(p.ours, "ARP, operation "))
	}},
	{"no-time", func(p *pair) bool { return p.t.time == "0.000000" && slices.Equal(p.t.hosts, p.o.hosts) }},
	{"too-deep", func(p *pair) bool {
		return strings.Count(p.theirs, "frag (") > 30 && strings.Contains(p.ours, "[too_deep]")
	}},
}

// explain returns the name of the reason for a difference, "" if there is none.
func explain(p *pair) string {
	for _, e := range explained {
		if e.fits(p) {
			return e.name
		}
	}
	return ""
}

// stopsEarly are captures that tcpdump does not read to their end: it takes no
// second link type and no second snapshot length.
var stopsEarly = []string{
	"ggopacket-pcapgo-tests-be-test005.pcapng", "ggopacket-pcapgo-tests-be-test008.pcapng", "ggopacket-pcapgo-tests-be-test100.pcapng",
	"ggopacket-pcapgo-tests-be-test101.pcapng", "ggopacket-pcapgo-tests-be-test102.pcapng", "ggopacket-pcapgo-tests-be-test201.pcapng",
	"ggopacket-pcapgo-tests-le-test100.pcapng", "ggopacket-pcapgo-tests-le-test202.pcapng", "zeek-ldap-gap-data-missing.pcapng",
}

// TestTcpdump compares lines with those of tcpdump -nn and tcpdump -nnq, field
// by field: time, addresses and ports of every IP header, flags, sequence and
// acknowledgment numbers and window of TCP, lengths of TCP and UDP, echoes of
// ICMP, ARP. A difference that is not explained fails, and so does an
// explanation that nothing needs.
func TestTcpdump(t *testing.T) {
	packets, equal, reasons := 0, 0, map[string]int{}
	for _, path := range corpus(t) {
		name := filepath.Base(path)
		for _, quick := range []bool{false, true} {
			var flags []string
			if quick {
				flags = []string{"-q"}
			}
			theirs, ours := tcpdumpLines(t, path, flags...), ownLines(path, Options{Quick: quick})
			if (len(theirs) < len(ours)) != slices.Contains(stopsEarly, name) || len(theirs) > len(ours) {
				t.Errorf("%s: %d packets, tcpdump has %d", name, len(ours), len(theirs))
			}
			for i := range min(len(theirs), len(ours)) {
				p := pair{name, theirs[i], ours[i], read(theirs[i]), read(ours[i])}
				d := differences(p.t, p.o, quick)
				packets++
				switch reason := explain(&p); {
				case len(d) == 0:
					equal++
				case reason != "":
					reasons[reason]++
				default:
					t.Errorf("%s packet %d: %s\n  tcpdump: %s\n  pkt:     %s", name, i+1, strings.Join(d, "; "), theirs[i], ours[i])
				}
			}
		}
	}
	t.Logf("%d lines, %d equal", packets, equal)
	for _, e := range explained {
		if t.Logf("%-20s %d", e.name, reasons[e.name]); reasons[e.name] == 0 {
			t.Errorf("%s explains nothing", e.name)
		}
	}
}
