package fragment_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"pkt/decode"
	"pkt/fragment"
	"pkt/internal/pkttest"
	"pkt/packet"
)

// put hands frames to an assembler at a time in seconds, and returns the datagrams.
func put(a *fragment.Assembler, s float64, frames ...[]byte) (done [][]byte) {
	for _, f := range frames {
		var l packet.Layers
		decode.Frame(1, f, uint32(len(f)), false, &l)
		if d, ok := a.Add(f, &l, int64(s*1e9)); ok {
			done = append(done, bytes.Clone(d.Data))
		}
	}
	return done
}

// datagramOf returns fragments of a UDP datagram with this content, and what it is in one piece.
func datagramOf(ip pkttest.Layer, id uint32, size int, body []byte) (frames [][]byte, whole []byte) {
	layers := []pkttest.Layer{pkttest.Ethernet{}, ip, pkttest.UDP{SrcPort: 1, DstPort: 2}, pkttest.Payload(body)}
	one := pkttest.Frame(layers...)
	return pkttest.Fragments(size, id, layers...), one[len(one)-8-len(body):]
}

// TestAssembler puts fragments together in any order, with repetitions.
func TestAssembler(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		body := make([]byte, 100+r.IntN(3000))
		for i := range body {
			body[i] = byte(r.Uint32())
		}
		var ip pkttest.Layer = pkttest.IPv4{}
		if seed%2 == 1 {
			ip = pkttest.IPv6{}
		}
		frames, whole := datagramOf(ip, uint32(seed), 8*(1+r.IntN(60)), body)
		if len(frames) < 2 {
			continue
		}
		list := append([][]byte{}, frames...)
		for range r.IntN(4) {
			list = append(list, frames[r.IntN(len(frames))])
		}
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		a := fragment.NewAssembler()
		done := put(a, 1, list...)
		if len(done) == 0 || !bytes.Equal(done[0], whole) {
			t.Fatalf("seed %d: have %d datagrams, want %d bytes", seed, len(done), len(whole))
		}
		if st := a.Stats(); st.Conflicts != 0 || st.Refused != 0 {
			t.Fatalf("seed %d: %+v", seed, st)
		}
	}
}

// TestAssemblerOverlap holds whose bytes count where fragments overlap.
func TestAssemblerOverlap(t *testing.T) {
	make2 := func(ip pkttest.Layer) (a, b [][]byte, whole []byte) {
		x := bytes.Repeat([]byte("x"), 72)
		a, whole = datagramOf(ip, 7, 40, x)
		b, _ = datagramOf(ip, 7, 24, bytes.Repeat([]byte("y"), 72))
		return a, b, whole
	}
	a4, b4, whole := make2(pkttest.IPv4{})
	a := fragment.NewAssembler()
	done := put(a, 1, a4[0], b4[1], a4[1])
	copy(whole[40:], "yyyyyyyy") // what the second one brought first
	if len(done) != 1 || !bytes.Equal(done[0][8:], whole[8:]) || a.Stats().Conflicts != 24 {
		t.Errorf("IPv4: %q, %+v", done, a.Stats())
	}
	a6, b6, _ := make2(pkttest.IPv6{})
	a = fragment.NewAssembler()
	if done := put(a, 1, a6[0], b6[1], a6[1]); len(done) != 0 || a.Stats().Refused == 0 {
		t.Errorf("IPv6: a datagram whose fragments overlap is taken (RFC 5722): %+v", a.Stats())
	}
	if done := put(a, 1, a6[0], a6[1]); len(done) != 0 {
		t.Error("IPv6: later fragments of it are taken")
	}
}

// TestAssemblerLimits floods an assembler: what it keeps is bounded.
func TestAssemblerLimits(t *testing.T) {
	a := fragment.NewAssembler()
	big := bytes.Repeat([]byte("z"), 4000)
	for id := range uint32(3 * fragment.MaxDatagrams) {
		frames, _ := datagramOf(pkttest.IPv4{}, id&0xffff, 2000, big)
		put(a, 1, frames[1])
	}
	st := a.Stats()
	if st.Evicted == 0 || st.Complete != 0 {
		t.Errorf("%+v", st)
	}
	frames, _ := datagramOf(pkttest.IPv4{}, 9, 2000, big)
	late := fragment.NewAssembler()
	put(late, 1, frames[0])
	if done := put(late, 40, frames[1:]...); len(done) != 0 || late.Stats().Missing != 1 {
		t.Errorf("fragments that are 39 s apart: %d datagrams, %+v", len(done), late.Stats())
	}
	late.Flush()
	if late.Stats().Missing != 2 {
		t.Errorf("%+v", late.Stats())
	}
}

// FuzzAssembler feeds an assembler with any frames.
func FuzzAssembler(f *testing.F) {
	frames, _ := datagramOf(pkttest.IPv4{}, 1, 64, make([]byte, 200))
	for _, b := range frames {
		f.Add(b, b, uint16(3))
	}
	frames, _ = datagramOf(pkttest.IPv6{}, 1, 64, make([]byte, 200))
	f.Add(frames[0], frames[1], uint16(9))
	f.Fuzz(func(t *testing.T, x, y []byte, cut uint16) {
		a := fragment.NewAssembler()
		for i := range 6 {
			b := [2][]byte{x, y}[i&1]
			if i > 2 {
				b = b[:min(len(b), int(cut))]
			}
			var l packet.Layers
			decode.Frame(1, b, uint32(len(b)), false, &l)
			if !l.Has.Any(packet.HasFragment) {
				continue
			}
			if d, ok := a.Add(b, &l, int64(i)*6e9); ok && len(d.Data) > 65535 {
				t.Errorf("a datagram of %d bytes", len(d.Data))
			}
		}
		a.Flush()
	})
}
