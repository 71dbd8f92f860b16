package output

import (
	"math"
	"strings"

	"pkt/field"
)

// Value is the value of one column in one row.
type Value struct {
	field.Cell
	// Has is false where the row lacks the field.
	Has bool
	// Text is the text of a String; valid until Row returns. Where Has is
	// false it is a label that stands in the place of the value in tables,
	// "other (14)" or "total"; records leave labels out.
	Text []byte
	// List holds the values of a list field, which has no Cell; valid until
	// Row returns.
	List []field.Cell
}

// Column is a field and how a record shows it.
type Column struct {
	field.Field
	// Path is the JSON path of the column where it is not the field's name:
	// key.port for the group key port.
	Path string
	// Title is the heading in tables; made from the name where it is empty.
	Title string
	// Wide keeps the column out of narrow tables: it is in Wide and in records.
	Wide bool
	// Priority says in what order columns leave a table that is too wide for
	// its terminal: the largest first, zero never.
	Priority uint8
	// Key marks what rows are grouped by: bold in tables, null in records of
	// rows that lack it, where other fields are simply not there.
	Key bool
	// Bar draws a Ratio or Percent as a bar on terminals.
	Bar bool
	// Spark draws a list of numbers as a sparkline in tables, up to Top: give all
	// sparklines of a screen the same.
	Spark bool
	Top   float64
	// Least is how many cells a table gives the column at least, so that it keeps
	// its place from one table to the next.
	Least int
}

// path returns where JSON has the column.
func (c *Column) path() string {
	if c.Path != "" {
		return c.Path
	}
	return c.Name
}

// has reports whether v is there to be written.
func (c *Column) has(v *Value) bool { return present(&c.Field, v) }

// present reports whether a value is there. A float that is not a number has
// no spelling in JSON and no place in an order: it is as good as absent.
func present(f *field.Field, v *Value) bool {
	if v.Has && f.Kind == field.Float && !f.List {
		n := v.Float()
		return !math.IsNaN(n) && !math.IsInf(n, 0)
	}
	return v.Has
}

// title returns the heading of the column.
func (c *Column) title() string {
	if c.Title != "" {
		return c.Title
	}
	name := c.Name
	switch c.Unit {
	case field.Seconds:
		name = strings.TrimSuffix(name, "_s")
	case field.BitPerSec:
		name = strings.TrimSuffix(name, "_bps")
	case field.Percent:
		name = strings.TrimSuffix(name, "_pct")
	}
	return strings.ToUpper(name)
}

// Record describes the records of one type: their columns, in the order in
// which tables and CSV have them. JSON has them in the same order, except that
// members of one object stand together.
type Record struct {
	Type    string // value of the key "type": flow, packet, top
	Heading string // a line above the table; records have none
	Columns []Column
	// Other says that there may be a row that stands for those not shown.
	// Every record then has the key row: "item" or "other".
	Other bool
	// Aside marks records that accompany others, such as a snapshot or a
	// summary. Only JSON and NDJSON have room for a second type: elsewhere
	// they are left out.
	Aside bool
	// Hidden, if not nil, is told the columns that a table has no room for, in
	// place of a line below it.
	Hidden func(columns []string)
}

// RowKind says what a row stands for.
type RowKind uint8

// Kinds of rows.
const (
	Item  RowKind = iota
	Other         // all that is not shown; marked in records
	Total         // all; only in tables, so that a column of records adds up
)

// rowNames are the values of the key row.
var rowNames = []string{"item", "other"}

// Writer takes the rows of one Record. It is not safe for use by several
// goroutines.
type Writer interface {
	// Row writes one row, a value for every column. The values are not kept.
	Row(kind RowKind, v []Value) error
	// Close ends the rows. A table is complete in its Printer only then.
	Close() error
}
