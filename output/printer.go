package output

import "io"

// flushAt is the number of bytes that a Printer gathers before it writes.
const flushAt = 64 << 10

// Printer is one output stream in one format. The first error of the
// destination, EPIPE for one, stays: every later call returns it.
type Printer struct {
	w      io.Writer
	format Format
	opt    Options
	style  style
	buf    []byte
	err    error

	records bool   // JSON: a record was written, the next one needs a comma
	header  string // CSV: type of the record whose header stands above
	blocks  int    // tables written
	open    *table // the table that takes rows now, nil if none
}

// New returns a Printer that writes to w. Close it to finish the output: it
// does not close w.
func New(w io.Writer, f Format, opt Options) *Printer {
	return &Printer{w: w, format: f, opt: opt, style: newStyle(opt.Color)}
}

// Records begins rows of the given type. In Table and Wide each call begins a
// new table, below an empty line; the table before it must be closed.
func (p *Printer) Records(r Record) (Writer, error) {
	switch p.format {
	case JSON, NDJSON:
		return newJSONWriter(p, r)
	case CSV, TSV:
		if r.Aside {
			return discard{}, nil
		}
		return newCSVWriter(p, r), p.err
	}
	if r.Aside {
		return discard{}, nil
	}
	if p.blocks++; p.blocks > 1 {
		p.buf = append(p.buf, '\n')
	}
	if r.Heading != "" {
		if err := p.Line(r.Heading); err != nil {
			return nil, err
		}
	}
	p.open = newTable(p, r)
	return p.open, p.err
}

// Line writes a line of words: what a table is about, or what it hides. Only
// Table and Wide have it. Call it between tables.
func (p *Printer) Line(words string) error {
	if !p.format.Text() {
		return p.err
	}
	start := len(p.buf)
	p.buf = p.style.dim.Open(p.buf)
	text := len(p.buf)
	p.buf = AppendSafe(p.buf, words, p.opt.ASCII)
	if n := p.opt.limit(); n > 0 {
		p.buf = cut(p.buf, text, n, p.opt.ASCII)
	}
	if len(p.buf) == text {
		p.buf = p.buf[:start]
	} else {
		p.buf = p.style.dim.Close(p.buf)
	}
	p.buf = append(p.buf, '\n')
	return p.wrote()
}

// Flush writes out everything given so far, as live commands do at each tick.
// An open table has its column widths fixed by it.
func (p *Printer) Flush() error {
	if p.open != nil {
		p.open.fix(false)
	}
	return p.flush()
}

// Close ends the output: a JSON array gets its bracket.
func (p *Printer) Close() error {
	if p.format == JSON {
		if p.records {
			p.buf = append(p.buf, "\n]\n"...)
		} else {
			p.buf = append(p.buf, "[]\n"...)
		}
	}
	return p.flush()
}

func (p *Printer) flush() error {
	if p.err == nil && len(p.buf) > 0 {
		_, p.err = p.w.Write(p.buf)
	}
	p.buf = p.buf[:0]
	return p.err
}

// wrote is called after each row. It keeps the buffer small.
func (p *Printer) wrote() error {
	if len(p.buf) >= flushAt || p.err != nil {
		return p.flush()
	}
	return nil
}

// discard is where records go that the format has no room for.
type discard struct{}

func (discard) Row(RowKind, []Value) error { return nil }
func (discard) Close() error               { return nil }
