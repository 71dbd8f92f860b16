package pkttest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"pkt/flow"
)

// said reads what real programs said about their traffic.
func said(t *testing.T, name string, v any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(cases, name, "programs.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatal(err)
	}
}

// TestEndsOfRealConnections compares states and histories with what the
// programs did.
func TestEndsOfRealConnections(t *testing.T) {
	var want map[string]struct{ State, History string }
	said(t, "tcp-ends-real", &want)
	for _, r := range look(t, filepath.Join(cases, "tcp-ends-real", "in.pcap")).rows {
		w := want[strconv.Itoa(int(r.DstPort))]
		if s, h := flow.StateNames[r.State], string(r.History()); s != w.State || h != w.History {
			t.Errorf("port %d: %s %s, want %s %s", r.DstPort, s, h, w.State, w.History)
		}
	}
}

// TestRealLoss compares the segments that the sender repeated with what the
// kernel counted, a little before the end, and what the router dropped.
func TestRealLoss(t *testing.T) {
	var want struct {
		Port    uint16 `json:"client_port"`
		Retrans uint32 `json:"retransmits"`
		Sent    uint64 `json:"large_segments_sent"`
		Arrived uint64 `json:"large_segments_arrived"`
	}
	said(t, "iperf-lossy-real", &want)
	for _, r := range look(t, filepath.Join(cases, "iperf-lossy-real", "sender.pcap.gz")).rows {
		repeated := r.TCP[0].RetransPackets
		if r.SrcPort == want.Port && (repeated < want.Retrans || uint64(repeated) > want.Sent-want.Arrived) {
			t.Errorf("the sender repeated %d segments; the kernel had counted %d, the router dropped %d",
				repeated, want.Retrans, want.Sent-want.Arrived)
		}
	}
}

// TestRealPages compares the content of HTTP responses with what curl got.
func TestRealPages(t *testing.T) {
	var pages []struct {
		Port   uint16 `json:"client_port"`
		Body   uint64 `json:"body_bytes"`
		Header uint64 `json:"header_bytes"`
	}
	said(t, "http-real", &pages)
	found := map[uint16]uint64{}
	for _, r := range look(t, filepath.Join(cases, "http-real", "in.pcap")).rows {
		if r.Proto == 6 {
			found[r.SrcPort] = r.TCP[1].StreamBytes
		}
	}
	for _, p := range pages {
		if found[p.Port] != p.Body+p.Header {
			t.Errorf("the server sent %d bytes to port %d, curl got %d", found[p.Port], p.Port, p.Body+p.Header)
		}
	}
}
