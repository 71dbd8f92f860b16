package main

import (
	"fmt"

	mcobra "github.com/muesli/mango-cobra"
	"github.com/muesli/roff"
	"github.com/spf13/cobra"
)

//go:generate sh -c "go run . man > ../../docs/man/pkt.1"

// newMan prints the manual page, made from the commands and their flags.
func newMan(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:    "man",
		Short:  "Print the manual page in roff",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			root := cmd.Root()
			root.InitDefaultCompletionCmd()
			page, err := mcobra.NewManPage(1, root)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(env.stdout, page.Build(roff.NewDocument()))
			return err
		},
	}
}
