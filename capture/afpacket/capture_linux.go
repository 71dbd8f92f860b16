package afpacket

import (
	"io"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"pkt/capture"
	"pkt/packet"
)

// Capture is a capture.Source of packets from interfaces.
type Capture struct {
	opt      Options
	ring     *ring
	query    int // socket that interfaces are asked about through
	wake     int // eventfd that ends a wait
	watch    int // netlink socket that tells of changes; -1: nobody asks
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
	until   time.Time // when to end at the latest, once stopping or gone

	cur       int // block that is read, or waited for
	held      bool
	left, at  int // packets left in the block that is held, and where the next one is
	delivered uint64
	lost      uint64    // packets, not yet noted in a batch
	counted   time.Time // when the kernel was asked about lost packets
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
	if now := time.Now(); now.Sub(c.counted) > pollEvery {
		c.ask(now)
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
func (c *Capture) wait() (quiet bool, err error) {
	patience := pollEvery
	if c.stopping.Load() || c.gone {
		if err := c.ending(); err != nil {
			return false, err
		}
		patience = c.retire / 4
	}
	fds := [...]unix.PollFd{
		{Fd: int32(c.wake), Events: unix.POLLIN},
		{Fd: int32(c.watch), Events: unix.POLLIN},
		{Fd: int32(c.ring.fd), Events: unix.POLLIN | unix.POLLERR},
	}
	n, err := unix.Poll(fds[:], int(patience/time.Millisecond))
	switch {
	case err == unix.EINTR:
		return false, nil
	case err != nil:
		return false, c.fail(err)
	case n == 0:
		c.tick()
		return true, nil
	}
	if fds[0].Revents != 0 {
		unix.Read(c.wake, c.buf[:8]) // it has done its work
	}
	if fds[1].Revents != 0 && drain(c.watch, c.buf[:]) {
		if err := c.refresh(); err != nil {
			return false, err
		}
	}
	if fds[2].Revents&unix.POLLERR != 0 {
		return false, c.trouble()
	}
	if fds[2].Revents&unix.POLLIN != 0 && !c.slot().filled() {
		// The kernel means the block before, which a batch still holds.
		unix.Poll(fds[:2], 2)
		if time.Since(c.counted) >= pollEvery {
			c.tick()
			return true, nil
		}
	}
	return false, nil
}

// tick moves the clock on when no packets come. A block that the kernel has
// begun to fill it hands over after twice its time at the latest: it only looks
// whether the block is still that of the look before.
func (c *Capture) tick() {
	now := time.Now()
	c.ask(now)
	clock := now.UnixNano()
	if c.slot().pending() {
		clock -= int64(2*c.retire + 10*time.Millisecond)
	}
	c.now = max(c.now, clock)
}

// ending returns the reason to end once nothing is left to be delivered: a
// block with packets in it is handed over when its time is over.
func (c *Capture) ending() error {
	now := time.Now()
	if c.until.IsZero() {
		c.until = now.Add(2*c.retire + 50*time.Millisecond)
	}
	if c.slot().pending() && now.Before(c.until) {
		return nil
	}
	c.ask(now)
	if c.gone {
		return c.fail(ErrGone)
	}
	return io.EOF
}

// trouble takes the error of the socket. An interface that goes down or away is
// one.
func (c *Capture) trouble() error {
	errno, err := unix.GetsockoptInt(c.ring.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	switch {
	case err != nil:
		return c.fail(err)
	case errno == 0:
		return nil
	case unix.Errno(errno) == unix.ENETDOWN:
		return c.refresh()
	}
	return c.fail(unix.Errno(errno))
}

// ask asks the kernel how many packets it has received and lost since it was
// last asked. The first number includes the second.
func (c *Capture) ask(now time.Time) {
	c.counted = now
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

// interrupt ends a wait.
func (c *Capture) interrupt() { unix.Write(c.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0}) }

// Close implements capture.Source. What the kernel holds is lost.
func (c *Capture) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	c.interrupt()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ask(time.Now())
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
