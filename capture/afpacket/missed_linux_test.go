package afpacket

import (
	"testing"
	"testing/fstest"
)

// TestMissed counts what interfaces say they have lost since the capture began.
func TestMissed(t *testing.T) {
	counter := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	sys := fstest.MapFS{
		"class/net/eth0/statistics/rx_missed_errors": counter("100\n"),
		"class/net/eth0/statistics/rx_fifo_errors":   counter("7\n"),
	}
	c := &Capture{sys: sys, targets: []target{{Interface: Interface{Name: "eth0", Index: 2}}, {Interface: Interface{Name: "gone0", Index: 3}}}}
	c.askMissed()
	if n := c.stats.IfaceDrops.Load(); n != 0 {
		t.Errorf("%d packets were lost before the capture", n)
	}
	sys["class/net/eth0/statistics/rx_missed_errors"] = counter("130\n")
	c.askMissed()
	c.askMissed()
	if n := c.stats.IfaceDrops.Load(); n != 30 || c.lost != 30 {
		t.Errorf("%d packets lost, %d to be noted, want 30", n, c.lost)
	}
	sys["class/net/eth0/statistics/rx_missed_errors"] = counter("0\n") // the driver was loaded anew
	c.askMissed()
	if n := c.stats.IfaceDrops.Load(); n != 30 {
		t.Errorf("%d packets lost after the counters began anew", n)
	}
}
