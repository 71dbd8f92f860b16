package main

import (
	"strings"

	"github.com/spf13/cobra"

	"pkt/field"
	"pkt/output"
	"pkt/packet"
	"pkt/stats"
)

// scopes are the names of the scopes and the commands whose rows have them.
var scopes = []struct {
	scope field.Scope
	name  string
}{
	{field.Packet, "packet"}, {field.Flow, "flow"}, {field.Group, "top"}, {field.Socket, "socket"},
}

// kindNames are the names of field.Kind.
var kindNames = []string{"uint", "int", "float", "bool", "enum", "string", "address", "network", "mac", "time", "duration", "port", "id"}

// unitNames are the names of field.Unit.
var unitNames = []string{"", "bytes", "packets", "bit/s", "packets/s", "seconds", "ratio", "percent", "count"}

// allFields returns every field, those of packets first.
func allFields() []field.Field {
	fields := packetFields()
	fields = append(fields, flowFields()...)
	fields = append(fields, stats.KeyFields()...)
	fields = append(fields, fieldsOf(stats.Fields())...)
	return append(fields, fieldsOf(socketEntries())...)
}

func newFields(env *environment) *cobra.Command {
	var show displayFlags
	var scope string
	cmd := &cobra.Command{
		Use:   "fields [WORD]",
		Short: "List the fields that can be printed and grouped by",
		Long: "fields lists every field with its kind and unit and what it means. The name is the same in --by,\n" +
			"--fields and --sort, the header of CSV, and the path in JSON. A packet reaches its flow as flow.NAME.",
		Example: "  pkt fields tcp\n  pkt fields --scope flow -o json",
		Args:    atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			format, opt, err := show.options(env)
			if err != nil {
				return err
			}
			if err := oneOf("scope", scope, "all", "packet", "flow", "top", "socket"); err != nil {
				return err
			}
			return printFields(output.New(env.stdout, format, opt), &show, scope, strings.Join(args, ""))
		},
	}
	show.register(cmd.Flags())
	show.registerColumns(cmd.Flags())
	cmd.Flags().StringVar(&scope, "scope", "all", "rows that have them: packet, flow, top, socket or all")
	complete(cmd, func() []field.Field { return fieldsOf(aboutFields()) })
	completeWords(cmd, "scope", "all", "packet", "flow", "top", "socket")
	return cmd
}

// fieldLooks are how tables show the columns of pkt fields.
var fieldLooks = map[string]look{"name": {key: true}, "kind": {priority: 1}, "unit": {priority: 2}, "scope": {}, "doc": {title: "MEANING"}}

// printFields prints the fields of a scope whose name or meaning holds a word.
func printFields(out *output.Printer, show *displayFlags, scope, word string) error {
	entries := aboutFields()
	picked, err := pick(show.fields, namesOf(entries), entries, field.Group)
	if err != nil {
		return err
	}
	cols := output.Columns(picked)
	dress(cols, fieldLooks)
	w, err := out.Records(output.Record{Type: "field", Columns: cols})
	if err != nil {
		return err
	}
	rows := output.NewRows(picked)
	for _, f := range allFields() {
		if scope != "all" && scopeName(f.Scope) != scope || !strings.Contains(f.Name+" "+f.Doc, word) {
			continue
		}
		if err := rows.Write([]field.Field{f}, packet.FirstN(1), w); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return out.Close()
}

func scopeName(s field.Scope) string {
	for _, known := range scopes {
		if s&known.scope != 0 {
			return known.name
		}
	}
	return ""
}

// aboutFields returns the fields of fields.
func aboutFields() []field.Entry[[]field.Field] {
	text := func(name, doc string, read func(f *field.Field) string) field.Entry[[]field.Field] {
		return field.Entry[[]field.Field]{
			Field: field.Field{Name: name, Doc: doc, Kind: field.String, Scope: field.Group},
			Col: func(rows []field.Field, in packet.Set, dst *field.Vector) (has packet.Set) {
				dst.Text = dst.Text[:0]
				for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
					if s := read(&rows[i]); s != "" {
						dst.SetText(i, s)
						has.Add(i)
					}
				}
				return has
			},
		}
	}
	return []field.Entry[[]field.Field]{
		text("name", "name of the field", func(f *field.Field) string { return f.Name }),
		text("scope", "rows that have it", func(f *field.Field) string { return scopeName(f.Scope) }),
		text("kind", "kind of its values", func(f *field.Field) string {
			if f.List {
				return kindNames[f.Kind] + " list"
			}
			return kindNames[f.Kind]
		}),
		text("unit", "unit of its values", func(f *field.Field) string { return unitNames[f.Unit] }),
		text("doc", "what it means", func(f *field.Field) string { return f.Doc }),
	}
}

// fieldNames returns names and meanings for completion.
func fieldNames(fields []field.Field) []string {
	var words []string
	for _, f := range fields {
		words = append(words, f.Name+"\t"+f.Doc)
	}
	return words
}

// flowFields are the fields of flow rows.
func flowFields() []field.Field {
	return fieldsOf(append(flowEntries(noIface, nil), endpointEntries()...))
}
