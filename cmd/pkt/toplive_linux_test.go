package main

import (
	"math"
	"testing"
	"time"
)

// TestLiveTopPort shows a service on a port that has no name, with rates over the
// windows, average and peak.
func TestLiveTopPort(t *testing.T) {
	w := newWire(t)
	s := w.far.NewSender("far0")
	r := listen(t, w.near, "top", "-i", "near0", "--by", "port", "-o", "ndjson")
	const size, packets, every = 1000, 80, 50 * time.Millisecond
	tick := time.NewTicker(every)
	defer tick.Stop()
	began := time.Now()
	for range packets {
		<-tick.C
		if err := s.Send(datagram(size, 31337)); err != nil {
			t.Fatal(err)
		}
	}
	sent := time.Since(began).Seconds()
	r.end()
	var last map[string]any
	for _, rec := range recordsIn(t, r.stdout.String()) {
		if key, _ := rec["key"].(map[string]any); key["port"] == 31337.0 {
			last = rec
		}
	}
	if last == nil {
		t.Fatalf("no row of the port:\n%s", r.stdout.String())
	}
	rate := size * packets * 8 / sent
	for name, want := range map[string]struct{ value, off float64 }{
		"bytes": {size * packets, 0}, "rx_bytes": {size * packets, 0}, "packets": {packets, 0},
		"bps_10s": {rate, 0.25}, "avg_bps": {rate, 0.25}, "peak_bps": {rate, 0.6},
	} {
		if got, _ := last[name].(float64); math.Abs(got-want.value) > want.off*want.value {
			t.Errorf("%s is %v, want %v", name, last[name], want.value)
		}
	}
}
