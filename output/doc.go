// Package output turns rows into bytes: tables for people, JSON, NDJSON, CSV
// and TSV for programs, all from the same columns, and the page of text that
// pkt stats prints.
//
// A Printer is one output stream. It is asked for a Writer per type of record;
// rows of Values go into the Writer, in the order of the record's columns.
// Rows reads them from field columns, a batch at a time. Nothing here looks at
// the environment or at a file descriptor: what depends on them is in Options.
//
// What comes from the network is text that cannot be trusted. Tables and pages
// escape control characters always; JSON escapes them as JSON does, with the
// C1 controls and the invisible characters that change a line's direction; CSV
// and TSV escape them on a terminal. Text that is not valid UTF-8 becomes
// U+FFFD in JSON, \xNN in tables, and passes unchanged in CSV and TSV.
package output
