package afpacket

import (
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"pkt/capture"
	"pkt/packet"
)

// Capture is a capture.Source of packets from interfaces.
type Capture struct {
	opt      Options
	ring     *ring
	sys      fs.FS
	query    int      // socket that interfaces are asked about through
	watch    int      // netlink socket that tells of changes; -1: nobody asks
	file     *os.File // the packet socket, for waiting
	conn     syscall.RawConn
	ready    func(uintptr) bool // see wait
	snapLen  uint32
	header   int           // length of the cooked header; 0: frames have their own
	retire   time.Duration // see ringSize
	inKernel bool

	stats    capture.Stats
	stopping atomic.Bool
	closed   atomic.Bool

	mu      sync.Mutex // held by Next; guards what follows
	targets []target
	scope   scope
	gone    bool      // all targets are
	ending  bool      // stopping or gone, and noticed
	until   time.Time // when to end at the latest, if so

	cur       int // block that is read, or waited for
	held      bool
	left, at  int // packets left in the block that is held, and where the next one is
	delivered uint64
	lost      uint64    // packets, not yet noted in a batch
	looks     uint      // how often it was
	asked     time.Time // when the kernel was, about lost packets and changes
	now       int64     // how far the clock has come, ns
	begun     bool

	seen   seen   // interface of the packet before
	known  []seen // all that packets came from, or may
	ifaces []packet.Iface
	buf    [4096]byte
}

var _ capture.Source = (*Capture)(nil)

// seen is an interface that packets came from.
type seen struct {
	index    uint32
	iface    uint32 // in Capture.ifaces
	link     uint16
	loopback bool
}

// Next implements capture.Source. When all interfaces are gone, the error is
// an *Error with ErrGone.
func (c *Capture) Next(b *packet.Batch) error {
	b.Reset()
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.next(b)
	b.Ifaces, b.Now = c.ifaces, c.now
	return err
}

func (c *Capture) next(b *packet.Batch) error {
	if !c.begun {
		c.begun = true
		return nil // the clock begins before the first packet
	}
	for !c.closed.Load() {
		if c.held {
			c.walk(b)
			c.deliver(b)
			return nil
		}
		if now := time.Now(); now.Sub(c.asked) >= pollEvery {
			if err := c.look(now); err != nil {
				return err
			}
		}
		if c.take() {
			continue
		}
		if quiet, err := c.wait(); quiet || err != nil {
			return err
		}
	}
	return io.EOF
}

// slot returns the block that is read, or waited for.
func (c *Capture) slot() *slot { return &c.ring.slots[c.cur] }

// take makes the next block the one that is read, if the kernel has filled it.
func (c *Capture) take() bool {
	s := c.slot()
	if !s.filled() {
		return false
	}
	c.left, c.at = s.take()
	c.held = true
	if c.left == 0 {
		c.giveBack()
	}
	return true
}

// giveBack lets go of the block that is read.
func (c *Capture) giveBack() {
	c.slot().block.Release()
	c.held = false
	if c.cur++; c.cur == len(c.ring.slots) {
		c.cur = 0
	}
}

// deliver completes a batch that walk has filled.
func (c *Capture) deliver(b *packet.Batch) {
	b.Block = c.slot().block
	b.Block.Retain()
	b.First = c.delivered + 1
	c.delivered += uint64(b.N)
	c.stats.Packets.Add(uint64(b.N))
	if c.lost > 0 {
		b.Notes = append(b.Notes, packet.Note{Kind: packet.NoteIfaceDrop, Count: c.lost})
		c.lost = 0
	}
	if c.left == 0 {
		c.giveBack()
	}
}

// wait waits for the next block. It reports whether it is time for a batch
// without packets, and returns io.EOF at the end of the capture.
//
// The wait is the Go runtime's own. One in a system call would keep its
// watching thread busy, which at some thousand packets a second costs more than
// the packets do.
func (c *Capture) wait() (quiet bool, err error) {
	patience := pollEvery
	if c.stopping.Load() || c.gone {
		if err := c.end(); err != nil {
			return false, err
		}
		patience = c.retire / 4
	}
	c.file.SetReadDeadline(time.Now().Add(patience))
	switch err := c.conn.Read(c.ready); {
	case err == nil || errors.Is(err, os.ErrClosed):
		return false, nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.tick()
		return true, nil
	}
	// The socket has an error, which is looked at next.
	time.Sleep(patience / 8)
	c.asked = time.Time{}
	return false, nil
}

// arrived reports whether a wait is over. The runtime asks before it waits and
// whenever the kernel has handed a block over.
func (c *Capture) arrived(uintptr) bool {
	return c.slot().filled() || c.closed.Load() || c.stopping.Load() && !c.ending
}

// tick moves the clock on when no packets come. A block that the kernel has
// begun to fill it hands over after twice its time at the latest: it only looks
// whether the block is still that of the look before.
func (c *Capture) tick() {
	clock := time.Now().UnixNano()
	if c.slot().pending() {
		clock -= int64(2*c.retire + 10*time.Millisecond)
	}
	c.now = max(c.now, clock)
}

// end returns the reason to end once nothing is left to be delivered: a block
// with packets in it is handed over when its time is over.
func (c *Capture) end() error {
	now := time.Now()
	if !c.ending {
		c.ending = true
		c.until = now.Add(2*c.retire + 50*time.Millisecond)
	}
	if c.slot().pending() && now.Before(c.until) {
		return nil
	}
	c.ask()
	c.askMissed()
	if c.gone {
		return c.fail(ErrGone)
	}
	return io.EOF
}

// look asks the kernel what has changed since it was last asked.
func (c *Capture) look(now time.Time) error {
	c.asked = now
	c.ask()
	if c.looks++; c.looks%missedEvery == 0 {
		c.askMissed()
	}
	changed := c.watch >= 0 && drain(c.watch, c.buf[:])
	// An interface that goes down or away is an error of the socket.
	errno, err := unix.GetsockoptInt(c.ring.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	switch {
	case err != nil:
		return c.fail(err)
	case unix.Errno(errno) == unix.ENETDOWN:
		changed = true
	case errno != 0:
		return c.fail(unix.Errno(errno))
	}
	if changed && c.watch >= 0 {
		return c.refresh()
	}
	return nil
}

// ask asks the kernel how many packets it has received and lost since it was
// last asked. The first number includes the second.
func (c *Capture) ask() {
	s, err := unix.GetsockoptTpacketStatsV3(c.ring.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return
	}
	c.stats.Received.Add(uint64(s.Packets))
	c.stats.KernelDrops.Add(uint64(s.Drops))
	c.lost += uint64(s.Drops)
}

// find returns what is known of an interface that a packet came from.
func (c *Capture) find(index uint32) seen {
	for _, s := range c.known {
		if s.index == index {
			return s
		}
	}
	i := Interface{Name: nameOf(c.query, int(index)), Index: int(index)}
	if i.Name != "" {
		// One that vanishes now has sent an Ethernet frame, or a cooked one.
		i.Link = linkEthernet
		_ = i.describe(c.query)
	}
	return c.learn(i)
}

// learn notes an interface. One of the same name takes the place of the one
// before.
func (c *Capture) learn(i Interface) seen {
	link := i.Link
	if c.header != 0 {
		link = c.link()
	}
	s := seen{index: uint32(i.Index), link: link, loopback: i.Loopback}
	iface := packet.Iface{Name: i.Name, Link: link, SnapLen: c.snapLen, OS: "Linux"}
	for n := range c.ifaces {
		if c.ifaces[n] == iface {
			s.iface = uint32(n)
			c.known = append(c.known, s)
			return s
		}
	}
	s.iface = uint32(len(c.ifaces))
	c.ifaces = append(c.ifaces, iface)
	c.known = append(c.known, s)
	return s
}

// link returns the link type of cooked frames.
func (c *Capture) link() uint16 {
	if c.header == sllLen {
		return linkSLL
	}
	return linkSLL2
}

// Stop ends the capture: nothing more is received, and what the kernel holds is
// delivered before Next returns io.EOF. It may be called from any goroutine.
func (c *Capture) Stop() {
	if c.stopping.Swap(true) || !c.ring.enter() {
		return
	}
	defer c.ring.leave()
	attach(c.ring.fd, rejectAll()) // without it, there is only more to be delivered
	c.interrupt()
}

// interrupt ends a wait. What the waiting side is to notice must be there before.
func (c *Capture) interrupt() { c.file.SetReadDeadline(time.Unix(1, 0)) }

// Close implements capture.Source. What the kernel holds is lost.
func (c *Capture) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	c.interrupt()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ask()
	c.askMissed()
	if c.held {
		c.giveBack()
	}
	c.ring.close()
	return nil
}

// Stats returns the counters of the capture, which any goroutine may read.
func (c *Capture) Stats() *capture.Stats { return &c.stats }

// Ifaces returns the interfaces of the packets: the table that Record.Iface
// indexes. It is called from the goroutine that calls Next.
func (c *Capture) Ifaces() []packet.Iface { return c.ifaces }

// Targets returns the interfaces that the capture was opened on.
func (c *Capture) Targets() []Interface {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []Interface
	for _, t := range c.targets {
		all = append(all, t.Interface)
	}
	return all
}

// InKernel reports whether the kernel runs the filters. If not, all packets come
// through, and the caller has to filter them.
func (c *Capture) InKernel() bool { return c.inKernel }

// fail makes an error of the whole capture.
func (c *Capture) fail(err error) error {
	return &Error{Interface: strings.Join(c.opt.Interfaces, ", "), Err: err}
}

// noIndex is of no interface.
const noIndex = math.MaxInt32
