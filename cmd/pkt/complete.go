package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pkt/field"
	"pkt/stats"
)

// complete registers the completions of the flags that commands share. fields
// are those that --fields and --sort take; nil where there is no choice.
func complete(cmd *cobra.Command, fields func() []field.Field) {
	completeWords(cmd, "color", "auto", "always", "never")
	completeWords(cmd, "time", "rfc3339", "rfc3339-s", "epoch", "epoch-ms", "epoch-ns")
	if cmd.Flags().Lookup("rate-unit") != nil {
		completeWords(cmd, "rate-unit", "bit", "byte")
	}
	if cmd.Flags().Lookup("size-unit") != nil {
		completeWords(cmd, "size-unit", "si", "iec")
	}
	if cmd.Flags().Lookup("progress") != nil {
		completeWords(cmd, "progress", "auto", "always", "never")
	}
	if fields == nil {
		return
	}
	completeWords(cmd, "output", "table", "wide", "json", "ndjson", "csv", "tsv")
	completeFields(cmd, "fields", fields)
	if cmd.Flags().Lookup("sort") != nil {
		completeFields(cmd, "sort", fields)
	}
}

// completeBy completes the fields that rankings group by.
func completeBy(cmd *cobra.Command) {
	completeFields(cmd, "by", func() []field.Field {
		fields := append(stats.KeyFields(), fieldsOf(packetEntries(nil))...)
		for _, f := range flowFields() {
			if !slices.ContainsFunc(fields, func(g field.Field) bool { return g.Name == f.Name }) {
				fields = append(fields, f)
			}
		}
		return fields
	})
}

// completeTop are the fields of the rows of a ranking.
func completeTop() []field.Field { return fieldsOf(stats.Fields()) }

// completeFields completes the last name of a list of fields, which may have a
// sign before it.
func completeFields(cmd *cobra.Command, flag string, fields func() []field.Field) {
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		prefix := typed[:strings.LastIndexByte(typed, ',')+1]
		if rest := typed[len(prefix):]; rest != "" && (rest[0] == '+' || rest[0] == '-') {
			prefix += rest[:1]
		}
		var words []string
		for _, w := range fieldNames(fields()) {
			words = append(words, prefix+w)
		}
		return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}))
}
