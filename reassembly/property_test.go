package reassembly

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"pkt/flow"
)

// recorder is a Consumer that keeps what it gets, per side.
type recorder struct {
	t    testing.TB
	got  [2][]byte
	gaps [2][]Range
	ends int
}

func (r *recorder) Open(*Stream) bool { return true }

func (r *recorder) Data(_ *Stream, side uint8, off int64, b []byte, _ int64) {
	if off != int64(len(r.got[side])) {
		r.t.Fatalf("data at %d, expected at %d", off, len(r.got[side]))
	}
	r.got[side] = append(r.got[side], b...)
}

func (r *recorder) Gap(_ *Stream, side uint8, off, n, _ int64) {
	if off != int64(len(r.got[side])) || n <= 0 {
		r.t.Fatalf("gap of %d at %d, expected at %d", n, off, len(r.got[side]))
	}
	r.gaps[side] = append(r.gaps[side], Range{off, n})
	r.got[side] = append(r.got[side], make([]byte, n)...)
}

func (r *recorder) End(*Stream, *flow.Row) { r.ends++ }

// noFlows knows nothing.
type noFlows struct{}

func (noFlows) ISN(flow.Handle) (isn [2]uint32, seen [2]bool) { return isn, seen }
func (noFlows) Row(flow.Handle, *flow.Row)                    {}

// harness is an Assembler with one stream, fed with segments instead of packets.
type harness struct {
	*recorder
	a *Assembler
	s *Stream
	// isn is the number of the SYN of each side.
	isn [2]uint32
}

func newHarness(t testing.TB, cfg Config) *harness {
	h := &harness{recorder: &recorder{t: t}, s: new(Stream)}
	h.a = New(cfg, noFlows{}, h.recorder)
	return h
}

// syn tells the assembler where side 0 begins.
func (h *harness) syn(isn uint32) {
	h.isn[0] = isn
	h.s.Halves[0].startAt(isn + 1)
}

// send takes a segment of side 0 at an offset of its stream.
func (h *harness) send(off int, b []byte, flags uint8) {
	h.a.segment(h.s, 0, &segment{seq: h.isn[0] + 1 + uint32(off), flags: flags, data: b, wire: uint32(len(b)), nanos: h.a.clock})
}

// ack takes an acknowledgement by side 1.
func (h *harness) ack(off int) {
	h.a.segment(h.s, 1, &segment{flags: flagACK, ack: h.isn[0] + 1 + uint32(off), nanos: h.a.clock})
}

// end ends the flow.
func (h *harness) end() { h.a.end(h.s, &flow.Row{}) }

// piece is a segment of a property test.
type piece struct {
	off  int
	data []byte
	fin  bool
}

// cuts returns segments that hold all of content, some of it repeatedly: other cuts of
// the same bytes, or with noise other bytes.
func cuts(r *rand.Rand, content []byte, noise bool) (list []piece) {
	add := func(from, to int) {
		b := bytes.Clone(content[from:to])
		if noise {
			for i := range b {
				b[i] = byte(r.Uint32())
			}
		}
		list = append(list, piece{off: from, data: b, fin: to == len(content)})
	}
	for at := 0; at < len(content); {
		n := min(1+r.IntN(50), len(content)-at)
		add(at, at+n)
		at += n
	}
	for range r.IntN(len(list) + 1) {
		from := r.IntN(len(content))
		if to := from + 1 + r.IntN(min(120, len(content)-from)); to > from+1 {
			add(from, to)
		}
	}
	return list
}

// shuffle exchanges segments that are at most so far apart.
func shuffle(r *rand.Rand, list []piece, reach int) {
	for i := range list {
		j := min(i+r.IntN(reach+1), len(list)-1)
		list[i], list[j] = list[j], list[i]
	}
}

// model is what a stream has to be: each byte decided on its own.
type model struct {
	policy    Policy
	bytes     []byte
	owner     []span
	delivered int
}

func (m *model) take(p piece) {
	whole := span{int64(max(p.off, m.delivered)), int64(p.off + len(p.data))}
	for i, b := range p.data {
		at := p.off + i
		if at < m.delivered || m.owner[at].to > 0 && !m.policy.prefers(whole, m.owner[at]) {
			continue
		}
		m.bytes[at], m.owner[at] = b, whole
	}
	for m.delivered < len(m.bytes) && m.owner[m.delivered].to > 0 {
		m.delivered++
	}
}

// TestAnyOrder sends streams in any cut and order, with repetitions and conflicts, and
// compares with a model that knows nothing of queues, for every policy.
func TestAnyOrder(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 6))
		content := make([]byte, 1+r.IntN(1500))
		for i := range content {
			content[i] = byte(r.Uint32())
		}
		noise := seed%2 == 0
		list := cuts(r, content, noise)
		shuffle(r, list, r.IntN(len(list)+1))
		isn := -uint32(r.IntN(2000))
		for policy := range Policy(len(PolicyNames)) {
			h := newHarness(t, Config{Overlap: policy, Checksum: Off})
			h.syn(isn)
			m := model{policy: policy, bytes: make([]byte, len(content)), owner: make([]span, len(content))}
			for i, p := range list {
				flags := uint8(flagACK)
				if p.fin {
					flags |= flagFIN
				}
				if len(p.data) == 1 && p.off == int(h.s.Halves[0].furthest())-1 {
					continue // that is what keep-alives look like
				}
				h.send(p.off, p.data, flags)
				m.take(p)
				if got := h.got[0]; len(got) != m.delivered || !bytes.Equal(got, m.bytes[:m.delivered]) {
					t.Fatalf("seed %d, %s: after segment %d of %d: have %d bytes, want %d", seed, PolicyNames[policy], i, len(list), len(got), m.delivered)
				}
			}
			h.end()
			if !bytes.Equal(h.got[0], m.bytes) || len(h.gaps[0]) > 0 || h.ends != 1 {
				t.Fatalf("seed %d, %s: have %d bytes with gaps %v, want %d", seed, PolicyNames[policy], len(h.got[0]), h.gaps[0], len(content))
			}
			if !noise && !bytes.Equal(h.got[0], content) {
				t.Fatalf("seed %d, %s: other bytes", seed, PolicyNames[policy])
			}
			if h.a.arena.used != 0 || h.a.queues != 0 || h.a.waits.oldest != nil || h.a.buckets.largest() != nil {
				t.Fatalf("seed %d: %d bytes and %d queues are left", seed, h.a.arena.used, h.a.queues)
			}
		}
	}
}

// TestAnyStart does so in the middle of a connection, whose start is not known.
func TestAnyStart(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 7))
		content := make([]byte, 2+r.IntN(1200))
		for i := range content {
			content[i] = byte(r.Uint32())
		}
		list := cuts(r, content, false)
		if len(list) >= startSegments {
			continue
		}
		shuffle(r, list, len(list))
		h := newHarness(t, Config{})
		h.isn[0] = -uint32(r.IntN(2000))
		keepAlive := false
		for _, p := range list {
			keepAlive = keepAlive || len(p.data) == 1
		}
		if keepAlive {
			continue
		}
		for _, p := range list {
			h.send(p.off, p.data, flagACK)
		}
		h.ack(len(content))
		if !bytes.Equal(h.got[0], content) {
			t.Fatalf("seed %d: have %d bytes, want %d", seed, len(h.got[0]), len(content))
		}
		h.end()
	}
}

// TestHoles loses segments for good: what is there has its place, and the rest are gaps.
func TestHoles(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 8))
		content := make([]byte, 100+r.IntN(5000))
		for i := range content {
			content[i] = byte(1 + r.IntN(255))
		}
		want := make([]byte, len(content))
		h := newHarness(t, Config{HalfSegments: 1 + r.IntN(20)})
		h.syn(r.Uint32())
		last := 0
		for at := 0; at < len(content); {
			n := min(2+r.IntN(100), len(content)-at)
			if r.IntN(3) > 0 {
				h.send(at, content[at:at+n], flagACK)
				copy(want[at:], content[at:at+n])
				last = at + n
			}
			at += n
		}
		h.end()
		if !bytes.Equal(h.got[0], want[:last]) {
			t.Fatalf("seed %d: have %d bytes, want %d", seed, len(h.got[0]), last)
		}
		missing := bytes.Count(want[:last], []byte{0})
		if f := h.s.Halves[0].Facts(); f.GapBytes != int64(missing) || fmt.Sprint(f.Gaps) != fmt.Sprint(append([]Range{}, h.gaps[0]...)) {
			t.Fatalf("seed %d: gaps of %d bytes, want %d", seed, f.GapBytes, missing)
		}
	}
}
