package content

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"pkt/flow"
	"pkt/reassembly"
)

// DefaultMaxBody bounds a decoded body, in bytes: some are made to explode.
const DefaultMaxBody = 1 << 30

// maxWindow bounds the memory that a zstd body may ask for (RFC 9659).
const maxWindow = 8 << 20

// Bodies is a Dir that writes the bodies of HTTP/1 messages to files too: without chunks
// and content encodings. Their names are those of the streams with a number and
// an ending, their rows in the index have a member http.
type Bodies struct {
	*Dir
	// MaxBody bounds a decoded body; 0 means DefaultMaxBody.
	MaxBody int64

	talks map[*reassembly.Stream]*bodyTalk
	Found uint64 // bodies written
}

// NewBodies returns a Bodies for a folder.
func NewBodies(d *Dir) *Bodies {
	return &Bodies{Dir: d, MaxBody: DefaultMaxBody, talks: map[*reassembly.Stream]*bodyTalk{}}
}

// bodyTalk is a connection.
type bodyTalk struct {
	httpTalk
	side [2]bodySide
}

// bodySide takes the bodies that one side sends. It is an httpSink.
type bodySide struct {
	parser httpParser
	to     *Bodies
	s      *reassembly.Stream
	side   uint8
	n      int // bodies begun
	m      *message
	file   *file
	gaps   int64
	nanos  [2]int64 // of the first and the last bytes
	now    int64
}

// HTTP is what the index tells of the message of a body.
type HTTP struct {
	Message   string `json:"message"` // request or response
	Method    string `json:"method,omitempty"`
	Host      string `json:"host,omitempty"`
	Target    string `json:"target,omitempty"`
	Status    int    `json:"status,omitempty"`
	MediaType string `json:"media_type,omitempty"`
	Encoding  string `json:"content_encoding,omitempty"`
	Encoded   int64  `json:"encoded_bytes,omitempty"`
	FileName  string `json:"filename,omitempty"`
	Complete  bool   `json:"complete"`
}

// Data implements reassembly.Consumer.
func (x *Bodies) Data(s *reassembly.Stream, side uint8, off int64, b []byte, nanos int64) {
	x.Dir.Data(s, side, off, b, nanos)
	if p := x.side(s, side); p != nil {
		p.now = nanos
		p.parser.feed(b)
	}
}

// Gap implements reassembly.Consumer.
func (x *Bodies) Gap(s *reassembly.Stream, side uint8, off, n, nanos int64) {
	x.Dir.Gap(s, side, off, n, nanos)
	if p := x.side(s, side); p != nil {
		p.now = nanos
		p.parser.gap(n)
	}
}

// End implements reassembly.Consumer.
func (x *Bodies) End(s *reassembly.Stream, row *flow.Row) {
	if t := x.talks[s]; t != nil {
		for side := range t.side {
			p := &t.side[side]
			f := s.Halves[side].Facts()
			p.parser.close(row.EndReason == flow.EndFIN && f.MissingTail == 0)
		}
		delete(x.talks, s)
	}
	x.Dir.End(s, row)
}

// side returns the parser of a side, nil for sides that are not written.
func (x *Bodies) side(s *reassembly.Stream, side uint8) *bodySide {
	t := x.talks[s]
	if t == nil {
		t = new(bodyTalk)
		for i := range t.side {
			p := &t.side[i]
			p.to, p.s, p.side = x, s, uint8(i)
			p.parser = httpParser{talk: &t.httpTalk, to: p}
		}
		x.talks[s] = t
	}
	return &t.side[side]
}

// begin implements httpSink.
func (p *bodySide) begin(m *message) {
	p.m, p.file, p.gaps = m, nil, 0
	p.nanos = [2]int64{p.now, p.now}
	p.n++
}

// open makes the file, when the first bytes have come.
func (p *bodySide) open() *file {
	d := p.to.Dir
	if p.file == nil && (d.cfg.Side == nil || d.cfg.Side(p.s, p.side)) {
		about := d.cfg.Describe(p.s, p.side)
		name := fmt.Sprintf("%s-body-%03d.%s", d.cfg.Name.Name(&about), p.n, p.m.extension())
		if len(p.m.encodings) > 0 {
			name += ".part"
		}
		p.file = &file{name: name, about: about, hash: newHash()}
	}
	return p.file
}

// data implements httpSink.
func (p *bodySide) data(b []byte) {
	p.nanos[1] = p.now
	if f := p.open(); f != nil && !f.closed {
		p.to.write(f, b)
	}
}

// missing implements httpSink.
func (p *bodySide) missing(n int64) {
	p.gaps += n
	f := p.open()
	if f == nil || f.closed || len(p.m.encodings) > 0 || p.to.cfg.Gaps != Zero || n > p.to.cfg.MaxGap {
		return
	}
	p.to.flush(f)
	f.hashZeros(n)
	f.start += n
}

// finish implements httpSink.
func (p *bodySide) finish(whole bool) {
	f := p.file
	if f == nil {
		return
	}
	p.file = nil
	d := p.to.Dir
	e := &Entry{
		Src: f.about.Src.String(), Dst: f.about.Dst.String(), FlowID: f.about.FlowID, Side: f.about.Side, Proto: f.about.Proto,
		First: stamp(p.nanos[0]), Last: stamp(p.nanos[1]), GapBytes: p.gaps,
		HTTP: &HTTP{
			Message: "request", Method: p.m.method, Host: p.m.host, Target: p.m.target, Status: p.m.status,
			MediaType: p.m.mediaType, Encoding: strings.Join(p.m.encodings, ", "), FileName: p.m.fileName,
			Complete: whole && p.gaps == 0,
		},
	}
	if p.m.response {
		e.HTTP.Message = "response"
	}
	d.flush(f)
	if len(p.m.encodings) > 0 && f.created && f.err == nil {
		e.HTTP.Encoded = f.end
		f = p.to.decode(f, p.m.encodings, e)
	}
	d.settle(f, e)
	if f.created {
		p.to.Found++
	}
}

// decode undoes the encodings of a body: its file is replaced by another one. What cannot be
// decoded stays as it is, under a name that says so.
func (x *Bodies) decode(f *file, encodings []string, e *Entry) *file {
	d := x.Dir
	if !d.descriptor(f) {
		return f
	}
	plain := strings.TrimSuffix(f.name, ".part")
	if i := strings.LastIndex(f.name, ".part-"); i >= 0 {
		plain = f.name[:i]
	}
	out := &file{name: plain, about: f.about, hash: newHash()}
	r, err := decoder(io.NewSectionReader(f.fd, 0, f.end), encodings)
	if err == nil {
		err = x.copy(out, r)
		r.Close()
	}
	if err != nil {
		e.HTTP.Complete = false
		e.Error = fmt.Sprintf("%s: %v", e.HTTP.Encoding, err)
	}
	if out.end == 0 && out.buf == nil && err != nil {
		return x.rename(f, plain+"."+suffixOf(encodings))
	}
	d.flush(out)
	d.sum(f)
	if f.fd != nil {
		d.shut(f)
	}
	if f.buf != nil {
		d.giveBuffer(f)
	}
	d.root.Remove(f.name)
	return out
}

// errTooLong ends the decoding of a body that explodes.
var errTooLong = errors.New("the decoded body is too long")

// copy writes what r reads to a file, as far as the limit allows.
func (x *Bodies) copy(out *file, r io.Reader) error {
	var total int64
	buf := make([]byte, 32<<10)
	for {
		n, err := r.Read(buf)
		if total += int64(n); total > x.MaxBody {
			return errTooLong
		}
		x.write(out, buf[:n])
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case out.closed:
			return nil // its error is told with the file
		}
	}
}

// rename gives a file that is still encoded its name.
func (x *Bodies) rename(f *file, name string) *file {
	d := x.Dir
	if f.fd != nil {
		d.shut(f)
	}
	for n := 1; n < 1000; n++ {
		to := name
		if n > 1 {
			to = fmt.Sprintf("%s-%d", name, n)
		}
		if _, err := d.root.Lstat(to); err == nil {
			continue
		}
		if err := d.root.Rename(f.name, to); err == nil {
			f.name = to
		}
		break
	}
	return f
}

// suffixOf returns the ending of a file that is encoded so.
func suffixOf(encodings []string) string {
	switch last := encodings[len(encodings)-1]; last {
	case "gzip", "x-gzip":
		return "gz"
	case "zstd":
		return "zst"
	case "br", "deflate", "compress":
		return last
	}
	return "encoded"
}

// decoder returns a reader of what was encoded.
func decoder(r io.Reader, encodings []string) (io.ReadCloser, error) {
	closed := io.NopCloser(r)
	if len(encodings) > 3 {
		return nil, errors.New("too many encodings")
	}
	for i := len(encodings) - 1; i >= 0; i-- {
		var err error
		switch encodings[i] {
		case "gzip", "x-gzip":
			closed, err = gzip.NewReader(closed)
		case "deflate":
			closed, err = inflate(closed)
		case "zstd":
			var z *zstd.Decoder
			if z, err = zstd.NewReader(closed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow)); err == nil {
				closed = z.IOReadCloser()
			}
		default:
			err = errors.New("not decoded")
		}
		if err != nil {
			return nil, err
		}
	}
	return closed, nil
}

// inflate reads the encoding "deflate": the zlib format, or what some send instead, raw
// DEFLATE data.
func inflate(r io.Reader) (io.ReadCloser, error) {
	var head [2]byte
	n, err := io.ReadFull(r, head[:])
	if err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	r = io.MultiReader(strings.NewReader(string(head[:n])), r)
	// RFC 1950: the method is 8, and the two bytes are a multiple of 31.
	if head[0]&15 == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
		return zlib.NewReader(r)
	}
	return flate.NewReader(r), nil
}
