package pcapfile

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"pkt/packet"
)

// stdin is the path that stands for the standard input.
const stdin = "-"

// mergeMemory bounds the blocks of the files that are merged, as long as there
// are fewer than a thousand of them open.
const (
	mergeMemory  = 64 << 20
	minBlockSize = 64 << 10
)

// Open opens capture files: paths, globs, and "-" for the standard input. The
// packets of several are merged by time. Packets of the same time come in the
// order of the paths; those of one file keep their order, even where its clock
// goes back.
//
// The error is an *Error. Pipes are not looked at before the first Next.
func Open(paths []string, opt Options) (*Reader, error) {
	given := paths
	paths, err := expand(paths)
	if err != nil {
		return nil, err
	}
	rd := newReader()
	if opt.Follow {
		followed, err := rd.openFollow(given, paths)
		if err != nil {
			rd.Close()
		}
		if followed || err != nil {
			return rd, err
		}
	}
	if len(paths) > 1 {
		rd.merge = &merge{rd: rd}
		rd.pool.size = min(blockSize, max(minBlockSize, mergeMemory/len(paths)))
	}
	for _, path := range paths {
		if err := rd.open(path); err != nil {
			rd.Close()
			return nil, err
		}
	}
	return rd, nil
}

// expand replaces globs by the files they match, in the order of their names.
// A file whose name looks like a glob is taken as it is.
func expand(paths []string) (files []string, err error) {
	for _, path := range paths {
		if _, err := os.Lstat(path); err == nil || !strings.ContainsAny(path, "*?[") {
			files = append(files, path)
			continue
		}
		matches, err := filepath.Glob(path)
		if err != nil || len(matches) == 0 {
			return nil, &Error{Path: path, Err: ErrNoMatch}
		}
		files = append(files, matches...)
	}
	if len(files) == 0 {
		return nil, &Error{Path: stdin, Err: ErrNoMatch}
	}
	return files, nil
}

// open opens one of the reader's files. A plain file is looked at right away;
// if it is to be merged, only its first packet is read for now.
func (rd *Reader) open(path string) error {
	s := &stream{path: path}
	rd.add(s)
	fi, err := s.openFile()
	if err != nil {
		return s.fail(err)
	}
	switch {
	case fi.IsDir():
		return s.fail(ErrDirectory)
	case !fi.Mode().IsRegular():
		s.live = true
		rd.stats.Size.Store(-1)
	case rd.stats.Size.Load() >= 0:
		rd.stats.Size.Add(fi.Size())
	}
	switch {
	case rd.merge != nil:
		return rd.merge.add(s)
	case s.live:
		return nil
	}
	return s.start()
}

// openFollow opens the first of the files that are followed. It reports false for
// a single pipe, which is read until its writer closes it anyway.
func (rd *Reader) openFollow(given, paths []string) (followed bool, err error) {
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case path == stdin || err == nil && !info.Mode().IsRegular() && !info.IsDir():
			if len(paths) > 1 {
				return false, &Error{Path: path, Err: ErrFollow}
			}
			return false, nil
		case err != nil:
			return false, &Error{Path: path, Err: cause(err)}
		case info.IsDir():
			return false, &Error{Path: path, Err: ErrDirectory}
		}
	}
	rd.follow = &follow{rd: rd, paths: given}
	rd.stats.Size.Store(-1)
	_, err = rd.follow.begin()
	return true, err
}

// openFile opens the file of the stream as its source.
func (s *stream) openFile() (fi fs.FileInfo, err error) {
	var f *os.File
	if s.path == stdin {
		f = openStdin()
	} else if f, err = os.Open(s.path); err != nil {
		return nil, cause(err)
	}
	if fi, err = f.Stat(); err != nil {
		f.Close()
		return nil, cause(err)
	}
	if !s.rd.own(s, f) {
		return nil, fs.ErrClosed
	}
	s.src = &counted{r: f, s: s}
	return fi, nil
}

// cause strips the name of the operation and the path, which an Error has too.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// peekSize is how much is read of a file that waits for its turn in a merge.
const peekSize = 4 << 10

// peek fills b with the first packet of the file and closes it: thousands of
// files may wait for their turn. reopen goes on from there.
func (s *stream) peek(b *packet.Batch) error {
	s.limit, s.blockSize = 1, peekSize
	err := s.next(b)
	s.limit, s.blockSize = packet.BatchLen, s.rd.pool.size
	if err == nil && s.path != stdin {
		s.rd.own(s, nil)
		s.src = nil
		if s.compression.open != nil && s.err == nil {
			s.rd.stats.Read.Add(-s.read) // it is read again
		}
	}
	return err
}

// reopen opens a file again that peek has closed, where reading stopped.
func (s *stream) reopen() error {
	if _, err := s.openFile(); err != nil {
		return err
	}
	at := s.base + int64(s.w)
	if s.compression.open == nil {
		_, err := s.file.Seek(at, io.SeekStart)
		return cause(err)
	}
	src, err := s.compression.open(bufio.NewReaderSize(s.src, readAhead))
	if err != nil {
		return err
	}
	s.src = src
	_, err = io.CopyN(io.Discard, src, at)
	return err
}
