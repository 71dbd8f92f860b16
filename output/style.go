package output

import (
	"bytes"

	"github.com/fatih/color"
)

// PacketInk holds the attributes of lines of packets. All are empty without
// colour; none says anything that the line does not.
type PacketInk struct {
	Dim                               Attribute // times
	TCP, Reset, UDP, ICMP, ARP, Other Attribute
}

// NewPacketInk returns the attributes for lines with colour or without.
func NewPacketInk(on bool) PacketInk {
	if !on {
		return PacketInk{}
	}
	return PacketInk{
		Dim: newAttribute(color.Faint), TCP: newAttribute(color.FgGreen), Reset: newAttribute(color.FgRed),
		UDP: newAttribute(color.FgCyan), ICMP: newAttribute(color.FgMagenta), ARP: newAttribute(color.FgYellow),
	}
}

// style holds the attributes of one Printer or Page. All are empty without
// colour; none says anything that the text does not.
type style struct {
	dim  Attribute // headings, footers, rows that stand for others
	bold Attribute // keys
	bar  Attribute // bars and sparklines
}

// Attribute is the two escape sequences around a piece of text.
type Attribute struct{ on, off []byte }

func newStyle(on bool) style {
	if !on {
		return style{}
	}
	return style{dim: newAttribute(color.Faint), bold: newAttribute(color.Bold), bar: newAttribute(color.FgCyan)}
}

// newAttribute takes the sequences out of a Color once. The Color is switched
// on by hand: by itself it would look at the environment and at stdout.
func newAttribute(a color.Attribute) Attribute {
	c := color.New(a)
	c.EnableColor()
	var on, off bytes.Buffer
	c.SetWriter(&on)
	c.UnsetWriter(&off)
	return Attribute{on.Bytes(), off.Bytes()}
}

// Open appends the sequence that stands in front of the text.
func (a Attribute) Open(dst []byte) []byte { return append(dst, a.on...) }

// Close appends the sequence that stands behind the text.
func (a Attribute) Close(dst []byte) []byte { return append(dst, a.off...) }
