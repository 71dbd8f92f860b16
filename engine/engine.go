// Package engine decides which part of the work runs on which goroutine. It
// knows batches and sources, and nothing of what is inside a packet.
package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"pkt/capture"
	"pkt/packet"
)

// Worker does the work on batches, in two halves. A is what the first half
// leaves for the second beside the batch itself: keys and hashes, say.
type Worker[A any] interface {
	// Prepare is called once for every batch, in the order of the capture. It may
	// run on another goroutine than Consume, some batches ahead of it, and must
	// share nothing with it but b and a.
	Prepare(b *packet.Batch, a *A)
	// Consume is called once for every batch, in the order of the capture, always
	// from the goroutine that called Run. Both arguments are reused afterwards.
	// ErrStop ends the run without an error; any other error ends it with that error.
	Consume(b *packet.Batch, a *A) error
}

// ErrStop is returned by Consume to end a run early: it has seen enough.
var ErrStop = errors.New("stop")

// slot is a batch with what Prepare made of it.
type slot[A any] struct {
	batch packet.Batch
	aux   A
}

// depth is the number of batches between the two halves. More would only push
// the packets out of the cache before the second half has seen them.
const depth = 6

// Run feeds the batches of src to w until the source ends, w has seen enough or
// ctx is cancelled. With parallel set, reading and Prepare run on a goroutine
// of their own, which Run joins; results are the same either way, for Consume
// sees the same batches in the same order. It returns nil at the end of the
// source or after ErrStop, ctx.Err() when cancelled: src is closed then, so that a
// read that waits comes back.
func Run[A any](ctx context.Context, src capture.Source, w Worker[A], parallel bool) error {
	defer context.AfterFunc(ctx, func() { src.Close() })()
	var err error
	if parallel {
		err = pipeline(ctx, src, w)
	} else {
		err = inline(ctx, src, w)
	}
	if errors.Is(err, ErrStop) {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return ctx.Err()
	}
	return err
}

func inline[A any](ctx context.Context, src capture.Source, w Worker[A]) error {
	s := new(slot[A])
	defer s.batch.Reset()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := src.Next(&s.batch); err != nil {
			return err
		}
		w.Prepare(&s.batch, &s.aux)
		if err := w.Consume(&s.batch, &s.aux); err != nil {
			return err
		}
	}
}

// pipeline passes slots in a circle: free ones to the reading goroutine, full
// ones back. The circle never blocks on both sides at once, because there are
// as many places in each channel as there are slots.
func pipeline[A any](ctx context.Context, src capture.Source, w Worker[A]) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	free := make(chan *slot[A], depth)
	full := make(chan *slot[A], depth)
	for range depth {
		free <- new(slot[A])
	}
	var readErr error  // written before full is closed, read after
	var panicked error // likewise
	go func() {
		defer close(full)
		defer func() {
			if v := recover(); v != nil {
				panicked = fmt.Errorf("%v\n%s", v, debug.Stack())
			}
		}()
		readErr = produce(ctx, src, w, free, full)
	}()
	var err error
	for s := range full {
		if err == nil {
			if err = w.Consume(&s.batch, &s.aux); err != nil {
				cancel()
			}
		}
		s.batch.Reset()
		free <- s
	}
	if panicked != nil {
		panic(panicked) // where the caller's deferred functions can put things in order
	}
	if err != nil {
		return err
	}
	return readErr
}

func produce[A any](ctx context.Context, src capture.Source, w Worker[A], free, full chan *slot[A]) error {
	for {
		var s *slot[A]
		select {
		case <-ctx.Done():
			return ctx.Err()
		case s = <-free:
		}
		if err := src.Next(&s.batch); err != nil {
			s.batch.Reset()
			return err
		}
		w.Prepare(&s.batch, &s.aux)
		full <- s
	}
}
