package stats

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// The grammar of --by. It is the small part of the expression language that a
// grouping needs; Split alone is the part that --agg shares with it.
//
//	by   = item { "," item }
//	item = expr [ "as" NAME ]
//	expr = NAME | NAME "(" arg { "," arg } ")"
//	arg  = expr | NUMBER

// Item is one key of a grouping as it was written.
type Item struct {
	Text  string // the flag's whole text
	Off   int    // where the expression begins in it
	Expr  string // the expression, without the name given to it
	Alias string // the name given by "as", or empty
}

// Name is what the key is called: its alias, else the expression as written.
func (it Item) Name() string {
	if it.Alias != "" {
		return it.Alias
	}
	return it.Expr
}

// Node is a parsed expression: *Ref, *Call or *Number.
type Node interface {
	// Pos is the offset of the node's first byte in Item.Text, End that of the
	// byte behind its last.
	Pos() int
	End() int
}

// Ref names a field.
type Ref struct {
	Name string
	Off  int
}

// Call applies a function.
type Call struct {
	Func  string
	Off   int
	Args  []Node
	Close int // offset behind the closing bracket
}

// Number is a plain decimal number.
type Number struct {
	Value uint64
	Off   int
	Len   int
}

// Pos implements Node.
func (r *Ref) Pos() int { return r.Off }

// End implements Node.
func (r *Ref) End() int { return r.Off + len(r.Name) }

// Pos implements Node.
func (c *Call) Pos() int { return c.Off }

// End implements Node.
func (c *Call) End() int { return c.Close }

// Pos implements Node.
func (n *Number) Pos() int { return n.Off }

// End implements Node.
func (n *Number) End() int { return n.Off + n.Len }

// SyntaxError is a mistake in a --by. It ends a run with exit code 2.
type SyntaxError struct {
	Text     string // the flag's whole text
	Off, Len int    // what is wrong in it, in bytes
	Msg      string
}

// Error gives the message, the text, and a caret below the mistake.
func (e *SyntaxError) Error() string {
	pad := strings.Repeat(" ", utf8.RuneCountInString(e.Text[:e.Off]))
	marks := max(utf8.RuneCountInString(e.Text[e.Off:e.Off+e.Len]), 1)
	return e.Msg + "\n  " + e.Text + "\n  " + pad + strings.Repeat("^", marks)
}

// ExitCode is that of a usage error.
func (e *SyntaxError) ExitCode() int { return 2 }

// Split cuts the text of a flag at its commas outside brackets and quotes, and
// takes the "as NAME" off each piece.
func Split(text string) ([]Item, error) {
	var items []Item
	var open []byte // brackets not yet closed
	start := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '(', '[', '{':
			open = append(open, c)
		case ')', ']', '}':
			if len(open) == 0 || open[len(open)-1] != opening(c) {
				return nil, &SyntaxError{text, i, 1, "nothing opens this bracket"}
			}
			open = open[:len(open)-1]
		case '"', '\'', '`':
			n := quoted(text[i:])
			if n < 0 {
				return nil, &SyntaxError{text, i, 1, "the quote is not closed"}
			}
			i += n - 1
		case ',':
			if len(open) > 0 {
				continue
			}
			it, err := newItem(text, start, i)
			if err != nil {
				return nil, err
			}
			items, start = append(items, it), i+1
		}
	}
	if len(open) > 0 {
		return nil, &SyntaxError{text, len(text), 0, "a bracket is not closed"}
	}
	it, err := newItem(text, start, len(text))
	if err != nil {
		return nil, err
	}
	return append(items, it), nil
}

// opening returns the bracket that c closes.
func opening(c byte) byte {
	switch c {
	case ')':
		return '('
	case ']':
		return '['
	}
	return '{'
}

// quoted returns the length of the quoted string that s begins with, or -1.
// A backslash hides the byte behind it, except in backquotes.
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

// newItem makes an item of text[start:end].
func newItem(text string, start, end int) (Item, error) {
	for start < end && isSpace(text[start]) {
		start++
	}
	for end > start && isSpace(text[end-1]) {
		end--
	}
	if start == end {
		return Item{}, &SyntaxError{text, start, 0, "a key is missing here"}
	}
	it := Item{Text: text, Off: start, Expr: text[start:end]}
	expr, alias, found := cutAlias(it.Expr)
	if !found {
		return it, nil
	}
	it.Expr, it.Alias = expr, alias
	if expr == "" {
		return Item{}, &SyntaxError{text, start, 2, "as stands behind what it names"}
	}
	return it, nil
}

// cutAlias splits "EXPR as NAME". NAME must be a name, so that the words of an
// expression are never taken for one.
func cutAlias(s string) (expr, alias string, found bool) {
	nameAt := len(s)
	for nameAt > 0 && isNameByte(s[nameAt-1]) {
		nameAt--
	}
	alias = s[nameAt:]
	rest := strings.TrimRight(s[:nameAt], " \t\r\n")
	if !isName(alias) || len(rest) == nameAt {
		return "", "", false
	}
	expr, found = strings.CutSuffix(rest, "as")
	if !found || expr != "" && !isSpace(expr[len(expr)-1]) && expr[len(expr)-1] != ')' {
		return "", "", false
	}
	return strings.TrimRight(expr, " \t\r\n"), alias, true
}

// maxDepth is how deep calls may nest.
const maxDepth = 16

// Parse parses the item's expression.
func (it Item) Parse() (Node, error) {
	p := parser{text: it.Text, pos: it.Off, end: it.Off + len(it.Expr)}
	n, err := p.expr(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.pos < p.end {
		return nil, p.errorf(p.pos, p.end, "a comma or \"as NAME\" is missing before this")
	}
	return n, nil
}

// parser walks text[pos:end].
type parser struct {
	text     string
	pos, end int
}

func (p *parser) errorf(from, to int, msg string) error {
	return &SyntaxError{p.text, from, to - from, msg}
}

func (p *parser) space() {
	for p.pos < p.end && isSpace(p.text[p.pos]) {
		p.pos++
	}
}

// peek returns the next byte behind white space, or 0 at the end.
func (p *parser) peek() byte {
	p.space()
	if p.pos == p.end {
		return 0
	}
	return p.text[p.pos]
}

// word takes the longest run of name bytes.
func (p *parser) word() string {
	from := p.pos
	for p.pos < p.end && isNameByte(p.text[p.pos]) {
		p.pos++
	}
	return p.text[from:p.pos]
}

func (p *parser) expr(depth int) (Node, error) {
	p.space()
	from := p.pos
	name := p.word()
	switch {
	case name == "" && p.pos == p.end:
		return nil, p.errorf(p.pos, p.pos, "a field is missing here")
	case name == "":
		_, n := utf8.DecodeRuneInString(p.text[p.pos:p.end])
		return nil, p.errorf(p.pos, p.pos+n, "a key is a field, or a function of one")
	case !isName(name):
		return nil, p.errorf(from, p.pos, "not the name of a field")
	}
	if p.peek() != '(' {
		return &Ref{Name: name, Off: from}, nil
	}
	if depth == maxDepth {
		return nil, p.errorf(p.pos, p.pos+1, "too deeply nested")
	}
	p.pos++
	return p.call(&Call{Func: name, Off: from}, depth+1)
}

// call parses the arguments of c up to its closing bracket.
func (p *parser) call(c *Call, depth int) (Node, error) {
	for {
		arg, err := p.arg(depth)
		if err != nil {
			return nil, err
		}
		c.Args = append(c.Args, arg)
		switch p.peek() {
		case ',':
			p.pos++
		case ')':
			p.pos++
			c.Close = p.pos
			return c, nil
		default:
			return nil, p.errorf(p.pos, p.pos, "a comma or a closing bracket is missing here")
		}
	}
}

func (p *parser) arg(depth int) (Node, error) {
	if c := p.peek(); c < '0' || c > '9' {
		return p.expr(depth)
	}
	from := p.pos
	digits := p.word()
	v, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return nil, p.errorf(from, p.pos, "not a whole number")
	}
	return &Number{Value: v, Off: from, Len: len(digits)}, nil
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isNameByte(c byte) bool {
	return c == '_' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// isName reports whether s is words joined by dots, each beginning with a
// letter or an underscore.
func isName(s string) bool {
	for word := range strings.SplitSeq(s, ".") {
		if word == "" || word[0] >= '0' && word[0] <= '9' {
			return false
		}
	}
	return true
}
