package main

import (
	"errors"
	"fmt"
	"os/exec"
	"sync"
)

// maxPostrotates is how many commands of -z run at a time. Others wait.
const maxPostrotates = 4

// postrotate runs the command of -z on files, aside from everything else.
type postrotate struct {
	env     *environment
	command string
	running sync.WaitGroup
	slots   chan struct{}

	mu  sync.Mutex
	err error // of the first command that failed
}

func newPostrotate(env *environment, command string) *postrotate {
	return &postrotate{env: env, command: command, slots: make(chan struct{}, maxPostrotates)}
}

// file runs the command on a file.
func (p *postrotate) file(path string) {
	p.running.Go(func() {
		p.slots <- struct{}{}
		defer func() { <-p.slots }()
		if err := p.run(path); err != nil {
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.err == nil {
				p.err = fmt.Errorf("-z %s %s: %w", p.command, path, err)
			}
		}
	})
}

func (p *postrotate) run(path string) error {
	cmd := exec.Command(p.command, path)
	cmd.Stdout, cmd.Stderr = p.env.stdout, p.env.stderr
	if err := startAside(cmd); err != nil {
		var e *exec.Error
		if errors.As(err, &e) {
			err = e.Err
		}
		return err
	}
	return cmd.Wait()
}

// wait waits for all commands and returns how the first one failed that did.
func (p *postrotate) wait() error {
	p.running.Wait()
	return p.err
}
