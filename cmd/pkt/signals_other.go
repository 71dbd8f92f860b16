//go:build !unix

package main

import (
	"os"
	"os/exec"
)

// This system has no signals beside those that end a run.
var signalCounters, signalTurn os.Signal

func hasTerminal() bool { return false }

func startAside(cmd *exec.Cmd) error { return cmd.Start() }
