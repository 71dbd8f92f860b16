// Package field describes the values that pkt can filter by, group by, sort by
// and print. There is one table of them, put together in cmd/pkt from the
// tables of the packages that can read the values. A field's name is its jq
// path without the leading dot, the same in --where, --by, --agg, --fields,
// the CSV header and the JSON records.
//
// A field is a descriptor; a Column reads it, for all rows of a batch at once.
package field
