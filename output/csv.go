package output

import (
	"bytes"

	"pkt/field"
)

// csvWriter writes lines of CSV or TSV. An absent value is an empty column, a
// list is joined by semicolons.
type csvWriter struct {
	p     *Printer
	cols  []Column
	other bool
	sep   byte
	text  []byte // a value before it is quoted
}

// newCSVWriter writes the header of the record, once for all that follow each
// other.
func newCSVWriter(p *Printer, r Record) Writer {
	w := &csvWriter{p: p, cols: r.Columns, other: r.Other, sep: ','}
	if p.format == TSV {
		w.sep = '\t'
	}
	if p.opt.NoHeader || p.header == r.Type {
		return w
	}
	p.header = r.Type
	if r.Other {
		w.next(false)
		w.put([]byte("row"))
	}
	for i := range r.Columns {
		w.next(i > 0 || r.Other)
		w.put([]byte(r.Columns[i].Name))
	}
	p.buf = append(p.buf, '\n')
	return w
}

// Row implements Writer.
func (w *csvWriter) Row(kind RowKind, v []Value) error {
	if kind == Total {
		return w.p.err
	}
	start := len(w.p.buf)
	if w.other {
		w.p.buf = append(w.p.buf, rowNames[kind]...)
	}
	for i := range w.cols {
		c, val := &w.cols[i], &v[i]
		w.next(i > 0 || w.other)
		switch {
		case !c.has(val):
		case c.List:
			w.put(w.list(c, val.List))
		case c.Kind == field.String:
			w.put(val.Text)
		case c.Kind == field.Enum:
			w.text = appendRaw(w.text[:0], &c.Field, val.Cell, w.p.opt.Time)
			w.put(w.text)
		default: // digits, letters and :.-/ never need quotes
			w.p.buf = appendRaw(w.p.buf, &c.Field, val.Cell, w.p.opt.Time)
		}
	}
	// A line that is empty would be no record to most readers.
	if len(w.p.buf) == start && w.sep == ',' {
		w.p.buf = append(w.p.buf, `""`...)
	}
	w.p.buf = append(w.p.buf, '\n')
	return w.p.wrote()
}

// next begins a column.
func (w *csvWriter) next(more bool) {
	if more {
		w.p.buf = append(w.p.buf, w.sep)
	}
}

func (w *csvWriter) list(c *Column, cells []field.Cell) []byte {
	w.text = w.text[:0]
	for i, cell := range cells {
		if i > 0 {
			w.text = append(w.text, ';')
		}
		w.text = appendRaw(w.text, &c.Field, cell, w.p.opt.Time)
	}
	return w.text
}

// put appends text with what the format needs to keep it one value.
func (w *csvWriter) put(text []byte) {
	if w.p.opt.Terminal {
		w.text = AppendSafe(w.text[:0], text, w.p.opt.ASCII)
		text = w.text
	}
	if w.sep == '\t' {
		w.p.buf = appendTSV(w.p.buf, text)
	} else {
		w.p.buf = appendCSV(w.p.buf, text)
	}
}

// Close implements Writer.
func (w *csvWriter) Close() error { return w.p.err }

// appendCSV appends text, in quotes if it holds a comma, a quote or a line
// break (RFC 4180, section 2). Blanks at an end are quoted too: some readers
// cut them off.
func appendCSV(dst, text []byte) []byte {
	if n := len(text); !bytes.ContainsAny(text, ",\"\r\n") && (n == 0 || text[0] != ' ' && text[n-1] != ' ') {
		return append(dst, text...)
	}
	dst = append(dst, '"')
	for _, c := range text {
		if c == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}

// appendTSV appends text with tabs, line breaks and backslashes escaped.
func appendTSV(dst, text []byte) []byte {
	for _, c := range text {
		switch c {
		case '\t':
			dst = append(dst, `\t`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\\':
			dst = append(dst, `\\`...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
