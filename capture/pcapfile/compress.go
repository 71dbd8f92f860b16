package pcapfile

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/bits"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// maxWindow is the largest window or dictionary that is allocated because a
// compressed file asks for it. What zstd --long and xz -9 write is below.
const maxWindow = 128 << 20

// compression is a format of compressed files. open returns a reader of what
// they hold, members that follow each other included.
type compression struct {
	name  string
	magic string
	open  func(*bufio.Reader) (io.Reader, error)
}

var compressions = []compression{
	{"gzip", "\x1f\x8b", openGzip},
	{"zstd", "\x28\xb5\x2f\xfd", openZstd},
	{"zstd", "\x50\x2a\x4d\x18", openZstd}, // pzstd begins with a skippable frame
	{"lz4", "\x04\x22\x4d\x18", openLZ4},
	{"lz4", "\x02\x21\x4c\x18", openLZ4}, // legacy frames
	{"xz", "\xfd7zXZ\x00", openXZ},
}

// findCompression returns the compression that the first bytes of a file
// announce.
func findCompression(b []byte) (compression, bool) {
	for _, c := range compressions {
		if bytes.HasPrefix(b, []byte(c.magic)) {
			return c, true
		}
	}
	return compression{}, false
}

func openGzip(r *bufio.Reader) (io.Reader, error) { return gzip.NewReader(r) }

// openZstd decodes on the caller's goroutine: sources start none.
func openZstd(r *bufio.Reader) (io.Reader, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
}

func openLZ4(r *bufio.Reader) (io.Reader, error) { return lz4.NewReader(r), nil }

func openXZ(r *bufio.Reader) (io.Reader, error) {
	if n := xzDictionary(r); n > maxWindow {
		return nil, fmt.Errorf("xz: dictionary of %d MiB", n>>20)
	}
	return xz.NewReader(r)
}

// xzDictionary returns the size of the dictionary that the first block of an
// xz file asks for, 0 if it cannot be told. The xz package would allocate it
// at once. (xz file format 1.1, sections 3.1 and 5.3.1)
func xzDictionary(r *bufio.Reader) int64 {
	const (
		streamHeader = 12 // magic number, flags, CRC
		sizes        = 0xc0
		lzma2        = 0x21
	)
	h, _ := r.Peek(streamHeader + 32)
	if len(h) < streamHeader+5 {
		return 0
	}
	h = h[streamHeader+1:] // behind the size of the block's header
	flags := h[0]
	h = h[1:]
	for range bits.OnesCount8(flags & sizes) { // compressed and uncompressed size
		for len(h) > 0 && h[0]&0x80 != 0 {
			h = h[1:]
		}
		if len(h) > 0 {
			h = h[1:]
		}
	}
	if len(h) < 3 || h[0] != lzma2 || h[1] != 1 {
		return 0
	}
	// Bit 0 is the mantissa's second bit, the others are the exponent.
	code := h[2] & 0x3f
	return (2 | int64(code&1)) << (code/2 + 11)
}
