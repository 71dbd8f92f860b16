package output

import (
	"fmt"
	"strings"
	"time"
)

// Format says what a Printer writes.
type Format uint8

// Formats.
const (
	Table  Format = iota // aligned columns for people
	Wide                 // a Table with all columns, none dropped and none cut
	JSON                 // one array, streamed, closed by Close
	NDJSON               // one object a line
	CSV                  // RFC 4180 quoting, a header line, lines that end in LF
	TSV                  // tabs; tab, line feed, carriage return and backslash escaped with a backslash
)

// formatNames are the spellings of --output that this package writes.
var formatNames = []string{"table", "wide", "json", "ndjson", "csv", "tsv"}

// ParseFormat returns the format that --output names; jsonl is ndjson.
func ParseFormat(name string) (Format, error) {
	if name == "jsonl" {
		return NDJSON, nil
	}
	for i, n := range formatNames {
		if n == name {
			return Format(i), nil
		}
	}
	return 0, fmt.Errorf("unknown output format %q: use %s", name, strings.Join(formatNames, ", "))
}

// String returns the spelling of f.
func (f Format) String() string { return formatNames[f] }

// Text reports whether f is for people: a Table or Wide.
func (f Format) Text() bool { return f <= Wide }

// TimeLayout says how points in time are written.
type TimeLayout uint8

// Layouts of time.
const (
	TimeDefault  TimeLayout = iota // records: RFC3339; tables: date and milliseconds in Options.Location
	RFC3339                        // 2026-11-23T14:02:11.000000000Z
	RFC3339Secs                    // 2026-11-23T14:02:11Z: what jq 1.6 can read
	EpochSeconds                   // 1795442531.25, the fraction as long as it is
	EpochMillis                    // 1795442531250
	EpochNanos                     // 1795442531250000000: too long for programs that read numbers as doubles
)

// layoutNames are the spellings of --time.
var layoutNames = []string{"", "rfc3339", "rfc3339-s", "epoch", "epoch-ms", "epoch-ns"}

// ParseTimeLayout returns the layout that --time names; "" is TimeDefault.
func ParseTimeLayout(name string) (TimeLayout, error) {
	for i, n := range layoutNames {
		if n == name {
			return TimeLayout(i), nil
		}
	}
	return 0, fmt.Errorf("unknown time layout %q: use %s", name, strings.Join(layoutNames[1:], ", "))
}

// number reports whether times of the layout are JSON numbers.
func (t TimeLayout) number() bool { return t >= EpochSeconds }

// RateUnit says in what tables and pages show rates.
type RateUnit uint8

// Units of rates.
const (
	BitRate  RateUnit = iota // bit/s, always with SI prefixes
	ByteRate                 // B/s, with the prefixes of the SizeUnit
)

// SizeUnit says with which prefixes tables and pages show sizes.
type SizeUnit uint8

// Prefixes of sizes.
const (
	SI  SizeUnit = iota // kB: 1000 bytes
	IEC                 // KiB: 1024 bytes
)

// Options are what a Printer or a Page has to know of its destination and of
// its reader's wishes. The zero value is right for a pipe.
type Options struct {
	Terminal bool           // w is a terminal: text is cut to fit, bars are drawn
	Width    int            // of the terminal in cells; 0 is unknown: nothing is dropped or cut
	Color    bool           // 16 colours and attributes may be used
	ASCII    bool           // draw with ASCII only
	Time     TimeLayout     // of points in time
	Location *time.Location // of times in tables and pages; nil is UTC. Records are always in UTC
	Rate     RateUnit
	Size     SizeUnit
	NoHeader bool // leave out the header line of tables, CSV and TSV
}

// limit returns how many cells a line may have, 0 for any number.
func (o *Options) limit() int {
	if o.Terminal && o.Width > 0 {
		return o.Width
	}
	return 0
}

// location returns where times of tables are.
func (o *Options) location() *time.Location {
	if o.Location == nil {
		return time.UTC
	}
	return o.Location
}
