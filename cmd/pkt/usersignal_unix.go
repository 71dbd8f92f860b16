//go:build unix

package main

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// onUser calls f for every SIGUSR1 until the returned function is called.
func onUser(f func()) (stop func()) {
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, syscall.SIGUSR1)
	var joined sync.WaitGroup
	joined.Go(func() {
		for {
			select {
			case <-signals:
				f()
			case <-done:
				return
			}
		}
	})
	return func() {
		signal.Stop(signals)
		close(done)
		joined.Wait()
	}
}
