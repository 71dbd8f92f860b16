package output

import (
	"bytes"

	"github.com/fatih/color"
)

// style holds the attributes of one Printer or Page. All are empty without
// colour; none says anything that the text does not.
type style struct {
	dim  attribute // headings, footers, rows that stand for others
	bold attribute // keys
	bar  attribute // bars and sparklines
}

// attribute is the two escape sequences around a piece of text.
type attribute struct{ on, off []byte }

func newStyle(on bool) style {
	if !on {
		return style{}
	}
	return style{dim: newAttribute(color.Faint), bold: newAttribute(color.Bold), bar: newAttribute(color.FgCyan)}
}

// newAttribute takes the sequences out of a Color once. The Color is switched
// on by hand: by itself it would look at the environment and at stdout.
func newAttribute(a color.Attribute) attribute {
	c := color.New(a)
	c.EnableColor()
	var on, off bytes.Buffer
	c.SetWriter(&on)
	c.UnsetWriter(&off)
	return attribute{on.Bytes(), off.Bytes()}
}

func (a attribute) open(dst []byte) []byte  { return append(dst, a.on...) }
func (a attribute) close(dst []byte) []byte { return append(dst, a.off...) }
