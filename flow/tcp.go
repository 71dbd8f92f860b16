package flow

import (
	"encoding/binary"

	"pkt/packet"
)

// TCP flags, RFC 9293 section 3.1.
const (
	flagFIN = 1 << iota
	flagSYN
	flagRST
	flagPSH
	flagACK
	flagURG
)

// Where fields of the TCP header are.
const (
	tcpSeq     = 4
	tcpAck     = 8
	tcpFlags   = 12 // data offset, NS and the other flags
	tcpWindow  = 14
	tcpOptions = 20
)

// segment is what a TCP header says.
type segment struct {
	seq, ack uint32
	length   uint32 // of the payload on the wire
	flags    uint16
	window   uint16
	nanos    int64
	options  []byte // in the frame
	parts    bool   // the first of several IP fragments
}

// parse reads the TCP header of a packet that has one.
func (g *segment) parse(frame []byte, l *packet.Layers, nanos int64) {
	h := frame[l.L4:l.Payload]
	g.seq = binary.BigEndian.Uint32(h[tcpSeq:])
	g.ack = binary.BigEndian.Uint32(h[tcpAck:])
	g.flags = binary.BigEndian.Uint16(h[tcpFlags:]) & 0x1ff
	g.window = binary.BigEndian.Uint16(h[tcpWindow:])
	g.options = h[tcpOptions:]
	g.length = l.WireEnd - l.Payload
	g.nanos = nanos
	g.parts = l.Has.Any(packet.HasMoreParts)
}

// span returns how much of the sequence space the segment takes. Data in a RST
// is a message to people (RFC 9293 section 3.5.3), not part of the stream.
func (g *segment) span() uint32 {
	n := g.length
	if g.flags&flagRST != 0 {
		n = 0
	}
	if g.flags&flagSYN != 0 {
		n++
	}
	if g.flags&flagFIN != 0 {
		n++
	}
	return n
}

// TCP options, https://www.iana.org/assignments/tcp-parameters.
const (
	optionEnd   = 0
	optionNOP   = 1
	optionMSS   = 2
	optionStamp = 8
)

// option returns the value of a TCP option, or nil if it is not there whole.
func (g *segment) option(kind uint8) []byte {
	o := g.options
	for len(o) > 0 && o[0] != optionEnd {
		if o[0] == optionNOP {
			o = o[1:]
			continue
		}
		if len(o) < 2 || o[1] < 2 || int(o[1]) > len(o) {
			return nil
		}
		if o[0] == kind {
			return o[2:o[1]]
		}
		o = o[o[1]:]
	}
	return nil
}

// stamps returns the timestamps of the segment (RFC 7323 section 3.2).
func (g *segment) stamps() (value, echo uint32, ok bool) {
	o := g.options
	if len(o) >= 12 && binary.BigEndian.Uint32(o) == 0x0101080a {
		o = o[4:12] // as nearly everybody places them
	} else if o = g.option(optionStamp); len(o) != 8 {
		return 0, 0, false
	}
	return binary.BigEndian.Uint32(o), binary.BigEndian.Uint32(o[4:]), true
}

// tcp is what a TCP connection has beside its record, as far as every segment
// needs it: one cache line.
type tcp struct {
	when      [2]int64 // when each side sent what its probe waits for an answer to
	rare      uint32   // number+1 in the rare pool; 0 if there is none
	handshake packedTime
	side      [2]tcpSide
}

// tcpSide is the part of tcp for one side. 20 bytes.
type tcpSide struct {
	next  uint32 // highest sequence number + 1
	ack   uint32 // highest acknowledgement by the other side
	probe uint32 // the acknowledgement that times the path; after a RST its sequence number
	flags uint16 // all seen
	bits  uint16
	state endpoint
	was   endpoint // the state before
}

// tcpRest is the part of a connection that few segments need. 48 bytes.
type tcpRest struct {
	history history
	rest    [2]sideRest
}

// sideRest is the part of tcpRest for one side.
type sideRest struct {
	isn  uint32 // of its SYN, or one less than the first sequence number seen
	mark uint32 // the probe's timestamp; after a FIN its sequence number
	rtt  packedTime
	mss  uint16
	// nextHigh and ackHigh count how often next and ack have wrapped since isn.
	nextHigh, ackHigh uint16
}

// conn is a connection in both parts.
type conn struct {
	*tcp
	*tcpRest
}

// conn returns the connection of a TCP flow.
func (t *Table) conn(r *record) conn { return t.connAt(r.ext - 1) }

// connAt returns a connection by its number.
func (t *Table) connAt(i uint32) conn {
	return conn{t.tcp.at(i), &t.tcpRest[i>>pageBits][i%pageLen]}
}

// newConn gives a new flow its connection.
func (t *Table) newConn(r *record) conn {
	i := t.tcp.take()
	if int(i>>pageBits) == len(t.tcpRest) {
		t.tcpRest = append(t.tcpRest, new([pageLen]tcpRest))
	}
	r.ext = i + 1
	c := t.conn(r)
	*c.tcp, *c.tcpRest = tcp{}, tcpRest{}
	return c
}

// Bits of a side: history letters that are given once, and what its probe is.
const (
	sawSYN = 1 << iota // with or without ACK
	sawFIN
	sawRST
	sawIncons
	sawMulti
	sawData
	sawACK
	probing  // probe waits for its acknowledgement
	stamped  // mark is the timestamp of the probe
	probeSYN // the probe is a SYN
	timedSYN // the SYN-ACK of this side answered a SYN that was timed
	holes    // rare holds holes of this side
	parts    // the last segment was new, and the first of several fragments
	sentSYN  // a SYN of this side set isn
)

// far is a distance in sequence space that is beyond belief.
const far = 1 << 30

// tooFar is a distance that a SYN or a RST does not jump, as in Zeek.
const tooFar = 1 << 20

// size returns the content bytes that a side has sent by its sequence numbers
// and their acknowledgements, as Zeek counts them.
func (c conn) size(s uint8) uint64 {
	x, peer := &c.side[s], &c.side[s^1]
	if x.state == inactive {
		return 0
	}
	if x.was == synSent && x.state == reset && peer.state == inactive && x.ack != c.rest[s].isn {
		// An aborted half-open connection: its numbers mean nothing.
		return 0
	}
	n := int64(max(c.next64(s), c.ack64(s))) - int64(c.rest[s].isn)
	if n > 0 {
		n-- // the SYN
	}
	if n > 0 && x.flags&flagFIN != 0 {
		n--
	}
	return uint64(max(n, 0))
}

// next64 and ack64 return numbers that do not wrap, counted from isn.
func (c conn) next64(s uint8) uint64 { return uint64(c.rest[s].nextHigh)<<32 | uint64(c.side[s].next) }
func (c conn) ack64(s uint8) uint64  { return uint64(c.rest[s].ackHigh)<<32 | uint64(c.side[s].ack) }

// setNext moves next to a number that is ahead of it.
func (c conn) setNext(s uint8, n uint32) {
	x := &c.side[s]
	if n < x.next {
		c.rest[s].nextHigh++
	}
	x.next = n
}

// setAck moves ack to a number that is ahead of it.
func (c conn) setAck(s uint8, n uint32) {
	x := &c.side[s]
	if n < x.ack {
		c.rest[s].ackHigh++
	}
	x.ack = n
}

// begin sets where the sequence numbers of a side begin.
func (c conn) begin(s uint8, isn, next uint32) {
	x, y := &c.side[s], &c.rest[s]
	y.isn, x.ack, x.next = isn, isn, next
	y.ackHigh, y.nextHigh = 0, 0
	if next < isn {
		y.nextHigh = 1
	}
}
