package pcapfile

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"pkt/capture"
	"pkt/packet"
)

// follow reads files that are being written: one after the other, in the order in
// which they were written to last, each until another one appears. That is a file
// of another name that a glob matches, a new one under the name of the old one, or
// the old one cut to begin anew.
type follow struct {
	rd    *Reader
	paths []string  // as given: with globs
	known []written // files that were read, and last the one that is
	s     *stream   // nil between two files
}

// written is a file as it was when it was read last.
type written struct {
	path string
	info fs.FileInfo
	size int64 // bytes read
}

// is reports whether a file is the one that was read: it may have been renamed and
// may have grown, but a shorter one under the same number has begun anew.
func (w *written) is(info fs.FileInfo) bool {
	return os.SameFile(w.info, info) && info.Size() >= w.size
}

// next fills b with what comes next. An empty batch without error means that there
// is nothing more for now.
func (f *follow) next(b *packet.Batch) error {
	for {
		if f.s == nil {
			if found, err := f.begin(); err != nil || !found {
				return err
			}
		}
		err := f.s.next(b)
		switch {
		case f.rd.closed():
			return err
		case err == io.EOF, errors.Is(err, ErrEmpty):
			f.leave()
		case err != nil && len(f.rd.streams) > 1:
			f.rd.addDamage(damageOf(err, f.s.path))
			f.leave()
		case err != nil || b.N > 0 || !f.replaced():
			return err
		}
	}
}

// damageOf makes of a file that cannot be read at all one that is damaged at its
// start: it does not end what is read behind it.
func damageOf(err error, path string) capture.Damage {
	var e *Error
	if errors.As(err, &e) {
		err = e.Err
	}
	return capture.Damage{File: path, Packet: 1, Reason: err.Error()}
}

// replaced reports whether the file being read will not grow any more, for another
// one has taken its place. What is yet to be read of it still is.
func (f *follow) replaced() bool {
	last := &f.known[len(f.known)-1]
	last.size = f.s.read
	if info, err := f.s.file.Stat(); err == nil && info.Size() < f.s.read {
		if f.s.format != nil {
			f.s.finish(io.EOF)
		}
		f.s.end()
		f.s, f.known = nil, f.known[:len(f.known)-1]
		return true
	}
	if len(f.waiting()) == 0 {
		return false
	}
	f.s.follow, f.s.err = false, nil
	return true
}

// leave notes how far the file was read that has ended.
func (f *follow) leave() {
	f.known[len(f.known)-1].size = f.s.read
	f.s.end()
	f.s = nil
}

// begin opens the file that was written to first of those that wait. Where none
// does, and at the end of the reader, it reports false.
func (f *follow) begin() (found bool, err error) {
	waiting := f.waiting()
	if len(waiting) == 0 {
		if !f.rd.wait(pollEvery) {
			return false, io.EOF
		}
		return false, nil
	}
	first := waiting[0]
	s := &stream{path: first.path, follow: true}
	f.rd.add(s)
	info, err := s.openFile()
	if err != nil {
		if len(f.known) > 0 && errors.Is(err, fs.ErrNotExist) {
			return false, nil // it is already gone
		}
		return false, s.fail(err)
	}
	first.info = info
	f.known, f.s = append(f.known, first), s
	return true, nil
}

// waiting returns the files that are yet to be read, in the order in which they
// were written to last. It forgets those that no longer exist.
func (f *follow) waiting() (files []written) {
	there := make([]bool, len(f.known))
	for _, path := range f.paths {
		matches := []string{path}
		if info, err := os.Stat(path); err != nil || info == nil {
			matches, _ = filepath.Glob(path) // it was tried when the reader was opened
		}
		for _, name := range matches {
			info, err := os.Stat(name)
			if err != nil || !info.Mode().IsRegular() {
				continue
			}
			at := slices.IndexFunc(f.known, func(w written) bool { return w.is(info) })
			if at >= 0 {
				there[at] = true
			} else if !slices.ContainsFunc(files, func(w written) bool { return w.is(info) }) {
				files = append(files, written{path: name, info: info})
			}
		}
	}
	f.forget(there)
	slices.SortStableFunc(files, func(a, b written) int {
		return cmp.Or(a.info.ModTime().Compare(b.info.ModTime()), cmp.Compare(a.path, b.path))
	})
	return files
}

// forget drops the known files that are not there, but for the one being read.
func (f *follow) forget(there []bool) {
	kept := f.known[:0]
	for i, w := range f.known {
		if there[i] || i == len(f.known)-1 {
			kept = append(kept, w)
		}
	}
	f.known = kept
}
