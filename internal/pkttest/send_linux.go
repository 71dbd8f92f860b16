package pkttest

import (
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Sender puts frames on an interface as they are.
type Sender struct {
	fd   int
	Sent atomic.Uint64 // frames that the interface took
}

// NewSender returns a sender on an interface of the namespace, for frames with
// the interface's own header. It ends with the test.
func (n *Netns) NewSender(iface string) *Sender {
	n.tb.Helper()
	s := &Sender{fd: -1}
	var err error
	n.Do(func() { err = s.open(iface) })
	if err != nil {
		n.tb.Fatalf("sending on %s: %v", iface, err)
	}
	n.tb.Cleanup(func() { unix.Close(s.fd) })
	return s
}

func (s *Sender) open(iface string) (err error) {
	// Protocol 0: the socket receives nothing.
	if s.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
		return err
	}
	req, err := unix.NewIfreq(iface)
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(s.fd, unix.SIOCGIFINDEX, req); err != nil {
		return err
	}
	return unix.Bind(s.fd, &unix.SockaddrLinklayer{Ifindex: int(req.Uint32())})
}

// Send sends frames in order.
func (s *Sender) Send(frames ...[]byte) error {
	for _, f := range frames {
		if _, err := unix.Write(s.fd, f); err != nil {
			return err
		}
		s.Sent.Add(1)
	}
	return nil
}
