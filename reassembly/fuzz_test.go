package reassembly

import (
	"encoding/binary"
	"testing"

	"pkt/flow"
)

// ledger is a Consumer that keeps no bytes: it holds that offsets follow each other, and that
// only gaps are patched.
type ledger struct {
	t    testing.TB
	size [2]int64
	gaps [2][]Range
}

func (l *ledger) Open(*Stream) bool { return true }

func (l *ledger) next(side uint8, off, n int64) {
	if off != l.size[side] || n <= 0 {
		l.t.Fatalf("%d bytes at %d, expected at %d", n, off, l.size[side])
	}
	l.size[side] += n
}

func (l *ledger) Data(_ *Stream, side uint8, off int64, b []byte, _ int64) {
	l.next(side, off, int64(len(b)))
}

func (l *ledger) Gap(_ *Stream, side uint8, off, n, _ int64) {
	l.next(side, off, n)
	l.gaps[side] = append(l.gaps[side], Range{off, n})
}

func (l *ledger) End(*Stream, *flow.Row) {}

// patcher is a ledger that can go back.
type patcher struct{ *ledger }

func (p patcher) Patch(_ *Stream, side uint8, off int64, b []byte) {
	n := int64(len(b))
	for i, g := range p.gaps[side] {
		if n > 0 && off >= g.Off && off+n <= g.Off+g.Len {
			p.gaps[side] = append(p.gaps[side], Range{off + n, g.Off + g.Len - off - n})
			p.gaps[side][i].Len = off - g.Off
			return
		}
	}
	p.t.Fatalf("patch of %d at %d, where no gap is", n, off)
}

func (p patcher) Compare(_ *Stream, side uint8, off int64, b []byte) (int, int64) {
	if off < 0 || off+int64(len(b)) > p.size[side] {
		p.t.Fatalf("compare of %d at %d of %d", len(b), off, p.size[side])
	}
	return 0, 0
}

// FuzzSegments feeds a stream with any segments. Offsets must follow each other, limits hold, and
// nothing be left behind.
func FuzzSegments(f *testing.F) {
	f.Add([]byte("\x01\x00\x02\x10\x00\x00\x00\x05\x00\x00\x00\x10\x01\x00"), uint8(0), true)
	f.Fuzz(func(t *testing.T, script []byte, config uint8, patches bool) {
		r := &ledger{t: t}
		cfg := Config{
			Overlap: Policy(config % 6), Checksum: Off, HalfSegments: 1 + int(config>>3)*4, HalfBytes: 4096 + int(config)*64,
			Held: 16 << 10, UrgentOOB: config&64 != 0,
		}
		if config&128 != 0 {
			cfg.MaxStream = 1000
		}
		var to Consumer = r
		if patches {
			to = patcher{r}
		}
		a := New(cfg, noFlows{}, to)
		s := new(Stream)
		data := make([]byte, 3000)
		for len(script) >= 12 {
			op := script[:12]
			script = script[12:]
			n := uint32(binary.BigEndian.Uint16(op[8:])) % 3000
			g := segment{
				flags: op[1] & 0x3f, urgent: uint16(op[10]), nanos: a.clock, wire: n, data: data[:n],
				seq: binary.BigEndian.Uint32(op[2:]) >> (op[0] >> 4 * 2), ack: uint32(op[6])<<8 | uint32(op[7]),
			}
			if op[0]&2 != 0 {
				g.data = g.data[:n/2] // cut
			}
			if op[11] > 250 {
				g.seq -= 1 << 20
			}
			a.clock += int64(op[11]) * 1e7
			a.segment(s, op[0]&1, &g)
			a.tick()
			if a.arena.used+a.queues*queueSize > cfg.Held {
				t.Fatalf("%d bytes and %d queues are held", a.arena.used, a.queues)
			}
		}
		a.end(s, &flow.Row{})
		if a.arena.used != 0 || a.queues != 0 || a.waits.oldest != nil || a.buckets.largest() != nil || a.allGaps != 0 {
			t.Fatalf("%d bytes, %d queues and %d gaps are left", a.arena.used, a.queues, a.allGaps)
		}
		for side := range s.Halves {
			x := &s.Halves[side]
			if x.Size != r.size[side] || cfg.MaxStream > 0 && x.Size > cfg.MaxStream {
				t.Fatalf("size %d of %d", x.Size, r.size[side])
			}
			var sum int64
			for _, g := range x.Facts().Gaps {
				sum += g.Len
			}
			if patches && !cfg.UrgentOOB && x.Facts().GapCount == uint64(len(x.Facts().Gaps)) && sum != x.Facts().GapBytes {
				t.Fatalf("gaps of %d bytes, listed are %d", x.Facts().GapBytes, sum)
			}
		}
	})
}
