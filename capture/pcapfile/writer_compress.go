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
