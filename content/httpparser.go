package content

import (
	"bytes"
	"strconv"
	"strings"
)

// httpSink takes the bodies of one side's messages.
type httpSink interface {
	// begin tells of a message with a body; data and missing take it, and finish tells
	// that it is over, whole or not.
	begin(m *message)
	data(b []byte)
	missing(n int64)
	finish(whole bool)
}

// httpTalk is what both sides of a connection share: the requests that wait for their
// responses.
type httpTalk struct {
	requests []message
	tunnel   bool // what follows is no HTTP any more
}

// maxRequests bounds the requests that wait.
const maxRequests = 1024

// answer returns the request that a response answers. Where none was seen, it is taken for
// one that has a response with a body.
func (t *httpTalk) answer() (m message) {
	if len(t.requests) == 0 {
		return message{}
	}
	m = t.requests[0]
	t.requests = t.requests[1:]
	return m
}

// httpParser reads the messages of one side.
type httpParser struct {
	talk  *httpTalk
	to    httpSink
	state httpState
	head  []byte // of a message, or a line between chunks, that is not complete
	m     message
	left  int64 // bytes of the body or the chunk
	inMsg bool  // begin was told
}

// httpState is what a parser expects.
type httpState uint8

const (
	atMessage httpState = iota
	atBody              // left bytes
	atRest              // all until the side closes
	atChunk             // the line with a chunk's size
	atChunkBody
	atChunkEnd // the line end behind a chunk
	atTrailer  // fields behind the last chunk, up to an empty line
	isLost     // until something looks like a message
	isOther    // no HTTP
)

// feed takes the next bytes.
func (p *httpParser) feed(b []byte) {
	if p.state == isLost {
		// Messages mostly begin with a segment.
		if !bytes.HasPrefix(b, []byte("HTTP/1.")) && !knownMethod(b) {
			return
		}
		p.state = atMessage
		p.head = p.head[:0]
	}
	for len(b) > 0 && p.state != isOther && p.state != isLost {
		if p.talk.tunnel && p.state == atMessage {
			p.state = isOther
			return
		}
		b = p.step(b)
	}
}

// step takes some of the bytes, at least one, and returns the rest.
func (p *httpParser) step(b []byte) []byte {
	switch p.state {
	case atMessage:
		return p.readHead(b)
	case atBody, atChunkBody:
		n := min(int64(len(b)), p.left)
		p.to.data(b[:n])
		if p.left -= n; p.left == 0 {
			if p.state == atBody {
				p.over(true)
			} else {
				p.state = atChunkEnd
			}
		}
		return b[n:]
	case atRest:
		p.to.data(b)
		return nil
	}
	return p.readLine(b)
}

// readHead gathers the head of a message.
func (p *httpParser) readHead(b []byte) []byte {
	if len(p.head) == 0 {
		if b[0] == '\r' || b[0] == '\n' {
			return b[1:] // RFC 9112 section 2.2
		}
	}
	had := len(p.head)
	p.head = append(p.head, b[:min(len(b), maxHead+4-had)]...)
	if yes, more := startsMessage(p.head); !yes && !more {
		p.lose()
		return nil
	}
	n := headEnd(p.head)
	if n == 0 {
		if len(p.head) > maxHead {
			p.lose()
			return nil
		}
		return b[len(p.head)-had:]
	}
	rest := b[n-had:]
	m, ok := parseHead(p.head[:n], p.talk.answer)
	p.head = p.head[:0]
	if !ok {
		p.lose()
		return nil
	}
	p.message(m)
	return rest
}

// message begins a message.
func (p *httpParser) message(m message) {
	if !m.response {
		if len(p.talk.requests) == maxRequests {
			p.talk.requests = p.talk.requests[1:]
		}
		p.talk.requests = append(p.talk.requests, message{method: m.method, target: m.target, host: m.host})
	}
	p.m = m
	switch m.framing {
	case noMessages:
		if m.response {
			p.talk.tunnel = true
		}
		p.state = isOther
		return
	case byLength:
		if p.left = m.length; p.left == 0 {
			return
		}
		p.state = atBody
	case byChunks:
		p.state = atChunk
	case byClose:
		p.state = atRest
	default:
		return
	}
	p.inMsg = true
	p.to.begin(&p.m)
}

// over ends a message.
func (p *httpParser) over(whole bool) {
	if p.inMsg {
		p.inMsg = false
		p.to.finish(whole)
	}
	p.state = atMessage
	p.head = p.head[:0]
}

// lose gives a side up, until something looks like a message again.
func (p *httpParser) lose() {
	p.over(false)
	p.state = isLost
}

// readLine gathers a line between the chunks of a body.
func (p *httpParser) readLine(b []byte) []byte {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		if p.head = append(p.head, b...); len(p.head) > maxHead {
			p.lose()
		}
		return nil
	}
	line := strings.TrimSpace(string(append(p.head, b[:i]...)))
	p.head = p.head[:0]
	switch p.state {
	case atChunk:
		size, err := strconv.ParseUint(strings.TrimSpace(before(line, ';')), 16, 62)
		switch {
		case err != nil:
			p.lose()
		case size == 0:
			p.state = atTrailer
		default:
			p.left, p.state = int64(size), atChunkBody
		}
	case atChunkEnd:
		if line != "" {
			p.lose()
		} else {
			p.state = atChunk
		}
	case atTrailer:
		if line == "" {
			p.over(true)
		}
	}
	return b[i+1:]
}

// gap takes n missing bytes.
func (p *httpParser) gap(n int64) {
	switch p.state {
	case atRest:
		p.to.missing(n)
	case atBody, atChunkBody:
		if n > p.left {
			p.to.missing(p.left)
			p.lose()
			return
		}
		p.to.missing(n)
		if p.left -= n; p.left == 0 {
			if p.state == atBody {
				p.over(true)
			} else {
				p.state = atChunkEnd
			}
		}
	case isOther:
	default:
		p.lose()
	}
}

// close ends the side: a body that reaches to the end is whole if that was seen.
func (p *httpParser) close(seen bool) {
	p.over(p.state == atRest && seen)
	p.state = isOther
	p.head = nil
}
