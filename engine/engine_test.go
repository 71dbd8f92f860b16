package engine

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"pkt/packet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// numbers is a source of n batches of one empty frame, numbered from 1. With
// endless set it waits at its end until it is closed.
type numbers struct {
	n, next int
	endless bool
	fail    error
	closed  chan struct{}
	shut    atomic.Bool
	blocks  atomic.Int64 // references out
}

func newNumbers(n int) *numbers { return &numbers{n: n, closed: make(chan struct{})} }

func (s *numbers) Next(b *packet.Batch) error {
	b.Reset()
	if s.next == s.n {
		if s.fail != nil {
			return s.fail
		}
		if s.endless {
			<-s.closed
		}
		return io.EOF
	}
	s.next++
	b.Block = packet.NewBlock(nil, s)
	b.Block.Retain()
	s.blocks.Add(1)
	b.N, b.First = 1, uint64(s.next)
	return nil
}

func (s *numbers) Return(*packet.Block) { s.blocks.Add(-1) }

func (s *numbers) Close() error {
	if s.shut.CompareAndSwap(false, true) {
		close(s.closed)
	}
	return nil
}

// recorder notes what it consumed; stopAt ends the run with err.
type recorder struct {
	seen   []uint64
	stopAt int
	err    error
	cancel context.CancelFunc // called at stopAt, if set
}

func (r *recorder) Prepare(b *packet.Batch, a *uint64) { *a = b.First * 3 }

func (r *recorder) Consume(b *packet.Batch, a *uint64) error {
	if *a != b.First*3 {
		return errors.New("Prepare and Consume saw different batches")
	}
	r.seen = append(r.seen, b.First)
	if len(r.seen) == r.stopAt {
		if r.cancel != nil {
			r.cancel()
		}
		return r.err
	}
	return nil
}

func upTo(n int) (s []uint64) {
	for i := range n {
		s = append(s, uint64(i+1))
	}
	return s
}

func TestRun(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name    string
		batches int
		stopAt  int
		stopErr error
		fail    error
		want    int
		err     error
	}{
		{name: "empty"},
		{name: "all", batches: 100, want: 100},
		{name: "stop", batches: 100, stopAt: 7, stopErr: ErrStop, want: 7},
		{name: "consumer fails", batches: 100, stopAt: 7, stopErr: broken, want: 7, err: broken},
		{name: "source fails", batches: 10, fail: broken, want: 10, err: broken},
	}
	for _, tt := range tests {
		for _, parallel := range []bool{false, true} {
			src := newNumbers(tt.batches)
			src.fail = tt.fail
			r := &recorder{stopAt: tt.stopAt, err: tt.stopErr}
			if err := Run(context.Background(), src, r, parallel); !errors.Is(err, tt.err) || (err != nil) != (tt.err != nil) {
				t.Errorf("%s, parallel %v: error %v, want %v", tt.name, parallel, err, tt.err)
			}
			if !slices.Equal(r.seen, upTo(tt.want)) {
				t.Errorf("%s, parallel %v: saw %v, want 1 to %d", tt.name, parallel, r.seen, tt.want)
			}
			if n := src.blocks.Load(); n != 0 {
				t.Errorf("%s, parallel %v: %d blocks were never released", tt.name, parallel, n)
			}
		}
	}
}

// A cancelled run comes back even though the source waits for more.
func TestRunCancelled(t *testing.T) {
	for _, parallel := range []bool{false, true} {
		ctx, cancel := context.WithCancel(context.Background())
		src := newNumbers(5)
		src.endless = true
		r := &recorder{stopAt: 5, cancel: cancel}
		if err := Run(ctx, src, r, parallel); !errors.Is(err, context.Canceled) {
			t.Errorf("parallel %v: error %v, want %v", parallel, err, context.Canceled)
		}
		if len(r.seen) != 5 {
			t.Errorf("parallel %v: saw %d batches, want 5", parallel, len(r.seen))
		}
		if n := src.blocks.Load(); n != 0 {
			t.Errorf("parallel %v: %d blocks were never released", parallel, n)
		}
	}
}
