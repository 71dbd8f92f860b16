package pcapfile

import (
	"io"
	"os"
	"sync"
	"time"

	"pkt/capture"
	"pkt/packet"
)

// Options say how capture files are read. The zero value reads them once, to
// their end.
type Options struct {
	// Follow goes on at the end of a file and delivers what is appended to it, until
	// Close. Then Next returns an empty batch every tenth of a second in which
	// nothing came. When another file takes the place of the one being read, it is
	// read next: a new one of that name, one that a glob matches, or the same one
	// cut and begun anew. Several files are read in the order in which they were
	// written to last. Plain files can be followed, not a pipe: pipes are read until
	// their writers close them anyway.
	Follow bool
}

// maxDamage is how many damaged places are kept. All are counted.
const maxDamage = 100

// Reader is a capture.Source of one or several capture files.
type Reader struct {
	pool    pool
	stats   capture.Stats
	streams []*stream
	merge   *merge  // nil for one file
	follow  *follow // nil for files that are read once

	damages []capture.Damage
	// ifaces is what all batches share: it is only ever appended to.
	ifaces  []packet.Iface
	ifaceID map[packet.Iface]uint32

	done chan struct{} // closed by Close
	mu   sync.Mutex    // guards closing done, and the files of streams
}

var _ capture.Source = (*Reader)(nil)

// NewReader returns a reader of one capture, plain or compressed. The name is
// what errors, damage and interfaces call the file. If r is an io.Closer it
// stays the caller's to close.
func NewReader(r io.Reader, name string, opt Options) *Reader {
	rd := newReader()
	rd.stats.Size.Store(-1)
	s := &stream{path: name, live: true, follow: opt.Follow}
	s.src = &counted{r: r, s: s}
	rd.add(s)
	return rd
}

func newReader() *Reader {
	return &Reader{
		pool:    pool{size: blockSize},
		ifaceID: make(map[packet.Iface]uint32),
		done:    make(chan struct{}),
	}
}

func (rd *Reader) add(s *stream) {
	s.rd, s.index = rd, len(rd.streams)
	s.info.Path = s.path
	s.limit, s.blockSize = packet.BatchLen, rd.pool.size
	rd.streams = append(rd.streams, s)
}

// Next implements capture.Source. The error is io.EOF, or an *Error if what
// comes through a pipe is no capture.
func (rd *Reader) Next(b *packet.Batch) (err error) {
	b.Reset()
	if rd.closed() {
		return io.EOF
	}
	if rd.follow != nil {
		err = rd.follow.next(b)
	} else if rd.merge != nil {
		err = rd.merge.next(b)
	} else {
		err = rd.streams[0].next(b)
	}
	rd.stats.Packets.Add(uint64(b.N))
	return err
}

// Close implements capture.Source. It interrupts a read from a pipe whose writer
// is silent, but not where the reader was given or the standard input cannot
// be opened again: Next then returns when something comes.
func (rd *Reader) Close() error {
	rd.mu.Lock()
	defer rd.mu.Unlock()
	if rd.closed() {
		return nil
	}
	close(rd.done)
	for _, s := range rd.streams {
		if s.file != nil {
			s.file.Close() // it was only read: nothing can be lost
		}
	}
	return nil
}

// own makes f, which may be nil, the file of a stream and closes the one
// before. If the reader is closed it closes f too and reports false.
func (rd *Reader) own(s *stream, f *os.File) bool {
	rd.mu.Lock()
	defer rd.mu.Unlock()
	if s.file != nil {
		s.file.Close() // it was only read: nothing can be lost
	}
	s.file = f
	if rd.closed() && f != nil {
		f.Close()
		return false
	}
	return true
}

func (rd *Reader) closed() bool {
	select {
	case <-rd.done:
		return true
	default:
		return false
	}
}

// wait waits for d, and reports whether it was not interrupted by Close.
func (rd *Reader) wait(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-rd.done:
		return false
	}
}

// Stats returns the counters of the reader, which any goroutine may read.
func (rd *Reader) Stats() *capture.Stats { return &rd.stats }

// Damage returns the first 100 places where files were damaged. It is called
// from the goroutine that calls Next, as are Files and Ifaces.
func (rd *Reader) Damage() []capture.Damage { return rd.damages }

// Ifaces returns the interfaces seen up to now: the table that Record.Iface
// indexes.
func (rd *Reader) Ifaces() []packet.Iface { return rd.ifaces }

// Files returns what the files say about themselves, as far as they were read.
func (rd *Reader) Files() []File {
	files := make([]File, len(rd.streams))
	for i, s := range rd.streams {
		files[i] = s.info
	}
	return files
}

func (rd *Reader) addDamage(d capture.Damage) {
	rd.stats.Damaged.Add(1)
	if len(rd.damages) < maxDamage {
		rd.damages = append(rd.damages, d)
	}
}

// addIface returns the position of an interface in the table. One that several
// sections describe alike is there once. It fails when the table is full.
func (rd *Reader) addIface(i packet.Iface) (id uint32, ok bool) {
	if id, ok = rd.ifaceID[i]; ok {
		return id, true
	}
	if len(rd.ifaces) == maxIfaces {
		return 0, false
	}
	id = uint32(len(rd.ifaces))
	rd.ifaces = append(rd.ifaces, i)
	rd.ifaceID[i] = id
	return id, true
}
