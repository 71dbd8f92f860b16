package pcapfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"pkt/packet"
)

// Rotation says when a capture goes on in another file and how its files are
// called, as tcpdump's -C, -G and -W do. With the zero value it never does, unless
// Turn is called.
type Rotation struct {
	// Size is the size in bytes, before compression, beyond which a file is no
	// longer written to. The first file has the path itself as its name, later
	// ones a number behind it: before the ending of a compressed file.
	Size int64
	// Span is the time in seconds after which another file begins. The path is
	// then a format for strftime(3), with the time at which the file began, in
	// Zone.
	Span int64
	Zone *time.Location
	// Files is the number of files: after so many files of a Span the capture is
	// over (ErrEnough), numbers of files of a Size begin anew and are padded with
	// zeros. With both, only names and numbers are affected.
	Files int
	// Start is when the first span begins, ns since 1970; 0: with the first packet.
	Start int64
	// Limit is the number of bytes, before compression, after which the capture is
	// over (ErrEnough). The packet that reaches it is the last.
	Limit int64

	// To, if not nil, is written to instead of a file: the path says only the
	// format. There is no file after it then.
	To io.Writer
	// Allow, if not nil, may refuse a file before it is opened.
	Allow func(path string) error
	// Complete, if not nil, is told of each file when it is complete.
	Complete func(path string)
}

// ErrEnough says that the last file of a Rotation is complete, or its Limit reached.
var ErrEnough = errors.New("all that was asked for is written")

// errNotPlain is why there can be no file after the first.
var errNotPlain = errors.New("only a plain file can be followed by another")

// partEnding is behind the name of a file of a Size or a Span as long as it is
// being written: who finds it under its own name finds it complete.
const partEnding = ".part"

// Rotator is a capture.Sink that writes one capture into a sequence of files, each
// of which can be read without the others.
type Rotator struct {
	opt    WriteOptions
	rot    Rotation
	path   string
	name   fileName
	digits int // numbers have at least so many

	w       *Writer  // nil between two files
	count   int      // number of the file
	turned  bool     // by Turn: no file that is there is overwritten
	began   int64    // seconds since 1970 at which the span began; valid only if running
	running bool     // a span is
	spans   int      // that are over
	done    int64    // bytes of the files that are complete
	counted Counters // when the last of them was
	err     error
}

// NewRotator returns a writer of a capture into the files of a Rotation. The first
// one is opened at once, if its name is known: without Span, or with Start. The
// error is a *WriteError, or that of Allow.
func NewRotator(path string, opt WriteOptions, rot Rotation) (*Rotator, error) {
	name, err := parseName(path)
	if err != nil {
		return nil, &WriteError{Path: path, Err: err}
	}
	if rot.Zone == nil {
		rot.Zone = time.Local
	}
	r := &Rotator{opt: opt, rot: rot, path: path, name: name}
	if rot.Files > 1 {
		r.digits = len(strconv.Itoa(rot.Files - 1))
	}
	if rot.Start != 0 {
		r.began, r.running = seconds(rot.Start), true
	}
	if r.running || rot.Span == 0 {
		if err := r.open(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// seconds returns the second that a time is in.
func seconds(nanos int64) int64 { return time.Unix(0, nanos).Unix() }

// Write implements capture.Sink. It returns ErrEnough when nothing more is to be
// written; other errors are *WriteErrors, or those of Allow.
func (r *Rotator) Write(b *packet.Batch, in packet.Set) error {
	if r.err != nil {
		return r.err
	}
	if r.rot.Size == 0 && r.rot.Span == 0 && r.rot.Limit == 0 {
		r.err = r.w.Write(b, in)
		return r.err
	}
	notes := b.Notes
	for i := in.Next(0); i >= 0; {
		if r.err = r.turn(b.Records[i].Nanos); r.err != nil {
			return r.err
		}
		end := r.run(b, in, i)
		behind := 0
		for behind < len(notes) && notes[behind].Packet < end {
			behind++
		}
		part := in.And(packet.FirstN(end)).AndNot(packet.FirstN(i))
		if r.err = r.w.write(b, part, notes[:behind]); r.err != nil {
			return r.err
		}
		notes = notes[behind:]
		i = in.Next(end)
	}
	if r.w != nil {
		r.err = r.w.write(b, packet.Set{}, notes)
	}
	if r.err == nil && r.full() {
		r.err = ErrEnough
	}
	if b.Now != 0 {
		return r.Tick(b.Now)
	}
	return r.err
}

// turn begins another file if one is due before a packet of that time.
func (r *Rotator) turn(nanos int64) error {
	if err := r.Tick(nanos); err != nil {
		return err
	}
	if !r.running {
		r.began, r.running = seconds(nanos), true
	}
	switch {
	case r.full():
		return ErrEnough
	case r.w == nil:
		return r.open()
	case r.rot.Size > 0 && r.w.Size() > r.rot.Size:
		return r.next()
	}
	return nil
}

// run returns a position behind packet i: those from i up to it certainly go into
// the same file.
func (r *Rotator) run(b *packet.Batch, in packet.Set, i int) (end int) {
	// overhead is the most that a pcapng block has beside its frame, without notes.
	const overhead = 64
	room := int64(-1)
	if len(b.Notes) == 0 {
		room = r.room()
	}
	if r.rot.Span == 0 && int64(len(b.Block.Bytes))+int64(b.N)*overhead <= room {
		return b.N // whatever the block holds
	}
	begins := r.began + r.rot.Span // of the next span
	used := int64(0)
	for j := i; j >= 0; j = in.Next(j + 1) {
		record := &b.Records[j]
		if j > i && (used > room || r.rot.Span > 0 && record.Nanos >= begins*1e9) {
			return j
		}
		used += int64(record.CapLen) + overhead
	}
	return b.N
}

// room returns how many bytes may be written without a look at what they come to.
func (r *Rotator) room() int64 {
	room := int64(1) << 62
	if r.rot.Size > 0 {
		room = r.rot.Size - r.w.Size()
	}
	if r.rot.Limit > 0 {
		room = min(room, r.rot.Limit-r.Size()-1)
	}
	return room
}

// Size returns the bytes of all files, before compression.
func (r *Rotator) Size() int64 {
	if r.w == nil {
		return r.done
	}
	return r.done + r.w.Size()
}

// full reports whether the limit is reached.
func (r *Rotator) full() bool { return r.rot.Limit > 0 && r.Size() >= r.rot.Limit }

// Tick tells the time, ns since 1970: a span that is over completes its file
// without waiting for the next packet. It returns what Write returns.
func (r *Rotator) Tick(now int64) error {
	if r.err == nil && r.rot.Span > 0 && r.running && seconds(now)-r.began >= r.rot.Span {
		r.err = r.endSpan()
	}
	return r.err
}

// endSpan completes the file of a span.
func (r *Rotator) endSpan() error {
	if err := r.finish(); err != nil {
		return err
	}
	r.running, r.count = false, 0
	if r.spans++; r.rot.Size == 0 && r.spans == r.rot.Files {
		return ErrEnough
	}
	return nil
}

// Turn completes the file being written and goes on in another: the next one of a
// Size, or of a Span. Without either, and where a span would get the same name
// again, it is the first of the path and the path with the numbers 1, 2, 3 … that
// is not there, so that a file which was renamed before is begun anew and none is
// overwritten. It returns what Write returns.
func (r *Rotator) Turn() error {
	switch {
	case r.err != nil || r.w == nil || r.rot.To != nil:
	case r.rot.Size > 0:
		r.err = r.next()
	default:
		r.turned = true
		if r.rot.Span > 0 {
			r.err = r.endSpan()
		} else if r.err = r.finish(); r.err == nil {
			r.err = r.open()
		}
	}
	return r.err
}

// next completes the file and opens the one with the next number.
func (r *Rotator) next() error {
	if err := r.finish(); err != nil {
		return err
	}
	if r.count++; r.rot.Files > 0 && r.count >= r.rot.Files {
		r.count = 0
	}
	return r.open()
}

// finish completes the file being written, if one is.
func (r *Rotator) finish() error {
	w := r.w
	if w == nil {
		return nil
	}
	r.w = nil
	err := w.Close()
	r.done += w.Size()
	r.counted = w.before
	if err == nil && r.rot.Complete != nil {
		r.rot.Complete(w.path)
	}
	return err
}

// open opens the file that is next.
func (r *Rotator) open() (err error) {
	if r.rot.To != nil {
		r.w, err = NewWriter(r.rot.To, r.path, r.opt)
		return err
	}
	path := r.format()
	number := r.rot.Size > 0 && r.count+r.digits > 0
	name := numbered(path, r.count, r.digits, number)
	if r.turned && r.rot.Size == 0 {
		for n := 1; exists(name); n++ {
			name = numbered(path, n, 0, true)
		}
	}
	if r.rot.Allow != nil {
		if err := r.rot.Allow(name); err != nil {
			return err
		}
	}
	part := ""
	if r.rot.Size > 0 || r.rot.Span > 0 || r.turned {
		if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
			return &WriteError{Path: name, Err: errNotPlain}
		}
	}
	if r.rot.Size > 0 || r.rot.Span > 0 {
		part = name + partEnding
	}
	if r.w, err = create(name, part, r.name, r.opt); err == nil {
		r.w.before = r.counted
	}
	return err
}

// format returns the path with the time of the span in it.
func (r *Rotator) format() string {
	if r.rot.Span == 0 {
		return r.path
	}
	return string(strftime(nil, r.path, time.Unix(r.began, 0).In(r.rot.Zone)))
}

// numbered returns a path with a number behind it, before the ending of a
// compressed file.
func numbered(path string, n, digits int, number bool) string {
	if !number {
		return path
	}
	ending := ""
	for _, c := range writeCompressions {
		if at := len(path) - len(c.ending); at >= 0 && strings.EqualFold(path[at:], c.ending) {
			path, ending = path[:at], path[at:]
			break
		}
	}
	return fmt.Sprintf("%s%0*d%s", path, digits, n, ending)
}

// exists reports whether there is something under a name, or nobody knows.
func exists(name string) bool {
	_, err := os.Lstat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// Flush writes what is held back. It returns what Write returns.
func (r *Rotator) Flush() error {
	if r.err == nil && r.w != nil {
		r.err = r.w.Flush()
	}
	return r.err
}

// Close implements capture.Sink.
func (r *Rotator) Close() error {
	err := r.finish()
	if r.err == nil || errors.Is(r.err, ErrEnough) {
		r.err = err
	}
	return r.err
}

// Discard closes the file being written without completing it: see Writer.Discard.
func (r *Rotator) Discard() {
	if r.w != nil {
		r.w.Discard()
		r.w = nil
	}
}
