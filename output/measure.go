package output

import "github.com/fatih/color"

// Width returns how many cells of a terminal a text takes that AppendValue or
// another function of this package made. Escape sequences of attributes take none.
func Width(text string) int { return visible([]byte(text)) }

// Cut shortens such a text to n cells; the last one says that it was cut.
func Cut(text string, n int, ascii bool) string {
	if visible([]byte(text)) <= n {
		return text
	}
	return string(cutLine([]byte(text), 0, n, ascii))
}

// Plain returns such a text without its attributes.
func Plain(text string) string {
	var out []byte
	for line := []byte(text); len(line) > 0; {
		if n := sequence(line); n > 0 {
			line = line[n:]
			continue
		}
		out = append(out, line[0])
		line = line[1:]
	}
	return string(out)
}

// Safe returns a text as AppendValue writes it: what is not printable is escaped,
// and with ASCII what is not ASCII.
func (o *Options) Safe(text string) string { return string(AppendSafe(nil, text, o.ASCII)) }

// Mark is how a piece of text of a screen stands out.
type Mark uint8

// Marks.
const (
	Dim      Mark = iota // headings, footers
	Bold                 // keys
	Graph                // bars, sparklines, graphs
	Selected             // the row that a key would open
)

// Mark returns a text with an attribute, unchanged without colour.
func (o *Options) Mark(m Mark, text string) string {
	if !o.Color || text == "" {
		return text
	}
	s := newStyle(true)
	a := [...]Attribute{Dim: s.dim, Bold: s.bold, Graph: s.bar, Selected: newAttribute(color.ReverseVideo)}[m]
	return string(a.Close(append(a.Open(nil), text...)))
}
