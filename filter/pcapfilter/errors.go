package pcapfilter

import (
	"strings"
	"unicode/utf8"
)

// Error is what is wrong with an expression and where. Messages are those of
// libpcap, so that what is known about them stays true.
type Error struct {
	Expr string // the whole expression
	Pos  int    // byte offset of the first byte that the message is about
	End  int    // byte offset behind the last one; Pos where nothing is there
	Msg  string
}

// Error returns the message.
func (e *Error) Error() string { return e.Msg }

// AppendCaret appends two lines: the expression, and carets under the place.
// Line breaks and tabs of the expression are shown as blanks.
func (e *Error) AppendCaret(dst []byte) []byte {
	flat := strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, e.Expr)
	dst = append(dst, flat...)
	dst = append(dst, '\n')
	for range utf8.RuneCountInString(e.Expr[:e.Pos]) {
		dst = append(dst, ' ')
	}
	for range max(1, utf8.RuneCountInString(e.Expr[e.Pos:e.End])) {
		dst = append(dst, '^')
	}
	return append(dst, '\n')
}

// span is a stretch of the expression.
type span struct{ pos, end int }

// to returns the stretch from the start of s to the end of t.
func (s span) to(t span) span { return span{s.pos, t.end} }
