package stats

import (
	"net/netip"
	"testing"
	"time"

	"pkt/flow"
	"pkt/internal/pkttest"
)

// TestFlowStates shows a flow's state while it goes on and when it has ended; the
// next connection on the same ports takes the row over.
func TestFlowStates(t *testing.T) {
	a, b := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	ts := int64(1_700_000_000_000_000_000)
	at := func(after time.Duration, out bool, flags uint16) spec {
		s := spec{ts: ts + int64(after), src: a, dst: b, srcPort: 40000, dstPort: 443, proto: 6, flags: flags}
		if !out {
			s.src, s.dst, s.srcPort, s.dstPort = b, a, 443, 40000
		}
		return s
	}
	for _, by := range []string{"flow", "port,flow", "src_ip,flow", "state,flow_id"} {
		schema := Schema{Packet: testSchema().Packet, Flow: testFlowFields()}
		keys, err := ParseBy(schema, by)
		if err != nil {
			t.Fatal(err)
		}
		f := newFeed(t, flow.Config{Idle: int64(10 * time.Second)})
		f.live = true
		r := NewRanking(Config{Keys: keys, Live: true, Windows: DefaultWindows, Interval: second, Each: func(*Result) {}}, f.table)
		f.consumer, f.ended = r.Batch, r.Ended
		state := func(what string, want flow.State) {
			t.Helper()
			for _, row := range r.Snapshot(Rows{Quiet: true}).Items {
				if by == "state,flow_id" {
					continue // the key says it
				}
				if !row.HasState || row.State != want {
					t.Errorf("by %s, %s: %v, want %v", by, what, row.State, want)
				}
			}
		}
		f.runOn([]spec{at(0, true, pkttest.SYN)})
		state("SYN", flow.S0)
		f.runOn([]spec{at(1e6, false, pkttest.SYN|pkttest.ACK), at(2e6, true, pkttest.ACK)})
		state("handshake", flow.S1)
		f.runOn([]spec{at(3e6, true, pkttest.FIN|pkttest.ACK), at(4e6, false, pkttest.FIN|pkttest.ACK), at(5e6, true, pkttest.ACK)})
		state("FIN", flow.SF)
		for after := 30 * time.Second; after < 20*time.Minute; after += time.Minute {
			other := at(after, true, pkttest.ACK)
			other.src, other.srcPort, other.proto = netip.MustParseAddr("10.0.0.9"), 9, 17
			f.runOn([]spec{other})
		}
		if n := f.table.Stats().Live; n > 1 {
			t.Errorf("by %s: %d flows are in the table", by, n)
		}
		found := false
		for _, row := range r.Snapshot(Rows{Quiet: true}).Items {
			if row.Last > ts+int64(20*time.Second) {
				continue // the other one
			}
			found = true
			if by != "state,flow_id" && (!row.HasState || row.State != flow.SF) {
				t.Errorf("by %s, when it has ended: %v", by, row.State)
			}
		}
		if !found {
			t.Errorf("by %s: the row of the flow that has ended is gone", by)
		}
	}
}
