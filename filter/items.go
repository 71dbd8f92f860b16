package filter

import "strings"

// Item is one expression of a list, as --by and --agg have them.
//
//	list = item { "," item }
//	item = expression [ "as" NAME ]
type Item struct {
	Text  string // the flag's whole text
	Off   int    // where the expression begins in it
	Expr  string // the expression, without the name given to it
	Alias string // the name given by "as", or empty
}

// Name is what the item is called: its alias, else the expression as written.
func (it Item) Name() string {
	if it.Alias != "" {
		return it.Alias
	}
	return it.Expr
}

// source returns the expression in its text.
func (it Item) source() *source {
	return &source{text: it.Text, from: it.Off, to: it.Off + len(it.Expr)}
}

// Errorf makes an Error about the whole expression.
func (it Item) Errorf(format string, args ...any) *Error {
	s := it.source()
	return s.errorf(span{s.from, s.to}, format, args...)
}

// Split cuts the text of a flag at its commas outside brackets and quotes, and
// takes the "as NAME" off each piece. Errors are of type *Error.
func Split(text string) ([]Item, error) {
	src := &source{text: text, to: len(text)}
	var items []Item
	var open []byte // what closes the brackets that are open
	start := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '(', '[', '{':
			open = append(open, map[byte]byte{'(': ')', '[': ']', '{': '}'}[c])
		case ')', ']', '}':
			if len(open) == 0 || open[len(open)-1] != c {
				return nil, src.errorf(span{i, i + 1}, "nothing opens this bracket")
			}
			open = open[:len(open)-1]
		case '"', '\'', '`':
			n := quoted(text[i:])
			if n < 0 {
				return nil, src.errorf(span{i, i + 1}, "the quote is not closed")
			}
			i += n - 1
		case ',':
			if len(open) > 0 {
				continue
			}
			it, err := newItem(src, start, i)
			if err != nil {
				return nil, err
			}
			items, start = append(items, it), i+1
		}
	}
	if len(open) > 0 {
		return nil, src.errorf(span{len(text), len(text)}, "a bracket is not closed")
	}
	it, err := newItem(src, start, len(text))
	if err != nil {
		return nil, err
	}
	return append(items, it), nil
}

// newItem makes an item of a stretch of the text.
func newItem(src *source, start, end int) (Item, error) {
	text := src.text
	for start < end && isSpace(text[start]) {
		start++
	}
	for end > start && isSpace(text[end-1]) {
		end--
	}
	if start == end {
		return Item{}, src.errorf(span{start, start}, "an expression is missing here")
	}
	it := Item{Text: text, Off: start, Expr: text[start:end]}
	expr, alias, found := cutAlias(it.Expr)
	if !found {
		return it, nil
	}
	it.Expr, it.Alias = expr, alias
	if expr == "" {
		return Item{}, src.errorf(span{start, start + 2}, "as stands behind what it names")
	}
	return it, nil
}

// cutAlias splits "EXPR as NAME". NAME must be a name, so that the words of an
// expression are never taken for one.
func cutAlias(s string) (expr, alias string, found bool) {
	nameAt := len(s)
	for nameAt > 0 && (isLetter(s[nameAt-1]) || isDigit(s[nameAt-1]) || s[nameAt-1] == '.') {
		nameAt--
	}
	alias = s[nameAt:]
	rest := strings.TrimRight(s[:nameAt], " \t\r\n")
	if !isName(alias) || len(rest) == nameAt {
		return "", "", false
	}
	expr, found = strings.CutSuffix(rest, "as")
	if !found || expr != "" && (isLetter(expr[len(expr)-1]) || isDigit(expr[len(expr)-1]) || expr[len(expr)-1] == '.') {
		return "", "", false
	}
	return strings.TrimRight(expr, " \t\r\n"), alias, true
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// isName reports whether s is words joined by dots, each beginning with a
// letter or an underscore.
func isName(s string) bool {
	for word := range strings.SplitSeq(s, ".") {
		if word == "" || isDigit(word[0]) {
			return false
		}
	}
	return true
}
