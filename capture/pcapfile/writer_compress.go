package pcapfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// compressor compresses what is written to it.
type compressor interface {
	io.WriteCloser
	Flush() error
	// Reset begins anew, into another writer.
	Reset(io.Writer)
}

// writeCompressions are the endings of files that are compressed when they are
// written.
var writeCompressions = []struct {
	ending string
	open   func(io.Writer) (compressor, error)
}{
	{".gz", writeGzip},
	{".zst", writeZstd},
}

// otherCompressions are endings of compressed files that are not written: a
// plain file under such a name would be a surprise.
var otherCompressions = []string{".xz", ".lz4", ".bz2", ".lzma", ".zip", ".7z", ".z"}

// cutCompression cuts the ending of a compressed file off its name, which is in
// lower case, and returns what compresses: nil for a plain file.
func cutCompression(name string) (rest string, open func(io.Writer) (compressor, error), err error) {
	for _, c := range writeCompressions {
		if rest, ok := strings.CutSuffix(name, c.ending); ok {
			return rest, c.open, nil
		}
	}
	for _, ending := range otherCompressions {
		if strings.HasSuffix(name, ending) {
			return "", nil, fmt.Errorf("%s is not written, .gz and .zst are", ending)
		}
	}
	return name, nil, nil
}

func writeGzip(w io.Writer) (compressor, error) { return gzip.NewWriterLevel(w, gzip.BestSpeed) }

// writeZstd encodes on the caller's goroutine: sinks start none.
func writeZstd(w io.Writer) (compressor, error) {
	return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
}

// frameSize is how much goes into one member of a gzip file, one frame of a zstd
// file. More gains next to nothing.
const frameSize = 4 << 20

// frames compresses into a sequence of frames, each of which can be read without
// those around it: where the disk is full only the last one has to be mended.
type frames struct {
	c     compressor
	dst   io.Writer
	out   int64 // bytes written to dst
	in    int   // bytes that the frame holds, before compression
	whole int64 // bytes of dst that are whole frames
}

func newFrames(dst io.Writer, open func(io.Writer) (compressor, error)) (f *frames, err error) {
	f = &frames{dst: dst}
	f.c, err = open((*frameOutput)(f))
	return f, err
}

// frameOutput counts what the compressor of its frames writes.
type frameOutput frames

func (f *frameOutput) Write(p []byte) (int, error) {
	n, err := f.dst.Write(p)
	f.out += int64(n)
	return n, err
}

// Write compresses whole records. A full frame ends behind them.
func (f *frames) Write(p []byte) (int, error) {
	if f.in >= frameSize {
		if err := f.end(); err != nil {
			return 0, err
		}
	}
	f.in += len(p)
	return f.c.Write(p)
}

// end completes the frame and begins another.
func (f *frames) end() error {
	if err := f.c.Close(); err != nil {
		return err
	}
	f.whole, f.in = f.out, 0
	f.c.Reset((*frameOutput)(f))
	return nil
}

// flush writes what the compressor holds back.
func (f *frames) flush() error { return f.c.Flush() }

// mend makes the last frame of a file whole after a write into it has failed: it
// compresses again what can be read of it, up to the last whole record. What is
// written to the frames later is lost.
func (f *frames) mend(file *os.File, records func(b []byte) int) error {
	defer f.c.Reset(io.Discard)
	b := f.readable(file.Name())
	b = b[:records(b)]
	if err := file.Truncate(f.whole); err != nil || len(b) == 0 {
		return err
	}
	if _, err := file.Seek(f.whole, io.SeekStart); err != nil {
		return err
	}
	f.c.Reset(file)
	_, err := f.c.Write(b)
	if err = errors.Join(err, f.c.Close()); err != nil {
		err = errors.Join(err, file.Truncate(f.whole))
	}
	return err
}

// readable returns what the last frame of a file holds as far as it can be read.
func (f *frames) readable(path string) (b []byte) {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	if _, err := file.Seek(f.whole, io.SeekStart); err != nil {
		return nil
	}
	r := bufio.NewReader(file)
	begin, _ := r.Peek(4)
	c, ok := findCompression(begin)
	if !ok {
		return nil
	}
	if src, err := c.open(r); err == nil {
		b, _ = io.ReadAll(src) // it ends where writing did
	}
	return b
}

// close completes the last frame.
func (f *frames) close() error { return f.c.Close() }
