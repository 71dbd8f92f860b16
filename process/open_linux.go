package process

import (
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/sys/unix"

	"pkt/process/trace"
)

// Open returns a Watcher on the best rung that this machine allows, not above
// opt.Best. It takes up to half a second, in which the kernel's type information is
// read: open it before capturing.
func Open(opt Options) (*Watcher, error) {
	facts, err := newFacts()
	if err != nil {
		return nil, fmt.Errorf("open /proc: %w", err)
	}
	w := &Watcher{table: opt.Table, steps: Steps(), local: &addresses{}}
	if w.table == nil {
		w.table = NewTable()
	}
	w.local.refresh()
	if opt.Best <= RungCreators {
		w.openTraced(opt, facts)
	}
	if w.method == nil && opt.Best <= RungOwnUser {
		if err := w.openTables(opt, facts); err != nil {
			return nil, err
		}
	}
	if w.method == nil {
		w.method, w.rung = none{}, RungNone
		return w, nil
	}
	w.nat.refresh()
	return w, nil
}

// openTraced takes one of the rungs 1 to 3, if it can.
func (w *Watcher) openTraced(opt Options, f *facts) {
	o := trace.Options{Own: opt.Own}
	switch opt.Best {
	case RungOpen:
		o.Without[trace.PartIO] = true
	case RungTuples:
		o.Without[trace.PartPackets], o.Without[trace.PartCreate] = true, true
	case RungCreators:
		for _, p := range []trace.Part{trace.PartIO, trace.PartState, trace.PartFiles, trace.PartExec} {
			o.Without[p] = true
		}
	}
	t, err := trace.Open(o)
	if err != nil {
		w.missed(RungExact, RungCreators, err)
		return
	}
	w.rung = rungOf(t)
	if w.rung == 0 {
		w.missed(RungExact, RungCreators, errors.Join(t.Missing(trace.PartPackets), t.Missing(trace.PartIO)))
		t.Close()
		return
	}
	for i := range w.steps {
		if s := &w.steps[i]; s.Rung < w.rung {
			s.Err = whyNot(t, s.Rung)
		}
	}
	m := newTraced(t, w.table, f, opt.Own)
	if t.Missing(trace.PartFiles) != nil {
		m.seed()
	}
	w.method = m
}

// rungOf returns the rung that the parts of a tracer make, 0 if they make none.
func rungOf(t *trace.Tracer) Rung {
	has := func(parts ...trace.Part) bool {
		for _, p := range parts {
			if t.Missing(p) != nil {
				return false
			}
		}
		return true
	}
	switch {
	case has(trace.PartPackets, trace.PartCreate, trace.PartIO):
		return RungExact
	case has(trace.PartPackets, trace.PartCreate, trace.PartFiles):
		return RungOpen
	case has(trace.PartIO):
		return RungTuples
	case has(trace.PartPackets, trace.PartCreate):
		return RungCreators
	}
	return 0
}

// whyNot returns what kept a tracer from a rung.
func whyNot(t *trace.Tracer, r Rung) error {
	needs := map[Rung][]trace.Part{
		RungExact:  {trace.PartPackets, trace.PartCreate, trace.PartIO},
		RungOpen:   {trace.PartPackets, trace.PartCreate, trace.PartFiles},
		RungTuples: {trace.PartIO},

		RungCreators: {trace.PartPackets, trace.PartCreate},
	}
	for _, p := range needs[r] {
		if err := t.Missing(p); err != nil {
			return err
		}
	}
	return nil
}

// missed notes why the rungs from first to last were not taken.
func (w *Watcher) missed(first, last Rung, err error) {
	for i := range w.steps {
		if s := &w.steps[i]; s.Rung >= first && s.Rung <= last {
			s.Err = err
		}
	}
}

// openTables takes rung 4 or 5.
func (w *Watcher) openTables(opt Options, f *facts) error {
	t, err := newTables(w.table, f)
	if err != nil {
		w.missed(RungTables, RungOwnUser, err)
		if errors.Is(err, fs.ErrPermission) {
			return nil
		}
		return err
	}
	w.method, w.rung = t, RungTables
	if opt.Best == RungOwnUser {
		w.rung = RungOwnUser
	} else if err := mayReadAll(); err != nil {
		w.missed(RungTables, RungTables, err)
		w.rung = RungOwnUser
	}
	return nil
}

// mayReadAll returns why the files of other users' processes cannot be looked at.
func mayReadAll() error {
	if !capable(unix.CAP_SYS_PTRACE) {
		return fmt.Errorf("no CAP_SYS_PTRACE: %w", fs.ErrPermission)
	}
	if !capable(unix.CAP_DAC_READ_SEARCH) && !capable(unix.CAP_DAC_OVERRIDE) {
		return fmt.Errorf("no CAP_DAC_READ_SEARCH: %w", fs.ErrPermission)
	}
	return nil
}
