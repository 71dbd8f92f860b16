package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"

	"pkt/output"
)

// Exit codes. They are part of the interface: see `pkt help exit-codes`.
const (
	exitOK          = 0
	exitFailed      = 1   // a run-time error
	exitUsage       = 2   // wrong flags, fields or filters
	exitDamaged     = 3   // results were given, but the input was damaged
	exitPermission  = 4   // not permitted
	exitCondition   = 5   // --fail-on was true for a row
	exitInterrupted = 130 // an offline run was interrupted; partial results were printed
	exitPipe        = 141 // the reader of stdout went away
)

// usageError is a mistake in how pkt was called.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// usagef makes a usageError.
func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// errDamaged ends a run whose results are good as far as they go. What is
// damaged has been said on stderr by then.
var errDamaged = errors.New("the input was damaged")

// errCondition ends a run in which --fail-on was true for a row.
var errCondition = errors.New("the condition of --fail-on was met")

// exitCode maps what a command returned to what the process returns, and says
// on stderr what has to be said.
func exitCode(err error, stderr io.Writer) int {
	say := func(err error) { fmt.Fprintf(stderr, "pkt: %s\n", output.Safe(err.Error())) }
	var usage usageError
	var coded interface{ ExitCode() int }
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, syscall.EPIPE):
		return exitPipe
	case errors.Is(err, errDamaged):
		return exitDamaged
	case errors.Is(err, errCondition):
		return exitCondition
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &usage):
		say(usage.err)
		return exitUsage
	case errors.As(err, &coded):
		say(err)
		return coded.ExitCode()
	case errors.Is(err, fs.ErrPermission):
		say(err)
		return exitPermission
	}
	say(err)
	return exitFailed
}
