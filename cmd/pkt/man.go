package main

import (
	"fmt"
	"time"

	mcobra "github.com/muesli/mango-cobra"
	"github.com/muesli/roff"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

//go:generate sh -c "go run . man > ../../docs/man/pkt.1"

// manDate is the date of the manual page: that of its last large change, so that
// the page only changes when its text does.
var manDate = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// dated is a roff document with the date of the manual.
type dated struct{ *roff.Document }

// Heading implements mango's Builder.
func (d dated) Heading(section uint, title, description string, _ time.Time) {
	d.Document.Heading(section, title, description, manDate)
}

// newMan prints the manual page, made from the commands and their flags.
func newMan(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:    "man",
		Short:  "Print the manual page in roff",
		Hidden: true,
		Args:   atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			root := newRoot(env)
			if completion, _, err := root.Find([]string{"completion"}); err == nil {
				root.RemoveCommand(completion) // its four shells would fill half of the page
			}
			unquote(root)
			page, err := mcobra.NewManPage(1, root)
			if err != nil {
				return err
			}
			page = page.WithSection("Environment", environmentHelp).WithSection("Exit codes", exitCodesHelp)
			_, err = fmt.Fprint(env.stdout, page.Build(dated{roff.NewDocument()}))
			return err
		},
	}
}

// environmentHelp says which variables matter.
const environmentHelp = `PKT_FLAG gives any flag a value that was not given on the command line: PKT_SIZE_UNIT=iec is --size-unit iec.
NO_COLOR turns colours off, CLICOLOR_FORCE turns them on where there is no terminal; --color decides before both.`

// unquote takes the marks off the names of values in the help of flags, which
// only cobra's own help understands.
func unquote(cmd *cobra.Command) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) { _, f.Usage = pflag.UnquoteUsage(f) })
	for _, sub := range cmd.Commands() {
		unquote(sub)
	}
}
