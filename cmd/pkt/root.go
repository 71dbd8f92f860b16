package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set by the linker for releases: -ldflags '-X main.version=1.2.3'.
var version = ""

// run runs the command line and returns the exit code.
func run(args []string, env *environment) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first signal asks for an end, the second one is not waited for.
	context.AfterFunc(ctx, stop)
	root := newRoot(env)
	root.SetArgs(notFlags(args))
	root.SetOut(env.stdout)
	root.SetErr(env.stderr)
	return exitCode(root.ExecuteContext(ctx), env.stderr)
}

// notFlags puts a blank before arguments that begin with a negative number and
// go on, such as the filter "-1 = 0xffffffff": no flag is a digit, and the
// languages do not mind.
func notFlags(args []string) []string {
	out := slices.Clone(args)
	for i, a := range out {
		if len(a) > 1 && a[0] == '-' && a[1] >= '0' && a[1] <= '9' && strings.ContainsAny(a, " \t") {
			out[i] = " " + a
		}
	}
	return out
}

func newRoot(env *environment) *cobra.Command {
	root := &cobra.Command{
		Use:   "pkt",
		Short: "Packet analysis for scripts and people",
		Long: "pkt says which process, port or host uses the network, lists flows and sockets, prints and writes packets and\n" +
			"puts the content of connections together: live, or from capture files of any kind. It writes tables for people,\n" +
			"and JSON, NDJSON, CSV or TSV for programs.",
		Example: "  sudo pkt top --by process\n" +
			"  sudo pkt dump -nn -i eth0 tcp port 443\n" +
			"  sudo pkt sockets -lntup\n" +
			"  pkt top -r dump.pcap --by port\n" +
			"  pkt flows -r dump.pcap -o json | jq 'map(.bytes) | add'\n" +
			"  pkt streams -r dump.pcap --dir out tcp port 80",
		Version:           buildVersion(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		Args:              noCommand,
		DisableAutoGenTag: true,
		// A slip of the finger or two is still a name.
		SuggestionsMinimumDistance: 2,
		PersistentPreRunE:          func(cmd *cobra.Command, _ []string) error { return fromEnvironment(cmd, env) },
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("pkt {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%s\nsee %s --help", goWords.ReplaceAllString(err.Error(), ""), cmd.CommandPath())
	})
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddCommand(
		newFlows(env),
		newStreams(env),
		newTop(env),
		newDump(env),
		newStats(env),
		newSockets(env),
		newDoctor(env),
		newFilter(env),
		newFields(env),
		newSchema(env),
		newMan(env),
		newExitCodes(),
	)
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Args = topic
		case "completion":
			cmd.Args = atMost(0)
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
	return root
}

// topic refuses what pkt help knows nothing of.
func topic(cmd *cobra.Command, args []string) error {
	found, rest, err := cmd.Root().Find(args)
	if err != nil || len(rest) > 0 || found == cmd.Root() && len(args) > 0 {
		return noCommand(cmd.Root(), args)
	}
	return nil
}

// goWords is what Go's packages say of themselves in errors about numbers.
var goWords = regexp.MustCompile(`strconv\.\w+: (parsing "[^"]*": )?|time: `)

// noCommand refuses words that are no command, with the nearest one.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	msg := fmt.Sprintf("unknown command %q", args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		msg += ", did you mean " + list(near) + "?"
	}
	return usagef("%s\nsee pkt --help", msg)
}

// atMost refuses more than n words.
func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return usagef("unexpected argument %q\nsee %s --help", args[n], cmd.CommandPath())
		}
		return nil
	}
}

// buildVersion returns the version of a release, or the commit that was built.
func buildVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "development build"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 && !strings.Contains(v, s.Value[:12]) {
			v += " " + s.Value[:12]
		}
	}
	return v + " " + info.GoVersion
}

// newExitCodes is a page of help, not a command.
func newExitCodes() *cobra.Command {
	return &cobra.Command{Use: "exit-codes", Short: "What the exit codes mean", Long: exitCodesHelp}
}

// exitCodesHelp explains the constants of exit.go.
const exitCodesHelp = `  0    ok; also when nothing matched
  1    a run-time error
  2    wrong usage: a flag, a field, a filter or a grouping
  3    results were given, but the input was damaged, or with --strict incomplete
  4    not permitted
  5    --fail-on EXPR was true for a row
  130  interrupted; what was known until then was printed
  141  the reader of the output went away`

var errNoInput = errors.New("no input: name an interface with -i, a capture with -r FILE, or -r - for stdin")
