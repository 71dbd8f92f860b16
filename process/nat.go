package process

import (
	"errors"
	"io/fs"
	"time"

	"pkt/process/conntrack"
)

const (
	translationsMax = 1 << 15 // connections that are remembered
	// goneMax is how many of them are remembered after their end, for late questions.
	goneMax = 1 << 12
	// natAgain is how long to wait before the kernel is asked again whether it tracks
	// connections, or after events were lost.
	natAgain = time.Second
)

// translations knows what the connections that NAT changes in this network namespace
// are called on the other side of it.
type translations struct {
	conn  *conntrack.Conn       // nil: the kernel tracks none, or does not tell
	names map[Flow]*translation // nil: nobody listens yet
	live  int
	gone  []*translation // in the order of their end, from next on
	next  int
	tried time.Time
	off   bool // it is of no use to try again
	stale bool // events were lost
	// missed counts translations that found no room, and times that events were lost.
	missed uint64
}

// translation is a connection as the side of the originator sees it, and as that of
// the responder does: both from the originator.
type translation struct {
	sides [2]Flow
	gone  bool
}

// refresh takes in what happened, and begins to listen where the kernel tracks
// connections by now.
func (n *translations) refresh() {
	if n.off {
		return
	}
	if n.names != nil && !n.stale {
		n.drain()
		return
	}
	if time.Since(n.tried) < natAgain {
		return
	}
	n.tried = time.Now()
	if n.conn == nil && !n.open() {
		return
	}
	n.list()
}

// open begins to listen.
func (n *translations) open() bool {
	if !conntrack.Loaded() {
		return false
	}
	conn, err := conntrack.Dial()
	n.off = errors.Is(err, fs.ErrPermission)
	if err != nil {
		return false
	}
	n.conn = conn
	return true
}

// list reads all translations anew.
func (n *translations) list() {
	n.names, n.live, n.gone, n.next = map[Flow]*translation{}, 0, nil, 0
	n.stale = conntrack.List(n.take) != nil
}

// drain takes in what happened.
func (n *translations) drain() {
	if n.conn == nil {
		return
	}
	lost, err := n.conn.Events(n.take)
	if lost || err != nil {
		n.stale = true
		n.missed++
	}
}

// of returns what a flow is called on the other side of NAT; false if it is not
// translated.
func (n *translations) of(f Flow) (Flow, bool) {
	if n.names == nil {
		return Flow{}, false
	}
	n.drain() // the flow may be younger than the last refresh
	if other, ok := n.other(f); ok {
		return other, true
	}
	other, ok := n.other(f.reversed())
	return other.reversed(), ok
}

func (n *translations) other(f Flow) (Flow, bool) {
	t, ok := n.names[f]
	if !ok {
		return Flow{}, false
	}
	if t.sides[0] == f {
		return t.sides[1], true
	}
	return t.sides[0], true
}

// take enters a connection, or notes its end.
func (n *translations) take(c conntrack.Connection) {
	o, r := c.Original, c.Reply
	t := &translation{sides: [2]Flow{{o.Src, o.Dst, o.Proto}, {r.Dst, r.Src, r.Proto}}}
	old := n.names[t.sides[0]]
	same := old != nil && old.sides == t.sides
	switch {
	case !c.Translated || t.sides[0] == t.sides[1]:
	case c.Gone && same && !old.gone:
		n.end(old)
	case c.Gone:
	case same && !old.gone:
	case n.live >= translationsMax:
		n.missed++
	default:
		n.live++
		n.names[t.sides[0]], n.names[t.sides[1]] = t, t
	}
}

// end notes that a connection has ended. It stays until others have ended after it.
func (n *translations) end(t *translation) {
	t.gone = true
	n.live--
	if len(n.gone) < goneMax {
		n.gone = append(n.gone, t)
		return
	}
	for _, side := range n.gone[n.next].sides {
		if n.names[side] == n.gone[n.next] { // not that of a later connection
			delete(n.names, side)
		}
	}
	n.gone[n.next] = t
	n.next = (n.next + 1) % goneMax
}

// close lets go of the kernel.
func (n *translations) close() error {
	if n.conn == nil {
		return nil
	}
	err := n.conn.Close()
	n.conn, n.names, n.off = nil, nil, true
	return err
}
