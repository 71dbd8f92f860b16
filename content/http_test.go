package content

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// heard is an httpSink that writes down what it is told.
type heard struct {
	list []string
	body bytes.Buffer
	m    *message
	open bool
	t    testing.TB
}

func (h *heard) begin(m *message) {
	if h.open {
		h.t.Error("begin within a message")
	}
	h.open, h.m = true, m
	h.body.Reset()
}

func (h *heard) data(b []byte) {
	if !h.open || len(b) == 0 {
		h.t.Error("data of no message")
	}
	h.body.Write(b)
}

func (h *heard) missing(n int64) {
	if !h.open || n <= 0 {
		h.t.Error("a gap of no message")
	}
	fmt.Fprintf(&h.body, "[%d]", n)
}

func (h *heard) finish(whole bool) {
	if !h.open {
		h.t.Error("finish of no message")
	}
	h.open = false
	end := ""
	if !whole {
		end = " cut"
	}
	h.list = append(h.list, fmt.Sprintf("%s %s %d %s %q%s", h.m.method, h.m.target, h.m.status, h.m.extension(), h.body.String(), end))
}

// turnsOf are what both sides say: those with > are the client's. A part such as {5} is a gap.
func hear(t testing.TB, turns []string, cut func(n int) int) []string {
	var talk httpTalk
	var sides [2]heard
	var parsers [2]httpParser
	for i := range sides {
		sides[i].t = t
		parsers[i] = httpParser{talk: &talk, to: &sides[i]}
	}
	var all []string
	for _, turn := range turns {
		i := strings.IndexByte("><", turn[0])
		for rest := turn[1:]; rest != ""; {
			var gap int64
			text := rest
			if at := strings.Index(rest, "{"); at == 0 {
				fmt.Sscanf(rest, "{%d}", &gap)
				rest = rest[strings.Index(rest, "}")+1:]
				parsers[i].gap(gap)
				continue
			} else if at > 0 {
				text = rest[:at]
			}
			n := cut(len(text))
			parsers[i].feed([]byte(text[:n]))
			rest = rest[n:]
		}
		all = append(all, sides[i].list...)
		sides[i].list = nil
	}
	for i := range parsers {
		parsers[i].close(true)
		all = append(all, sides[i].list...)
	}
	return all
}

var httpCases = []struct {
	name  string
	turns []string
	want  string
}{
	{"length", []string{">GET /a HTTP/1.1\r\nHost: x\r\n\r\n", "<HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: text/html; charset=utf-8\r\n\r\nabc"},
		`GET /a 200 html "abc"`},
	{"pipelined", []string{">GET /a.png HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n", "<HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nbb"},
		`GET /a.png 200 png "a"|GET /b 200 bin "bb"`},
	{"HEAD, 204, 304, 1xx", []string{
		">HEAD /a HTTP/1.1\r\n\r\n", "<HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
		">GET /b HTTP/1.1\r\n\r\n", "<HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
		">PUT /c HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi", "<HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
		">GET /d HTTP/1.1\r\n\r\n", "<HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nd"},
		`PUT /c 0 bin "hi"|GET /d 200 bin "d"`},
	{"chunks", []string{">GET / HTTP/1.1\r\n\r\n", "<HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz"},
		`GET / 200 bin "abc0123456789"|  200 bin "z"`},
	{"until the end", []string{">GET / HTTP/1.0\n\n", "<HTTP/1.0 200 OK\nContent-Type: application/json\n\n{}"[:len("<HTTP/1.0 200 OK\nContent-Type: application/json\n\n")] + "[1]"},
		`GET / 200 json "[1]"`},
	{"a gap in a body", []string{">GET / HTTP/1.1\r\n\r\n", "<HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc{4}xyzHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nq"},
		`GET / 200 bin "abc[4]xyz"|  200 bin "q"`},
	{"a gap over the end of a body", []string{">GET / HTTP/1.1\r\n\r\n", "<HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc{40}", "<HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nq"},
		`GET / 200 bin "abc[7]" cut|  200 bin "q"`},
	{"a tunnel", []string{">CONNECT a:1 HTTP/1.1\r\n\r\n", "<HTTP/1.1 200 OK\r\n\r\n", ">GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", "<HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"}, ``},
	{"an upgrade", []string{">GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", "<HTTP/1.1 101 Switching\r\n\r\n\x81\x05hello"}, ``},
	{"no HTTP", []string{">\x16\x03\x01abc", "<SSH-2.0-x\r\n"}, ``},
	{"two lengths", []string{">GET / HTTP/1.1\r\n\r\n", "<HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"}, ``},
	{"the same length twice", []string{">GET / HTTP/1.1\r\n\r\n", "<HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab"}, `GET / 200 bin "ab"`},
	{"cut", []string{">GET /x.pdf?y HTTP/1.1\r\n\r\n", "<HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"}, `GET /x.pdf?y 200 pdf "ab" cut`},
	{"an unknown method", []string{">BREW-2 x HTTP/1.1\r\n\r\n"[:1] + "BREW /pot HTTP/1.1\r\nContent-Length: 1\r\n\r\nc"}, `BREW /pot 0 bin "c"`},
}

// TestHTTP reads messages whole and in any cut.
func TestHTTP(t *testing.T) {
	for _, c := range httpCases {
		if got := strings.Join(hear(t, c.turns, func(n int) int { return n }), "|"); got != c.want {
			t.Errorf("%s:\nhave %s\nwant %s", c.name, got, c.want)
		}
		if c.name == "a gap over the end of a body" {
			continue // found again where a segment begins
		}
		for seed := range uint64(50) {
			r := rand.New(rand.NewPCG(seed, 1))
			if got := strings.Join(hear(t, c.turns, func(n int) int { return 1 + r.IntN(min(n, 5)) }), "|"); got != c.want {
				t.Errorf("%s, cut %d:\nhave %s\nwant %s", c.name, seed, got, c.want)
				break
			}
		}
	}
}

// FuzzHTTP feeds both sides with anything, in any cut.
func FuzzHTTP(f *testing.F) {
	for _, c := range httpCases {
		var both [2]string
		for _, turn := range c.turns {
			both[strings.IndexByte("><", turn[0])] += turn[1:]
		}
		f.Add([]byte(both[0]), []byte(both[1]), uint64(3))
	}
	f.Fuzz(func(t *testing.T, client, server []byte, seed uint64) {
		var talk httpTalk
		r := rand.New(rand.NewPCG(seed, 2))
		var size [2]int
		for i, b := range [2][]byte{client, server} {
			h := &heard{t: t}
			p := httpParser{talk: &talk, to: h}
			for len(b) > 0 {
				n := 1 + r.IntN(len(b))
				p.feed(b[:n])
				size[i] += n
				b = b[n:]
				if r.IntN(8) == 0 {
					p.gap(int64(1 + r.IntN(100)))
				}
			}
			p.close(seed%2 == 0)
			if h.open {
				t.Error("a message without an end")
			}
			if len(p.head) > maxHead+4 || len(talk.requests) > maxRequests {
				t.Error("too much is kept")
			}
		}
	})
}
