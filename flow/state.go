package flow

// endpoint is the state of one side of a TCP connection, as Zeek defines them.
type endpoint uint8

const (
	inactive    endpoint = iota // sent nothing yet
	synSent                     // sent a SYN
	partial                     // sent something, without a handshake
	established                 // its SYN was answered, or answered the other's
	closed                      // sent a FIN
	reset                       // sent a RST
)

// become changes the state and keeps the one before.
func (x *tcpSide) become(s endpoint) {
	if x.state != s {
		x.was, x.state = x.state, s
	}
}

// clean reports whether a side has done nothing but what a whole connection does.
func (x *tcpSide) clean() bool {
	return x.state == established || x.state == closed && x.was == established
}

// advanceState applies a segment of side s to the states of both sides.
func (c conn) advanceState(s uint8, isOrigin bool, g *segment) {
	me, peer := &c.side[s], &c.side[s^1]
	switch me.state {
	case inactive:
		c.wake(me, peer, isOrigin, g)
	case synSent:
		if g.flags&flagFIN != 0 {
			me.become(closed)
		}
		if g.flags&flagRST != 0 {
			me.become(reset)
		}
	case established, partial:
		if g.flags&flagSYN != 0 && me.state == partial {
			c.lateSYN(me, peer, g)
		}
		if g.flags&(flagFIN|flagRST) == flagFIN {
			me.become(closed)
			if peer.state == reset && peer.was == closed {
				peer.become(closed) // FIN, then RST, was a normal end after all
			}
		}
		if g.flags&flagRST != 0 {
			me.become(reset)
		}
	case closed:
		if g.flags&flagRST != 0 && peer.state != closed {
			me.become(reset)
		}
	}
}

// wake applies the first segment of a side.
func (c conn) wake(me, peer *tcpSide, isOrigin bool, g *segment) {
	if g.flags&flagSYN != 0 {
		c.open(me, peer, isOrigin)
	}
	if g.flags&flagFIN != 0 {
		me.become(closed)
	}
	if g.flags&flagRST != 0 {
		me.become(reset)
	}
	if me.state != inactive {
		return
	}
	switch {
	case !isOrigin && g.length == 0 && peer.state == synSent:
		// Some answer a SYN with an ACK before their SYN-ACK.
	case g.flags&flagACK != 0 && peer.state == established:
		me.become(established) // only the SYN was missed
	default:
		me.become(partial)
	}
}

// open applies the SYN or SYN-ACK of a side that was not seen before.
func (c conn) open(me, peer *tcpSide, isOrigin bool) {
	switch {
	case isOrigin && peer.state != established:
		me.become(synSent)
	case isOrigin:
		me.become(established) // the SYN-ACK was captured before the SYN
	default:
		if peer.state == synSent {
			peer.become(established)
		}
		me.become(established)
	}
}

// lateSYN applies a SYN that was captured behind later segments of its side.
func (c conn) lateSYN(me, peer *tcpSide, g *segment) {
	switch {
	case g.flags&flagACK != 0:
		me.become(established)
		if peer.state == synSent || peer.state == partial {
			peer.become(established)
		}
	case peer.state == established:
		me.become(established)
	default:
		me.become(synSent)
	}
}

// connState returns Zeek's conn_state of a connection.
func (t *Table) connState(c conn, origin uint8) State {
	o, r := &c.side[origin], &c.side[origin^1]
	originQuiet := o.state == inactive || o.state == partial
	responderQuiet := r.state == inactive || r.state == partial
	switch {
	case r.state == reset:
		switch {
		case o.state == synSent || o.state == reset && c.size(0) == 0 && c.size(1) == 0:
			return REJ
		case originQuiet:
			return RSTRH
		}
		return RSTR
	case o.state == reset:
		switch {
		case !responderQuiet:
			return RSTO
		case t.onlySYNThenRST(c):
			return RSTOS0
		}
		return OTH
	case r.state == closed && o.state == closed:
		return SF
	case o.state == closed:
		if responderQuiet {
			return SH
		}
		return S2
	case r.state == closed:
		if originQuiet {
			return SHR
		}
		return S3
	case o.state == synSent && r.state == inactive:
		return S0
	case o.state == established && r.state == established:
		return S1
	}
	return OTH
}

// onlySYNThenRST reports whether the history begins with S and reaches an R
// without H, A, F, G, I or Q between.
func (t *Table) onlySYNThenRST(c conn) bool {
	var buf [64]byte
	text := t.appendHistory(buf[:0], c)
	if len(text) > 0 && text[0] == '^' {
		text = text[1:]
	}
	if len(text) == 0 || text[0] != 'S' {
		return false
	}
	for _, b := range text {
		switch b {
		case 'R':
			return true
		case 'H', 'A', 'F', 'G', 'I', 'Q':
			return false
		}
	}
	return false
}
