package output

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// widths measures characters. Ambiguous ones are narrow whatever the locale:
// East Asian locales would count the blocks that bars are made of double.
var widths = runewidth.Condition{EastAsianWidth: false, StrictEmojiNeutral: true}

// AppendSafe appends text as it may reach a terminal: what is not printable is
// escaped as \n, \t, \x1b or \u202e, and with ascii what is not ASCII. It is
// for eyes: a backslash stays as it is, so that it cannot be undone.
func AppendSafe[S []byte | string](dst []byte, text S, ascii bool) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if c >= 0x20 && c < 0x7f {
			dst = append(dst, c)
			i++
			continue
		}
		r, n := decodeRune(text[i:])
		i += n
		if r == utf8.RuneError && n == 1 || c < utf8.RuneSelf {
			dst = appendEscapedByte(dst, c)
			continue
		}
		switch plain := transcribed(r); {
		case !ascii && unicode.IsPrint(r):
			dst = utf8.AppendRune(dst, r)
		case ascii && plain != "":
			dst = append(dst, plain...)
		case r > 0xffff:
			dst = appendHex(append(dst, `\U`...), uint64(r), 8)
		default:
			dst = appendU(dst, r)
		}
	}
	return dst
}

// Safe returns a message as it may reach a terminal: names in it may come from
// the network or from a file system. Its line breaks stay.
func Safe(message string) string {
	var dst []byte
	for line := range strings.Lines(message) {
		text, broken := strings.CutSuffix(line, "\n")
		dst = AppendSafe(dst, text, false)
		if broken {
			dst = append(dst, '\n')
		}
	}
	return string(dst)
}

// appendEscapedByte appends a control character or a byte that is no UTF-8.
func appendEscapedByte(dst []byte, c byte) []byte {
	switch c {
	case '\n':
		return append(dst, `\n`...)
	case '\t':
		return append(dst, `\t`...)
	case '\r':
		return append(dst, `\r`...)
	}
	return appendHex(append(dst, `\x`...), uint64(c), 2)
}

// transcribed returns what stands in ASCII for the signs that pkt's own words
// and units use, "" for others.
func transcribed(r rune) string {
	switch r {
	case '·', '–':
		return "-"
	case '…':
		return "..."
	case '→':
		return "->"
	case 'µ':
		return "u"
	}
	return ""
}

// width returns how many cells of a terminal safe text takes.
func width[S []byte | string](text S) (n int) {
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			n++
			i++
			continue
		}
		r, size := decodeRune(text[i:])
		n += widths.RuneWidth(r)
		i += size
	}
	return n
}

// prefixOf returns how many bytes of text fit into n cells, and the cells they
// take: a wide character may leave the last cell free.
func prefixOf(text []byte, n int) (size, cells int) {
	for size < len(text) {
		r, step := decodeRune(text[size:])
		w := widths.RuneWidth(r)
		if cells+w > n {
			break
		}
		size, cells = size+step, cells+w
	}
	return size, cells
}

// cut shortens the text from position at in dst to n cells. The last one says
// that it was cut.
func cut(dst []byte, at, n int, ascii bool) []byte {
	text := dst[at:]
	if width(text) <= n {
		return dst
	}
	size, _ := prefixOf(text, n-1)
	return append(dst[:at+size], ellipsis(ascii)...)
}

// cutLine shortens the line from position at in dst to n cells as cut does. The
// line may hold the escape sequences of attributes, which take no cells and
// stay, so that what was switched on is switched off. All other text is safe.
func cutLine(dst []byte, at, n int, ascii bool) []byte {
	line := slices.Clone(dst[at:])
	if visible(line) <= n {
		return dst
	}
	dst = dst[:at]
	for n--; len(line) > 0; {
		if size := sequence(line); size > 0 {
			dst = append(dst, line[:size]...)
			line = line[size:]
			continue
		}
		r, size := decodeRune(line)
		if n >= 0 {
			if n -= widths.RuneWidth(r); n >= 0 {
				dst = append(dst, line[:size]...)
			} else {
				dst = append(dst, ellipsis(ascii)...)
			}
		}
		line = line[size:]
	}
	return dst
}

// visible returns the width of a line without its escape sequences.
func visible(line []byte) (n int) {
	for len(line) > 0 {
		size := sequence(line)
		if size == 0 {
			var r rune
			r, size = decodeRune(line)
			n += widths.RuneWidth(r)
		}
		line = line[size:]
	}
	return n
}

// sequence returns the length of the escape sequence that text begins with, 0
// if it begins with none.
func sequence(text []byte) int {
	if text[0] != '\x1b' {
		return 0
	}
	return bytes.IndexByte(text, 'm') + 1
}

// ellipsis is the cell that stands for what was cut.
func ellipsis(ascii bool) string {
	if ascii {
		return "~"
	}
	return "…"
}

// appendBlanks appends n blanks, none if n is negative.
func appendBlanks(dst []byte, n int) []byte {
	const blanks = "                                "
	for ; n > len(blanks); n -= len(blanks) {
		dst = append(dst, blanks...)
	}
	return append(dst, blanks[:max(n, 0)]...)
}
