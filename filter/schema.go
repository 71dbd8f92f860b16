package filter

import (
	"fmt"
	"slices"
	"strings"

	"pkt/field"
)

// Schema is what an expression may name: the fields of rows R.
type Schema[R any] struct {
	Scope   field.Scope // whose fields they are
	Entries []field.Entry[R]
	// Prefix may stand in front of the names, as flow. does where a grouping of
	// packets looks at their flows; empty if none may.
	Prefix string
	// Others are fields of other rows. They cannot be used, but errors name them.
	Others []field.Field
}

// scope is what the checker knows of a Schema.
type scope struct {
	of     field.Scope
	fields []field.Field
	prefix string
	others []field.Field
}

func (s *Schema[R]) scope() scope {
	out := scope{of: s.Scope, prefix: s.Prefix, others: s.Others}
	for i := range s.Entries {
		out.fields = append(out.fields, s.Entries[i].Field)
	}
	return out
}

// find returns the position of a field, -1 if there is none of that name.
func (s *scope) find(name string) int {
	is := func(f field.Field) bool { return f.Name == name }
	if i := slices.IndexFunc(s.fields, is); i >= 0 {
		return i
	}
	if s.prefix == "" {
		return -1
	}
	short, ok := strings.CutPrefix(name, s.prefix)
	if !ok {
		return -1
	}
	return slices.IndexFunc(s.fields, func(f field.Field) bool { return f.Name == short })
}

// unknown says what a name that is no field of the rows probably means.
func (s *scope) unknown(src *source, at span, name string) *Error {
	e := src.errorf(at, "unknown field %q", name)
	other := slices.IndexFunc(s.others, func(f field.Field) bool { return f.Name == name && f.Scope&s.of == 0 })
	known := field.Wireshark(name)
	ofFlow, isFlow := strings.CutPrefix(name, "flow.")
	switch {
	case s.find("flow."+name) >= 0:
		e.Use = "flow." + name
		e.Msg = fmt.Sprintf("%q is a field of flows: here it is %s", name, e.Use)
	case other >= 0:
		e.Scope = s.others[other].Scope
		e.Msg = fmt.Sprintf("%q is a field of %s: see %s", name, e.Scope.Rows(), e.Scope.Command())
	case isFlow && slices.ContainsFunc(s.others, func(f field.Field) bool { return f.Name == ofFlow && f.Scope&field.Flow != 0 }):
		e.Scope = field.Flow
		e.Msg = fmt.Sprintf("%q is not known here, where rows are %s: see pkt flows, where it is %s", name, s.of.Rows(), ofFlow)
	case known != "" && s.find(known) >= 0:
		e.Use = known
		e.Msg = fmt.Sprintf("%q is Wireshark's name for %s", name, known)
	case s.value(name) != "":
		e.Use = s.value(name)
		e.Msg = fmt.Sprintf("%q is no field: write %s", name, e.Use)
	default:
		if e.Use = s.nearest(name); e.Use != "" {
			e.Msg += ", did you mean " + e.Use + "?"
		}
	}
	return e
}

// nearest returns the name that differs least from a misspelt one. Behind flow.
// stand fields of flows.
func (s *scope) nearest(name string) string {
	const all = field.Packet | field.Flow | field.Group
	if short, ok := strings.CutPrefix(name, "flow."); ok {
		fields := s.others
		if s.prefix != "" {
			fields = s.fields
		}
		if use := field.Nearest(short, fields, field.Flow); use != "" {
			return "flow." + use
		}
	}
	return field.Nearest(name, s.fields, all)
}

// value returns the test for a name that is no field but a value of one, as in
// tcp for proto == "tcp".
func (s *scope) value(name string) string {
	for i := range s.fields {
		if f := &s.fields[i]; f.Kind == field.Enum && !f.List && slices.Contains(f.Names, name) {
			return fmt.Sprintf("%s == %q", f.Name, name)
		}
	}
	return ""
}

// nouns are what the values of kinds are called in messages.
var nouns = map[field.Kind]string{
	field.Uint: "a number", field.Int: "a number", field.Float: "a number", field.Bool: "true or false",
	field.Enum: "a name", field.String: "text", field.Addr: "an address", field.Prefix: "a network",
	field.MAC: "a MAC address", field.Time: "a time", field.Duration: "a span of time", field.Port: "a port",
	field.ID: "an identifier",
}

// samples show how constants of kinds are written.
var samples = map[field.Kind]string{
	field.Uint: "1500", field.Int: "-1", field.Float: "0.5", field.Bool: "true",
	field.String: `"eth0"`, field.Addr: `"10.0.0.1"`, field.Prefix: `"10.0.0.0/8"`,
	field.MAC: `"02:00:00:00:00:01"`, field.Time: `"2026-11-23T10:00:00Z"`, field.Duration: "30s", field.Port: "443",
	field.ID: `"0123456789abcdef"`,
}

// units are what dimensions are called in messages.
var units = map[field.Unit]string{
	field.NoUnit: "no unit of its own", field.Bytes: "bytes", field.Packets: "packets", field.BitPerSec: "bit/s",
	field.PacketsPerSec: "packets/s", field.Seconds: "seconds", field.Ratio: "a ratio", field.Percent: "percent",
	field.Count: "a count",
}

// describe calls a type by its noun.
func describe(f field.Field) string {
	if f.List {
		return "a list"
	}
	return nouns[f.Kind]
}

// sample shows a constant of a type.
func sample(f field.Field) string {
	switch {
	case f.Kind != field.Enum || len(f.Names) == 0:
		return samples[f.Kind]
	case slices.Contains(f.Names, "tcp"):
		return `"tcp"`
	}
	return fmt.Sprintf("%q", f.Names[len(f.Names)/2])
}
