package pkttest

import (
	"net"
	"strings"
	"testing"
)

func TestNetns(t *testing.T) {
	a, b := NewNetns(t), NewNetns(t)
	Veth(a, "left", "10.9.0.1/24", b, "right", "10.9.0.2/24")
	a.Do(func() {
		if _, err := net.InterfaceByName("left"); err != nil {
			t.Error(err)
		}
	})
	if out := b.Run("ip", "addr", "show", "dev", "right"); !strings.Contains(out, "10.9.0.2/24") {
		t.Error(out)
	}
	before := b.Counters("right")
	a.Run("ping", "-c1", "-W1", "10.9.0.2")
	after := b.Counters("right")
	if after.RxPackets <= before.RxPackets || after.TxBytes <= before.TxBytes {
		t.Errorf("counters stay at %v", after)
	}
}
