package main

import (
	"context"
	"os"
	"runtime"

	"pkt/capture/pcapfile"
	"pkt/engine"
	"pkt/flow"
	"pkt/meter"
)

// firstPass is a run over the captures of a session before its own, which finds
// out what becomes of the flows that --where asks about.
type firstPass struct {
	meter  *meter.Meter
	choice *meter.Choice
}

// lookAhead prepares a first pass and puts what it finds out into the
// configuration of the second. It is called before any other filter of decoded
// packets is there.
func lookAhead(where *packetWhere, second *meter.Config, flows *flow.Config) *firstPass {
	if where == nil || where.flows == nil {
		return nil
	}
	m := meter.New(meter.Config{Raw: second.Raw, Flows: flows})
	choice := meter.NewChoice(where.flows, m.Flows())
	m.Add(choice)
	where.first = m
	second.Where = append(second.Where, choice.Filter(*flows))
	return &firstPass{m, choice}
}

// twice refuses to look ahead where that is needed and the captures cannot be
// read from the beginning again.
func (s *sourceFlags) twice(where *packetWhere) error {
	if where == nil || where.flows == nil {
		return nil
	}
	return s.readableTwice("--where with flow.NAME")
}

// readableTwice refuses what cannot be read from the beginning again, where a
// flag needs that.
func (s *sourceFlags) readableTwice(flag string) error {
	why := flag + " reads a capture twice, since it asks for what a flow has come to in the end: "
	if s.isLive() {
		return usagef("%srecord with pkt dump -w, and read that with -r", why)
	}
	if s.follow {
		return usagef("%snot with --follow", why)
	}
	for _, name := range s.read {
		if name == "-" {
			return usagef("%sstdin can be read once only; write it to a file first", why)
		}
		if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
			return usagef("%s%s can be read once only; write it to a file first", why, name)
		}
	}
	return nil
}

// run reads the captures for the first time.
func (f *firstPass) run(ctx context.Context, env *environment, s *sourceFlags) error {
	if f == nil {
		return nil
	}
	src, err := pcapfile.Open(s.read, pcapfile.Options{})
	if err != nil {
		return err
	}
	defer src.Close()
	stop := s.startProgress(env, src.Stats())
	err = engine.Run(ctx, src, f.meter, runtime.GOMAXPROCS(0) > 1)
	stop()
	f.meter.Finish()
	return err
}
