package main

import (
	"os"
	"os/signal"
	"sync"
)

// onSignal calls f for every signal of a kind that arrives, until stop is called.
// A call in progress is waited for.
func onSignal(sig os.Signal, f func()) (stop func()) {
	if sig == nil { // this system has none
		return func() {}
	}
	arrived := make(chan os.Signal, 1)
	signal.Notify(arrived, sig)
	var joined sync.WaitGroup
	joined.Go(func() {
		for range arrived {
			f()
		}
	})
	return func() {
		signal.Stop(arrived)
		close(arrived)
		joined.Wait()
	}
}
