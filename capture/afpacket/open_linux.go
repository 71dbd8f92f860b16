package afpacket

import (
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// Open begins a capture. The error is an *Error, or that of Options.Filter.
func Open(opt Options) (*Capture, error) {
	c := &Capture{opt: opt, sys: os.DirFS("/sys"), query: -1, watch: -1, snapLen: opt.SnapLen, now: time.Now().UnixNano()}
	if c.snapLen == 0 {
		c.snapLen = DefaultSnapLen
	}
	if c.opt.Buffer == 0 {
		c.opt.Buffer = DefaultBuffer
	}
	c.seen.index = noIndex
	fd, err := c.open()
	if err == nil {
		return c, nil
	}
	if c.ring != nil {
		c.ring.close()
		return nil, err
	}
	for _, fd := range []int{fd, c.query, c.watch} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
	return nil, err
}

// open does what Open does, but for cleaning up. It returns the packet socket if
// that was made, and the ring was not.
func (c *Capture) open() (fd int, err error) {
	if c.query, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0); err != nil {
		return -1, c.fail(err)
	}
	if err := c.resolve(); err != nil {
		return -1, err
	}
	if fd, err = newSocket(c.header != 0); err != nil {
		return fd, c.fail(err)
	}
	if c.targets[0].Index != 0 {
		if c.watch, err = watch(); err != nil {
			return fd, c.fail(err)
		}
	}
	if err := c.program(fd); err != nil {
		return fd, err
	}
	if err := c.makeRing(fd); err != nil {
		return fd, c.fail(err)
	}
	c.file, c.ready = os.NewFile(uintptr(fd), "packet socket"), c.arrived
	c.ring.file = c.file
	if c.conn, err = c.file.SyscallConn(); err != nil {
		return fd, c.fail(err)
	}
	return fd, c.start()
}

// resolve finds the interfaces, and the form of their frames.
func (c *Capture) resolve() error {
	if slices.Contains(c.opt.Interfaces, Any) {
		c.targets = []target{{Interface: Interface{Name: Any, Link: linkSLL2, Up: true}}}
	}
	for _, name := range c.opt.Interfaces {
		if name == Any || slices.ContainsFunc(c.targets, func(t target) bool { return t.Name == name || t.Index == 0 }) {
			continue
		}
		i, err := lookUp(c.query, name)
		if err == nil && !i.Up {
			err = ErrDown
		}
		if err != nil {
			return &Error{Interface: name, Err: err}
		}
		c.targets = append(c.targets, target{Interface: i})
	}
	for _, t := range c.targets {
		if t.Link == linkSLL2 || c.opt.Link != 0 && c.opt.Link != t.Link {
			c.header = sll2Len
		}
	}
	if c.header != 0 && c.opt.Link == linkSLL {
		c.header = sllLen
	}
	c.scope = scope{dir: c.opt.Dir, several: len(c.targets) > 1, snapLen: c.snapLen - min(c.snapLen-1, uint32(c.header))}
	return c.meet()
}

// meet notes the interfaces that packets will come from.
func (c *Capture) meet() error {
	interfaces := c.Targets()
	if c.targets[0].Index == 0 {
		var err error
		if interfaces, err = list(c.query); err != nil {
			return c.fail(err)
		}
	}
	for _, i := range interfaces {
		if i.Loopback && c.scope.loopback == 0 {
			c.scope.loopback = i.Index
		}
		c.learn(i)
	}
	return nil
}

// program makes the program of all targets and attaches it.
func (c *Capture) program(fd int) error {
	c.inKernel = true
	for n := range c.targets {
		if err := c.filter(&c.targets[n]); err != nil {
			return err
		}
	}
	if c.inKernel && attach(fd, assemble(c.scope, c.targets)) == nil {
		return nil
	}
	// What the kernel does not take is left to the caller.
	c.inKernel = false
	for n := range c.targets {
		c.targets[n].program = nil
	}
	if err := attach(fd, assemble(c.scope, c.targets)); err != nil {
		return c.fail(err)
	}
	return nil
}

// filter asks for the program of a target.
func (c *Capture) filter(t *target) (err error) {
	if c.opt.Filter == nil || !c.inKernel {
		return nil
	}
	i := t.Interface
	if c.header != 0 {
		i.Link = c.link()
	}
	if t.program, err = c.opt.Filter(i); err != nil || t.program == nil {
		return err
	}
	if c.header != 0 {
		t.program, c.inKernel = cooked(t.program, i.Link)
	}
	return nil
}

// makeRing makes the ring, smaller than asked for where memory is short.
func (c *Capture) makeRing(fd int) error {
	for buffer := c.opt.Buffer; ; buffer /= 2 {
		blocks, size, retire := ringSize(buffer)
		mem, err := mapRing(fd, blocks, size, retire)
		if err == unix.ENOMEM && buffer > 4*minBlock {
			continue
		}
		if err != nil {
			return err
		}
		c.retire = retire
		c.ring = newRing(fd, mem, blocks, size)
		c.ring.others = []int{c.query}
		if c.watch >= 0 {
			c.ring.others = append(c.ring.others, c.watch)
		}
		return nil
	}
}

// start begins to receive.
func (c *Capture) start() error {
	for _, t := range c.targets {
		if err := c.listen(t.Interface); err != nil {
			return &Error{Interface: t.Name, Err: err}
		}
	}
	index := c.targets[0].Index
	if c.scope.several {
		index = 0
	}
	if err := bind(c.ring.fd, index); err != nil {
		return c.fail(err)
	}
	c.askMissed()
	return nil
}

// listen makes an interface promiscuous, if that was asked for.
func (c *Capture) listen(i Interface) error {
	if !c.opt.Promiscuous || i.Index == 0 || i.Loopback {
		return nil
	}
	return promiscuous(c.ring.fd, i.Index)
}

// refresh looks what has become of the interfaces.
func (c *Capture) refresh() error {
	gone, changed := 0, false
	for n := range c.targets {
		t := &c.targets[n]
		was := t.Interface
		if t.Index != noIndex && nameOf(c.query, t.Index) == "" {
			t.Index, t.Up = noIndex, false
			c.tell(was.Name, Gone)
		}
		if t.Index == noIndex {
			back, err := c.comeBack(t)
			if err != nil {
				return err
			}
			if !back {
				gone++
			}
			changed = changed || back
			continue
		}
		now := t.Interface
		now.Name = nameOf(c.query, t.Index) // it may have another name by now
		if now.describe(c.query) == nil && now.Up != t.Up {
			t.Up = now.Up
			c.tell(t.Name, map[bool]Event{true: Up, false: Down}[now.Up])
		}
	}
	c.gone = gone == len(c.targets)
	if !changed {
		return nil
	}
	if err := attach(c.ring.fd, assemble(c.scope, c.targets)); err != nil {
		return c.fail(err)
	}
	return nil
}

// comeBack looks for an interface that has the name of one that is gone. A
// socket that is bound to that one will not receive from it.
func (c *Capture) comeBack(t *target) (bool, error) {
	if !c.scope.several {
		return false, nil
	}
	i, err := lookUp(c.query, t.Name)
	if err != nil || !i.Up {
		return false, nil
	}
	if c.header == 0 && i.Link == linkSLL2 {
		return false, nil // its frames have no header of their own
	}
	t.Interface, t.asked = i, false
	if err := c.filter(t); err != nil {
		return false, err
	}
	if err := c.listen(i); err != nil {
		return false, nil // it is gone again
	}
	c.learn(i)
	c.tell(i.Name, Back)
	return true, nil
}

func (c *Capture) tell(name string, e Event) {
	if c.opt.Changed != nil {
		c.opt.Changed(Change{Interface: name, Event: e})
	}
}
