package decode

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"pkt/internal/pkttest"
	"pkt/packet"
)

// wraps are what may stand around an IP packet, and carries another one or a
// frame inside, which the next wrap or the packet itself fills.
func wraps() [][]pkttest.Layer {
	return [][]pkttest.Layer{
		{four},
		{six},
		{four, pkttest.AH{}},
		{six, pkttest.HopByHop{1, 4, 0, 0, 0, 0}},
		{four, pkttest.GRE{Key: pkttest.Number(5)}},
		{six, pkttest.GRE{}, eth},
		{four, pkttest.GRE{}, eth, pkttest.VLAN{ID: 7}},
		{four, pkttest.GRE{}, pkttest.MPLS{Label: 16}},
		{four, pkttest.EtherIP{}, eth},
		{four, udp, pkttest.VXLAN{VNI: 7}, eth},
		{six, udp, pkttest.Geneve{VNI: 7, Options: make([]byte, 4)}, eth, pkttest.VLAN{ID: 7}, pkttest.VLAN{ID: 8}},
		{four, udp, pkttest.GTPU{TEID: 7}},
		{four, udp, pkttest.L2TP{}, pkttest.PPP{}},
	}
}

// TestNested finds the innermost packet in random stacks of encapsulations,
// whole and padded, and never its payload where it was cut.
func TestNested(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	all := wraps()
	for range 2000 {
		layers := []pkttest.Layer{pkttest.Ethernet{Min: 60 + random.IntN(400)}}
		depth := random.IntN(5)
		for range depth {
			layers = append(layers, all[random.IntN(len(all))]...)
		}
		frame := pkttest.Frame(append(layers, inside()...)...)
		l := check(t, linkEthernet, frame, uint32(len(frame)), false)
		if !l.Has.All(packet.HasIPv4|packet.HasTCP|packet.HasPorts) || int(l.Depth) != depth || l.Problem != packet.ProblemNone {
			t.Fatalf("%d tunnels, %+v: %+v", depth, layers, l)
		}
		if depth > 0 != l.Has.Any(packet.HasTunnel) || depth > 0 && l.Outer != etherLen {
			t.Fatalf("%d tunnels, %+v: outer header: %+v", depth, layers, l)
		}
		if got := frame[l.Payload:l.End]; !bytes.Equal(got, []byte("hello")) || l.WireEnd != l.End {
			t.Fatalf("%+v: payload %q, %+v", layers, got, l)
		}
		cut := random.IntN(int(l.End))
		c := check(t, linkEthernet, frame[:cut:cut], uint32(len(frame)), false)
		if int(c.End) > cut || !c.Has.Any(packet.HasCut) {
			t.Fatalf("%+v cut at %d: %+v", layers, cut, c)
		}
	}
}
