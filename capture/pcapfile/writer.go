package pcapfile

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"pkt/capture"
	"pkt/packet"
)

// writeSize is how much is written at once. Larger writes gain nothing
// (BenchmarkWriteSize), and what fits the second-level cache is copied once more
// at little cost.
const writeSize = 128 << 10

// Resolution says how finely a file that is written tells times.
type Resolution uint8

// Resolutions. Auto is nanoseconds, but microseconds for a pcap file that is
// made of pcap files which have no more than that.
const (
	Auto Resolution = iota
	Microseconds
	Nanoseconds
)

// WriteOptions say how a capture file is written. The zero value keeps packets
// as they are.
type WriteOptions struct {
	SnapLen     uint32 // frames are cut to so many bytes; 0: none is
	Resolution  Resolution
	Unbuffered  bool   // Write hands the packets of each batch on at once
	Application string // the program that writes, which pcapng has room for
	// Counters, if not nil, tells what a live capture has counted up to now. A
	// pcapng file ends with what that came to while it was written.
	Counters func() Counters
}

// Counters are packets that a live capture has received, and those of them that
// were dropped before it could take them.
type Counters struct{ Received, Dropped uint64 }

// ErrMixed is why packets do not go into one pcap file, found with errors.Is.
var ErrMixed = errors.New("pcap cannot hold them in one file, pcapng can: name it .pcapng")

// WriteError says which file could not be written, and why.
type WriteError struct {
	Path string // as given
	Err  error
}

// Error returns the line for people: "writing x.pcap: no space left on device".
func (e *WriteError) Error() string { return "writing " + e.Path + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *WriteError) Unwrap() error { return e.Err }

// layout knows how one kind of file lays out packets.
type layout interface {
	// begin appends what the file begins with.
	begin(w *Writer)
	// write appends the packets of a set, and what notes tell: those of the
	// batch that are not written yet.
	write(w *Writer, b *packet.Batch, in packet.Set, notes []packet.Note) error
	// end appends what comes behind the last packet.
	end(w *Writer) error
	// whole returns how many bytes of b, which begins with a record, are whole
	// records.
	whole(b []byte) int
}

// Writer is a capture.Sink that writes one capture file: pcap or pcapng, plain
// or compressed, as its name says.
//
// A name that says nothing, and the standard output, get pcap, or pcapng where
// the first packet comes from a capture of several link types.
type Writer struct {
	path   string
	opt    WriteOptions
	name   fileName
	file   *os.File  // nil for a writer that was given
	made   bool      // Create made the file
	part   string    // what the file is called until it is complete; empty: path
	dst    io.Writer // the file, or what compresses into it
	frames *frames   // nil for a plain file
	layout layout    // nil until the first packet
	ifaces []packet.Iface
	before Counters // when the file began, and after Close when it ended

	head int    // length of what the file begins with
	buf  []byte // whole records
	done int64  // bytes before buf that were written, before compression
	err  error
}

var _ capture.Sink = (*Writer)(nil)

// Create opens a capture file for writing. What was in it stays until the first
// packet is written, or Close. The error is a *WriteError.
func Create(path string, opt WriteOptions) (*Writer, error) {
	name, err := parseName(path)
	if err != nil {
		return nil, &WriteError{Path: path, Err: err}
	}
	return create(path, "", name, opt)
}

// create opens a file under the name of part, where there is one, and gives it
// its own when it is complete.
func create(path, part string, name fileName, opt WriteOptions) (*Writer, error) {
	open := cmp.Or(part, path)
	_, err := os.Stat(open)
	made := errors.Is(err, fs.ErrNotExist)
	file, err := os.OpenFile(open, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return nil, &WriteError{Path: path, Err: cause(err)}
	}
	return &Writer{path: path, part: part, opt: opt, name: name, file: file, made: made, dst: file}, nil
}

// NewWriter returns a writer of one capture to w. The name says the format, and
// is what errors call it. If w is an io.Closer it stays the caller's to close.
func NewWriter(w io.Writer, name string, opt WriteOptions) (*Writer, error) {
	n, err := parseName(name)
	if err != nil {
		return nil, &WriteError{Path: name, Err: err}
	}
	return &Writer{path: name, opt: opt, name: n, dst: w}, nil
}

// Write implements capture.Sink. The error is a *WriteError.
func (w *Writer) Write(b *packet.Batch, in packet.Set) error { return w.write(b, in, b.Notes) }

// write is Write with those notes of the batch that are not written yet.
func (w *Writer) write(b *packet.Batch, in packet.Set, notes []packet.Note) error {
	if w.err != nil {
		return w.err
	}
	w.ifaces = b.Ifaces
	if w.layout == nil {
		first := in.Next(0)
		if first < 0 && len(notes) == 0 {
			return nil
		}
		if err := w.start(b, first); err != nil {
			return err
		}
	}
	if err := w.layout.write(w, b, in, notes); err != nil {
		return err
	}
	if w.opt.Unbuffered {
		return w.Flush()
	}
	return nil
}

// Size returns how long the file is, before compression, with what is held back.
func (w *Writer) Size() int64 { return w.done + int64(len(w.buf)) }

// Close implements capture.Sink. The error is a *WriteError.
func (w *Writer) Close() error {
	if w.err == nil && w.layout == nil {
		w.keep(w.start(&packet.Batch{Ifaces: w.ifaces}, -1))
	}
	if w.err == nil {
		w.keep(w.layout.end(w))
	}
	if w.err == nil {
		w.keep(w.flush())
	}
	if w.frames != nil {
		if err := w.frames.close(); err != nil && w.err == nil {
			w.fail(0, err)
		}
	}
	if w.file != nil {
		if err := w.file.Close(); err != nil && w.err == nil {
			w.fail(0, err)
		}
	}
	if w.part != "" && w.layout != nil {
		// After a failure too: the file is as complete as it will ever be.
		if err := os.Rename(w.part, w.path); err != nil && w.err == nil {
			w.fail(0, err)
		}
	}
	return w.err
}

// Discard closes the writer without completing the file. A file that Create made
// and in which nothing was written is removed.
func (w *Writer) Discard() {
	if w.file == nil {
		return
	}
	w.file.Close() // nobody wants what is in it
	if w.made && w.layout == nil {
		os.Remove(cmp.Or(w.part, w.path))
	}
}

// keep remembers an error that ended the writer.
func (w *Writer) keep(err error) {
	if w.err == nil {
		w.err = err
	}
}

// start chooses the layout by the name and by the first packet, -1 where there
// is none, empties the file and begins it.
func (w *Writer) start(b *packet.Batch, first int) error {
	if w.file != nil {
		info, err := w.file.Stat()
		if err == nil && info.Mode().IsRegular() {
			err = w.file.Truncate(0)
		}
		if err != nil {
			return w.fail(0, err)
		}
	}
	if c := w.name.compression; c != nil {
		var err error
		if w.frames, err = newFrames(w.dst, c); err != nil {
			return w.fail(0, err)
		}
		w.dst = w.frames
	}
	if w.name.format == formatPcapng || w.name.format == formatFree && mixed(b.Ifaces) {
		w.layout = &ngWriter{}
	} else {
		w.layout = newPcapWriter(w, b, first)
	}
	w.buf = make([]byte, 0, writeSize)
	w.layout.begin(w)
	w.head = len(w.buf)
	return w.Flush() // a file without packets can be read
}

// mixed reports whether interfaces are of several link types.
func mixed(ifaces []packet.Iface) bool {
	for i := range ifaces {
		if ifaces[i].Link != ifaces[0].Link {
			return true
		}
	}
	return false
}

// room makes room for n bytes behind the buffer.
func (w *Writer) room(n int) error {
	if n <= cap(w.buf)-len(w.buf) {
		return nil
	}
	if err := w.flush(); err != nil {
		return err
	}
	if n > cap(w.buf) {
		w.buf = make([]byte, 0, n)
	}
	return nil
}

// flush writes the buffer.
func (w *Writer) flush() error {
	if w.err != nil {
		return w.err
	}
	n, err := w.dst.Write(w.buf)
	if err != nil {
		return w.fail(n, err)
	}
	w.done += int64(len(w.buf))
	w.buf = w.buf[:0]
	return nil
}

// Flush writes what is held back, so that all packets up to now can be read in
// the file. The error is a *WriteError.
func (w *Writer) Flush() error {
	if w.err != nil || w.layout == nil {
		return w.err
	}
	if err := w.flush(); err != nil || w.frames == nil {
		return err
	}
	if err := w.frames.flush(); err != nil {
		return w.fail(0, err)
	}
	return nil
}

// refuse ends the writer at a packet that cannot be written. Those before it are.
func (w *Writer) refuse(reason error) error {
	if err := w.flush(); err != nil {
		return err
	}
	w.keep(&WriteError{Path: w.path, Err: reason})
	return w.err
}

// fail ends the writer. n bytes of the buffer were written before the error: a
// file is cut behind the last whole record, so that it can be read.
func (w *Writer) fail(n int, err error) error {
	if w.file != nil && w.layout != nil {
		if info, e := w.file.Stat(); e == nil && info.Mode().IsRegular() {
			err = errors.Join(err, w.cut(n))
		}
	}
	w.buf = w.buf[:0]
	w.keep(&WriteError{Path: w.path, Err: cause(err)})
	return w.err
}

// cut cuts the file behind the last whole record.
func (w *Writer) cut(n int) error {
	switch {
	case w.frames != nil:
		return w.frames.mend(w.file, func(b []byte) int {
			head := 0
			if w.frames.whole == 0 {
				head = min(w.head, len(b))
			}
			return head + w.layout.whole(b[head:])
		})
	case n > 0 && w.done > 0:
		return w.file.Truncate(w.done + int64(w.layout.whole(w.buf[:n])))
	}
	return nil
}

// fileFormat is the format that a file's name asks for.
type fileFormat uint8

const (
	formatFree fileFormat = iota // whatever serves
	formatPcap
	formatPcapng
)

// fileName is what a file's name says about how to write it.
type fileName struct {
	format      fileFormat
	compression func(io.Writer) (compressor, error) // nil: plain
}

// parseName reads the endings of a path.
func parseName(path string) (n fileName, err error) {
	lower := strings.ToLower(path)
	if lower, n.compression, err = cutCompression(lower); err != nil {
		return n, err
	}
	switch {
	case strings.HasSuffix(lower, ".pcapng"):
		n.format = formatPcapng
	case strings.HasSuffix(lower, ".pcap"):
		n.format = formatPcap
	}
	return n, nil
}

const linkEthernet = 1

// hostOrdered reports whether headers of a link type hold numbers in the byte
// order of the capturing host, so that a file has to be in the same order.
func hostOrdered(link uint16) bool {
	switch link {
	case 0, // NULL
		109, // ENC
		117, // PFLOG
		189, // USB_LINUX
		220, // USB_LINUX_MMAPPED
		239: // NFLOG
		return true
	}
	return false
}
