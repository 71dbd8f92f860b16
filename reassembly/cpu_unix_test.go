//go:build unix

package reassembly_test

import (
	"syscall"
	"time"
)

// cpuTime returns the processor time that the process has used: unlike the
// clock, it hardly depends on what else the machine does.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
