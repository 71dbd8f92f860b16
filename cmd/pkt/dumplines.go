package main

import (
	"context"
	"github.com/spf13/pflag"

	"pkt/capture/pcapfile"
	"pkt/decode/dissect"
	"pkt/filter/pcapfilter"
	"pkt/flow"
	"pkt/fragment"
	"pkt/output"
	"pkt/output/line"
	"pkt/packet"
)

// formatText is the format of lines, which package output does not write: it
// knows rows.
const formatText = "text"

// dumpFormats are the formats of dump.
var dumpFormats = []string{formatText, "table", "wide", "json", "ndjson", "csv", "tsv"}

// lineFlags say what lines show, under tcpdump's letters.
type lineFlags struct {
	numeric   int
	verbose   int
	link      bool
	hex       int
	both      int
	ascii     int
	absolute  bool
	quick     bool
	unchecked bool
	buffered  bool
	program   int
}

func (f *lineFlags) register(fs *pflag.FlagSet) {
	fs.CountVarP(&f.numeric, "no-names", "n", "ports as numbers; hosts are never looked up")
	fs.CountVarP(&f.verbose, "verbose", "v", "in text: -v what the IP header says, checksums; -vv also the layers, a line each; -vvv a line for each field")
	fs.BoolVarP(&f.link, "link-header", "e", false, "in text: the link-layer header too")
	fs.CountVarP(&f.hex, "hex", "x", "in text: the packet's bytes below it in hex; -xx with the link-layer header")
	fs.CountVarP(&f.both, "hex-ascii", "X", "in text: the bytes in hex and ASCII; -XX with the link-layer header")
	fs.CountVarP(&f.ascii, "bytes-ascii", "A", "in text: the bytes in ASCII; -AA with the link-layer header")
	fs.BoolVarP(&f.absolute, "absolute-sequence", "S", false, "in text: TCP sequence numbers as they were sent, instead of counted from the connection's first")
	fs.BoolVarP(&f.quick, "quick", "q", false, "in text: less about protocols")
	fs.BoolVarP(&f.unchecked, "no-checksums", "K", false, "in text: do not verify checksums, which -v does")
	fs.BoolVarP(&f.buffered, "line-buffered", "l", false, "write lines as soon as their packets are there")
	fs.CountVarP(&f.program, "dump-program", "d", "print the compiled pcap-filter and stop: -d as assembler, -dd as C, -ddd as numbers")
}

// onlyText returns the first flag that was given and that only lines heed, ""
// if there is none.
func (f *lineFlags) onlyText() string {
	for _, c := range []struct {
		given bool
		flag  string
	}{
		{f.verbose > 0, "-v"}, {f.link, "-e"}, {f.hex > 0, "-x"}, {f.both > 0, "-X"}, {f.ascii > 0, "-A"},
		{f.absolute, "-S"}, {f.quick, "-q"}, {f.unchecked, "-K"},
	} {
		if c.given {
			return c.flag
		}
	}
	return ""
}

// text reports whether lines are printed: not where other formats or columns
// are asked for.
func (d *dumpFlags) text(show *displayFlags) (bool, error) {
	table := len(show.fields) > 0 || show.noHeader
	if show.format == formatText && !table {
		return true, nil
	}
	if flag := d.lines.onlyText(); flag != "" {
		if show.format == formatText {
			return false, usagef("%s is about lines of text, --fields and --no-header about tables", flag)
		}
		return false, usagef("%s is about lines of text: not with -o %s", flag, show.format)
	}
	if show.format == formatText {
		show.format = "table"
	}
	return false, nil
}

// options returns what package line has to know.
func (d *dumpFlags) lineOptions(opt output.Options) line.Options {
	f := &d.lines
	clock := line.NewClock(d.stamps, opt.Location, d.precision == "nano")
	if opt.Time != output.TimeDefault {
		clock = line.NewLayoutClock(opt.Time, opt.Location)
	}
	return line.Options{
		Details: min(f.verbose, line.Fields), Dump: f.dump(), Link: f.link, Numeric: f.numeric > 0, Number: d.number,
		Absolute: f.absolute, Quick: f.quick, Unchecked: f.unchecked, ASCII: opt.ASCII, Color: opt.Color,
		Flush: f.buffered || d.flush || opt.Terminal, Clock: clock, Tree: dissect.Append,
	}
}

// dump returns which bytes follow a line. As with tcpdump, -A comes before -X
// and -X before -x.
func (f *lineFlags) dump() line.Dump {
	switch {
	case f.ascii > 1:
		return line.ASCIILink
	case f.ascii == 1:
		return line.ASCII
	case f.both > 1:
		return line.BothLink
	case f.both == 1:
		return line.Both
	case f.hex > 1:
		return line.HexLink
	case f.hex == 1:
		return line.Hex
	}
	return line.NoDump
}

// linePrinter is a meter.Tap that prints lines.
type linePrinter struct {
	session *session
	out     *line.Printer
	err     error
}

// printLines prints the packets of the session as lines.
func (d *dumpFlags) printLines(ctx context.Context, s *session, show *displayFlags) error {
	_, opt, err := show.options(s.env)
	if err != nil {
		s.source.Close()
		return err
	}
	lines := d.lineOptions(opt)
	lines.Flush = lines.Flush || s.source.Live()
	lines.Owner = s.owners.lineOwner()
	p := &linePrinter{session: s, out: line.New(s.env.stdout, lines)}
	s.noteSSH(output.Table)
	s.meter.Add(p)
	err = s.run(ctx, p.finish)
	if n := p.out.Forgotten(); n > 0 {
		s.note("%s connections were forgotten, because too many were open: later numbers of theirs count from another segment",
			output.AppendCount(nil, n))
	}
	return s.end(err)
}

// Batch implements meter.Tap.
func (p *linePrinter) Batch(b *packet.Batch, in packet.Set, _ []fragment.Credit, _ *flow.Refs) {
	if p.err == nil && !in.Empty() {
		p.err = p.out.Batch(b, in)
	}
	if p.err != nil {
		p.session.meter.Stop()
	}
}

// Ended implements meter.Tap.
func (p *linePrinter) Ended([]flow.Row) {}

func (p *linePrinter) finish() error {
	if p.err == nil {
		p.err = p.out.Flush()
	}
	return p.err
}

// printProgram prints the program of the filter, for the link type of the
// capture or of the interface, if one is named.
func (d *dumpFlags) printProgram(env *environment, src *sourceFlags, words []string) error {
	link, err := d.programLink(src)
	if err != nil {
		return err
	}
	name, _ := pcapfilter.LinkName(link)
	f := filterFlags{style: d.lines.program, link: name, snapLen: 262144, file: src.filter, live: len(src.live.ifaces) > 0}
	if src.live.link != "" {
		f.link = src.live.link
	}
	if d.snapLen > 0 {
		f.snapLen = d.snapLen
	}
	return f.print(env, words)
}

// programLink returns the link type that a filter is compiled for.
func (d *dumpFlags) programLink(src *sourceFlags) (uint16, error) {
	if len(src.live.ifaces) > 0 {
		all, err := listInterfaces()
		if err != nil {
			return 0, err
		}
		for _, i := range all {
			if i.Name == src.live.ifaces[0] {
				return i.Link, nil
			}
		}
		return 0, usagef("-i %s: no such interface%s", src.live.ifaces[0], suggestInterface(src.live.ifaces[0]))
	}
	if len(src.read) == 0 {
		return linkEthernet, nil
	}
	in, err := pcapfile.Open(src.read, pcapfile.Options{})
	if err != nil {
		return 0, err
	}
	defer in.Close()
	var b packet.Batch
	if err := in.Next(&b); err == nil {
		b.Reset()
	}
	if ifaces := in.Ifaces(); len(ifaces) > 0 {
		return ifaces[0].Link, nil
	}
	return linkEthernet, nil
}
