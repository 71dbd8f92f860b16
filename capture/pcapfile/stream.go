package pcapfile

import (
	"errors"
	"io"
	"os"
	"time"

	"pkt/capture"
	"pkt/packet"
)

// format knows how the records of one kind of file are laid out.
type format interface {
	// walk appends the records that lie in the bytes of s to b and moves s.r
	// behind them, until the batch is full, the stream is damaged beyond
	// repair (then it sets s.ended), or the next record is not there whole:
	// then it returns how many bytes from s.r on it wants.
	walk(s *stream, b *packet.Batch) (want int)
	// skipped returns how many bytes before s.r the record at hand began.
	skipped() int64
}

// pollEvery is how long a source that follows a file waits before it looks
// for more.
const pollEvery = 100 * time.Millisecond

// minRead is the least room behind the bytes of a block that is worth a read.
const minRead = 64 << 10

// errWait says that a followed file has nothing more for now.
var errWait = errors.New("nothing more for now")

// stream reads one capture file into blocks and walks its records.
type stream struct {
	rd          *Reader
	index       int // in the reader's list of files
	path        string
	file        *os.File  // what Close closes; nil for a reader that was given
	src         io.Reader // decompressed; nil while the file is closed after a peek
	compression compression
	live        bool // src delivers when it likes: do not wait for a full block
	follow      bool
	format      format // nil until the first bytes were looked at
	info        File

	blockSize int // of the blocks to come
	block     *packet.Block
	r, w      int   // block.Bytes[r:w] was read and is yet to be walked
	base      int64 // offset of block.Bytes[0] in the decompressed file
	err       error // what the last read ended with
	read      int64 // bytes read of the file as it lies on disk

	limit   int    // of packets in a batch
	packets uint64 // delivered
	ended   bool
}

// bytes returns what was read and is yet to be walked.
func (s *stream) bytes() []byte { return s.block.Bytes[s.r:s.w] }

// next fills b with the next packets of the file. An empty batch without error
// means that a followed file has nothing more for now.
func (s *stream) next(b *packet.Batch) error {
	for !s.ended {
		if s.format == nil {
			switch err := s.start(); err {
			case nil:
				continue
			case errWait:
				return nil
			default:
				s.end()
				return err
			}
		}
		want := s.format.walk(s, b)
		if b.N > 0 || s.ended {
			break
		}
		switch err := s.fill(want); err {
		case nil:
		case errWait:
			return nil
		default:
			s.finish(err)
		}
	}
	if b.N == 0 {
		s.end()
		return io.EOF
	}
	s.deliver(b)
	return nil
}

// deliver completes a batch that walk has filled.
func (s *stream) deliver(b *packet.Batch) {
	s.block.Retain()
	b.Block = s.block
	b.First = s.packets + 1
	b.Ifaces = s.rd.ifaces
	s.packets += uint64(b.N)
}

// finish ends the stream where reading ended with err.
func (s *stream) finish(err error) {
	s.ended = true
	switch {
	case s.rd.closed():
	case err != io.EOF:
		s.damage(0, s.reason(err))
	case s.w > s.r || s.format.skipped() > 0:
		s.damage(0, "truncated")
	}
}

// damage notes that the record at hand could not be read. It comes behind n
// packets that are yet to be delivered.
func (s *stream) damage(n int, reason string) {
	at := s.base + int64(s.r)
	if s.format != nil {
		at -= s.format.skipped()
	}
	s.rd.addDamage(capture.Damage{
		File:   s.path,
		Packet: s.packets + uint64(n) + 1,
		Offset: at,
		Reason: reason,
	})
}

// end lets go of what the stream holds. Closing a file that was read to its
// end cannot fail in a way that matters.
func (s *stream) end() {
	s.ended = true
	if s.block != nil {
		s.block.Release()
		s.block = nil
	}
	s.rd.own(s, nil)
}

// fill reads until at least want bytes are yet to be walked. Otherwise it
// returns io.EOF, errWait, or the reason why no more can be read.
func (s *stream) fill(want int) error {
	for s.w-s.r < want {
		if err := s.err; err != nil {
			if err != io.EOF || !s.follow {
				return err
			}
			s.err = nil
			if !s.rd.wait(pollEvery) {
				return io.EOF
			}
		}
		if s.src == nil {
			if err := s.reopen(); err != nil {
				return err
			}
		}
		s.makeRoom(want)
		if s.readOn() == 0 && s.follow && s.err == io.EOF {
			return errWait
		}
	}
	return nil
}

// makeRoom sees to it that there is room for a read. When the block is full,
// its last bytes move to the front of another one. A record longer than a
// block gets a block that doubles as its bytes really arrive, so that a length
// that lies costs no memory.
func (s *stream) makeRoom(want int) {
	have := s.w - s.r
	if s.block != nil {
		room := len(s.block.Bytes) - s.w
		if room >= minRead && s.r+want <= len(s.block.Bytes) || s.r == 0 && room > 0 {
			return
		}
	}
	size := s.blockSize
	if want > size {
		size = min(want, max(size, 2*have))
	}
	old := s.block
	s.block = s.rd.pool.get(size)
	if old != nil {
		copy(s.block.Bytes, old.Bytes[s.r:s.w])
		old.Release()
	}
	s.base += int64(s.r)
	s.r, s.w = 0, have
}

// maxEmptyReads is how often a source may deliver nothing without saying that
// it has ended.
const maxEmptyReads = 100

// readOn appends to the block: what one read gives from a live source, and as
// much as fits from others. It returns the number of bytes and leaves in s.err
// why there are no more.
func (s *stream) readOn() (n int) {
	for empty := 0; s.w < len(s.block.Bytes) && s.err == nil; {
		var m int
		m, s.err = s.src.Read(s.block.Bytes[s.w:])
		s.w += m
		n += m
		if m > 0 && s.live {
			break
		}
		if m > 0 {
			empty = 0
		} else if empty++; empty == maxEmptyReads && s.err == nil {
			s.err = io.ErrNoProgress
		}
	}
	return n
}

// counted counts what is read of the file of a stream.
type counted struct {
	r io.Reader
	s *stream
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.s.read += int64(n)
	c.s.rd.stats.Read.Add(int64(n))
	return n, err
}
