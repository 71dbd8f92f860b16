package main

import (
	"cmp"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"pkt/content"
	"pkt/output"
	"pkt/reassembly"
)

// fileIdle is the patience with flows of files. It is longer than that of pkt flows, so that
// the content of a connection that paused is in one piece.
const fileIdle = time.Hour

// talkRoom bounds what is kept of flows until they end.
const talkRoom = 64 << 20

// run runs pkt streams.
func (f *streamFlags) run(cmd *cobra.Command, env *environment, src *sourceFlags, show *displayFlags, words []string) error {
	var err error
	if f.cfg, err = f.config(); err != nil {
		return err
	}
	grep, err := parseGrep(f.grep)
	if err != nil {
		return err
	}
	raw := show.format == "raw"
	if err := f.check(env, show.format); err != nil {
		return err
	}
	if !cmd.Flags().Changed("idle") && f.flow == "" && !src.isLive() {
		src.idle = fileIdle
	}
	text := show.format == "text"
	if raw || text {
		show.format = "table"
	}
	format, opt, err := show.options(env)
	if err != nil {
		return err
	}
	first := grep
	if text && f.dir == "" {
		first = nil // matches are printed as they are found
	}
	ids, err := f.pick(cmd.Context(), env, src, words, first)
	if err != nil {
		return err
	}
	if f.flow != "" {
		id, err := parseFlowID(f.flow)
		if err != nil {
			return err
		}
		_, picked := ids[id]
		if ids == nil || picked {
			ids = map[uint64]struct{}{id: {}}
		}
	}
	s, err := src.open(env, words, true)
	if err != nil {
		return err
	}
	choice := &streamChoice{flows: s.meter.Flows(), ids: ids, side: f.side}
	switch {
	case f.dir != "":
		return f.toDir(cmd, s, choice)
	case raw:
		return f.toRaw(cmd, s, choice)
	case !text:
		return f.toRecords(cmd, s, choice, format, opt)
	case grep != nil:
		return f.toMatches(cmd, s, choice, grep, opt)
	}
	return f.toText(cmd, s, choice, opt)
}

// check refuses flags that do not go together.
func (f *streamFlags) check(env *environment, format string) error {
	if err := oneOf("output", format, "text", "raw", "json", "ndjson", "jsonl"); err != nil {
		return err
	}
	switch {
	case f.dir != "" && format != "text":
		return usagef("-o %s prints streams, --dir writes them to files: use one of them", format)
	case f.dir != "" && f.hex, f.hex && format != "text":
		return usagef("-x is for the terminal: not with --dir or -o")
	case f.body && f.dir == "":
		return usagef("--body writes files: name their folder with --dir")
	case format == "raw" && env.outWidth > 0:
		return usagef("-o raw: bytes from the network are not written to a terminal as they are; -o text shows them safely")
	case f.context < 0 || f.context > 1<<20:
		return usagef("--context %d: 0 to 1048576 bytes", f.context)
	}
	return nil
}

// complete registers completions.
func (f *streamFlags) complete(cmd *cobra.Command) {
	complete(cmd, nil)
	completeWords(cmd, "output", "text", "raw", "json", "ndjson")
	completeWords(cmd, "side", "client", "server", "both")
	completeWords(cmd, "proto", "tcp", "udp", "all")
	completeWords(cmd, "gaps", content.GapNames...)
	completeWords(cmd, "overlap", reassembly.PolicyNames...)
	completeWords(cmd, "checksum", reassembly.ChecksumNames...)
	completeWords(cmd, "urgent", "inline", "oob")
	cobra.CheckErr(cmd.MarkFlagDirname("dir"))
}

// toText prints streams for people. Flows of files are printed as wholes, when they end;
// live ones as they grow.
func (f *streamFlags) toText(cmd *cobra.Command, s *session, choice *streamChoice, opt output.Options) error {
	talk := output.NewTalk(s.env.stdout, opt, f.hex)
	t := &talkTeller{talk: talk, opt: opt, choice: choice}
	spool := content.NewSpool(t, s.meter.Flows(), f.room(s))
	return f.tell(cmd, s, choice, spool, talk.Flush, func() error {
		if t.flows == 0 {
			talk.Line("no streams")
		}
		return talk.Close()
	})
}

// room returns what may be kept of flows.
func (f *streamFlags) room(s *session) int {
	if s.flags.isLive() || s.flags.follow {
		return 0
	}
	return talkRoom
}

// toRaw writes the bytes of streams to stdout.
func (f *streamFlags) toRaw(cmd *cobra.Command, s *session, choice *streamChoice) error {
	out := &rawWriter{env: s.env}
	t := &rawTeller{out: out, choice: choice, gaps: f.gaps, maxGap: f.maxGap.n, broken: map[rawSide]struct{}{}}
	room := f.room(s)
	if len(choice.ids) == 1 {
		room = 0 // one flow needs nobody to sort it out
	}
	spool := content.NewSpool(t, s.meter.Flows(), room)
	flush := func() error {
		out.flush()
		return out.err
	}
	return f.tell(cmd, s, choice, spool, flush, func() error {
		s.limit(t.leftOut, "%s gaps are longer than --max-gap, and were left out")
		return cmp.Or(flush(), t.problem)
	})
}

// toRecords prints streams as records.
func (f *streamFlags) toRecords(cmd *cobra.Command, s *session, choice *streamChoice, format output.Format, opt output.Options) error {
	out := output.New(s.env.stdout, format, opt)
	t, err := newRecordTeller(out, choice)
	if err != nil {
		s.source.Close()
		return err
	}
	spool := content.NewSpool(t, s.meter.Flows(), 0)
	flush := func() error {
		if !s.flags.isLive() && !s.flags.follow {
			return t.err
		}
		return cmp.Or(t.err, out.Flush())
	}
	return f.tell(cmd, s, choice, spool, flush, func() error { return cmp.Or(t.err, t.w.Close(), out.Close()) })
}

// toMatches prints what matches an expression.
func (f *streamFlags) toMatches(cmd *cobra.Command, s *session, choice *streamChoice, grep *regexp.Regexp, opt output.Options) error {
	talk := output.NewTalk(s.env.stdout, opt, false)
	p := &grepPrinter{talk: talk, flows: s.meter.Flows()}
	g := content.NewGrep(grep, f.context, p)
	g.Wanted, g.Side = choice.wanted, choice.wantedSide
	flush := talk.Flush
	if f.room(s) == 0 {
		flush = func() error {
			g.Flush()
			return talk.Flush()
		}
	}
	return f.feed(cmd, s, g, flush, func() error {
		s.limit(g.Pieces(), "streams were searched in pieces %s times, because there were too many at a time: matches across these are missing")
		if p.matches == 0 && opt.Terminal {
			talk.Line("no matches")
		}
		return talk.Close()
	})
}

// tell runs the session with a spool.
func (f *streamFlags) tell(cmd *cobra.Command, s *session, choice *streamChoice, spool *content.Spool, flush, finish func() error) error {
	spool.Wanted = choice.wanted
	return f.feed(cmd, s, spool, flush, func() error {
		s.noteIf(spool.Early(), "flows were printed in pieces %s times, because there was no room to keep them until their end")
		return finish()
	})
}

// feed runs the session with a consumer of streams.
func (f *streamFlags) feed(cmd *cobra.Command, s *session, to reassembly.Consumer, flush, finish func() error) error {
	a := reassembly.New(f.cfg, s.meter.Flows(), to)
	s.meter.Add(a)
	var failed error
	s.meter.Add(&stopper{session: s, failed: func() error { return failed }, flush: func() { failed = flush() }})
	err := s.run(cmd.Context(), finish)
	f.notes(s, a)
	return s.end(err)
}

// notes says what the limits of reassembly did.
func (f *streamFlags) notes(s *session, a *reassembly.Assembler) {
	st, fragments := a.Stats()
	s.limit(st.Skipped, "%s holes were given up early, because too much was held back behind them")
	s.limit(st.Late, "%s bytes came after their hole was given up")
	s.noteIf(st.Strays, "%s segments were left out, because nothing confirmed that their sequence numbers belong to their connection")
	s.noteIf(st.BadSums, "%s segments were left out, because their checksums are wrong (--checksum=off takes them)")
	s.noteIf(fragments.Missing+fragments.Evicted, "%s fragmented datagrams were left out, because parts of them are missing")
}

// limit prints a remark about what a limit did, if it did anything.
func (s *session) limit(n uint64, format string) {
	s.limited = s.limited || n > 0
	s.noteIf(n, format)
}

// noteIf prints a remark about a number that is not 0.
func (s *session) noteIf(n uint64, format string) {
	if n > 0 {
		s.note(format, output.AppendCount(nil, n))
	}
}
