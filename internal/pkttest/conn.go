package pkttest

import (
	"net/netip"
	"slices"
	"time"
)

// Conn writes the packets of a TCP conversation as a capture beside the client
// would show them. Its clock goes on by itself with every packet: by RTT when
// the server answers, by Gap otherwise.
type Conn struct {
	Client, Server *Side
	Now            int64         // capture time of the last packet, nanoseconds since 1970
	RTT            time.Duration // from the point of capture to the server and back
	Gap            time.Duration // between packets of one side, and before the client answers
	MSS            int           // content of a full segment, bytes
	Outer          []Layer       // what stands in front of the IP header
	Packets        []Packet      // in the order of the capture

	last   *Side // that sent the last packet
	hidden bool  // packets are sent, but not captured
}

// Side is one end of a conversation.
type Side struct {
	Seq     uint32 // of the next byte to send
	Window  uint16 // as advertised; 0 closes it
	Options []byte // TCP options of each segment that is no SYN
	SYNOpts []byte // TCP options of SYNs
	TTL     uint8  // 0: 64

	// Packets and Bytes are what the capture holds of the side: whole frames.
	Packets, Bytes int

	conn *Conn
	peer *Side
	at   netip.AddrPort
	sent []segment // with content, for Resend
}

// Addr returns the side's address and port.
func (s *Side) Addr() netip.AddrPort { return s.at }

// segment is a piece of content that was sent.
type segment struct {
	seq   uint32
	flags uint16
	data  []byte
}

// Dial returns a conversation between two addresses with ports that begins at
// start with whatever the caller lets happen first. Round trips take 10 ms.
func Dial(start int64, client, server string) *Conn {
	c := &Conn{
		Now: start, RTT: 10 * time.Millisecond, Gap: 50 * time.Microsecond,
		MSS: 1460, Outer: []Layer{Ethernet{}},
	}
	options := Options(MSS(1460), SACKPermitted(), WindowScale(7))
	c.Client = &Side{conn: c, at: netip.MustParseAddrPort(client), Seq: 1000, Window: 64240, SYNOpts: options}
	c.Server = &Side{conn: c, at: netip.MustParseAddrPort(server), Seq: 500000, Window: 65160, SYNOpts: options}
	c.Client.peer, c.Server.peer = c.Server, c.Client
	return c
}

// Handshake opens the connection.
func (c *Conn) Handshake() *Conn {
	c.Client.SYN()
	c.Server.SYNACK()
	c.Client.ACK()
	return c
}

// Close ends the connection, the client first.
func (c *Conn) Close() *Conn {
	c.Client.FIN()
	c.Server.FIN()
	c.Client.ACK()
	return c
}

// Wait lets time pass.
func (c *Conn) Wait(d time.Duration) *Conn {
	c.Now += int64(d)
	return c
}

// Lose lets the packets that do sends reach the other side without being
// captured.
func (c *Conn) Lose(do func()) *Conn {
	c.hidden = true
	do()
	c.hidden = false
	return c
}

// Reverse captures the packets that do sends in the opposite order. Capture
// times still ascend.
func (c *Conn) Reverse(do func()) *Conn {
	from := len(c.Packets)
	do()
	turned := c.Packets[from:]
	for i, j := 0, len(turned)-1; i < j; i, j = i+1, j-1 {
		turned[i].Data, turned[j].Data = turned[j].Data, turned[i].Data
	}
	return c
}

// SYN sends a SYN.
func (s *Side) SYN() { s.control(SYN) }

// SYNACK answers a SYN.
func (s *Side) SYNACK() { s.control(SYN | ACK) }

// FIN ends the side's stream.
func (s *Side) FIN() { s.control(FIN | ACK) }

// ACK acknowledges all that the other side has sent.
func (s *Side) ACK() { s.Emit(TCP{Seq: s.Seq, Flags: ACK}) }

// RST aborts the connection.
func (s *Side) RST() { s.Emit(TCP{Seq: s.Seq, Flags: RST | ACK}) }

// KeepAlive sends the byte before the next one, as a probe.
func (s *Side) KeepAlive() { s.Emit(TCP{Seq: s.Seq - 1, Flags: ACK}, Payload{0}) }

// control sends a segment whose flag takes one sequence number.
func (s *Side) control(flags uint16) {
	s.Emit(TCP{Seq: s.Seq, Flags: flags})
	s.Seq++
}

// Send sends data in segments of the connection's MSS. The other side
// acknowledges every second one and the last.
func (s *Side) Send(data []byte) {
	for n := 1; len(data) > 0; n++ {
		part := data[:min(len(data), s.conn.MSS)]
		data = data[len(part):]
		s.Segment(part, len(data) == 0)
		if n%2 == 0 || len(data) == 0 {
			s.peer.ACK()
		}
	}
}

// Segment sends data in one segment that nobody acknowledges yet.
func (s *Side) Segment(data []byte, push bool) {
	flags := ACK
	if push {
		flags |= PSH
	}
	s.sent = append(s.sent, segment{s.Seq, flags, data})
	s.Emit(TCP{Seq: s.Seq, Flags: flags}, Payload(data))
	s.Seq += uint32(len(data))
}

// Resend sends a segment with content again: the last one for 1, the one before
// for 2.
func (s *Side) Resend(back int) {
	g := s.sent[len(s.sent)-back]
	s.Emit(TCP{Seq: g.seq, Flags: g.flags}, Payload(g.data))
}

// Emit sends one segment just as it is given, with ports, window, options and
// acknowledgement number filled in where they are zero. Nothing else changes.
func (s *Side) Emit(t TCP, inside ...Layer) {
	t.SrcPort, t.DstPort = s.at.Port(), s.peer.at.Port()
	if t.Window == 0 && s.Window != 0 {
		t.Window = s.Window
	}
	t.ZeroWindow = t.ZeroWindow || t.Window == 0 && t.Flags&RST == 0
	if t.Ack == 0 && t.Flags&ACK != 0 {
		t.Ack = s.peer.Seq
	}
	if t.Options == nil {
		t.Options = s.Options
		if t.Flags&SYN != 0 {
			t.Options = s.SYNOpts
		}
	}
	layers := append(slices.Clone(s.conn.Outer), header(s.at.Addr(), s.peer.at.Addr(), s.TTL), t)
	s.conn.capture(s, Frame(append(layers, inside...)...))
}

// capture moves the clock and keeps the frame.
func (c *Conn) capture(from *Side, frame []byte) {
	switch {
	case c.last == nil:
	case c.last == c.Client && from == c.Server:
		c.Now += int64(c.RTT)
	default:
		c.Now += int64(c.Gap)
	}
	c.last = from
	if !c.hidden {
		from.Packets++
		from.Bytes += len(frame)
		c.Packets = append(c.Packets, At(c.Now, frame))
	}
}

// header returns an IP header between two addresses.
func header(src, dst netip.Addr, hops uint8) Layer {
	if src.Is6() {
		return IPv6{Src: src.String(), Dst: dst.String(), HopLimit: hops}
	}
	return IPv4{Src: src.String(), Dst: dst.String(), TTL: hops, DF: true}
}

// Datagram returns a frame with a UDP datagram between two addresses with
// ports.
func Datagram(src, dst string, inside ...Layer) []byte {
	from, to := netip.MustParseAddrPort(src), netip.MustParseAddrPort(dst)
	layers := []Layer{
		Ethernet{}, header(from.Addr(), to.Addr(), 0),
		UDP{SrcPort: from.Port(), DstPort: to.Port()},
	}
	return Frame(append(layers, inside...)...)
}

// Merge returns the packets of several captures in the order of their times.
func Merge(captures ...[]Packet) []Packet {
	all := slices.Concat(captures...)
	slices.SortStableFunc(all, func(a, b Packet) int {
		switch {
		case a.Nanos < b.Nanos:
			return -1
		case a.Nanos > b.Nanos:
			return 1
		}
		return 0
	})
	return all
}
