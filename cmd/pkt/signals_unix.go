//go:build unix

package main

import (
	"os"
	"os/exec"
	"syscall"
)

// Signals that have a meaning beside ending a run: print the counters, go on in
// another file.
var (
	signalCounters os.Signal = syscall.SIGUSR1
	signalTurn     os.Signal = syscall.SIGHUP
)

// terminal is what a process calls the terminal that controls it.
const terminal = "/dev/tty"

// hasTerminal reports whether a terminal controls this process. After it has hung
// up it does not any more.
func hasTerminal() bool {
	f, err := os.Open(terminal)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

// lowest is the priority of processes that disturb nobody.
const lowest = 19

// startAside starts a command that a signal from the terminal does not reach, with
// the lowest priority.
func startAside(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	syscall.Setpriority(syscall.PRIO_PROCESS, cmd.Process.Pid, lowest) // one that has ended needs none
	return nil
}
