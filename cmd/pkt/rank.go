package main

import (
	"strings"

	"github.com/spf13/pflag"

	"pkt/field"
	"pkt/output"
)

// rankFlags say in what order rows are printed, and how many.
type rankFlags struct {
	sort  string
	limit int
}

func (r *rankFlags) register(fs *pflag.FlagSet, usual string) {
	fs.StringVar(&r.sort, "sort", "", "sort by these `FIELDS`, -f for descending: -bytes,src_ip")
	fs.IntVar(&r.limit, "limit", 0, "print the first `N` rows; 0: all"+usual)
}

func (r *rankFlags) check() error {
	if r.limit < 0 {
		return usagef("--limit %d: a number of rows cannot be negative", r.limit)
	}
	return nil
}

// pick returns the entries that --fields names, the usual ones without it.
func pick[R any](flags, usual []string, entries []field.Entry[R], scope field.Scope) ([]field.Entry[R], error) {
	at, err := output.Select(strings.Join(flags, ","), usual, withOthers(entries, scope), scope)
	if err != nil {
		return nil, err
	}
	if len(at) == 0 {
		return nil, usagef("--fields %s: no column is left", strings.Join(flags, ","))
	}
	return choose(entries, at), nil
}

// newOrder returns what keeps rows in the order that --sort names, and what
// reads the fields it needs.
func newOrder[T, R any](text string, limit int, entries []field.Entry[R], scope field.Scope) (*output.Rows[R], *output.Top[T], error) {
	keys, err := output.ParseSort(text, withOthers(entries, scope), scope)
	if err != nil {
		return nil, nil, err
	}
	var at []int
	var order []output.Order
	for _, k := range keys {
		at = append(at, k.Field)
		order = append(order, output.Order{Field: entries[k.Field].Field, Desc: k.Desc})
	}
	return output.NewRows(choose(entries, at)), output.NewTop[T](order, limit), nil
}

// withOthers returns the fields of the entries, and behind them those of other
// rows, so that a mistake can be named.
func withOthers[R any](entries []field.Entry[R], scope field.Scope) []field.Field {
	fields := fieldsOf(entries)
	for _, f := range allFields() {
		if f.Scope&scope == 0 {
			fields = append(fields, f)
		}
	}
	return fields
}

func choose[R any](entries []field.Entry[R], at []int) []field.Entry[R] {
	picked := make([]field.Entry[R], len(at))
	for i, k := range at {
		picked[i] = entries[k]
	}
	return picked
}

func fieldsOf[R any](entries []field.Entry[R]) []field.Field {
	fields := make([]field.Field, len(entries))
	for i := range entries {
		fields[i] = entries[i].Field
	}
	return fields
}

func namesOf[R any](entries []field.Entry[R]) []string {
	names := make([]string, len(entries))
	for i := range entries {
		names[i] = entries[i].Name
	}
	return names
}

// look is how tables show a column.
type look struct {
	title    string
	priority uint8 // the largest leaves a narrow table first
	key      bool
	bar      bool
}

// dress gives columns the looks that are listed for them. Those that are not
// listed leave a narrow table before the others.
func dress(cols []output.Column, looks map[string]look) {
	for i := range cols {
		c := &cols[i]
		l, ok := looks[c.Name]
		if !ok {
			l.priority = 200
		}
		c.Title, c.Priority, c.Key, c.Bar = l.title, l.priority, l.key, l.bar
	}
}
