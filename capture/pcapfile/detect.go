package pcapfile

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// readAhead is how much of a compressed file is read at once.
const readAhead = 128 << 10

// start looks at the first bytes of a file and finds its format. A file that
// ends inside its header has started and ended, with damage.
func (s *stream) start() error {
	err := s.fill(pcapHeaderLen)
	switch {
	case s.rd.closed():
		return io.EOF
	case err == errWait:
		return err
	case errors.Is(err, io.ErrUnexpectedEOF): // of what compresses it
		s.damage(0, s.reason(err))
		s.ended = true
		return nil
	case err != nil && err != io.EOF:
		return s.fail(errors.New(s.reason(err)))
	}
	if c, ok := findCompression(s.bytes()); ok && s.compression.open == nil {
		return s.decompress(c)
	}
	return s.choose()
}

// reason returns why reading failed, for people.
func (s *stream) reason(err error) string {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "truncated"
	case s.compression.open != nil:
		return s.compression.name + ": " + strings.TrimPrefix(err.Error(), s.compression.name+": ")
	}
	return cause(err).Error()
}

// fail wraps the reason why the file cannot be read at all.
func (s *stream) fail(reason error) error { return &Error{Path: s.path, Err: reason} }

// decompress puts a decompressor behind the bytes that were read and those
// that follow, and starts again.
func (s *stream) decompress(c compression) error {
	if s.follow {
		return s.fail(ErrFollow)
	}
	begin := bytes.NewReader(bytes.Clone(s.bytes()))
	s.compression = c
	s.info.Compression = c.name
	src, err := c.open(bufio.NewReaderSize(io.MultiReader(begin, s.src), readAhead))
	if err != nil {
		return s.fail(errors.New(s.reason(err)))
	}
	s.src, s.err = src, nil
	s.r, s.w = 0, 0
	return s.start()
}

// choose finds the format of the decompressed file.
func (s *stream) choose() (err error) {
	b := s.bytes()
	if len(b) == 0 {
		return s.fail(ErrEmpty)
	}
	if len(b) < 4 {
		return s.fail(&FormatError{})
	}
	if v, o, ok := findPcap(b); ok {
		s.format, err = newPcap(s, v, o)
	} else if o, ok := findPcapng(b); ok {
		s.format = newPcapng(s, o)
	} else {
		return s.fail(&FormatError{Looks: looksLike(b)})
	}
	if s.format == nil && err == nil {
		s.damage(0, "truncated")
		s.ended = true
	}
	return err
}
