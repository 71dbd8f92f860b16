package main

import (
	"sync"
	"time"

	"github.com/cheggaaa/pb/v3"

	"pkt/capture"
)

// progressDelay is how long a run goes on before a bar appears: short runs are
// not worth one.
const progressDelay = time.Second

// progressLine shows how far the files are read, how fast, and how long it
// still takes. Where the size is unknown it only counts.
const (
	progressLine    = `{{counters . }} {{bar . "[" "=" ">" " " "]"}} {{percent . }} {{speed . "%s/s"}} {{rtime . "%s left"}}`
	progressCounter = `{{counters . }} {{speed . "%s/s"}} {{etime . }}`
)

// progress draws a bar on stderr until the returned function is called, which
// takes it away again.
func (s *sourceFlags) startProgress(env *environment, stats *capture.Stats) (stop func()) {
	if s.progress == "never" || s.progress == "auto" && (env.errWidth == 0 || s.quiet || s.follow) {
		return func() {}
	}
	done := make(chan struct{})
	var joined sync.WaitGroup
	joined.Go(func() { drawProgress(env, stats, done, s.progress == "always") })
	return func() {
		close(done)
		joined.Wait()
	}
}

func drawProgress(env *environment, stats *capture.Stats, done chan struct{}, always bool) {
	if !always {
		select {
		case <-done:
			return
		case <-time.After(progressDelay):
		}
	}
	bar := pb.New64(max(stats.Size.Load(), 0))
	bar.SetTemplateString(progressLine)
	if stats.Size.Load() < 0 {
		bar.SetTemplateString(progressCounter)
	}
	bar.Set(pb.Bytes, true)
	bar.Set(pb.SIBytesPrefix, true)
	bar.Set(pb.CleanOnFinish, env.errWidth > 0)
	bar.SetWriter(env.stderr)
	if env.errWidth > 0 {
		bar.SetWidth(env.errWidth)
	}
	bar.Start()
	defer bar.Finish()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		bar.SetCurrent(stats.Read.Load())
		select {
		case <-done:
			bar.SetCurrent(stats.Read.Load())
			return
		case <-tick.C:
		}
	}
}
