package pcapfile

import (
	"fmt"
	"io"
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
// file. More would gain less than a hundredth.
const frameSize = 1 << 20

// frames compresses into a sequence of frames, each of which can be read without
// those behind it: where the disk is full, what came before the last one is a
// whole file.
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

// abandon gives the frame up and returns how many bytes are whole frames.
func (f *frames) abandon() int64 {
	f.c.Reset(io.Discard)
	return f.whole
}

// close completes the last frame.
func (f *frames) close() error { return f.c.Close() }
