package output

import (
	"io"
	"unicode"
	"unicode/utf8"

	"github.com/fatih/color"
)

// Talk prints what the two sides of flows have sent, for people: turn by turn, as text
// or as bytes in hexadecimal. What the client has sent stands under a ">", what the
// server has, under a "<"; colours say the same. The first error of the destination
// stays: every later call returns it.
type Talk struct {
	w     io.Writer
	opt   Options
	hex   bool
	style style
	sides [2]Attribute
	hit   Attribute
	buf   []byte
	err   error

	flows  int
	inLine bool // the last line of text has no end yet
	server bool // of that line
	rest   []byte
}

// NewTalk returns a Talk that writes to w; hex asks for hexadecimal.
func NewTalk(w io.Writer, opt Options, hex bool) *Talk {
	t := &Talk{w: w, opt: opt, hex: hex, style: newStyle(opt.Color)}
	if opt.Color {
		t.sides = [2]Attribute{newAttribute(color.FgCyan), newAttribute(color.FgGreen)}
		t.hit = newAttribute(color.ReverseVideo)
	}
	return t
}

// Flow begins the turns of a flow, whose ends are named.
func (t *Talk) Flow(ends, about string) error {
	t.finishLine()
	if t.flows++; t.flows > 1 {
		t.buf = append(t.buf, '\n')
	}
	start := len(t.buf)
	t.buf = t.style.bold.Open(t.buf)
	t.buf = AppendSafe(t.buf, ends, t.opt.ASCII)
	t.buf = t.style.bold.Close(t.buf)
	t.buf = t.style.dim.Open(append(t.buf, "  "...))
	t.buf = AppendSafe(t.buf, about, t.opt.ASCII)
	t.buf = t.style.dim.Close(t.buf)
	if n := t.opt.limit(); n > 0 {
		t.buf = cutLine(t.buf, start, n, t.opt.ASCII)
	}
	t.buf = append(t.buf, '\n')
	return t.wrote()
}

// Turn says who speaks now, since when, and how much where size is not negative.
func (t *Talk) Turn(server bool, nanos int64, size int64) error {
	t.finishLine()
	t.buf = t.sides[sideOf(server)].Open(t.buf)
	t.buf = append(t.buf, gutter(server), ' ')
	t.buf = t.sides[sideOf(server)].Close(t.buf)
	t.buf = t.style.dim.Open(t.buf)
	t.buf = AppendLocalTime(t.buf, nanos, t.opt.Time, t.opt.location())
	if size >= 0 {
		t.buf = AppendSize(append(t.buf, "  "...), float64(size), t.opt.Size)
	}
	t.buf = t.style.dim.Close(t.buf)
	t.buf = append(t.buf, '\n')
	return t.wrote()
}

// Bytes prints bytes at an offset of what a side has sent.
func (t *Talk) Bytes(server bool, off int64, b []byte) error {
	if t.hex {
		for len(b) > 0 && t.err == nil {
			n := min(len(b), 16)
			t.hexLine(server, off, b[:n])
			off, b = off+int64(n), b[n:]
			t.wrote()
		}
		return t.err
	}
	if len(t.rest) > 0 {
		b = append(t.rest, b...)
		t.rest = t.rest[:0]
	}
	for len(b) > 0 && t.err == nil {
		b = t.textLine(server, b)
		t.wrote()
	}
	return t.err
}

// Missing says that n bytes were not captured.
func (t *Talk) Missing(server bool, n int64) error {
	t.finishLine()
	t.buf = t.style.dim.Open(t.buf)
	t.buf = append(t.buf, gutter(server))
	t.buf = append(t.buf, " ["...)
	t.buf = AppendCount(t.buf, uint64(n))
	t.buf = append(t.buf, " bytes missing]"...)
	t.buf = t.style.dim.Close(t.buf)
	t.buf = append(t.buf, '\n')
	return t.wrote()
}

// Match prints a match on one line, with what stands before and behind it.
func (t *Talk) Match(server bool, nanos, off int64, before, match, behind []byte) error {
	t.finishLine()
	side := t.sides[sideOf(server)]
	t.buf = append(side.Open(t.buf), gutter(server), ' ')
	t.buf = t.style.dim.Open(side.Close(t.buf))
	t.buf = AppendLocalTime(t.buf, nanos, t.opt.Time, t.opt.location())
	t.buf = AppendCount(append(t.buf, "  at "...), uint64(off))
	t.buf = append(t.style.dim.Close(t.buf), '\n')
	t.buf = append(t.buf, "  "...)
	t.buf = appendDotted(side.Open(t.buf), before, t.opt.ASCII)
	open, end := "", ""
	if !t.opt.Color {
		open, end = "[", "]"
	}
	t.buf = append(t.hit.Open(t.buf), open...)
	t.buf = append(appendDotted(t.buf, match, t.opt.ASCII), end...)
	t.buf = t.hit.Close(t.buf)
	t.buf = side.Open(t.buf) // the end of the other Attribute may have ended it
	t.buf = appendDotted(t.buf, behind, t.opt.ASCII)
	t.buf = append(side.Close(t.buf), '\n')
	return t.wrote()
}

// Line prints a line of words.
func (t *Talk) Line(words string) error {
	t.finishLine()
	t.buf = t.style.dim.Open(t.buf)
	t.buf = AppendSafe(t.buf, words, t.opt.ASCII)
	t.buf = append(t.style.dim.Close(t.buf), '\n')
	return t.wrote()
}

// Flush writes out what was given so far. A line that has no end stays open.
func (t *Talk) Flush() error {
	if t.err == nil && len(t.buf) > 0 {
		_, t.err = t.w.Write(t.buf)
	}
	t.buf = t.buf[:0]
	return t.err
}

// Close ends the last line and writes out the rest.
func (t *Talk) Close() error {
	t.finishLine()
	return t.Flush()
}

func (t *Talk) wrote() error {
	if len(t.buf) >= flushAt {
		return t.Flush()
	}
	return t.err
}

func sideOf(server bool) int {
	if server {
		return 1
	}
	return 0
}

func gutter(server bool) byte { return "><"[sideOf(server)] }

// finishLine ends a line of text that has no end.
func (t *Talk) finishLine() {
	if rest := t.rest; len(rest) > 0 {
		t.rest = t.rest[len(t.rest):]
		t.startLine(t.server)
		t.buf = appendDotted(t.buf, rest, t.opt.ASCII)
		t.rest = t.rest[:0]
	}
	if t.inLine {
		t.buf = append(t.sides[sideOf(t.server)].Close(t.buf), '\n')
		t.inLine = false
	}
}

func (t *Talk) startLine(server bool) {
	if !t.inLine {
		t.buf = t.sides[sideOf(server)].Open(t.buf)
		t.inLine, t.server = true, server
	}
}

// textLine prints text up to the end of its line, and returns the rest.
func (t *Talk) textLine(server bool, b []byte) []byte {
	t.startLine(server)
	for i := 0; i < len(b); {
		c := b[i]
		switch {
		case c == '\n':
			t.buf = append(t.sides[sideOf(server)].Close(t.buf), '\n')
			t.inLine = false
			return b[i+1:]
		case c == '\r' && i+1 == len(b), c >= utf8.RuneSelf && !utf8.FullRune(b[i:]):
			t.rest = append(t.rest[:0], b[i:]...) // the next bytes tell what it is
			return nil
		case c == '\r' && b[i+1] == '\n':
			i++
		case c == '\t':
			t.buf = append(t.buf, c)
			i++
		default:
			var n int
			t.buf, n = appendDot(t.buf, b[i:], t.opt.ASCII)
			i += n
		}
	}
	return nil
}

// appendDot appends the first character of b, or a dot where it cannot be shown, and
// returns how many bytes it takes.
func appendDot(dst, b []byte, ascii bool) ([]byte, int) {
	if c := b[0]; c < utf8.RuneSelf {
		if c < 0x20 || c == 0x7f {
			c = '.'
		}
		return append(dst, c), 1
	}
	r, n := utf8.DecodeRune(b)
	if ascii || r == utf8.RuneError && n == 1 || !unicode.IsPrint(r) {
		return append(dst, '.'), n
	}
	return append(dst, b[:n]...), n
}

// appendDotted appends bytes on one line, a dot for each that cannot be shown.
func appendDotted(dst, b []byte, ascii bool) []byte {
	for len(b) > 0 {
		var n int
		dst, n = appendDot(dst, b, ascii)
		b = b[n:]
	}
	return dst
}

// hexLine prints up to 16 bytes: offset, hexadecimal, ASCII, in 80 columns.
func (t *Talk) hexLine(server bool, off int64, b []byte) {
	t.buf = t.sides[sideOf(server)].Open(t.buf)
	t.buf = append(t.buf, gutter(server), ' ')
	t.buf = appendHex(t.buf, uint64(off), 8)
	t.buf = append(t.buf, ' ')
	for i := range 16 {
		if i%8 == 0 {
			t.buf = append(t.buf, ' ')
		}
		if i < len(b) {
			t.buf = append(appendHex(t.buf, uint64(b[i]), 2), ' ')
		} else {
			t.buf = append(t.buf, "   "...)
		}
	}
	t.buf = append(t.buf, " |"...)
	t.buf = appendDotted(t.buf, b, true)
	t.buf = append(t.buf, '|')
	t.buf = append(t.sides[sideOf(server)].Close(t.buf), '\n')
}
