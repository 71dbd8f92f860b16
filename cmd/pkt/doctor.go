package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"pkt/field"
	"pkt/output"
	"pkt/packet"
	"pkt/process"
)

// setcapLine gives a binary what capture and exact attribution need, so that it runs
// without root.
const setcapLine = "sudo setcap cap_net_raw,cap_net_admin,cap_bpf,cap_perfmon=ep %s"

func newDoctor(env *environment) *cobra.Command {
	var show displayFlags
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "What this machine allows for capture and process attribution, and why",
		Long: "doctor tries what capture and process attribution need of the kernel and of the permissions it runs\n" +
			"with, and says what is missing. Owners of traffic are found on the first rung that is allowed.",
		Example: "  pkt doctor\n  sudo pkt doctor\n  pkt doctor -o json | jq -r '.[] | select(.ok | not) | .name'",
		Args:    atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			format, opt, err := show.options(env)
			if err != nil {
				return err
			}
			return printChecks(output.New(env.stdout, format, opt), &show, process.Examine())
		},
	}
	show.register(cmd.Flags())
	show.registerColumns(cmd.Flags())
	complete(cmd, func() []field.Field { return fieldsOf(checkEntries()) })
	return cmd
}

// checkLooks are how tables show the columns of pkt doctor.
var checkLooks = map[string]look{
	"area": {priority: 3}, "name": {title: "CHECK", key: true}, "ok": {priority: 2}, "value": {title: "FOUND"}, "note": {title: "MEANING"},
}

// printChecks prints what was found, and what to do about what is missing.
func printChecks(out *output.Printer, show *displayFlags, checks []process.Check) error {
	entries := checkEntries()
	picked, err := pick(show.fields, namesOf(entries), entries, field.Group)
	if err != nil {
		return err
	}
	cols := output.Columns(picked)
	dress(cols, checkLooks)
	w, err := out.Records(output.Record{Type: "check", Columns: cols})
	if err != nil {
		return err
	}
	if err := output.NewRows(picked).Write(checks, packet.FirstN(len(checks)), w); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	for _, line := range advice(checks) {
		if err := out.Line(line); err != nil {
			return err
		}
	}
	return out.Close()
}

// advice says in words what the checks come to.
func advice(checks []process.Check) (lines []string) {
	ok := func(name string) bool {
		for _, c := range checks {
			if c.Name == name {
				return c.OK
			}
		}
		return false
	}
	best := "no way to find the owners of traffic is allowed"
	for _, c := range checks {
		if c.Area == "attribution" && c.OK {
			best = "owners of traffic are found on " + c.Name
			break
		}
	}
	lines = append(lines, best)
	if !ok("CAP_NET_RAW") || !ok("rung 1") && !(ok("CAP_BPF") && ok("CAP_PERFMON") && ok("CAP_NET_ADMIN")) {
		lines = append(lines, "run it as root, or once: "+setcapHint())
	}
	return lines
}

// setcapHint returns the command that permits this binary to capture.
func setcapHint() string {
	path, err := os.Executable()
	if err != nil {
		path = filepath.Base(os.Args[0])
	}
	return fmt.Sprintf(setcapLine, path)
}

// checkEntries returns the fields of checks.
func checkEntries() []field.Entry[[]process.Check] {
	text := func(name, doc string, read func(c *process.Check) string) field.Entry[[]process.Check] {
		return field.Entry[[]process.Check]{
			Field: field.Field{Name: name, Doc: doc, Kind: field.String, Scope: field.Group},
			Col: func(rows []process.Check, in packet.Set, dst *field.Vector) (has packet.Set) {
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
	return []field.Entry[[]process.Check]{
		text("area", "what it is needed for", func(c *process.Check) string { return c.Area }),
		text("name", "what was looked at", func(c *process.Check) string { return c.Name }),
		{
			Field: field.Field{Name: "ok", Doc: "it is as it should be", Kind: field.Bool, Scope: field.Group},
			Col: func(rows []process.Check, in packet.Set, dst *field.Vector) packet.Set {
				for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
					dst.Cells[i] = field.FromBool(rows[i].OK)
				}
				return in
			},
		},
		text("value", "what was found", func(c *process.Check) string { return c.Value }),
		text("note", "what it is for, or why it is not allowed", func(c *process.Check) string { return c.Note }),
	}
}
