package fragment_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pkt/decode"
	"pkt/fragment"
	"pkt/internal/pkttest"
	"pkt/packet"
)

// batchOf returns a decoded batch of Ethernet frames.
func batchOf(list ...pkttest.Packet) *packet.Batch {
	b := &packet.Batch{N: len(list)}
	var mem []byte
	for i, p := range list {
		n := uint32(len(p.Data))
		b.Records[i] = packet.Record{Nanos: p.Nanos, Off: uint32(len(mem)), CapLen: n, WireLen: n, Link: 1}
		mem = append(mem, p.Data...)
	}
	b.Block = packet.NewBlock(mem, nil)
	decode.Batch(b, b.All())
	return b
}

// at returns a frame at a time in seconds.
func at(s float64, frame []byte) pkttest.Packet { return pkttest.At(int64(s*1e9), frame) }

// parts returns a UDP datagram between two hosts in three fragments.
func parts(src string, id uint32, outer ...pkttest.Layer) [][]byte {
	layers := append([]pkttest.Layer{pkttest.Ethernet{}}, outer...)
	layers = append(layers, pkttest.IPv4{Src: src}, pkttest.UDP{SrcPort: 41000, DstPort: 42000}, pkttest.Zeros(1300))
	return pkttest.Fragments(512, id, layers...)
}

// result is what a batch gave: ports of its packets, "held", and credits.
func result(b *packet.Batch, in packet.Set, credits []fragment.Credit) (got []string) {
	for i := range b.N {
		l := &b.Layers[i]
		switch {
		case !in.Has(i):
			got = append(got, "held")
		case l.Has.Any(packet.HasPorts):
			got = append(got, fmt.Sprint(l.SrcPort))
		default:
			got = append(got, "none")
		}
	}
	for _, c := range credits {
		got = append(got, fmt.Sprintf("credit %d behind %d", c.SrcPort, c.After))
	}
	return got
}

func TestStage(t *testing.T) {
	a, b := parts("10.0.0.1", 1), parts("10.0.0.3", 1)
	v7, v8 := parts("10.0.0.1", 1, pkttest.VLAN{ID: 7}), parts("10.0.0.1", 1, pkttest.VLAN{ID: 8})
	plain := pkttest.Datagram("10.0.0.1:1000", "10.0.0.2:2000")
	for _, c := range []struct {
		name    string
		batches [][]pkttest.Packet
		want    []string
	}{
		{"in order", [][]pkttest.Packet{{at(0, a[0]), at(0, a[1]), at(0, a[2])}}, []string{"41000", "41000", "41000"}},
		{"in two batches", [][]pkttest.Packet{{at(0, a[0])}, {at(1, plain)}, {at(2, a[1])}}, []string{"41000", "1000", "41000"}},
		{"first one last", [][]pkttest.Packet{{at(0, a[2]), at(0, a[1]), at(0, plain), at(0, a[0])}},
			[]string{"held", "held", "1000", "41000", "credit 41000 behind 3", "credit 41000 behind 3"}},
		{"first one in the next batch", [][]pkttest.Packet{{at(0, a[1])}, {at(1, a[0]), at(1, a[2])}},
			[]string{"held", "41000", "41000", "credit 41000 behind 0"}},
		{"two hosts", [][]pkttest.Packet{{at(0, a[0]), at(0, b[1]), at(0, a[1]), at(0, b[0])}},
			[]string{"41000", "held", "41000", "41000", "credit 41000 behind 3"}},
		{"two VLANs", [][]pkttest.Packet{{at(0, v7[0]), at(0, v8[1])}}, []string{"41000", "held"}},
		{"too late", [][]pkttest.Packet{{at(0, a[1])}, {at(31, plain)}, {at(32, a[0])}},
			[]string{"held", "1000", "credit 0 behind -1", "41000"}},
		{"later parts too late", [][]pkttest.Packet{{at(0, a[0])}, {at(31, a[1])}}, []string{"41000", "held"}},
	} {
		s := fragment.NewStage()
		var got []string
		for _, list := range c.batches {
			b := batchOf(list...)
			in, credits := s.Batch(b, b.All())
			got = append(got, result(b, in, credits)...)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: have %q, want %q", c.name, got, c.want)
		}
	}
}

// TestCredit checks what is kept of a fragment that is held back.
func TestCredit(t *testing.T) {
	for _, ip := range []pkttest.Layer{pkttest.IPv4{}, pkttest.IPv6{}} {
		frames := pkttest.Fragments(512, 9, pkttest.Ethernet{}, pkttest.VLAN{ID: 5}, ip,
			pkttest.UDP{SrcPort: 41000, DstPort: 42000}, pkttest.Zeros(1000))
		s := fragment.NewStage()
		b := batchOf(at(3, frames[1]))
		s.Batch(b, b.All())
		want := fragment.Credit{
			After: -1, Nanos: 3e9,
			Bytes: uint32(len(frames[1])), IPBytes: uint32(len(frames[1]) - 18), Payload: 1008 - 512,
			VLAN: 5, Proto: 17,
		}
		got := s.Flush()
		if len(got) != 1 {
			t.Fatalf("%d credits", len(got))
		}
		got[0].Addrs, got[0].Has = want.Addrs, want.Has
		if got[0] != want {
			t.Errorf("have %+v, want %+v", got[0], want)
		}
	}
}

// TestLimits floods a stage: what it remembers is bounded, and nothing is lost.
func TestLimits(t *testing.T) {
	s := fragment.NewStage()
	later := parts("10.0.0.1", 0)[1]
	passed, held := 0, 0
	for i := range 20 * packet.BatchLen {
		frame := slices.Clone(later)
		frame[18], frame[19] = byte(i>>8), byte(i) // identification
		b := batchOf(at(0, frame))
		in, credits := s.Batch(b, b.All())
		held += b.N - in.Len()
		passed += len(credits)
	}
	if n := held - passed; n != fragment.MaxDatagrams {
		t.Errorf("%d held back", n)
	}
	passed += len(s.Flush())
	if passed != held || s.Stats().Evicted == 0 || s.Stats().Orphans != uint64(passed) {
		t.Errorf("%d of %d came back; %+v", passed, held, s.Stats())
	}
	for range 3 * fragment.MaxHeld / packet.BatchLen {
		list := make([]pkttest.Packet, packet.BatchLen)
		for i := range list {
			list[i] = at(0, later)
		}
		b := batchOf(list...)
		in, credits := s.Batch(b, b.All())
		held += b.N - in.Len()
		passed += len(credits)
		if held-passed > fragment.MaxHeld {
			t.Fatalf("%d held back", held-passed)
		}
	}
}

// TestAllocatesNothing runs batches with and without fragments.
func TestAllocatesNothing(t *testing.T) {
	frames := parts("10.0.0.1", 1)
	plain := batchOf(at(0, pkttest.Datagram("10.0.0.1:1000", "10.0.0.2:2000")))
	mixed := batchOf(at(0, frames[1]), at(0, frames[0]), at(0, frames[2]))
	layers := mixed.Layers
	s := fragment.NewStage()
	run := func() {
		s.Batch(plain, plain.All())
		mixed.Layers = layers
		s.Batch(mixed, mixed.All())
	}
	for range 2 * fragment.MaxDatagrams {
		run()
	}
	if n := testing.AllocsPerRun(1000, run); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkStage shows what the stage costs where there is no fragment, and
// where there are only fragments.
func BenchmarkStage(b *testing.B) {
	frames := parts("10.0.0.1", 1)
	for name, list := range map[string][][]byte{
		"plain":     {pkttest.Datagram("10.0.0.1:1000", "10.0.0.2:2000")},
		"fragments": frames,
	} {
		b.Run(name, func(b *testing.B) {
			all := make([]pkttest.Packet, packet.BatchLen)
			for i := range all {
				all[i] = at(0, list[i%len(list)])
			}
			batch := batchOf(all...)
			s := fragment.NewStage()
			start := time.Now()
			b.ReportAllocs()
			for b.Loop() {
				s.Batch(batch, batch.All())
			}
			b.ReportMetric(float64(time.Since(start))/float64(b.N)/packet.BatchLen, "ns/pkt")
		})
	}
}

// FuzzStage takes arbitrary bytes as fragments: every packet is passed on, held
// back or credited exactly once.
func FuzzStage(f *testing.F) {
	for _, p := range parts("10.0.0.1", 1) {
		f.Add(p[14:], uint8(3))
	}
	for _, p := range pkttest.Fragments(512, 1, pkttest.Ethernet{}, pkttest.IPv6{}, pkttest.UDP{}, pkttest.Zeros(900)) {
		f.Add(p[14:], uint8(7))
	}
	var b packet.Batch
	f.Fuzz(func(t *testing.T, data []byte, every uint8) {
		s := fragment.NewStage()
		step := max(int(every), len(data)/16, 1)
		n, got := 0, 0
		for cut := 0; cut <= len(data); cut += step {
			for _, etherType := range [][]byte{{8, 0}, {0x86, 0xdd}} {
				frame := slices.Concat(make([]byte, 12), etherType, data[:cut])
				length := uint32(len(frame))
				b.N = 1
				b.Block = packet.NewBlock(frame, nil)
				b.Records[0] = packet.Record{Nanos: int64(n) * 1e9, CapLen: length, WireLen: length, Link: 1}
				decode.Batch(&b, b.All())
				in, credits := s.Batch(&b, b.All())
				got += in.Len() + len(credits)
				n++
			}
		}
		if got += len(s.Flush()); got != n {
			t.Errorf("%d of %d packets", got, n)
		}
	})
}
