package filter

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"pkt/field"
)

// Error is a mistake in an expression. All of them are found before the first
// row is read.
type Error struct {
	Text     string // the argument that holds the expression
	Off, Len int    // what is wrong in it, in bytes
	Msg      string
	Use      string      // the spelling that is probably meant; may be empty
	Scope    field.Scope // of the field of this name that other rows have; 0 if none
}

// Error gives the message and, below it, the argument with carets under the
// place.
func (e *Error) Error() string {
	pad := strings.Repeat(" ", utf8.RuneCountInString(e.Text[:e.Off]))
	marks := max(utf8.RuneCountInString(e.Text[e.Off:e.Off+e.Len]), 1)
	return e.Msg + "\n  " + flat(e.Text) + "\n  " + pad + strings.Repeat("^", marks)
}

// ExitCode is that of wrong usage.
func (e *Error) ExitCode() int { return 2 }

// flat shows line breaks and other control characters as blanks, so that the
// carets stand where they should.
func flat(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}

// errVM says that a part of a syntax tree cannot be a value of its own: it is a
// list that expr made, or refers to a variable around it. The part around it
// has to run on the VM as well.
var errVM = errors.New("only expr's VM can tell")

// span is a stretch of source.text, in bytes.
type span struct{ from, to int }

// to returns the stretch from the start of one to the end of the other.
func (s span) with(t span) span { return span{min(s.from, t.from), max(s.to, t.to)} }

// errorf makes an Error about a place.
func (s *source) errorf(at span, format string, args ...any) *Error {
	return &Error{Text: s.text, Off: at.from, Len: at.to - at.from, Msg: fmt.Sprintf(format, args...)}
}
