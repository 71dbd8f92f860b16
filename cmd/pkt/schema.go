package main

import (
	"slices"

	"github.com/spf13/cobra"

	"pkt/output"
	"pkt/stats"
)

// recordTypes are the types of records, in the order of pkt help schema.
var recordTypes = []string{"flow", "packet", "top", "snapshot", "summary", "stats"}

func newSchema(env *environment) *cobra.Command {
	var layout string
	cmd := &cobra.Command{
		Use:     "schema TYPE",
		Short:   "Print the JSON Schema of a type of record",
		Long:    "schema prints the JSON Schema (draft 2020-12) of the records of json and ndjson: flow, packet,\ntop, snapshot, summary or stats. The keys of top are those of --by port.",
		Example: "  pkt schema flow",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("name one type of record: %s", list(recordTypes))
			}
			if !slices.Contains(recordTypes, args[0]) {
				return usagef("%q is no type of record: use %s", args[0], list(recordTypes))
			}
			return nil
		},
		ValidArgs: recordTypes,
		RunE: func(cmd *cobra.Command, args []string) error {
			times, err := output.ParseTimeLayout(layout)
			if err != nil {
				return usageError{err}
			}
			text, err := schemaOf(args[0], times)
			if err != nil {
				return err
			}
			_, err = env.stdout.Write(text)
			return err
		},
	}
	cmd.Flags().StringVar(&layout, "time", "", "`LAYOUT` of times: rfc3339, rfc3339-s, epoch, epoch-ms or epoch-ns")
	completeWords(cmd, "time", "rfc3339", "rfc3339-s", "epoch", "epoch-ms", "epoch-ns")
	return cmd
}

func schemaOf(kind string, times output.TimeLayout) ([]byte, error) {
	if kind == "stats" {
		return output.SummarySchema(times)
	}
	return output.Schema(recordOf(kind), times)
}

// recordOf returns what records of a type look like.
func recordOf(kind string) output.Record {
	switch kind {
	case "packet":
		return packetRecords()
	case "top":
		return topRecord()
	case "snapshot":
		return output.Record{Type: kind, Columns: output.Columns(snapshotEntries()), Aside: true}
	case "summary":
		return output.Record{Type: kind, Columns: output.Columns(summaryEntries()), Aside: true}
	}
	return output.Record{Type: "flow", Columns: output.Columns(flowEntries(noIface))}
}

// topRecord returns the records of a ranking by service port.
func topRecord() output.Record {
	keys, err := stats.ParseBy(stats.Schema{Packet: packetEntries(), Flow: flowEntries(noIface)}, "port")
	cobra.CheckErr(err)
	var p topPrinter
	p.keys = keys
	entries := p.columns(&stats.Config{Keys: keys, Interval: 1})
	cols := output.Columns(entries)
	p.dress(cols)
	return output.Record{Type: "top", Columns: cols, Other: true}
}
