package output

import (
	"unicode"
	"unicode/utf8"
)

// plainByte has true for the bytes that stand in a JSON string as they are:
// printable ASCII but for the quote and the backslash.
var plainByte = func() (t [256]bool) {
	for c := 0x20; c < 0x7f; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// AppendJSONString appends s as a JSON string with its quotes (RFC 8259,
// section 7). Bytes that are not UTF-8 become U+FFFD. DEL, the C1 controls and
// the formatting characters that reorder or hide text are escaped although
// JSON would allow them: records are read on terminals too.
func AppendJSONString[S []byte | string](dst []byte, s S) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		if plainByte[s[i]] {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		if s[i] < utf8.RuneSelf {
			dst = appendJSONByte(dst, s[i])
			i++
		} else {
			r, n := decodeRune(s[i:])
			dst = appendJSONRune(dst, r, n)
			i += n
		}
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

func appendJSONByte(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return appendU(dst, rune(c))
}

// appendJSONRune appends a character that took n bytes of UTF-8.
func appendJSONRune(dst []byte, r rune, n int) []byte {
	if r == utf8.RuneError && n == 1 {
		return append(dst, `\ufffd`...)
	}
	if hidden(r) {
		if r > 0xffff {
			r -= 0x10000
			return appendU(appendU(dst, 0xd800|r>>10), 0xdc00|r&0x3ff)
		}
		return appendU(dst, r)
	}
	return utf8.AppendRune(dst, r)
}

// appendU appends \uXXXX.
func appendU(dst []byte, r rune) []byte { return appendHex(append(dst, `\u`...), uint64(r), 4) }

// hidden reports whether a character acts on a terminal or on the text around
// it without being seen: controls, formatting characters such as U+202E that
// turns the direction of a line, and the two separators of lines.
func hidden(r rune) bool {
	if r < 0xa0 {
		return r < 0x20 || r >= 0x7f
	}
	return r == 0xad || r >= 0x600 && unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

func decodeRune[S []byte | string](s S) (rune, int) {
	// A conversion of at most four bytes stays on the stack.
	return utf8.DecodeRuneInString(string(s[:min(len(s), utf8.UTFMax)]))
}
