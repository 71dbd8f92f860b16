package filter

import (
	"net"
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"pkt/field"
)

// maxText is how long an expression may be, in bytes.
const maxText = 1 << 15

// source is the text of an expression inside of the argument that holds it.
type source struct {
	text     string // the whole argument
	from, to int    // the expression in it, in bytes
	// runes are the offsets in text of the expression's runes, and of its end:
	// expr counts in runes.
	runes []int
	// fields are those that the expression may name.
	fields []field.Field
	// leaves are what is no word of expr's, by the offsets in text: numbers with a
	// unit, and fields whose names are expressions.
	leaves map[int]*node
}

// parse returns the syntax tree of an expression. Numbers with a unit, which
// expr does not have, are identifiers in it, see quantity; so are fields with
// names such as avg(len).
func (s *source) parse() (ast.Node, error) {
	if s.to-s.from > maxText {
		return nil, s.errorf(span{s.from, s.from}, "an expression has at most %d bytes", maxText)
	}
	if !utf8.ValidString(s.text) {
		return nil, &Error{Text: strings.ToValidUTF8(s.text, "?"), Msg: "the expression is not valid UTF-8"}
	}
	for i := range s.text[s.from:s.to] {
		s.runes = append(s.runes, s.from+i)
	}
	s.runes = append(s.runes, s.to)
	plain, err := s.scan()
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(plain) == "" {
		return nil, s.errorf(span{s.to, s.to}, "an expression is missing here")
	}
	tree, err := parser.Parse(plain)
	if err == nil {
		return tree.Node, nil
	}
	if e, ok := err.(*file.Error); ok {
		return nil, s.errorf(s.span(e.Location), "%s", friendly(e.Message))
	}
	return nil, s.errorf(span{s.from, s.to}, "%s", friendly(err.Error()))
}

// friendly takes what only expr's own tools would need out of a message.
func friendly(msg string) string {
	msg = strings.ReplaceAll(msg, "token EOF", "end")
	msg = strings.ReplaceAll(msg, "token Operator(", "token (")
	msg = strings.ReplaceAll(msg, "token Identifier(", "name (")
	if msg != "" {
		msg = strings.ToLower(msg[:1]) + msg[1:]
	}
	return msg
}

// span turns a place of expr's into one of the text.
func (s *source) span(l file.Location) span {
	last := len(s.runes) - 1
	from, to := min(max(l.From, 0), last), min(max(l.To, 0), last)
	return span{s.runes[from], s.runes[max(from, to)]}
}

// scan passes over the text before expr's parser does. It returns the
// expression with all leaves written as underscores, as many as they have
// letters, so that every place in it stays what it is. Mistakes that the parser
// would call by other names are found here.
func (s *source) scan() (string, error) {
	out := []byte(s.text[s.from:s.to])
	let := false // a "let" is waiting for its "="
	for i := s.from; i < s.to; {
		c := s.text[i]
		n := 1
		switch {
		case c == '"' || c == '\'' || c == '`':
			if n = quoted(s.text[i:s.to]); n < 0 {
				return "", s.errorf(span{i, i + 1}, "the quote is not closed")
			}
		case c == '/':
			n = comment(s.text[i:s.to])
		case c == ':' || isDigit(c) || isLetter(c):
			if n = address(s.text[i:s.to]); n > 0 {
				return "", s.quoteIt(i, n)
			}
			if n = s.column(i, out); n > 0 {
				break
			}
			var err error
			if n, err = s.word(i, out); err != nil {
				return "", err
			}
			let = let || s.text[i:i+n] == "let"
		case c == '=' && i+1 < s.to && s.text[i+1] == '=', strings.IndexByte("!<>", c) >= 0:
			if i+1 < s.to && s.text[i+1] == '=' {
				n = 2
			}
		case c == '=' && !let:
			e := s.errorf(span{i, i + 1}, "= compares nothing: write ==")
			e.Use = "=="
			return "", e
		case c == '=':
			let = false
		}
		i += n
	}
	return string(out), nil
}

// word passes a name or a number that begins at i, and returns its length. A
// number with a unit is noted, and blotted out in the expression.
func (s *source) word(i int, out []byte) (int, error) {
	rest := s.text[i:s.to]
	if rest[0] == ':' {
		return 1, nil
	}
	if isLetter(rest[0]) {
		return nameLen(rest), nil
	}
	digits := numberLen(rest)
	n := digits
	for n < len(rest) && (isLetter(rest[n]) || isDigit(rest[n])) {
		n++
	}
	if strings.HasSuffix(rest[digits:n], "bit") && strings.HasPrefix(rest[n:], "/s") {
		n += 2
	}
	if n == digits {
		return n, nil
	}
	q, ok := quantity(rest[:digits], rest[digits:n])
	if !ok {
		return 0, s.errorf(span{i + digits, i + n}, "unknown unit %q: there are B, kB, MB, GB, KiB, MiB, GiB, the same with bit/s, k, M, G, and ns, us, ms, s, m, h, d", rest[digits:n])
	}
	s.leaf(q, span{i, i + n}, out)
	return n, nil
}

// column returns the length of the longest field name that begins at i and is
// an expression itself, as --agg makes them, and blots it out. It is 0 if there
// is none.
func (s *source) column(i int, out []byte) int {
	n, found := 0, 0
	for k := range s.fields {
		name := s.fields[k].Name
		if len(name) > n && strings.HasSuffix(name, ")") && strings.HasPrefix(s.text[i:s.to], name) && utf8.RuneCountInString(name) == len(name) {
			n, found = len(name), k
		}
	}
	if n > 0 {
		s.leaf(&node{op: opField, typ: typeOf(s.fields[found]), field: found}, span{i, i + n}, out)
	}
	return n
}

// leaf notes a leaf and blots it out in the expression.
func (s *source) leaf(n *node, at span, out []byte) {
	n.at = at
	if s.leaves == nil {
		s.leaves = map[int]*node{}
	}
	s.leaves[at.from] = n
	for k := at.from; k < at.to; k++ {
		out[k-s.from] = '_'
	}
}

// quoteIt is the error of an address without quotes.
func (s *source) quoteIt(i, n int) error {
	e := s.errorf(span{i, i + n}, "an address stands in quotes: %q", s.text[i:i+n])
	e.Use = `"` + s.text[i:i+n] + `"`
	return e
}

// address returns the length of the IP address, network or MAC address that s
// begins with, or 0.
func address(s string) int {
	n, colons, dots := 0, 0, 0
	for n < len(s) && (isHex(s[n]) || s[n] == ':' || s[n] == '.') {
		switch s[n] {
		case ':':
			colons++
		case '.':
			dots++
		}
		n++
	}
	if colons < 2 && dots != 3 || n < len(s) && (isLetter(s[n]) || isDigit(s[n])) {
		return 0
	}
	_, errMAC := net.ParseMAC(s[:n])
	_, errIP := netip.ParseAddr(s[:n])
	if errMAC != nil && errIP != nil {
		return 0
	}
	if m := n + 1; m < len(s) && s[n] == '/' && isDigit(s[m]) {
		for n = m; n < len(s) && isDigit(s[n]); n++ {
		}
	}
	return n
}

// quoted returns the length of the quoted string that s begins with, or -1. A
// backslash hides the byte behind it, except in backquotes.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == s[0]:
			return i + 1
		case s[i] == '\\' && s[0] != '`':
			i++
		}
	}
	return -1
}

// comment returns the length of the comment that s begins with, 1 if it is
// only a slash.
func comment(s string) int {
	end, skip := "", 0
	switch {
	case strings.HasPrefix(s, "//"):
		end = "\n"
	case strings.HasPrefix(s, "/*"):
		end, skip = "*/", 2
	default:
		return 1
	}
	if n := strings.Index(s[skip:], end); n >= 0 {
		return skip + n + len(end)
	}
	return len(s)
}

// nameLen returns the length of the name that s begins with.
func nameLen(s string) int {
	n := 0
	for n < len(s) && (isLetter(s[n]) || isDigit(s[n])) {
		n++
	}
	return n
}

// numberLen returns the length of the number that s begins with, 0x1f and 1e6
// included. The dots of a range are not part of it.
func numberLen(s string) int {
	if len(s) > 2 && s[0] == '0' && strings.IndexByte("xXbBoO", s[1]) >= 0 {
		return 2 + nameLen(s[2:])
	}
	n := digitsLen(s)
	if n+1 < len(s) && s[n] == '.' && isDigit(s[n+1]) {
		n += 1 + digitsLen(s[n+1:])
	}
	if n+1 < len(s) && (s[n] == 'e' || s[n] == 'E') {
		m := n + 1
		if s[m] == '+' || s[m] == '-' {
			m++
		}
		if m < len(s) && isDigit(s[m]) {
			n = m + digitsLen(s[m:])
		}
	}
	return n
}

func digitsLen(s string) int {
	n := 0
	for n < len(s) && (isDigit(s[n]) || s[n] == '_') {
		n++
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool {
	return c == '_' || c == '$' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isHex(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
