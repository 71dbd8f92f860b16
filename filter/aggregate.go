package filter

import (
	"strconv"
	"strings"

	"pkt/field"
)

// AggregateFunc is what an aggregate does with the values of a group.
type AggregateFunc uint8

// Functions of --agg.
const (
	AggregateCount    AggregateFunc = iota // rows, without an argument; else rows that have it
	AggregateSum                           // added up
	AggregateAvg                           // mean
	AggregateMin                           // smallest
	AggregateMax                           // largest
	AggregateQuantile                      // value that a part of the rows are not above
	AggregateDistinct                      // different values
)

// aggregates are the spellings of AggregateFunc; quantiles are p and a number.
var aggregates = map[string]AggregateFunc{
	"count": AggregateCount, "sum": AggregateSum, "avg": AggregateAvg,
	"min": AggregateMin, "max": AggregateMax, "distinct": AggregateDistinct,
}

// Aggregate is one column of --agg: a function of the values of an expression.
type Aggregate[R any] struct {
	// Field describes the result.
	field.Field
	Func     AggregateFunc
	Quantile float64 // 0 to 1; valid only for AggregateQuantile
	// Arg reads what goes in; its column is nil in "count()". Uses are the
	// positions in the schema of the fields that it is made of.
	Arg  field.Entry[R]
	Uses []int
}

// CompileAggregate compiles an item of --agg. Errors are of type *Error.
//
//	item = FUNCTION "(" [ expression ] ")" [ "as" NAME ]
func CompileAggregate[R any](it Item, schema Schema[R]) (Aggregate[R], error) {
	var a Aggregate[R]
	name, arg, ok := cutCall(it)
	if !ok {
		return a, it.Errorf("an aggregate is a function of a value, as in avg(len): there are count, sum, avg, min, max, p50, p99 and distinct")
	}
	a.Func, a.Quantile, ok = aggregateOf(name)
	if !ok {
		at := it
		at.Expr = name
		return a, at.Errorf("unknown function %s(): there are count, sum, avg, min, max, p1 to p99 and distinct", name)
	}
	if arg.Expr != "" {
		k, err := CompileKey(arg, schema)
		if err != nil {
			return a, err
		}
		a.Arg, a.Uses = k.Entry, k.Uses
	} else if a.Func != AggregateCount {
		return a, it.Errorf("%s() lacks an argument", name)
	}
	result, msg := a.Func.result(a.Arg.Field)
	if msg != "" {
		return a, arg.Errorf("%s() takes %s, not %s", name, msg, describe(a.Arg.Field))
	}
	a.Field = result
	a.Name, a.Doc, a.Scope = it.Name(), it.Expr, schema.Scope
	return a, nil
}

// aggregateOf returns the function that a name stands for.
func aggregateOf(name string) (f AggregateFunc, quantile float64, ok bool) {
	if f, ok = aggregates[name]; ok {
		return f, 0, true
	}
	digits, ok := strings.CutPrefix(name, "p")
	percent, err := strconv.ParseUint(digits, 10, 8)
	if !ok || err != nil || percent < 1 || percent > 99 || digits[0] == '0' {
		return 0, 0, false
	}
	return AggregateQuantile, float64(percent) / 100, true
}

// cutCall cuts "NAME(ARGUMENT)". The brackets are known to be in pairs.
func cutCall(it Item) (name string, arg Item, ok bool) {
	open := strings.IndexByte(it.Expr, '(')
	if open <= 0 || !strings.HasSuffix(it.Expr, ")") {
		return "", arg, false
	}
	name = strings.TrimRight(it.Expr[:open], " \t")
	if !isName(name) || nameLen(name) != len(name) {
		return "", arg, false
	}
	inner := it.Expr[open+1 : len(it.Expr)-1]
	depth := 0
	for i := 0; i < len(inner); i++ { // "f(x) + g(y)" is no call
		switch c := inner[i]; c {
		case '(':
			depth++
		case ')':
			depth--
		case '"', '\'', '`':
			if n := quoted(inner[i:]); n > 0 {
				i += n - 1
			}
		}
		if depth < 0 {
			return "", arg, false
		}
	}
	trimmed := strings.TrimSpace(inner)
	off := it.Off + open + 1 + strings.Index(inner, trimmed)
	return name, Item{Text: it.Text, Off: off, Expr: trimmed}, true
}

// result returns the type of what a function makes of values of a type, or
// what it takes instead.
func (f AggregateFunc) result(t field.Field) (field.Field, string) {
	out := field.Field{Kind: t.Kind, Unit: t.Unit}
	switch {
	case f == AggregateCount:
		return field.Field{Kind: field.Uint, Unit: field.Count, Sum: true}, ""
	case t.List:
		return out, "one value a row"
	case f == AggregateDistinct:
		return field.Field{Kind: field.Uint, Unit: field.Count}, ""
	case (f == AggregateMin || f == AggregateMax) && t.Kind == field.Time:
		return out, ""
	case !t.Numeric():
		return out, "numbers"
	case f == AggregateSum:
		out.Sum = true
	case f == AggregateAvg || f == AggregateQuantile:
		if t.Kind != field.Duration {
			out.Kind = field.Float
		}
	}
	return out, ""
}
