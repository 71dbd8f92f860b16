package content

import (
	"bytes"
	"regexp"

	"pkt/flow"
	"pkt/reassembly"
)

// Match is where a regular expression matches what a side has sent.
type Match struct {
	Off    int64 // of the match in the stream
	Nanos  int64 // when it was complete
	Before []byte
	Text   []byte
	Behind []byte
}

// Finder is told of matches. Their bytes are valid until it returns.
type Finder interface {
	Found(s *reassembly.Stream, side uint8, m *Match)
}

// Limits of a search.
const (
	// searchAt is how many bytes are gathered before they are searched.
	searchAt = 16 << 10
	// overlap is how long a match may be that is found wherever segments end; longer ones
	// may be found in pieces.
	overlap = 4 << 10
	// searchRoom bounds the bytes that are kept of all streams.
	searchRoom = 64 << 20
)

// Grep searches streams. It is a reassembly.Consumer.
type Grep struct {
	expr    *regexp.Regexp
	context int
	to      Finder
	// Wanted, if not nil, says which flows count, Side which sides of them.
	Wanted func(s *reassembly.Stream) bool
	Side   func(s *reassembly.Stream, side uint8) bool

	windows []*window
	free    []uint32
	kept    int
	oldest  *window
	newest  *window
	pieces  uint64
}

// window is the end of what a side has sent.
type window struct {
	s          *reassembly.Stream
	side       uint8
	off        int64 // of data
	nanos      int64
	data       []byte
	searched   int   // bytes of data that were
	told       int64 // end of the last match that was told
	prev, next *window
}

// NewGrep returns a search that tells to of matches, with so many bytes of context.
func NewGrep(expr *regexp.Regexp, context int, to Finder) *Grep {
	return &Grep{expr: expr, context: context, to: to}
}

// Pieces returns how many streams were searched in pieces for lack of room.
func (g *Grep) Pieces() uint64 { return g.pieces }

// Open implements reassembly.Consumer.
func (g *Grep) Open(s *reassembly.Stream) bool { return g.Wanted == nil || g.Wanted(s) }

// Data implements reassembly.Consumer.
func (g *Grep) Data(s *reassembly.Stream, side uint8, off int64, b []byte, nanos int64) {
	if g.Side != nil && !g.Side(s, side) {
		return
	}
	w := g.window(s, side)
	if len(w.data) == 0 {
		w.off = off
	}
	w.data = append(w.data, b...)
	g.kept += len(b)
	w.nanos = nanos
	if len(w.data)-w.searched >= searchAt {
		g.search(w, false)
	}
	if n := s.Halves[side^1].User; n != 0 {
		// The other side's turn is over.
		if o := g.windows[n-1]; o != nil && o.searched < len(o.data) {
			g.search(o, false)
		}
	}
	for g.kept > searchRoom && g.oldest != nil {
		g.pieces++
		g.forget(g.oldest)
	}
}

// Gap implements reassembly.Consumer: nothing matches across it.
func (g *Grep) Gap(s *reassembly.Stream, side uint8, _, _, _ int64) {
	if n := s.Halves[side].User; n != 0 && g.windows[n-1] != nil {
		g.forget(g.windows[n-1])
	}
}

// End implements reassembly.Consumer.
func (g *Grep) End(s *reassembly.Stream, _ *flow.Row) {
	for side := range s.Halves {
		h := &s.Halves[side]
		if h.User == 0 {
			continue
		}
		if w := g.windows[h.User-1]; w != nil {
			g.forget(w)
			g.unlink(w)
		}
		g.windows[h.User-1] = nil
		g.free = append(g.free, h.User-1)
		h.User = 0
	}
}

// Flush searches all that waits, as live searches do from time to time.
func (g *Grep) Flush() {
	for w := g.oldest; w != nil; w = w.next {
		if w.searched < len(w.data) {
			g.search(w, false)
		}
	}
}

// window returns that of a side.
func (g *Grep) window(s *reassembly.Stream, side uint8) *window {
	h := &s.Halves[side]
	if h.User == 0 {
		if last := len(g.free) - 1; last >= 0 {
			h.User = g.free[last] + 1
			g.free = g.free[:last]
		} else {
			g.windows = append(g.windows, nil)
			h.User = uint32(len(g.windows))
		}
	}
	w := g.windows[h.User-1]
	if w == nil {
		w = &window{s: s, side: side}
		g.windows[h.User-1] = w
	} else {
		g.unlink(w)
	}
	w.prev, w.next = g.newest, nil
	if g.newest != nil {
		g.newest.next = w
	} else {
		g.oldest = w
	}
	g.newest = w
	return w
}

func (g *Grep) unlink(w *window) {
	if w.prev != nil {
		w.prev.next = w.next
	} else if g.oldest == w {
		g.oldest = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else if g.newest == w {
		g.newest = w.prev
	}
	w.prev, w.next = nil, nil
}

// forget searches what is left of a window and empties it.
func (g *Grep) forget(w *window) {
	g.search(w, true)
	g.kept -= len(w.data)
	w.data, w.searched = nil, 0
	g.unlink(w)
}

// search looks for matches in a window. One that more bytes could make longer, or that
// lacks context, waits for them unless these are the last.
func (g *Grep) search(w *window, last bool) {
	wait := len(w.data)
	for _, at := range g.expr.FindAllIndex(w.data, -1) {
		from, to := at[0], at[1]
		switch {
		case from == to, w.off+int64(from) < w.told:
			continue
		case from == 0 && w.off > 0 && w.searched > 0:
			continue // the start of what was kept is not the start of a text
		case !last && (to == len(w.data) || to+g.context > len(w.data)) && to-from < overlap:
			wait = min(wait, from)
		default:
			g.found(w, from, to)
			continue
		}
		break
	}
	w.searched = len(w.data)
	if last {
		return
	}
	keep := max(0, min(wait-g.context-1, len(w.data)-overlap-g.context))
	if keep > 0 {
		w.off += int64(keep)
		w.data = append(w.data[:0], w.data[keep:]...)
		w.searched -= keep
		g.kept -= keep
	}
}

// found tells of a match.
func (g *Grep) found(w *window, from, to int) {
	m := Match{
		Off: w.off + int64(from), Nanos: w.nanos, Text: w.data[from:to],
		Before: w.data[max(0, from-g.context):from],
		Behind: w.data[to:min(len(w.data), to+g.context)],
	}
	// Lines around it are enough, where there are any.
	if i := bytes.LastIndexByte(m.Before, '\n'); i >= 0 {
		m.Before = m.Before[i+1:]
	}
	if i := bytes.IndexByte(m.Behind, '\n'); i >= 0 {
		m.Behind = bytes.TrimSuffix(m.Behind[:i], []byte("\r"))
	}
	w.told = w.off + int64(to)
	g.to.Found(w.s, w.side, &m)
}
