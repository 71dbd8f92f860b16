package output

import (
	"io"
	"math"
)

// pageWidth is the width of a page that no terminal limits.
const pageWidth = 80

// sparkMax is the most cells that a sparkline takes: wider ones are hard to see
// as a whole.
const sparkMax = 80

// Page prints headed sections of "label value" lines with bars and sparklines:
// what pkt stats shows. The lines of a section are kept until it ends, so that
// their values stand below each other. The first error of the destination
// stays and is returned by Flush.
type Page struct {
	w     io.Writer
	opt   Options
	style style
	buf   []byte
	err   error

	sections int
	lines    []pageLine
}

// pageLine is one line of a section.
type pageLine struct {
	label, value string
	share        float64   // of a bar; NaN for no bar
	series       []float64 // of a sparkline
	top          float64
	low, high    string // what stands left and right of the sparkline
	free         bool   // a line without label, across all columns
}

// NewPage returns a Page on w.
func NewPage(w io.Writer, opt Options) *Page {
	return &Page{w: w, opt: opt, style: newStyle(opt.Color)}
}

// Section ends the section before and begins one below the heading.
func (p *Page) Section(heading string) {
	p.end()
	if p.sections++; p.sections > 1 {
		p.buf = append(p.buf, '\n')
	}
	at := len(p.buf)
	p.buf = p.style.bold.Open(p.buf)
	p.buf = AppendSafe(p.buf, heading, p.opt.ASCII)
	if len(p.buf) > at {
		p.buf = p.style.bold.Close(p.buf)
		p.newline(at)
	}
}

// Line adds a label and a value.
func (p *Page) Line(label, value string) {
	p.add(pageLine{label: label, value: value, share: math.NaN()})
}

// Text adds a line of words without a label.
func (p *Page) Text(words string) { p.add(pageLine{value: words, share: math.NaN(), free: true}) }

// Bar adds a label and a value with a bar that shows its share (0 to 1) of a
// whole. The values of a section's bars stand right-aligned before the bars.
func (p *Page) Bar(label, value string, share float64) {
	if math.IsNaN(share) {
		share = 0
	}
	p.add(pageLine{label: label, value: value, share: share})
}

// Bin is one part of a histogram.
type Bin struct {
	Label string
	Count uint64
}

// Histogram adds a bar per bin, each as long as its share of all counts.
func (p *Page) Histogram(bins []Bin) {
	var sum float64
	for _, b := range bins {
		sum += float64(b.Count)
	}
	for _, b := range bins {
		p.Bar(b.Label, string(AppendCount(nil, b.Count)), float64(b.Count)/max(sum, 1))
	}
}

// Spark adds a sparkline of values from zero to top, averaged to what the line
// has room for, with what it starts and ends at written beside it: "0" and
// "61.2 Mbit/s" for a scale, or two times.
func (p *Page) Spark(label string, values []float64, top float64, low, high string) {
	p.add(pageLine{label: label, series: values, top: top, low: low, high: high, share: math.NaN()})
}

// Flush ends the section and writes what has been added. Something else, such
// as a table, may be written to the destination before the next section.
func (p *Page) Flush() error {
	p.end()
	if p.err == nil && len(p.buf) > 0 {
		_, p.err = p.w.Write(p.buf)
	}
	p.buf = p.buf[:0]
	return p.err
}

// add keeps a line with its words made safe.
func (p *Page) add(l pageLine) {
	for _, s := range []*string{&l.label, &l.value, &l.low, &l.high} {
		*s = string(AppendSafe(nil, *s, p.opt.ASCII))
	}
	p.lines = append(p.lines, l)
}

// end lays out the lines of the section.
func (p *Page) end() {
	labels, values := 0, 0
	for i := range p.lines {
		l := &p.lines[i]
		if l.free {
			continue
		}
		labels = max(labels, width(l.label))
		if !math.IsNaN(l.share) {
			values = max(values, width(l.value))
		}
	}
	for i := range p.lines {
		p.write(&p.lines[i], labels, values)
	}
	p.lines = p.lines[:0]
}

// write appends one line whose value begins behind a label column of the given
// width, and whose bar begins behind a value column.
func (p *Page) write(l *pageLine, labels, values int) {
	const indent = 2
	start := len(p.buf)
	p.buf = appendBlanks(p.buf, indent)
	at := indent
	if !l.free {
		p.buf = p.style.dim.Open(p.buf)
		p.buf = append(p.buf, l.label...)
		p.buf = p.style.dim.Close(p.buf)
		p.buf = appendBlanks(p.buf, labels-width(l.label)+gap)
		at += labels + gap
	}
	switch {
	case l.series != nil:
		p.spark(l, at)
	case !math.IsNaN(l.share):
		p.buf = appendBlanks(p.buf, values-width(l.value))
		p.buf = append(p.buf, l.value...)
		p.bar(l.share, p.room()-at-values)
	default:
		p.words(l.value, start, at)
		return
	}
	p.newline(start)
}

// words appends words to the line that begins at start. Where a terminal has no
// room for them they go on below their column, which is at cells from the left;
// a pipe gets whole lines.
func (p *Page) words(text string, start, at int) {
	for {
		line, rest := text, ""
		if limit := p.opt.limit(); limit > 0 {
			line, rest = wrap(text, limit-at)
		}
		p.buf = append(p.buf, line...)
		p.newline(start)
		if rest == "" {
			return
		}
		start = len(p.buf)
		p.buf = appendBlanks(p.buf, at)
		text = rest
	}
}

// wrap cuts text behind the last word that fits into n cells, or behind the
// first word if none does.
func wrap(text string, n int) (line, rest string) {
	if width(text) <= n {
		return text, ""
	}
	at := -1
	for i := range len(text) {
		if text[i] != ' ' {
			continue
		}
		if at >= 0 && width(text[:i]) > n {
			break
		}
		at = i
	}
	if at < 0 {
		return text, ""
	}
	return text[:at], text[at+1:]
}

// newline ends the line that begins at a position of the buffer. What a narrow
// terminal has no room for is cut.
func (p *Page) newline(start int) {
	if limit := p.opt.limit(); limit > 0 {
		p.buf = cutLine(p.buf, start, limit, p.opt.ASCII)
	}
	p.buf = append(p.buf, '\n')
}

// room returns the cells of a line.
func (p *Page) room() int {
	if n := p.opt.limit(); n > 0 {
		return n
	}
	return pageWidth
}

// bar appends a share as a number and, where there is room, as a bar.
func (p *Page) bar(share float64, room int) {
	percent := AppendPercent(nil, share)
	p.buf = appendBlanks(p.buf, gap+percentCols-len(percent))
	p.buf = append(p.buf, percent...)
	cells := min(room-gap-percentCols-gap, 2*barWidth)
	if cells < barMin/2 || share <= 0 {
		return
	}
	p.buf = p.style.bar.Open(appendBlanks(p.buf, gap))
	p.buf, _ = appendBlocks(p.buf, share, cells, p.opt.ASCII)
	p.buf = p.style.bar.Close(p.buf)
}

// spark appends a sparkline between its two labels.
func (p *Page) spark(l *pageLine, at int) {
	if l.low != "" {
		p.buf = append(append(p.buf, l.low...), ' ')
		at += width(l.low) + 1
	}
	room := min(p.room()-at-width(l.high)-1, sparkMax)
	p.buf = p.style.bar.Open(p.buf)
	p.buf = AppendSparkline(p.buf, Resample(nil, l.series, max(room, 1)), l.top, p.opt.ASCII)
	p.buf = p.style.bar.Close(p.buf)
	if l.high != "" {
		p.buf = append(append(p.buf, ' '), l.high...)
	}
}
