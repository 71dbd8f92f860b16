package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"runtime"
	"strings"
	"time"

	"pkt/capture"
	"pkt/engine"
	"pkt/flow"
	"pkt/meter"
	"pkt/names"
	"pkt/output"
)

// session is one run over a capture.
type session struct {
	env     *environment
	flags   *sourceFlags
	source  input
	filter  *captureFilter // nil if there is none
	ahead   *firstPass     // nil: one pass is enough
	meter   *meter.Meter
	owners  *attribution
	started time.Time
	// light says that what is done with packets behind the filter is less work
	// than to hand them to another goroutine. So it is in live runs: no interface
	// brings packets as fast as one core can count them, and the ring holds what
	// comes meanwhile.
	light bool
	// packets says that the command is about packets: a live run ends with the
	// lines that tcpdump's users look for.
	packets bool

	// turns says that SIGHUP means something else than the end.
	turns bool

	// counters tells on stderr how far the run has come; nil: what the input says.
	counters func()

	screen bool // a screen is up, which names the interfaces
	// command is what is run while capturing; nil: nothing. Its output is data only where
	// pkt prints none itself.
	command []string
	quiet   bool

	evictedGroups uint64 // of a ranking
	partial       bool   // its aggregates leave values out
	limited       bool   // a limit of streams was reached, which was said
}

// open opens the captures and makes the meter that will read them. words are a
// pcap-filter; flows says whether a flow table is kept.
func (s *sourceFlags) open(env *environment, words []string, flows bool) (*session, error) {
	filter, err := newCaptureFilter(words, s.filter, s.isLive())
	if err != nil {
		return nil, err
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	owners := newAttribution()
	where, err := newPacketWhere(s.whole(), owners.table)
	if err != nil {
		return nil, err
	}
	if err := s.twice(where); err != nil {
		return nil, err
	}
	if err := owners.open(s, env.live == nil); err != nil {
		return nil, err
	}
	marks := s.marks || needMarks(s.where)
	if s.isLive() && where.mayDrop(marks) {
		filter = filter.with(where.predicate)
	}
	run := &session{env: env, flags: s, filter: filter, owners: owners}
	owners.tell(run.note)
	if env.live != nil && s.isLive() {
		run.source, err = env.live()
	} else {
		run.source, err = s.input(filter, run.note)
	}
	if err != nil {
		owners.close()
		return nil, err
	}
	if err := s.dropPrivileges(env, owners.asked); err != nil {
		run.source.Close()
		owners.close()
		return nil, err
	}
	cfg := meter.Config{Packets: s.count, Bytes: s.captured, Span: int64(s.duration)}
	table := s.flowTable()
	if flows {
		cfg.Flows = &table
	}
	if filter != nil && !filter.inKernel {
		cfg.Raw = append(cfg.Raw, filter)
	}
	if marks {
		cfg.Where = append(cfg.Where, meter.NewMarker(table))
	}
	run.ahead = lookAhead(where, &cfg, &table)
	owners.apply(&cfg)
	where.apply(&cfg, marks)
	run.meter, run.started = meter.New(cfg), time.Now()
	return run, nil
}

// flowTable is how flows are kept.
func (s *sourceFlags) flowTable() flow.Config {
	linger := int64(0)
	if s.isLive() {
		linger = liveLinger
	}
	return flow.Config{
		Linger:     linger,
		MaxFlows:   s.maxFlows,
		Idle:       int64(s.idle),
		Active:     int64(s.active),
		VLANKey:    s.vlanKey,
		Registered: names.Registered,
	}
}

// check refuses values that no run can have.
func (s *sourceFlags) check() error {
	switch {
	case len(s.read) > 0 && len(s.live.ifaces) > 0:
		return usagef("-i and -r: packets come from interfaces or from files")
	case s.isLive() && s.follow:
		return usagef("--follow is for files, which -r names")
	}
	if err := oneOf("progress", s.progress, "auto", "always", "never"); err != nil {
		return err
	}
	for name, d := range map[string]time.Duration{"duration": s.duration, "idle": s.idle, "active": s.active} {
		if d < 0 {
			return usagef("--%s %v: a span of time cannot be negative", name, d)
		}
	}
	if s.maxFlows < 0 {
		return usagef("--max-flows %d: a number of flows cannot be negative", s.maxFlows)
	}
	return nil
}

// run reads the source to its end, or until ctx is cancelled, finishes the
// meter and prints what is known then. Only a mistake in a filter, and an input
// that is no capture, leave nothing to print.
func (s *session) run(ctx context.Context, finish func() error) error {
	if err := s.ahead.run(ctx, s.env, s.flags); err != nil {
		return err
	}
	stop := s.watch()
	if in, ok := s.source.(*interfaces); ok && !s.screen {
		s.note("listening on %s", in.describe())
	}
	if live, ok := s.source.(interface{ Stop() }); ok {
		// An interrupt is how such a run ends: what the kernel holds still counts.
		defer context.AfterFunc(ctx, live.Stop)()
		ctx = context.WithoutCancel(ctx)
		if !s.turns && signalTurn != nil && !signal.Ignored(signalTurn) {
			defer onSignal(signalTurn, live.Stop)() // the terminal is gone
		}
	}
	if len(s.command) > 0 {
		c, err := startChild(ctx, s.command, s.childOut(), s.source.(*interfaces).Stop)
		if err != nil {
			stop()
			return err
		}
		defer func() {
			if how := c.wait(); how != "" {
				s.note("%s", how)
			}
		}()
	}
	err := engine.Run(ctx, s.source, s.meter, runtime.GOMAXPROCS(0) > 1 && !s.light && !s.source.Live())
	stop()
	s.meter.Finish()
	if err == nil {
		err = s.filter.check(s.source.Ifaces())
	}
	var usage usageError
	unread := err != nil && !s.source.Live() && !errors.Is(err, context.Canceled) && s.meter.Totals().Packets == 0
	if errors.As(err, &usage) || unread {
		return err
	}
	if e := finish(); err == nil {
		err = e
	}
	return err
}

// watch shows how the run goes until the returned function is called: a bar for
// files, and counters whenever a signal asks for them.
func (s *session) watch() (stop func()) {
	tell := s.counters
	if tell == nil && s.source.Live() {
		tell = func() {
			c := s.source.Stats()
			for line := range strings.Lines(counters(c.Packets.Load(), c)) {
				fmt.Fprintf(s.env.stderr, "pkt: %s\n", strings.TrimSpace(line))
			}
		}
	}
	stopSignal := func() {}
	if tell != nil {
		stopSignal = onSignal(signalCounters, tell)
	}
	stopProgress := func() {}
	if !s.source.Live() {
		stopProgress = s.flags.startProgress(s.env, s.source.Stats())
	}
	return func() {
		stopProgress()
		stopSignal()
	}
}

// end closes the source, says on stderr what was damaged or left out, and
// returns the error that the command ends with. err is that of the run or of
// printing its results.
func (s *session) end(err error) error {
	s.source.Close()
	s.owners.close()
	for _, d := range s.source.Damage() {
		fmt.Fprintf(s.env.stderr, "pkt: %s\n", output.Safe(d.String()))
	}
	if s.source.Live() {
		s.conclude()
	}
	limited := s.notes()
	switch {
	case err != nil:
		return err
	case len(s.source.Damage()) > 0, limited && s.flags.strict:
		return errDamaged
	}
	return nil
}

// childOut is where a command prints to.
func (s *session) childOut() io.Writer {
	if s.quiet {
		return s.env.stdout
	}
	return s.env.stderr
}

// note prints a remark on stderr.
func (s *session) note(format string, args ...any) {
	if !s.flags.quiet {
		fmt.Fprintf(s.env.stderr, "pkt: %s\n", output.Safe(fmt.Sprintf(format, args...)))
	}
}

// notes says what limits did to the result and reports whether any did.
func (s *session) notes() (limited bool) {
	t := s.meter.Totals()
	limited = s.limited
	say := func(n uint64, format string) {
		if n > 0 {
			limited = true
			s.note(format, output.AppendCount(nil, n))
		}
	}
	for _, u := range t.Unknown {
		s.note("%s packets are of link type %s, which is not decoded", output.AppendCount(nil, u.Packets), capture.LinkName(u.Type))
	}
	if s.filter != nil && !s.filter.miss.matched {
		ifaces := s.source.Ifaces()
		if note := s.filter.miss.note(); note != "" {
			s.note("%s", note)
		} else if len(ifaces) > 0 && s.filter.rejectsAll(ifaces[0].Link) {
			s.note("the filter rejects all packets of link type %s", capture.LinkName(ifaces[0].Link))
		}
	}
	c := s.source.Stats()
	say(c.Drops.Load()+c.IfaceDrops.Load(), "%s packets were lost when the capture was made, as it says itself")
	say(c.KernelDrops.Load(), "%s packets were dropped by the kernel, because pkt was too slow: a filter or more memory (--buffer-size) may help")
	say(s.evictedGroups, "%s groups were dropped, because --max-groups are kept at a time: rows may be too low")
	if s.partial {
		limited = true
		s.note("there were too many values to keep: distinct() is too low, and quantiles leave some out")
	}
	if s.ahead != nil {
		say(s.ahead.choice.Missed(), "%s packets came before their flow was known, and may be left out: there were too many of them")
	}
	say(t.Flows.Evicted, "%s flows were ended early, because --max-flows are kept at a time")
	say(t.Flows.Endpoints, "%s endpoints were forgotten, so that some service ports may be guessed wrong")
	say(t.Fragments.Evicted, "%s fragmented datagrams were forgotten, because too many were incomplete: some fragments count without ports")
	return limited
}
