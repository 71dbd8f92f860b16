package output

import (
	"fmt"
	"slices"
	"strings"

	"pkt/field"
)

// FieldError says that a name on the command line is not a field, or not one
// that the command has.
type FieldError struct {
	Text   string // the argument that holds the name
	Offset int    // of the name in it, in bytes
	Name   string
	Use    string      // the field that is probably meant; empty if none is near
	Scope  field.Scope // of the field called Name elsewhere; 0 if there is none
	reason string
}

// Error returns the reason and, below it, the argument with a mark under the name.
func (e *FieldError) Error() string {
	before := AppendSafe(nil, e.Text[:e.Offset], false)
	return fmt.Sprintf("%s\n  %s\n  %s^%s", e.reason,
		AppendSafe(nil, e.Text, false), strings.Repeat(" ", width(before)), strings.Repeat("^", max(width(e.Name)-1, 0)))
}

// ExitCode is that of wrong usage.
func (e *FieldError) ExitCode() int { return 2 }

// unknown finds out what is meant by a name that the command's scope lacks.
func unknown(it item, text string, table []field.Field, scope field.Scope) *FieldError {
	has := func(name string) bool {
		return slices.ContainsFunc(table, func(f field.Field) bool { return f.Name == name && f.Scope&scope != 0 })
	}
	e := &FieldError{Text: text, Offset: it.offset, Name: it.name}
	if i := slices.IndexFunc(table, func(f field.Field) bool { return f.Name == it.name }); i >= 0 {
		e.Scope = table[i].Scope
	}
	switch {
	case has("flow." + it.name):
		e.Use = "flow." + it.name
		e.reason = fmt.Sprintf("%q is a field of flows: here it is %s", it.name, e.Use)
	case e.Scope != 0 && e.Scope&scope == 0:
		e.reason = fmt.Sprintf("%q is a field of %s: see %s", it.name, e.Scope.Rows(), e.Scope.Command())
	case has(field.Wireshark(it.name)):
		e.Use = field.Wireshark(it.name)
		e.reason = fmt.Sprintf("%q is Wireshark's name for %s", it.name, e.Use)
	default:
		e.reason = fmt.Sprintf("unknown field %q", it.name)
		if e.Use = field.Nearest(it.name, table, scope); e.Use != "" {
			e.reason += ", did you mean " + e.Use + "?"
		}
	}
	return e
}
