// Package line writes packets as text for people, one line each, in the words
// of tcpdump:
//
//	09:00:01.400447 IP 10.1.10.5.445 > 10.1.20.11.49552: Flags [P.], seq 1:706, ack 144, win 65160, length 705
//
// Where tcpdump breaks a line (VXLAN, details of IPv4) and nobody asked for
// details, the line goes on. Headers of tunnels stand in front of what they
// carry. Lines stream: nothing is padded to what other packets need, and nothing
// is allocated for a packet whatever it is, but for the layer tree of -vv.
//
// Text that came from the network is escaped.
package line

import (
	"io"
	"time"

	"pkt/decode"
	"pkt/output"
	"pkt/packet"
)

// Details say how much of a packet's headers is shown.
const (
	Brief   = iota // one line
	Headers        // and what the IP header says, checksums, options
	Tree           // and a line for each layer below it
	Fields         // and a line for each field of a layer
)

// Dump says which bytes of a packet follow its line.
type Dump uint8

// Dumps. Those without a link-layer header begin at the network header.
const (
	NoDump    Dump = iota
	Hex            // -x
	HexLink        // -xx
	Both           // -X: in hex and ASCII
	BothLink       // -XX
	ASCII          // -A
	ASCIILink      // -AA
)

// Options say what a line shows.
type Options struct {
	Details   int
	Dump      Dump
	Link      bool // the link-layer header too
	Numeric   bool // no names of ports and protocols
	Number    bool // the packet's number in its file
	Absolute  bool // sequence numbers as they were sent
	Quick     bool // less about protocols
	Unchecked bool // checksums are not verified
	ASCII     bool // nothing but ASCII
	Color     bool
	Flush     bool // after each batch
	Clock     Clock
	// Tree appends the layer tree of packet i as lines that begin with an
	// indent, for Details of Tree and above; every says that each field has a
	// line of its own. What it appends is escaped by its caller.
	Tree func(dst []byte, b *packet.Batch, i int, every bool) []byte
	// Owner appends who owns packet i, with a blank behind it; nil: lines do not say.
	Owner func(dst []byte, b *packet.Batch, i int) []byte
}

// flushAt is the number of bytes that a Printer gathers before it writes.
const flushAt = 64 << 10

// Printer writes lines. It has to see the packets of a capture in their order:
// sequence numbers count from the first ones of their connection.
type Printer struct {
	w     io.Writer
	opt   Options
	ink   output.PacketInk
	buf   []byte
	tree  []byte
	conns conns
	path  decode.Path
	err   error
}

// New returns a Printer that writes to w.
func New(w io.Writer, opt Options) *Printer {
	if opt.Clock.loc == nil {
		opt.Clock = NewClock(StampTime, time.Local, false)
	}
	return &Printer{w: w, opt: opt, ink: output.NewPacketInk(opt.Color), conns: newConns(maxConns),
		buf: make([]byte, 0, flushAt+flushAt/4)}
}

// Batch writes the packets of the set. The first error of the destination
// stays.
func (p *Printer) Batch(b *packet.Batch, in packet.Set) error {
	for i := in.Next(0); i >= 0 && p.err == nil; i = in.Next(i + 1) {
		p.buf = p.append(p.buf, b, i)
		if len(p.buf) >= flushAt {
			p.Flush()
		}
	}
	if p.opt.Flush {
		p.Flush()
	}
	return p.err
}

// Flush writes out what was gathered.
func (p *Printer) Flush() error {
	if p.err == nil && len(p.buf) > 0 {
		_, p.err = p.w.Write(p.buf)
	}
	p.buf = p.buf[:0]
	return p.err
}

// Forgotten returns how many connections were forgotten because too many were
// open: the numbers of their later segments count from the first one behind that.
func (p *Printer) Forgotten() uint64 { return p.conns.forgotten }

// append appends all that is said about packet i.
func (p *Printer) append(dst []byte, b *packet.Batch, i int) []byte {
	r, l, frame := &b.Records[i], &b.Layers[i], b.Frame(i)
	if p.opt.Number {
		dst = append(appendPadded(dst, b.Num(i), 5), "  "...)
	}
	dst = p.ink.Dim.Open(dst)
	dst = p.opt.Clock.Append(dst, r.Nanos)
	dst = p.ink.Dim.Close(dst)
	dst = p.iface(dst, b, r, frame)
	if p.opt.Owner != nil {
		dst = p.opt.Owner(dst, b, i)
	}
	ink := p.inkOf(frame, l)
	dst = ink.Open(dst)
	dst = p.text(dst, b, i, frame, l)
	dst = ink.Close(dst)
	dst = append(dst, '\n')
	if p.opt.Details >= Tree && p.opt.Tree != nil {
		p.tree = p.opt.Tree(p.tree[:0], b, i, p.opt.Details >= Fields)
		dst = p.lines(dst, p.tree)
	}
	return p.dump(dst, frame, l)
}

// lines appends text that has line breaks of its own, escaped.
func (p *Printer) lines(dst, text []byte) []byte {
	for len(text) > 0 {
		n := 0
		for n < len(text) && text[n] != '\n' {
			n++
		}
		dst = append(output.AppendSafe(dst, text[:n], p.opt.ASCII), '\n')
		text = text[min(n+1, len(text)):]
	}
	return dst
}

// iface appends the interface and the direction, where the capture has several
// interfaces. Frames of the one that stands for all carry both in their header.
func (p *Printer) iface(dst []byte, b *packet.Batch, r *packet.Record, frame []byte) []byte {
	cooked := r.Link == linkSLL2 && len(frame) >= sll2Len
	if !cooked && (len(b.Ifaces) < 2 || b.Ifaces[0].File != b.Ifaces[1].File) {
		return dst
	}
	at := len(dst)
	switch {
	case int(r.Iface) < len(b.Ifaces) && b.Ifaces[r.Iface].Name != "":
		dst = output.AppendSafe(dst, b.Ifaces[r.Iface].Name, p.opt.ASCII)
	case cooked:
		dst = appendUint(dst, "if", be32(frame[4:]))
	default:
		return dst
	}
	dst = appendBlanks(dst, max(1, 6-(len(dst)-at)))
	switch {
	case cooked:
		return append(dst, cookedDirs[frame[10]&7]...)
	case r.Dir == packet.DirIn:
		return append(dst, "In  "...)
	case r.Dir == packet.DirOut:
		return append(dst, "Out "...)
	}
	return dst
}

// inkOf returns the colour of a packet.
func (p *Printer) inkOf(frame []byte, l *packet.Layers) output.Attribute {
	switch {
	case !p.opt.Color:
		return output.Attribute{}
	case l.Has.Any(packet.HasTCP) && frame[l.L4+13]&byte(decode.RST) != 0:
		return p.ink.Reset
	case l.Has.Any(packet.HasTCP):
		return p.ink.TCP
	case l.Has.Any(packet.HasUDP):
		return p.ink.UDP
	case l.Has.Any(packet.HasICMP | packet.HasIGMP):
		return p.ink.ICMP
	case l.Has.Any(packet.HasARP):
		return p.ink.ARP
	}
	return p.ink.Other
}
