package main

import (
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"pkt/output"
)

// displayFlags say how results look.
type displayFlags struct {
	format   string
	formats  []string // that the command writes
	fields   []string
	noHeader bool
	color    string
	ascii    bool
	utc      bool
	layout   string
	rateUnit string
	sizeUnit string
}

func (d *displayFlags) register(fs *pflag.FlagSet, formats ...string) {
	if len(formats) == 0 {
		formats = []string{"table", "wide", "json", "ndjson", "csv", "tsv"}
	}
	d.formats = formats
	fs.StringVarP(&d.format, "output", "o", formats[0], "`FORMAT`: "+list(formats))
	fs.StringVar(&d.color, "color", "auto", "colours: auto, always or never")
	fs.BoolVar(&d.ascii, "ascii", false, "draw with ASCII characters only")
	fs.BoolVar(&d.utc, "utc", false, "show times of tables in UTC instead of local time")
	fs.StringVar(&d.layout, "time", "", "`LAYOUT` of times: rfc3339, rfc3339-s, epoch, epoch-ms or epoch-ns")
	d.rateUnit, d.sizeUnit = "bit", "si" // where there is no flag for them
}

// registerSizes adds the flag of commands that show sizes.
func (d *displayFlags) registerSizes(fs *pflag.FlagSet) {
	fs.StringVar(&d.sizeUnit, "size-unit", "si", "show sizes of tables in kB or in KiB: si or iec")
}

// registerUnits adds the flags of commands that show sizes and rates.
func (d *displayFlags) registerUnits(fs *pflag.FlagSet) {
	d.registerSizes(fs)
	fs.StringVar(&d.rateUnit, "rate-unit", "bit", "show rates of tables in bit/s or in byte/s: bit or byte")
}

// registerColumns adds the flags of commands that print rows.
func (d *displayFlags) registerColumns(fs *pflag.FlagSet) {
	fs.StringSliceVar(&d.fields, "fields", nil, "`LIST` of columns: a,b,c in place of the usual ones, +d adds one, -e takes one away")
	fs.BoolVar(&d.noHeader, "no-header", false, "leave the header line out")
}

// options turns the flags into what package output needs to know.
func (d *displayFlags) options(env *environment) (output.Format, output.Options, error) {
	opt := output.Options{
		Terminal: env.outWidth > 0,
		Width:    env.outWidth,
		ASCII:    d.ascii || !env.utf8(),
		NoHeader: d.noHeader,
		Location: time.Local,
	}
	format, err := d.parseFormat()
	if err != nil {
		return 0, opt, err
	}
	if opt.Time, err = output.ParseTimeLayout(d.layout); err != nil {
		return 0, opt, usageError{err}
	}
	if opt.Color, err = wantColor(d.color, env.getenv, env.outWidth > 0); err != nil {
		return 0, opt, err
	}
	if d.utc {
		opt.Location = time.UTC
	}
	if err := oneOf("rate-unit", d.rateUnit, "bit", "byte"); err != nil {
		return 0, opt, err
	}
	if err := oneOf("size-unit", d.sizeUnit, "si", "iec"); err != nil {
		return 0, opt, err
	}
	if d.rateUnit == "byte" {
		opt.Rate = output.ByteRate
	}
	if d.sizeUnit == "iec" {
		opt.Size = output.IEC
	}
	return format, opt, nil
}

// parseFormat returns the format of rows, a Table where lines are printed.
func (d *displayFlags) parseFormat() (output.Format, error) {
	if d.format == formatText && slices.Contains(d.formats, formatText) {
		return output.Table, nil
	}
	format, err := output.ParseFormat(d.format)
	if err != nil {
		return 0, usagef("unknown output format %q: use %s", d.format, list(d.formats))
	}
	return format, nil
}

// wantColor decides about colours: the flag, then NO_COLOR (no-color.org), then
// CLICOLOR_FORCE, then whether there is a terminal that is not dumb.
func wantColor(flag string, getenv func(string) string, terminal bool) (bool, error) {
	switch {
	case flag == "always":
		return true, nil
	case flag == "never":
		return false, nil
	case flag != "auto":
		return false, oneOf("color", flag, "auto", "always", "never")
	case getenv("NO_COLOR") != "":
		return false, nil
	}
	if force := getenv("CLICOLOR_FORCE"); force != "" && force != "0" {
		return true, nil
	}
	return terminal && getenv("TERM") != "dumb", nil
}

// oneOf checks the value of a flag that takes one of a few words.
func oneOf(flag, value string, words ...string) error {
	if slices.Contains(words, value) {
		return nil
	}
	return usagef("--%s %s: use %s", flag, value, list(words))
}

// list joins words as a sentence does: "a, b or c".
func list(words []string) string {
	out := ""
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			out += " or "
		default:
			out += ", "
		}
		out += w
	}
	return out
}

// completeWords offers the words that a flag takes.
func completeWords(cmd *cobra.Command, flag string, words ...string) {
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)))
}
