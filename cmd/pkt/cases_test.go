package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// otherFlows are captures in which pkt means to see other flows than tshark
// does. A capture that is listed must differ.
var otherFlows = map[string]string{
	"port-reuse/in.pcap":     "tshark joins connections with the same ISN and splits one at a challenged SYN",
	"handshakes/in.pcap":     "tshark begins another connection at every SYN with another ISN, answered or not",
	"pcapng/sections.pcapng": "tshark joins connections with the same ISN",
	"snaplen/40.pcap":        "tshark reads no ports from a TCP header that is cut",
	"vxlan-real/in.pcap":     "ARP inside a tunnel belongs to the flow of the tunnel's packets",
	"link-types/slip.pcap":   "tshark does not know the link type",
}

// otherBytes are captures whose frames are shorter for other tools, and with
// them flows and protocols.
var otherBytes = map[string]string{
	"link-types/ppp-direction.pcap": "tshark and capinfos do not count the pseudo-header",
	"link-types/sunatm.pcap":        "tshark and capinfos do not count the pseudo-header",
}

// otherProtocols are captures whose packets pkt counts for other protocols.
var otherProtocols = map[string]string{
	"fragments/in.pcap":      "tshark takes the pieces of a datagram for no protocol's",
	"ping-frag-real/in.pcap": "tshark takes the pieces of a datagram for no protocol's",
	"vxlan-real/in.pcap":     "ARP inside a tunnel counts for UDP, which carries it",
}

// otherTimes are captures without a good clock. For pkt they end at the latest
// time, in expected.json at that of the last packet.
var otherTimes = map[string]string{
	"pcapng/simple.pcapng": "packets without times are of 1970",
	"clock/in.pcap":        "the clock is set back",
	"damage/fraction.pcap": "the third packet is late by three seconds",
	"damage/zeros.pcap":    "zeros are packets of 1970",
}

// exits are the exit codes of captures that are not whole, or not captures.
var exits = map[string]int{
	"damage/empty.pcap":            exitFailed,
	"damage/text.pcap":             exitFailed,
	"damage/header-cut.pcap":       exitDamaged,
	"damage/hostile-length.pcap":   exitDamaged,
	"damage/large-length.pcap":     exitDamaged,
	"damage/truncated.pcap":        exitDamaged,
	"damage/truncated-record.pcap": exitDamaged,
	"damage/ng-caplen.pcapng":      exitDamaged,
	"damage/ng-hostile.pcapng":     exitDamaged,
	"damage/ng-interface.pcapng":   exitDamaged,
	"damage/ng-length-zero.pcapng": exitDamaged,
	"damage/ng-option.pcapng":      exitDamaged,
	"damage/ng-trailer.pcapng":     exitDamaged,
	"damage/ng-truncated.pcapng":   exitDamaged,
	"compressed/cut.pcap.gz":       exitDamaged,
}

// expected is what expected.json says about one capture.
type expected struct {
	Packets, Bytes uint64
	Start, End     string
	Complete       bool
	Protocols      map[string]struct{ Packets, Bytes uint64 }
	FlowCount      int `json:"flow_count"`
	Flows          []expectedFlow
}

type expectedFlow struct {
	Proto      string
	SrcIP      string `json:"src_ip"`
	SrcPort    string `json:"src_port"`
	DstIP      string `json:"dst_ip"`
	DstPort    string `json:"dst_port"`
	SrcPackets uint64 `json:"src_packets"`
	DstPackets uint64 `json:"dst_packets"`
	SrcBytes   uint64 `json:"src_bytes"`
	DstBytes   uint64 `json:"dst_bytes"`
}

// TestCases runs the command over every capture of testdata/pcaps and compares
// what it prints with what tools that are not pkt find there.
func TestCases(t *testing.T) {
	paths, err := filepath.Glob(pcaps + "*/expected.json")
	if err != nil || len(paths) == 0 {
		t.Fatal("no cases", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var files map[string]expected
		if err := json.Unmarshal(data, &files); err != nil {
			t.Fatal(err)
		}
		for name, want := range files {
			name := filepath.Base(filepath.Dir(path)) + "/" + name
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				checkCase(t, name, want)
			})
		}
	}
}

// checkCase compares one capture.
func checkCase(t *testing.T, name string, want expected) {
	got := pkt(t, "flows", "-r", pcaps+name, "-o", "ndjson", "--summary", "--time", "epoch-ns")
	if got.code != exits[name] {
		t.Fatalf("exit code %d, want %d: %s", got.code, exits[name], got.stderr)
	}
	if got.code == exitFailed {
		return
	}
	sum := records(t, got.stdout, "summary")[0]
	packets, bytes := sum.num(t, "packets"), sum.num(t, "bytes")
	if !want.Complete {
		// Other tools stop at the damage, behind which pkt may find more.
		if packets < want.Packets || bytes < want.Bytes {
			t.Errorf("%d packets of %d bytes, want at least %d of %d", packets, bytes, want.Packets, want.Bytes)
		}
		return
	}
	if packets != want.Packets {
		t.Errorf("%d packets, want %d", packets, want.Packets)
	}
	if reason := otherBytes[name]; (bytes == want.Bytes) != (reason == "") {
		t.Errorf("%d bytes, want %d; reason to differ: %q", bytes, want.Bytes, reason)
	} else if reason != "" {
		return
	}
	differs(t, "times", otherTimes[name], checkTimes(sum, want))
	differs(t, "protocols", otherProtocols[name], checkProtocols(t, name, want))
	differs(t, "flows", otherFlows[name], checkFlows(t, records(t, got.stdout, "flow"), want))
}

// differs reports differences that have no reason, and reasons that no
// difference has.
func differs(t *testing.T, what, reason string, found []string) {
	t.Helper()
	switch {
	case reason == "":
		for _, line := range found {
			t.Errorf("%s: %s", what, line)
		}
	case len(found) == 0:
		t.Errorf("%s are equal, and need no reason to differ", what)
	}
}

func checkTimes(sum record, want expected) []string {
	first, last := strings.ReplaceAll(want.Start, ".", ""), strings.ReplaceAll(want.End, ".", "")
	if f, l := sum.text("first"), sum.text("last"); f != first || l != last {
		return []string{fmt.Sprintf("from %s to %s, want from %s to %s", f, l, first, last)}
	}
	return nil
}

// checkProtocols compares a ranking by protocol. What expected.json calls other
// are all protocols that it does not name.
func checkProtocols(t *testing.T, name string, want expected) (found []string) {
	got := pkt(t, "top", "-r", pcaps+name, "--by", "proto", "-o", "ndjson", "--limit", "0")
	sums := map[string][2]uint64{}
	for _, r := range records(t, got.stdout, "top") {
		p, _ := r["key"].(map[string]any)["proto"].(string)
		if p == "icmp6" {
			p = "icmpv6"
		}
		if _, known := want.Protocols[p]; !known {
			p = "other"
		}
		sums[p] = [2]uint64{sums[p][0] + r.num(t, "packets"), sums[p][1] + r.num(t, "bytes")}
	}
	for p, c := range want.Protocols {
		if w := [2]uint64{c.Packets, c.Bytes}; sums[p] != w {
			found = append(found, fmt.Sprintf("%s: packets and bytes %d, want %d", p, sums[p], w))
		}
		delete(sums, p)
	}
	for p, c := range sums {
		found = append(found, fmt.Sprintf("%s: packets and bytes %d, want none", p, c))
	}
	return found
}

// checkFlows compares flows without regard to who began them.
func checkFlows(t *testing.T, flows []record, want expected) (found []string) {
	var got, wanted []string
	for _, r := range flows {
		if _, ports := r["src_port"]; ports && slices.Contains([]string{"tcp", "udp", "udplite", "sctp"}, r.text("proto")) {
			got = append(got, pair(r.text("proto"), ends(r), r.num(t, "src_packets"), r.num(t, "dst_packets"),
				r.num(t, "src_bytes"), r.num(t, "dst_bytes")))
		}
	}
	if len(got) != want.FlowCount {
		found = append(found, fmt.Sprintf("%d flows, want %d", len(got), want.FlowCount))
	}
	if len(want.Flows) != want.FlowCount { // too many to be listed
		return found
	}
	for _, f := range want.Flows {
		e := [2]string{net.JoinHostPort(f.SrcIP, f.SrcPort), net.JoinHostPort(f.DstIP, f.DstPort)}
		wanted = append(wanted, pair(f.Proto, e, f.SrcPackets, f.DstPackets, f.SrcBytes, f.DstBytes))
	}
	return append(found, unequal(got, wanted)...)
}

// ends returns source and destination of a flow record, with ports if it has any.
func ends(r record) [2]string {
	if _, ports := r["src_port"]; !ports {
		return [2]string{r.text("src_ip"), r.text("dst_ip")}
	}
	return [2]string{net.JoinHostPort(r.text("src_ip"), r.text("src_port")), net.JoinHostPort(r.text("dst_ip"), r.text("dst_port"))}
}

// pair writes a flow so that its two directions compare equal.
func pair(proto string, ends [2]string, srcPackets, dstPackets, srcBytes, dstBytes uint64) string {
	a := fmt.Sprintf("%s sent %d packets of %d bytes", ends[0], srcPackets, srcBytes)
	b := fmt.Sprintf("%s sent %d packets of %d bytes", ends[1], dstPackets, dstBytes)
	return proto + " " + min(a, b) + ", " + max(a, b)
}

// unequal returns what only one of two lists has.
func unequal(got, want []string) (found []string) {
	slices.Sort(got)
	slices.Sort(want)
	for i, j := 0, 0; i < len(got) || j < len(want); {
		switch {
		case j == len(want) || i < len(got) && got[i] < want[j]:
			found = append(found, "too much: "+got[i])
			i++
		case i == len(got) || want[j] < got[i]:
			found = append(found, "missing: "+want[j])
			j++
		default:
			i, j = i+1, j+1
		}
	}
	return found
}

// TestCasesByConstruction compares flows with what the generator of captures
// says: who began, state, history, service port, packets and bytes.
func TestCasesByConstruction(t *testing.T) {
	paths, err := filepath.Glob(pcaps + "*/expected.tsv")
	if err != nil || len(paths) == 0 {
		t.Fatal("no cases", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files := map[string][][]string{}
		for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n")[1:] {
			f := strings.Split(line, "\t")
			files[f[0]] = append(files[f[0]], f)
		}
		for name, want := range files {
			name := filepath.Base(filepath.Dir(path)) + "/" + name
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				got := pkt(t, "flows", "-r", pcaps+name, "-o", "ndjson", "--sort", "start")
				for _, line := range unequal(constructed(t, records(t, got.stdout, "flow"), want)) {
					t.Error(line)
				}
			})
		}
	}
}

// constructed writes the flows of the command and those of expected.tsv alike:
// file, protocol, four columns of ends, state, history, four of counts, note. A
// state or history that the table leaves open is left open in both; the nth flow
// between two ends is held against the nth line.
func constructed(t *testing.T, flows []record, lines [][]string) (got, want []string) {
	open := map[string][][]string{}
	for _, f := range lines {
		dst := f[4]
		src := f[2]
		if f[3] != "" {
			src, dst = net.JoinHostPort(f[2], f[3]), net.JoinHostPort(f[4], f[5])
		}
		key := f[1] + " " + src + " to " + dst
		open[key] = append(open[key], f)
		want = append(want, fmt.Sprintf("%s: %s, service port %s", key, strings.Join(f[6:12], " "), f[5]))
	}
	for _, r := range flows {
		e := ends(r)
		key := r.text("proto") + " " + e[0] + " to " + e[1]
		state, history := r.text("state"), r.text("history")
		if left := open[key]; len(left) > 0 {
			if left[0][6] == "" {
				state = ""
			}
			if left[0][7] == "" {
				history = ""
			}
			open[key] = left[1:]
		}
		got = append(got, fmt.Sprintf("%s: %s %s %d %d %d %d, service port %s", key, state, history,
			r.num(t, "src_packets"), r.num(t, "dst_packets"), r.num(t, "src_bytes"), r.num(t, "dst_bytes"), r.text("port")))
	}
	return got, want
}

// TestOneServiceManyClients counts 2,500 clients of one server as one row,
// handshakes or not.
func TestOneServiceManyClients(t *testing.T) {
	for name, key := range map[string]string{
		"game-server/udp.pcap.gz":  "31337/udp",
		"game-server/tcp.pcap.gz":  "31337/tcp",
		"udp-game-real/in.pcap.gz": "31337/udp",
	} {
		t.Run(name, func(t *testing.T) {
			got := pkt(t, "top", "-r", pcaps+name, "--by", "port", "-o", "tsv", "--fields", "port,flows,peers,packets", "--no-header")
			if want := "item\t" + key + "\t2500\t2500\t5000\n"; got.stdout != want {
				t.Errorf("%q, want %q", got.stdout, want)
			}
		})
	}
}
