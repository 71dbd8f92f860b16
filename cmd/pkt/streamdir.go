package main

import (
	"slices"
	"time"

	"github.com/spf13/cobra"

	"pkt/content"
	"pkt/flow"
	"pkt/fragment"
	"pkt/packet"
	"pkt/reassembly"
)

// Limits of what is held back where late bytes can still be put into their files.
const (
	patchHalf = 256 << 10
	patchHeld = 16 << 20
)

// toDir writes streams to the files of a folder.
func (f *streamFlags) toDir(cmd *cobra.Command, s *session, choice *streamChoice) error {
	name, err := content.ParseTemplate(f.name)
	if err != nil {
		s.source.Close()
		return usageError{err}
	}
	who := &streamNames{flows: s.meter.Flows()}
	dir, err := content.OpenDir(f.dir, content.DirConfig{
		Name:     name,
		Gaps:     content.Gaps(slices.Index(content.GapNames, f.gaps)),
		MaxGap:   f.maxGap.n,
		Describe: who.about,
		Wanted:   choice.wanted,
		Side:     choice.wantedSide,
	})
	if err != nil {
		s.source.Close()
		return err
	}
	cfg := f.cfg
	var to writer = dir
	if f.body {
		to = content.NewBodies(dir)
	}
	switch {
	case f.gaps != "zero":
		to = inOrder{to}
	case cfg.Overlap == reassembly.First && !f.body:
		cfg.HalfBytes, cfg.Held = patchHalf, patchHeld
	}
	a := reassembly.New(cfg, s.meter.Flows(), to)
	s.meter.Add(a)
	s.meter.Add(&stopper{session: s, failed: dir.Err, flush: f.eachSecond(s, dir.Flush)})
	err = s.run(cmd.Context(), func() error { return nil })
	if e := dir.Close(); err == nil {
		err = e
	}
	f.notes(s, a)
	st := dir.Stats()
	s.limit(st.LongGaps, "%s gaps are longer than --max-gap, and were left out of their files")
	s.noteIf(st.Conflicts, "%s files have bytes that came twice and differed: conflicts in "+content.IndexName)
	return s.end(err)
}

// eachSecond returns what does something once a second while packets come that nobody
// has recorded yet; nil for files.
func (f *streamFlags) eachSecond(s *session, do func()) func() {
	if f.room(s) > 0 {
		return nil
	}
	last := time.Now()
	return func() {
		if now := time.Now(); now.Sub(last) >= time.Second {
			last = now
			do()
		}
	}
}

// writer is a consumer that knows what it took.
type writer interface {
	reassembly.Consumer
	reassembly.Comparer
}

// inOrder hides that a folder can go back: gaps that are not written out leave no
// room for late bytes.
type inOrder struct{ writer }

// stopper is a meter.Tap that ends a run when nothing can be written any more.
type stopper struct {
	session *session
	failed  func() error
	flush   func() // called when a batch is over; nil: not
}

// Batch implements meter.Tap.
func (w *stopper) Batch(*packet.Batch, packet.Set, []fragment.Credit, *flow.Refs) {
	if w.flush != nil {
		w.flush()
	}
	if w.failed() != nil {
		w.session.meter.Stop()
	}
}

// Ended implements meter.Tap.
func (w *stopper) Ended([]flow.Row) {}
