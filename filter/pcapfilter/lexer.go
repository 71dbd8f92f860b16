package pcapfilter

import (
	"fmt"
	"net/netip"
	"strings"
)

// lexer cuts an expression into tokens. Of all kinds of token that could begin
// at a place the longest wins, and of those of one length the first in this
// order: number or address, keyword, name. So "20-80" is one name, and
// "001122334455" an Ethernet address.
type lexer struct {
	expr string
	pos  int
}

// next returns the next token. At the end it returns tkEnd again and again.
func (l *lexer) next() (token, *Error) {
	for l.pos < len(l.expr) && strings.IndexByte(" \t\r\n", l.expr[l.pos]) >= 0 {
		l.pos++
	}
	rest := l.expr[l.pos:]
	if rest == "" {
		return token{kind: tkEnd, span: span{l.pos, l.pos}}, nil
	}
	tok, n := l.longest(rest)
	at := span{l.pos, l.pos + n}
	l.pos += n
	tok.span = at
	if tok.text == "" {
		tok.text = rest[:n]
	}
	switch tok.kind {
	case tkNumber:
		if tok.text[0] >= '0' && tok.text[0] <= '9' {
			return l.number(tok)
		}
	case tkIPv6:
		if _, err := netip.ParseAddr(tok.text); err != nil {
			return tok, l.errorf(at, "bogus IPv6 address %s", tok.text)
		}
	case tkEnd:
		if strings.IndexByte(rest[:n], ':') >= 0 {
			return tok, l.errorf(at, "bogus ethernet address %s", rest[:n])
		}
		return tok, l.errorf(at, "%s", syntaxError)
	}
	return tok, nil
}

// syntaxError is what libpcap says when the grammar does not fit.
const syntaxError = "can't parse filter expression: syntax error"

// errorf returns an error about a stretch of the expression.
func (l *lexer) errorf(at span, format string, args ...any) *Error {
	return &Error{Expr: l.expr, Pos: at.pos, End: at.end, Msg: fmt.Sprintf(format, args...)}
}

// longest returns the token that s begins with and its length. The kind is
// tkEnd where no token begins.
func (l *lexer) longest(s string) (token, int) {
	if !strings.HasPrefix(s, "::") {
		if tok, n := operator(s); n > 0 {
			return tok, n
		}
	}
	if s[0] == '$' {
		if n := hexRun(s[1:], 2); n > 0 {
			return token{kind: tkARCnet}, n + 1
		}
		return token{}, 1
	}
	if s[0] == '\\' {
		n := 1
		for n < len(s) && strings.IndexByte(" !()\n\t", s[n]) < 0 {
			n++
		}
		if n == 1 {
			return token{}, 1
		}
		return token{kind: tkName, text: s[1:n]}, n
	}

	best, found := 0, tkEnd
	for _, c := range [...]struct {
		n int
		k kind
	}{
		{matchMAC(s), tkMAC},
		{matchNumber(s), tkNumber},
		{matchIPv4(s), tkIPv4},
		{matchIPv6(s), tkIPv6},
		{matchBogusMAC(s), tkEnd},
	} {
		if c.n > best {
			best, found = c.n, c.k
		}
	}
	if n := matchName(s); n > best {
		if k, ok := lookupKeyword(s[:n]); ok {
			return token{kind: k.kind, value: k.value}, n
		}
		return token{kind: tkName}, n
	}
	return token{kind: found}, max(best, 1)
}

// operator returns the operator that s begins with and its length, 0 if none.
func operator(s string) (token, int) {
	if len(s) >= 2 {
		k := tkEnd
		switch s[:2] {
		case "&&":
			k = tkAnd
		case "||":
			k = tkOr
		case ">=":
			k = tkGreaterEq
		case "<=":
			k = tkLessEq
		case "!=":
			k = tkNotEq
		case "==":
			k = char('=')
		case "<<":
			k = tkShiftLeft
		case ">>":
			k = tkShiftRight
		}
		if k != tkEnd {
			return token{kind: k}, 2
		}
	}
	if s[0] == '!' {
		return token{kind: tkNot}, 1
	}
	if strings.IndexByte("+-*/%:[]<>()&|^=", s[0]) >= 0 {
		return token{kind: char(s[0])}, 1
	}
	return token{}, 0
}

// number converts the text of a number: decimal, hexadecimal with 0x before
// it, or octal with 0 before it.
func (l *lexer) number(tok token) (token, *Error) {
	digits, base := tok.text, uint64(10)
	switch {
	case len(digits) > 1 && (digits[1] == 'x' || digits[1] == 'X'):
		digits, base = digits[2:], 16
	case digits[0] == '0':
		digits, base = digits[1:], 8
	}
	var v uint64
	for _, c := range []byte(digits) {
		d := uint64(hexDigit(c))
		if d >= base {
			return tok, l.errorf(tok.span, "number %s contains non-octal digit", tok.text)
		}
		if v = v*base + d; v > 0xffffffff {
			return tok, l.errorf(tok.span, "number %s overflows 32 bits", tok.text)
		}
	}
	tok.value = uint32(v)
	return tok, nil
}
