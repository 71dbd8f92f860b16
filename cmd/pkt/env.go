package main

import (
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// environment is what a command sees of the world around it. Nothing else in
// pkt looks at the process's streams or variables.
type environment struct {
	stdout, stderr io.Writer
	getenv         func(string) string
	// live opens what live packets come from; nil: the interfaces that flags name.
	live func() (input, error)
	// Width and terminal state of the two streams; width 0: not a terminal.
	outWidth, errWidth int
}

// system returns the environment of this process.
func system() *environment {
	return &environment{
		stdout:   os.Stdout,
		stderr:   os.Stderr,
		getenv:   os.Getenv,
		outWidth: terminalWidth(os.Stdout),
		errWidth: terminalWidth(os.Stderr),
	}
}

// terminalWidth returns the columns of the terminal behind f, 0 if there is none.
func terminalWidth(f *os.File) int {
	if !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
		return w
	}
	return 80
}

// utf8 reports whether the locale can show block characters.
func (e *environment) utf8() bool {
	if e.getenv("TERM") == "dumb" {
		return false
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := e.getenv(name); v != "" {
			v = strings.ToLower(v)
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}

// fromEnvironment sets every flag that was not given on the command line from
// its variable: --size-unit from PKT_SIZE_UNIT.
func fromEnvironment(cmd *cobra.Command, env *environment) error {
	var err error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		name := "PKT_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		v := env.getenv(name)
		if f.Changed || v == "" || err != nil {
			return
		}
		if e := cmd.Flags().Set(f.Name, v); e != nil {
			err = usagef("%s: %v", name, e)
		}
	})
	return err
}
