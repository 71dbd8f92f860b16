package pcapfile

import (
	"bytes"
	"errors"
	"strconv"
	"unicode/utf8"
)

// Reasons why a file cannot be read at all, found in an Error with errors.Is.
// A missing file is an fs.ErrNotExist.
var (
	ErrEmpty     = errors.New("empty file")
	ErrDirectory = errors.New("is a directory")
	ErrNoMatch   = errors.New("no file matches")
	ErrFollow    = errors.New("only plain files can be followed")
)

// Error says which file cannot be read at all, and why.
type Error struct {
	Path string // as given
	Err  error
}

// Error returns the line for people: "reading x.pcap: empty file".
func (e *Error) Error() string { return "reading " + e.Path + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// FormatError is the reason of an Error about a file that is not a capture, or
// not one that can be read.
type FormatError struct {
	Looks string // what it looks like, with its article; empty if nobody knows
}

// Error returns the reason in words.
func (e *FormatError) Error() string {
	if e.Looks == "" {
		return "not a pcap or pcapng file"
	}
	return "not a pcap or pcapng file, it looks like " + e.Looks
}

// signatures are files that people hand to packet tools by mistake, or that
// hold packets in formats which are not read.
var signatures = []struct{ magic, looks string }{
	{"\x7fELF", "a program (ELF)"},
	{"snoop\x00\x00\x00", "a snoop capture (RFC 1761)"},
	{"btsnoop\x00", "a btsnoop capture"},
	{"GMBU", "a Network Monitor capture"},
	{"RTSS", "a Network Monitor capture"},
	{"TRSNIFF data", "a Sniffer capture"},
	{"XCP\x00", "a NetXray capture"},
	{"iptrace ", "an iptrace capture"},
	{"PK\x03\x04", "a zip archive"},
	{"7z\xbc\xaf\x27\x1c", "a 7z archive"},
	{"BZh", "a bzip2 file"},
	{"\x1f\x9d", "a compress (.Z) file"},
	{"%PDF", "a PDF"},
	{"SQLite format 3", "an SQLite database"},
	{"#!", "a script"},
}

// looksLike says what the first bytes of a file that is no capture look like.
func looksLike(b []byte) string {
	for _, s := range signatures {
		if bytes.HasPrefix(b, []byte(s.magic)) {
			return s.looks
		}
	}
	if isText(b[:min(len(b), 256)]) {
		return "text"
	}
	return ""
}

// isText reports whether b is printable UTF-8. Its last rune may be cut.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			return !utf8.FullRune(b)
		}
		if !strconv.IsPrint(r) && r != '\n' && r != '\r' && r != '\t' {
			return false
		}
		b = b[n:]
	}
	return true
}
