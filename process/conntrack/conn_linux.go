package conntrack

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/mdlayher/netlink"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

const (
	// receiveBuffer is for what happens between two calls of Events, bytes.
	receiveBuffer = 4 << 20
	// eventsAtOnce is how many messages a call of Events takes at most.
	eventsAtOnce = 1 << 15
	messageMax   = 1 << 13 // bytes

	// NFNLGRP_CONNTRACK_NEW and NFNLGRP_CONNTRACK_DESTROY, as bits.
	groups = 1<<0 | 1<<2
)

// translatedOnly is a filter of netlink messages for those whose status says that the
// connection is translated, and those without one.
var translatedOnly = []bpf.Instruction{
	bpf.LoadConstant{Dst: bpf.RegA, Val: unix.NLMSG_HDRLEN + genMsgLen}, // where attributes begin
	bpf.LoadConstant{Dst: bpf.RegX, Val: attrStatus},
	bpf.LoadExtension{Num: bpf.ExtNetlinkAttr},
	bpf.JumpIf{Cond: bpf.JumpEqual, Val: 0, SkipTrue: 3},
	bpf.TAX{},
	bpf.LoadIndirect{Off: 4, Size: 4},
	bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: statusTranslated, SkipTrue: 1},
	bpf.RetConstant{Val: ^uint32(0)},
	bpf.RetConstant{Val: 0},
}

// Conn hears of the connections that are translated in the network namespace of this
// process. One goroutine uses it at a time.
type Conn struct {
	nl  *netlink.Conn
	raw syscall.RawConn
	buf [messageMax]byte
}

// Loaded reports whether the kernel tracks connections at all: to ask it otherwise
// would make it load what it needs for that.
func Loaded() bool {
	_, err := os.Stat("/proc/sys/net/netfilter/nf_conntrack_count")
	return err == nil
}

// Dial opens a connection to the kernel. What happens from now on is told by Events,
// what there is already by List.
func Dial() (*Conn, error) {
	nl, err := netlink.Dial(unix.NETLINK_NETFILTER, &netlink.Config{Groups: groups})
	if err != nil {
		return nil, fmt.Errorf("open conntrack: %w", err)
	}
	filter, err := bpf.Assemble(translatedOnly)
	if err == nil {
		err = nl.SetBPF(filter)
	}
	c := &Conn{nl: nl}
	if err == nil {
		c.raw, err = nl.SyscallConn()
	}
	if err != nil {
		nl.Close()
		return nil, fmt.Errorf("open conntrack: %w", err)
	}
	nl.SetReadBuffer(receiveBuffer) // a smaller one loses events, which is noticed
	return c, nil
}

// Close closes the connection.
func (c *Conn) Close() error { return c.nl.Close() }

// List calls each for every connection that has ports.
func List(each func(Connection)) error {
	nl, err := netlink.Dial(unix.NETLINK_NETFILTER, &netlink.Config{MessageBufferSize: 1 << 18})
	if err != nil {
		return fmt.Errorf("open conntrack: %w", err)
	}
	defer nl.Close()
	_, err = nl.Send(netlink.Message{
		Header: netlink.Header{Type: msgGet, Flags: netlink.Request | netlink.Dump},
		Data:   make([]byte, genMsgLen), // of any family
	})
	if err != nil {
		return fmt.Errorf("ask conntrack: %w", err)
	}
	for m, err := range nl.ReceiveIter() {
		if err != nil {
			return fmt.Errorf("ask conntrack: %w", err)
		}
		if c, ok := parse(uint16(m.Header.Type), m.Data); ok {
			each(c)
		}
	}
	return nil
}

// Events calls each for what happened to translated connections since the last call:
// it does not wait. lost says that there was more than the kernel could keep.
func (c *Conn) Events(each func(Connection)) (lost bool, err error) {
	for range eventsAtOnce {
		n, fromKernel, err := c.receive()
		switch {
		case errors.Is(err, unix.EAGAIN):
			return lost, nil
		case errors.Is(err, unix.ENOBUFS):
			lost = true
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return lost, fmt.Errorf("read conntrack: %w", err)
		case fromKernel:
			messages(c.buf[:n], each)
		}
	}
	return lost, nil
}

// receive reads one datagram, if there is one.
func (c *Conn) receive() (n int, fromKernel bool, err error) {
	var from unix.Sockaddr
	failed := c.raw.Control(func(fd uintptr) {
		n, from, err = unix.Recvfrom(int(fd), c.buf[:], unix.MSG_DONTWAIT)
	})
	if failed != nil {
		return 0, false, failed
	}
	sender, ok := from.(*unix.SockaddrNetlink)
	return n, ok && sender.Pid == 0, err
}

// messages reads the netlink messages of a datagram (struct nlmsghdr: length u32, type
// flags u16 each, sequence pid u32 each) until they contradict themselves.
func messages(b []byte, each func(Connection)) {
	for len(b) >= unix.NLMSG_HDRLEN {
		n := int(binary.NativeEndian.Uint32(b))
		if n < unix.NLMSG_HDRLEN || n > len(b) {
			return
		}
		if c, ok := parse(binary.NativeEndian.Uint16(b[4:]), b[unix.NLMSG_HDRLEN:n]); ok {
			each(c)
		}
		b = b[min((n+3)&^3, len(b)):]
	}
}
