package tui

import (
	"context"
	"errors"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"pkt/output"
)

// Config says what a screen shows and where.
type Config struct {
	Input  io.Reader // keys; nil: the process's terminal
	Output io.Writer
	Env    []string // variables that describe the terminal, such as TERM
	// Options are the looks. Width and Terminal are the screen's own.
	Options   output.Options
	Source    string        // what is watched: "eth0"
	Interval  time.Duration // between updates
	Groupings []Grouping    // of the menu
	View      View          // what the first update will be about
	Sort      string        // the field that its rows are ordered by; empty: as usual
	Desc      bool
}

// Grouping is a line of the menu of groupings.
type Grouping struct{ By, Doc string }

// Screen is a full screen on a terminal.
type Screen struct {
	program *tea.Program
}

// New returns a screen that shows the updates of a feed.
func New(cfg Config, w Worker, feed *Feed) *Screen {
	opts := []tea.ProgramOption{
		tea.WithOutput(cfg.Output),
		tea.WithEnvironment(cfg.Env),
		tea.WithoutSignalHandler(),
		tea.WithFPS(30),
		// What is drawn has its attributes as they are to be.
		tea.WithColorProfile(colorprofile.ANSI),
	}
	if cfg.Input != nil {
		opts = append(opts, tea.WithInput(cfg.Input))
	}
	return &Screen{program: tea.NewProgram(newModel(cfg, w, feed), opts...)}
}

// Run shows the screen until the feed is closed, ctx is cancelled or the user
// leaves. The terminal is as it was before when it returns.
func (s *Screen) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, s.program.Quit)
	defer stop()
	_, err := s.program.Run()
	if errors.Is(err, tea.ErrInterrupted) {
		return nil
	}
	return err
}
