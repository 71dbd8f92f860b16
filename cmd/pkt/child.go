package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// childGrace is how long a capture goes on when the command has ended: for packets
// that are on their way.
const childGrace = 300 * time.Millisecond

// child is the command that a capture is made of.
type child struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended, and the grace is over
	err  error         // valid when done is closed
}

// startChild starts a command, with this process as the parent of all that it starts,
// also of what outlives its own parent. It calls ended when it is over.
func startChild(ctx context.Context, argv []string, out io.Writer, ended func()) (*child, error) {
	if err := adopt(); err != nil {
		return nil, err
	}
	c := &child{cmd: exec.CommandContext(ctx, argv[0], argv[1:]...), done: make(chan struct{})}
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = os.Stdin, out, os.Stderr
	c.cmd.Cancel = func() error { return c.cmd.Process.Signal(os.Interrupt) }
	c.cmd.WaitDelay = 2 * time.Second
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", argv[0], errors.Unwrap(err))
	}
	go func() {
		defer close(c.done)
		c.err = c.cmd.Wait()
		time.Sleep(childGrace)
		ended()
	}()
	return c, nil
}

// wait waits for the end of the command and says how it ended, "" if well.
func (c *child) wait() string {
	<-c.done
	if c.err == nil {
		return ""
	}
	return c.cmd.Path + ": " + c.err.Error()
}
