package main

import (
	"slices"

	"github.com/spf13/cobra"

	"pkt/names"
	"pkt/output"
	"pkt/process"
	"pkt/stats"
)

// recordTypes are the types of records, in the order of pkt help schema.
var recordTypes = []string{"flow", "stream", "packet", "top", "snapshot", "summary", "stats", "socket"}

func newSchema(env *environment) *cobra.Command {
	var layout string
	var by, agg []string
	cmd := &cobra.Command{
		Use:     "schema TYPE",
		Short:   "Print the JSON Schema of a type of record",
		Long:    "schema prints the JSON Schema (draft 2020-12) of the records of json and ndjson: flow, stream,\npacket, top, snapshot, summary, stats or socket. The keys and columns of top are those of --by and --agg.",
		Example: "  pkt schema flow\n  pkt schema top --by src_ip --agg 'avg(flow.bytes)'",
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
			if args[0] != "top" && (cmd.Flags().Changed("by") || cmd.Flags().Changed("agg")) {
				return usagef("--by and --agg say what records of top have: pkt schema top")
			}
			text, err := schemaOf(args[0], times, by, agg)
			if err != nil {
				return err
			}
			_, err = env.stdout.Write(text)
			return err
		},
	}
	cmd.Flags().StringVar(&layout, "time", "", "`LAYOUT` of times: rfc3339, rfc3339-s, epoch, epoch-ms or epoch-ns")
	cmd.Flags().StringArrayVar(&by, "by", []string{"port"}, "the grouping `FIELDS` of top")
	cmd.Flags().StringArrayVar(&agg, "agg", nil, "the added `COLUMNS` of top")
	completeBy(cmd)
	completeWords(cmd, "time", "rfc3339", "rfc3339-s", "epoch", "epoch-ms", "epoch-ns")
	return cmd
}

func schemaOf(kind string, times output.TimeLayout, by, agg []string) ([]byte, error) {
	switch kind {
	case "stats":
		return output.SummarySchema(times)
	case "top":
		r, err := topRecord(by, agg)
		if err != nil {
			return nil, err
		}
		return output.Schema(r, times)
	}
	return output.Schema(recordOf(kind), times)
}

// recordOf returns what records of a type look like.
func recordOf(kind string) output.Record {
	switch kind {
	case "packet":
		return packetRecords()
	case "stream":
		return streamRecord()
	case "snapshot":
		return output.Record{Type: kind, Columns: output.Columns(append(snapshotEntries(), coverageEntries()...)), Aside: true}
	case "socket":
		return output.Record{Type: kind, Columns: output.Columns(process.SocketFields(process.Names{Service: names.Service}))}
	case "summary":
		return output.Record{Type: kind, Columns: output.Columns(summaryEntries()), Aside: true}
	}
	return output.Record{Type: "flow", Columns: output.Columns(flowEntries(noIface, nil))}
}

// topRecord returns the records of a ranking.
func topRecord(by, agg []string) (output.Record, error) {
	cfg := stats.Config{Interval: 1}
	if err := (&topFlags{by: by, agg: agg}).columns(&cfg, noIface, process.NewTable()); err != nil {
		return output.Record{}, err
	}
	var p topPrinter
	p.keys = cfg.Keys
	cols := output.Columns(p.columns(&cfg))
	p.dress(cols)
	return output.Record{Type: "top", Columns: cols, Other: true}, nil
}
