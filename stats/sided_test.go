package stats

import (
	"net/netip"
	"testing"

	"pkt/internal/pkttest"
)

// A SYN may tell, in the middle of a flow, that the other side began it: what
// each side sends stays in its group, within a batch and beyond.
func TestSidesFlip(t *testing.T) {
	var specs []spec
	for i := range 700 {
		a := spec{
			ts: int64(i) * 1e6, proto: 6, flags: pkttest.ACK, size: i % 100,
			src: netip.AddrFrom4([4]byte{10, 0, byte(i / 250), byte(i % 250)}), dst: netip.MustParseAddr("192.0.2.9"),
			srcPort: uint16(50000 + i), dstPort: 60000,
		}
		b := a
		b.src, b.dst, b.srcPort, b.dstPort = a.dst, a.src, a.dstPort, a.srcPort
		syn := b
		syn.flags, syn.size = pkttest.SYN, 0
		specs = append(specs, a, syn, a, b, a)
	}
	for _, c := range directCases {
		r, f := rank(t, Config{Keys: mustParse(t, c.by)}, specs)
		flipped := f.rows[1]
		if flipped.Guessed || flipped.Src.Addr() != specs[1].src {
			t.Fatal("sides were not exchanged: nothing is tested")
		}
		checkRows(t, r.Result(), model(specs, c.tuples), true)
	}
}
