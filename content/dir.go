package content

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"pkt/flow"
	"pkt/reassembly"
)

// Gaps says what a file has in the place of bytes that were never captured.
type Gaps uint8

// Ways to write gaps.
const (
	Zero   Gaps = iota // zeros, so that offsets stay right; holes where the file system has them
	Skip               // nothing
	Marker             // a line of text that says how many bytes are missing
	Fail               // nothing, and nothing of the stream behind it: that is an error
)

// GapNames are the spellings of the ways.
var GapNames = []string{"zero", "skip", "marker", "fail"}

// AppendMarker appends the text that stands for n missing bytes.
func AppendMarker(dst []byte, n int64) []byte { return fmt.Appendf(dst, "[%d bytes missing]", n) }

// DirConfig says how a Dir works.
type DirConfig struct {
	Name Template
	Gaps Gaps
	// MaxGap is the longest gap that is written as zeros; longer ones are left out. 0 means
	// DefaultMaxGap.
	MaxGap int64
	// Describe tells what is known of the streams of a flow, seen from the side that sends.
	Describe func(s *reassembly.Stream, side uint8) About
	// Wanted, if not nil, says which flows are written, Side which sides of them.
	Wanted func(s *reassembly.Stream) bool
	Side   func(s *reassembly.Stream, side uint8) bool
	// Files bounds the open files, Memory the bytes of buffers. 0 means the defaults.
	Files  int
	Memory int
}

// Defaults of DirConfig.
const (
	DefaultMaxGap = 64 << 20
	DefaultFiles  = 4096
	DefaultMemory = 64 << 20
)

// Dir writes each side of each stream to a file of its own, and an index of them. It is
// a reassembly.Consumer.
type Dir struct {
	cfg     DirConfig
	root    *os.Root
	path    string
	files   []*file // by reassembly.Half.User-1
	free    []uint32
	open    ring // files with a descriptor
	full    ring // files with a buffer
	pool    [3][][]byte
	inUse   int // bytes of buffers
	scratch []byte
	taken   map[string]int // names that were wanted more than once, and the last number
	index   indexWriter
	stats   DirStats
	first   error // of a file or of the index
	ended   error // what makes writing more useless
}

// DirStats counts what a Dir has done.
type DirStats struct {
	Files     uint64 // written
	Bytes     uint64 // in them
	Gaps      uint64 // bytes that are missing, behind captured ones too
	LongGaps  uint64 // gaps that were too long to be written as zeros
	Conflicts uint64 // streams with bytes that came twice and differed
	Failed    uint64 // files that could not be written whole
	Broken    uint64 // streams that end at a gap, with Fail
	MostOpen  int    // files open at a time, at the most
}

// OpenDir makes the folder, if need be, and returns what writes to it. A folder that
// holds an index already is refused.
func OpenDir(folder string, cfg DirConfig) (*Dir, error) {
	if cfg.MaxGap == 0 {
		cfg.MaxGap = DefaultMaxGap
	}
	if cfg.Files == 0 {
		cfg.Files = DefaultFiles
	}
	if cfg.Memory == 0 {
		cfg.Memory = DefaultMemory
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	d := &Dir{cfg: cfg, root: root, path: folder, taken: map[string]int{}}
	if err := d.index.create(root); err != nil {
		root.Close()
		if errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("%s holds an %s of an earlier run: name another folder", folder, IndexName)
		}
		return nil, fmt.Errorf("writing to %s: %w", folder, cause(err))
	}
	return d, nil
}

// Stats returns what was written so far.
func (d *Dir) Stats() DirStats {
	s := d.stats
	s.MostOpen = d.open.most
	return s
}

// Err returns the error that makes writing more useless, such as a full disk.
func (d *Dir) Err() error { return d.ended }

// Open implements reassembly.Consumer.
func (d *Dir) Open(s *reassembly.Stream) bool {
	return d.ended == nil && (d.cfg.Wanted == nil || d.cfg.Wanted(s))
}

// Data implements reassembly.Consumer.
func (d *Dir) Data(s *reassembly.Stream, side uint8, _ int64, b []byte, _ int64) {
	if f := d.file(s, side); f != nil && !f.closed {
		d.write(f, b)
	}
}

// Gap implements reassembly.Consumer.
func (d *Dir) Gap(s *reassembly.Stream, side uint8, off, n, _ int64) {
	f := d.file(s, side)
	if f == nil || f.closed {
		return
	}
	switch d.cfg.Gaps {
	case Skip:
		f.leave(off, n)
	case Marker:
		d.write(f, AppendMarker(nil, n))
	case Fail:
		d.flush(f)
		f.closed = true
		d.stats.Broken++
		d.fail(f, fmt.Errorf("%d bytes are missing at offset %d of %s (--gaps=fail)", n, off, d.pathOf(f.name)))
	default:
		d.zeros(f, off, n)
	}
}

// zeros leaves a gap as a hole of the file.
func (d *Dir) zeros(f *file, off, n int64) {
	if n > d.cfg.MaxGap {
		d.stats.LongGaps++
		f.leave(off, n)
		return
	}
	d.flush(f)
	f.hashZeros(n)
	f.start += n
}

// Patch implements reassembly.Patcher.
func (d *Dir) Patch(s *reassembly.Stream, side uint8, off int64, b []byte) {
	f := d.file(s, side)
	if f == nil || f.closed {
		return
	}
	at, ok := f.place(off)
	if !ok || d.cfg.Gaps != Zero {
		return
	}
	d.flush(f)
	f.patched = true
	if d.descriptor(f) {
		if _, err := f.fd.WriteAt(b, at); err != nil {
			d.fail(f, err)
		}
	}
}

// Compare implements reassembly.Patcher.
func (d *Dir) Compare(s *reassembly.Stream, side uint8, off int64, b []byte) (n int, first int64) {
	f := d.file(s, side)
	if f == nil || f.closed || d.cfg.Gaps == Marker {
		return 0, 0
	}
	at, ok := f.place(off)
	if !ok {
		return 0, 0
	}
	old := d.read(f, at, len(b))
	for i := range old {
		if old[i] != b[i] {
			if n == 0 {
				first = off + int64(i)
			}
			n++
		}
	}
	return n, first
}

// End implements reassembly.Consumer.
func (d *Dir) End(s *reassembly.Stream, row *flow.Row) {
	for side := range s.Halves {
		h := &s.Halves[side]
		if h.User == 0 {
			continue
		}
		f := d.files[h.User-1]
		if f != nil {
			d.finish(f, s, uint8(side), row)
			d.files[h.User-1] = nil
		}
		d.free = append(d.free, h.User-1)
		h.User = 0
	}
}

// Flush writes out what is in buffers, as live runs do from time to time. Files keep
// what they were given so far, whatever happens next.
func (d *Dir) Flush() {
	for d.full.n > 0 {
		f := d.full.oldest()
		d.flush(f)
		d.giveBuffer(f)
	}
	d.index.flush()
}

// Close finishes the index. It returns the first error that a file had.
func (d *Dir) Close() error {
	if err := d.index.close(); err != nil && d.first == nil {
		d.first = fmt.Errorf("writing %s: %w", d.pathOf(IndexName), cause(err))
	}
	d.root.Close()
	if d.first != nil && d.stats.Failed > 1 {
		return fmt.Errorf("%w\n%d files are not whole: %s has their errors", d.first, d.stats.Failed, IndexName)
	}
	return d.first
}

// file returns the file of a side, made if need be; nil if the side is not written.
func (d *Dir) file(s *reassembly.Stream, side uint8) *file {
	h := &s.Halves[side]
	if h.User != 0 {
		return d.files[h.User-1]
	}
	var n uint32
	if last := len(d.free) - 1; last >= 0 {
		n = d.free[last]
		d.free = d.free[:last]
	} else {
		n = uint32(len(d.files))
		d.files = append(d.files, nil)
	}
	h.User = n + 1
	if d.cfg.Side != nil && !d.cfg.Side(s, side) {
		d.files[n] = nil
		return nil
	}
	about := d.cfg.Describe(s, side)
	d.files[n] = &file{name: d.cfg.Name.Name(&about), about: about, hash: newHash()}
	return d.files[n]
}

// fail notes that a file cannot be written whole.
func (d *Dir) fail(f *file, err error) {
	f.closed = true
	if f.err != nil {
		return
	}
	f.err = err
	d.stats.Failed++
	if d.first == nil {
		d.first = err
		var wrong *fs.PathError
		if errors.As(err, &wrong) {
			d.first = fmt.Errorf("writing %s: %w", d.pathOf(f.name), cause(err))
		}
	}
	if d.ended == nil && (errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS)) {
		d.ended = d.first
	}
}

// pathOf returns a name with the path of the folder.
func (d *Dir) pathOf(name string) string { return filepath.Join(d.path, name) }

// cause returns what is behind an error with a path, which is said elsewhere.
func cause(err error) error {
	var wrong *fs.PathError
	if errors.As(err, &wrong) {
		return wrong.Err
	}
	return err
}

// create makes the file, under another name if its own is taken.
func (d *Dir) create(f *file) error {
	if dir := path.Dir(f.name); dir != "." {
		if err := d.root.MkdirAll(dir, 0o777); err != nil {
			return err
		}
	}
	wanted := f.name
	for n := d.taken[wanted]; ; n++ {
		if n > 1 {
			f.name = fmt.Sprintf("%s-%d", wanted, n)
		}
		fd, err := d.openFile(f.name, os.O_RDWR|os.O_CREATE|os.O_EXCL)
		if err == nil {
			f.fd, f.created = fd, true
			if n > 1 {
				d.taken[wanted] = n + 1
			}
			return nil
		}
		if !errors.Is(err, fs.ErrExist) || n >= math.MaxInt32 {
			f.name = wanted
			return err
		}
		if n == 0 {
			n = 1
		}
	}
}

// openFile opens a file; where the system has no descriptors left, some are given back
// first.
func (d *Dir) openFile(name string, flags int) (*os.File, error) {
	for {
		fd, err := d.root.OpenFile(name, flags, 0o666)
		if err == nil || !errors.Is(err, syscall.EMFILE) && !errors.Is(err, syscall.ENFILE) || d.open.n == 0 {
			return fd, err
		}
		d.cfg.Files = max(8, d.open.n/2)
		for d.open.n > 0 && d.open.n >= d.cfg.Files {
			d.shut(d.open.oldest())
		}
		if d.open.n > 0 {
			d.shut(d.open.oldest())
		}
	}
}

// descriptor sees to it that the file is open.
func (d *Dir) descriptor(f *file) bool {
	if f.fd != nil {
		d.open.touch(f, openRing)
		return true
	}
	for d.open.n >= d.cfg.Files {
		d.shut(d.open.oldest())
	}
	var err error
	if !f.created {
		err = d.create(f)
	} else {
		f.fd, err = d.openFile(f.name, os.O_RDWR)
	}
	if err != nil {
		d.fail(f, err)
		return false
	}
	d.open.add(f, openRing)
	return true
}

// shut closes the descriptor of a file.
func (d *Dir) shut(f *file) {
	d.open.remove(f, openRing)
	if err := f.fd.Close(); err != nil {
		d.fail(f, err)
	}
	f.fd = nil
}

// finish completes the file of a stream and tells of it in the index.
func (d *Dir) finish(f *file, s *reassembly.Stream, side uint8, row *flow.Row) {
	h := &s.Halves[side]
	facts := h.Facts()
	e := &Entry{
		Src: f.about.Src.String(), Dst: f.about.Dst.String(),
		FlowID: f.about.FlowID, Side: "client", Proto: f.about.Proto,
		First: stamp(h.First), Last: stamp(h.Last), EndReason: flow.EndReasonNames[row.EndReason],
		Gaps: facts.Gaps, GapBytes: facts.GapBytes, Conflicts: facts.Conflicts, Packets: h.Packets,
		RetransBytes: facts.Retransmitted, MissingTail: facts.MissingTail, Late: facts.Late, Strays: facts.Strays,
		AfterFIN: facts.AfterFIN, Urgent: facts.Urgent, RSTText: facts.RSTText, BadChecksums: facts.BadSums, Cut: facts.Cut,
		LeftOut: f.leftOut(d.cfg.Gaps),
	}
	if (side == 1) != row.SrcHigh {
		e.Side = "server"
	}
	if facts.GapCount > uint64(len(facts.Gaps)) {
		e.GapCount = facts.GapCount
	}
	if facts.Conflicts > 0 {
		e.FirstConflict = &facts.FirstConflict
		d.stats.Conflicts++
	}
	d.stats.Gaps += uint64(facts.GapBytes + facts.MissingTail)
	d.settle(f, e)
}

// settle completes a file, and its row of the index.
func (d *Dir) settle(f *file, e *Entry) {
	d.flush(f)
	if f.buf != nil {
		d.giveBuffer(f)
	}
	if f.created {
		d.sum(f)
	} else if f.err == nil {
		return // nothing was written
	}
	if f.fd != nil {
		d.shut(f)
	}
	e.File, e.Bytes, e.SHA256 = f.name, f.start, f.digest
	if f.err != nil {
		e.Error = cause(f.err).Error()
	}
	d.stats.Files++
	d.stats.Bytes += uint64(f.start)
	if err := d.index.add(e); err != nil && d.first == nil {
		d.first = fmt.Errorf("writing %s: %w", d.pathOf(IndexName), cause(err))
		d.ended = d.first
	}
}
