package pkttest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// differ are captures in which pkt means to see other flows than tshark does.
var differ = map[string]string{
	"port-reuse/in.pcap":     "tshark joins connections with the same ISN and splits one at a challenged SYN",
	"handshakes/in.pcap":     "tshark begins another connection at every SYN with another ISN, answered or not",
	"pcapng/sections.pcapng": "tshark joins connections with the same ISN",
	"snaplen/40.pcap":        "tshark reads no ports from a TCP header that is cut",
	"vxlan-real/in.pcap":     "ARP inside a tunnel belongs to the flow of the tunnel's packets",
	"fragments/in.pcap":      "expected.tsv knows better: tshark does not credit fragments to ports",
	"ping-frag-real/in.pcap": "likewise",
	"link-types/slip.pcap":   "tshark does not know the link type",
}

// shorter are captures of link types whose pseudo-header tshark does not count.
var shorter = map[string]bool{"link-types/ppp-direction.pcap": true, "link-types/sunatm.pcap": true}

// toolFile is what expected.json says about one capture.
type toolFile struct {
	Packets, Bytes uint64
	Complete       bool
	FlowCount      int `json:"flow_count"`
	Flows          []toolFlow
}

// toolFlow is what it says about one flow.
type toolFlow struct {
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

// TestExpectedByTools compares packets, bytes and flows with what other tools
// find in every capture that they read to its end.
func TestExpectedByTools(t *testing.T) {
	paths, err := filepath.Glob(cases + "/*/expected.json")
	if err != nil || len(paths) == 0 {
		t.Fatal("no cases", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var files map[string]toolFile
		if err := json.Unmarshal(data, &files); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Dir(path)
		for name, want := range files {
			if want.Complete {
				t.Run(filepath.Base(dir)+"/"+name, func(t *testing.T) { checkFile(t, dir, name, want) })
			}
		}
	}
}

func checkFile(t *testing.T, dir, name string, want toolFile) {
	got := look(t, filepath.Join(dir, name))
	id := filepath.Base(dir) + "/" + name
	if shorter[id] {
		if got.packets != want.Packets {
			t.Errorf("%d packets, want %d", got.packets, want.Packets)
		}
		return
	}
	if got.packets != want.Packets || got.bytes != want.Bytes {
		t.Errorf("%d packets of %d bytes, want %d of %d", got.packets, got.bytes, want.Packets, want.Bytes)
	}
	if reason := differ[id]; reason != "" {
		t.Log("flows are not compared:", reason)
		return
	}
	var found, wanted []string
	for i := range got.rows {
		r := &got.rows[i]
		if p := protoName(r.Proto); p != "" && r.HasPorts {
			found = append(found, pair(p, end(r, r.Src, r.SrcPort), end(r, r.Dst, r.DstPort),
				r.SrcSent.Packets, r.DstSent.Packets, r.SrcSent.Bytes, r.DstSent.Bytes))
		}
	}
	if len(found) != want.FlowCount {
		t.Errorf("%d flows, want %d", len(found), want.FlowCount)
	}
	if len(want.Flows) != want.FlowCount { // too many to be listed
		return
	}
	for _, f := range want.Flows {
		wanted = append(wanted, pair(f.Proto, join(f.SrcIP, f.SrcPort), join(f.DstIP, f.DstPort),
			f.SrcPackets, f.DstPackets, f.SrcBytes, f.DstBytes))
	}
	sameLists(t, found, wanted)
}

// pair writes a flow without regard to who began it.
func pair(proto, a, b string, packetsA, packetsB, bytesA, bytesB uint64) string {
	if a > b {
		a, b, packetsA, packetsB, bytesA, bytesB = b, a, packetsB, packetsA, bytesB, bytesA
	}
	return fmt.Sprintf("%s %s (%d, %d) %s (%d, %d)", proto, a, packetsA, bytesA, b, packetsB, bytesB)
}

// sameLists reports what only one of two lists has.
func sameLists(t *testing.T, found, wanted []string) {
	t.Helper()
	slices.Sort(found)
	slices.Sort(wanted)
	if slices.Equal(found, wanted) {
		return
	}
	for _, w := range wanted {
		if !slices.Contains(found, w) {
			t.Errorf("missing: %s", w)
		}
	}
	for _, f := range found {
		if !slices.Contains(wanted, f) {
			t.Errorf("too much: %s", f)
		}
	}
}
