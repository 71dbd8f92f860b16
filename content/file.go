package content

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"os"
	"slices"

	"pkt/reassembly"
)

// file is where one side of a stream goes.
type file struct {
	name    string
	about   About
	fd      *os.File // nil while it is not open
	created bool
	closed  bool // takes no more
	err     error

	start int64              // where buf belongs: what is before it was written
	end   int64              // of the content that was written
	buf   []byte             // not written yet
	left  []reassembly.Range // gaps that were left out, the first maxLeft
	lost  bool               // more were: offsets of the stream say nothing any more

	hash    hash.Hash // of what was written
	zeros   int64     // to be hashed in front of the next bytes
	patched bool      // hash is not that of the file
	digest  string

	links [numRings]links
}

func newHash() hash.Hash { return sha256.New() }

// place returns where an offset of the stream lies in the file. It reports false for
// one that was left out.
func (f *file) place(off int64) (at int64, ok bool) {
	at = off
	if f.lost {
		return 0, false
	}
	for _, r := range f.left {
		if off >= r.Off+r.Len {
			at -= r.Len
		} else if off >= r.Off {
			return 0, false
		}
	}
	return at, true
}

// maxLeft bounds the gaps that are remembered.
const maxLeft = 4096

// leave notes a gap that is not written out.
func (f *file) leave(off, n int64) {
	if len(f.left) == maxLeft {
		f.lost = true
		return
	}
	f.left = append(f.left, reassembly.Range{Off: off, Len: n})
}

// leftOut returns the gaps that are not written out although others are.
func (f *file) leftOut(g Gaps) Ranges {
	if g != Zero {
		return nil
	}
	return f.left
}

// noZeros are what gaps are hashed as.
var noZeros [64 << 10]byte

// hashZeros counts a gap that is written as zeros, if content follows it.
func (f *file) hashZeros(n int64) { f.zeros += n }

// sumUp adds bytes to the hash.
func (f *file) sumUp(b []byte) {
	if f.patched {
		return
	}
	for ; f.zeros > 0; f.zeros -= min(f.zeros, int64(len(noZeros))) {
		f.hash.Write(noZeros[:min(f.zeros, int64(len(noZeros)))])
	}
	f.hash.Write(b)
}

// bufferSizes are those of buffers: files begin with the smallest one.
var bufferSizes = [...]int{2 << 10, 8 << 10, 64 << 10}

// write puts bytes behind those that the file has.
func (d *Dir) write(f *file, b []byte) {
	last := bufferSizes[len(bufferSizes)-1]
	for len(b) > 0 {
		if len(f.buf) == 0 && len(b) >= last {
			d.put(f, b)
			return
		}
		if f.buf == nil {
			d.takeBuffer(f, 0)
		}
		if len(f.buf) == cap(f.buf) {
			if cap(f.buf) < last {
				d.growBuffer(f)
			} else {
				d.flush(f)
			}
			if f.closed {
				return
			}
		}
		n := copy(f.buf[len(f.buf):cap(f.buf)], b)
		f.buf = f.buf[:len(f.buf)+n]
		b = b[n:]
	}
	if f.buf != nil {
		d.full.touch(f, fullRing)
	}
}

// flush writes what is in the buffer.
func (d *Dir) flush(f *file) {
	if len(f.buf) > 0 && f.err == nil {
		d.put(f, f.buf)
	}
	f.buf = f.buf[:0]
}

// put writes bytes to their place in the file.
func (d *Dir) put(f *file, b []byte) {
	if d.ended != nil {
		d.fail(f, d.ended)
		return
	}
	if !d.descriptor(f) {
		return
	}
	if _, err := f.fd.WriteAt(b, f.start); err != nil {
		f.fd.Truncate(f.end) // takes away the part that was written
		d.fail(f, err)
		return
	}
	f.sumUp(b)
	f.start += int64(len(b))
	f.end = f.start
}

// takeBuffer gives a file a buffer of a size.
func (d *Dir) takeBuffer(f *file, class int) {
	size := bufferSizes[class]
	for d.inUse+size > d.cfg.Memory && d.full.n > 0 {
		old := d.full.oldest()
		d.flush(old)
		d.giveBuffer(old)
	}
	d.inUse += size
	pool := &d.pool[class]
	if last := len(*pool) - 1; last >= 0 {
		f.buf = (*pool)[last][:0]
		*pool = (*pool)[:last]
	} else {
		f.buf = make([]byte, 0, size)
	}
	d.full.add(f, fullRing)
}

// growBuffer gives a file the next larger buffer.
func (d *Dir) growBuffer(f *file) {
	old := f.buf
	class := slices.Index(bufferSizes[:], cap(old))
	f.buf = nil
	d.full.remove(f, fullRing)
	d.takeBuffer(f, class+1)
	f.buf = append(f.buf, old...)
	d.inUse -= cap(old)
	d.keep(old)
}

// giveBuffer takes the buffer of a file back.
func (d *Dir) giveBuffer(f *file) {
	d.full.remove(f, fullRing)
	d.inUse -= cap(f.buf)
	d.keep(f.buf)
	f.buf = nil
}

// keep puts a buffer aside to be used again, unless many are.
func (d *Dir) keep(b []byte) {
	if class := slices.Index(bufferSizes[:], cap(b)); len(d.pool[class])*cap(b) < d.cfg.Memory/8 {
		d.pool[class] = append(d.pool[class], b)
	}
}

// read returns n bytes at an offset of the file, or as many as there are. They are valid
// until the next call.
func (d *Dir) read(f *file, at int64, n int) []byte {
	b := slices.Grow(d.scratch[:0], n)[:n]
	d.scratch = b
	got := 0
	if at < f.start {
		want := int(min(int64(n), f.start-at))
		if !d.descriptor(f) {
			return nil
		}
		got, _ = f.fd.ReadAt(b[:want], at)
		if got < want {
			return b[:got]
		}
	}
	if from := at + int64(got) - f.start; from >= 0 && from < int64(len(f.buf)) {
		got += copy(b[got:], f.buf[from:])
	}
	return b[:got]
}

// sum completes the hash. That of a file that was patched, or could not be
// written whole, is of what is on the disk.
func (d *Dir) sum(f *file) {
	f.start = f.end
	if f.err == nil && !f.patched {
		f.digest = hex.EncodeToString(f.hash.Sum(nil))
		return
	}
	err := f.err
	if f.fd == nil && !d.descriptor(f) {
		return
	}
	f.err = err
	f.hash.Reset()
	n, e := io.Copy(f.hash, io.NewSectionReader(f.fd, 0, 1<<62))
	if e != nil {
		d.fail(f, e)
		return
	}
	f.start = n
	f.digest = hex.EncodeToString(f.hash.Sum(nil))
}
