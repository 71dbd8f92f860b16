package sockdiag

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// byFamily is SOCK_DIAG_BY_FAMILY.
const byFamily = 20

// Conn asks the kernel about the sockets of one network namespace. One goroutine
// uses it at a time.
type Conn struct {
	nl *netlink.Conn
	ns *os.File // nil: the process's own
}

// Dial opens a connection. ns is a file of a network namespace such as
// /proc/PID/ns/net, which takes CAP_SYS_ADMIN; nil is that of the process. The file
// must stay open as long as the connection.
func Dial(ns *os.File) (*Conn, error) {
	cfg := &netlink.Config{MessageBufferSize: 1 << 18}
	if ns != nil {
		cfg.NetNS = int(ns.Fd())
	}
	nl, err := netlink.Dial(unix.NETLINK_SOCK_DIAG, cfg)
	if err != nil {
		return nil, fmt.Errorf("open sock_diag: %w", err)
	}
	return &Conn{nl, ns}, nil
}

// Close closes the connection.
func (c *Conn) Close() error { return c.nl.Close() }

// Dump calls each for every socket of a kind. A kind that the kernel does not know
// has none.
func (c *Conn) Dump(proto Proto, each func(Socket)) error {
	switch proto {
	case Unix:
		req := make([]byte, 24)
		req[0] = familyUnix
		binary.NativeEndian.PutUint32(req[4:], ^uint32(0)) // states
		binary.NativeEndian.PutUint32(req[12:], unixShow)
		return ignoreUnknown(c.ask(req, parseUnix, each))
	case Packet:
		req := make([]byte, 20)
		req[0] = familyPacket
		binary.NativeEndian.PutUint32(req[8:], packetShow)
		return ignoreUnknown(c.ask(req, parsePacket, each))
	case Raw:
		if err := c.inet(proto, unix.IPPROTO_RAW, each); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return c.procRaw(each)
	case TCP:
		return c.inet(proto, unix.IPPROTO_TCP, each)
	case UDP:
		return ignoreUnknown(c.inet(proto, unix.IPPROTO_UDP, each))
	case UDPLite:
		return ignoreUnknown(c.inet(proto, unix.IPPROTO_UDPLITE, each))
	}
	return nil
}

// inet asks for both versions of IP.
func (c *Conn) inet(proto Proto, number uint8, each func(Socket)) error {
	parse := func(b []byte) (Socket, bool) { return parseInet(b, proto) }
	for _, family := range []uint8{familyInet, familyInet6} {
		if err := c.ask(inetRequest(family, number), parse, each); err != nil {
			return err
		}
	}
	return nil
}

// ask sends a request and hands the answers on.
func (c *Conn) ask(req []byte, parse func([]byte) (Socket, bool), each func(Socket)) error {
	_, err := c.nl.Send(netlink.Message{
		Header: netlink.Header{Type: byFamily, Flags: netlink.Request | netlink.Dump},
		Data:   req,
	})
	if err != nil {
		return fmt.Errorf("ask sock_diag: %w", err)
	}
	for m, err := range c.nl.ReceiveIter() {
		if err != nil {
			return fmt.Errorf("ask sock_diag: %w", err)
		}
		if s, ok := parse(m.Data); ok {
			each(s)
		}
	}
	return nil
}

// ignoreUnknown drops the error of a kernel that lacks a family.
func ignoreUnknown(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// procRaw reads the tables of raw sockets as text, for kernels without
// INET_RAW_DIAG.
func (c *Conn) procRaw(each func(Socket)) error {
	return Within(c.ns, func() error {
		for _, name := range []string{"raw", "raw6"} {
			f, err := os.Open("/proc/thread-self/net/" + name)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
			err = readProcRaw(f, each)
			f.Close()
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Within calls do on a thread that has entered the network namespace ns; nil is
// that of the process. The thread ends with the call, so that no other code can
// find itself in the namespace.
func Within(ns *os.File, do func() error) error {
	if ns == nil {
		return do()
	}
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: see above
		if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
			done <- fmt.Errorf("enter %s: %w", ns.Name(), err)
			return
		}
		done <- do()
	}()
	return <-done
}
