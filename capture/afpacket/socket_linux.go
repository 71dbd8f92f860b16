package afpacket

import (
	"fmt"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// newSocket returns a packet socket with a ring, which receives nothing until it
// is bound: its protocol is 0. Frames come with room for a VLAN tag before them.
func newSocket(cooked bool) (fd int, err error) {
	kind := unix.SOCK_RAW
	if cooked {
		kind = unix.SOCK_DGRAM
	}
	fd, err = unix.Socket(unix.AF_PACKET, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, err
	}
	err = unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3)
	if err == nil {
		err = unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_RESERVE, tagLen)
	}
	if err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("no ring of version 3: %w", err)
	}
	return fd, nil
}

// mapRing gives the socket a ring of blocks and maps it.
func mapRing(fd, blocks, size int, retire time.Duration) ([]byte, error) {
	const frame = 2048 // of no consequence in this version
	req := unix.TpacketReq3{
		Block_size:     uint32(size),
		Block_nr:       uint32(blocks),
		Frame_size:     frame,
		Frame_nr:       uint32(size / frame * blocks),
		Retire_blk_tov: uint32(retire / time.Millisecond),
	}
	if err := unix.SetsockoptTpacketReq3(fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &req); err != nil {
		return nil, fmt.Errorf("a ring of %d MiB: %w", blocks*size>>20, err)
	}
	mem, err := unix.Mmap(fd, 0, blocks*size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mapping a ring of %d MiB: %w", blocks*size>>20, err)
	}
	return mem, nil
}

// attach makes the socket drop what the program rejects, in place of the program
// before.
func attach(fd int, prog []bpf.RawInstruction) error {
	filters := make([]unix.SockFilter, len(prog))
	for i, in := range prog {
		filters[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
		&unix.SockFprog{Len: uint16(len(filters)), Filter: &filters[0]})
}

// bind begins the capture. Index 0 is all interfaces.
func bind(fd, index int) error {
	const allBigEndian = unix.ETH_P_ALL<<8 | unix.ETH_P_ALL>>8
	return unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: allBigEndian & 0xffff, Ifindex: index})
}

// promiscuous makes an interface take frames for others for as long as the
// socket is open.
func promiscuous(fd, index int) error {
	return unix.SetsockoptPacketMreq(fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP,
		&unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_PROMISC})
}

// lookUp asks the kernel for an interface by its name. The socket tells in which
// network namespace.
func lookUp(fd int, name string) (Interface, error) {
	i := Interface{Name: name}
	req, err := unix.NewIfreq(name)
	if err != nil {
		return i, ErrNoInterface // longer than any name
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, req); err != nil {
		if err == unix.ENODEV {
			err = ErrNoInterface
		}
		return i, err
	}
	i.Index = int(req.Uint32())
	return i, i.describe(fd)
}

// describe completes an interface of which the name is known.
func (i *Interface) describe(fd int) error {
	req, err := unix.NewIfreq(i.Name)
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, req); err != nil {
		return err
	}
	i.Up = req.Uint16()&unix.IFF_UP != 0
	i.Loopback = req.Uint16()&unix.IFF_LOOPBACK != 0
	if req, err = unix.NewIfreq(i.Name); err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFHWADDR, req); err != nil {
		return err
	}
	var known bool
	if i.Link, known = hardware[req.Uint16()]; !known {
		i.Link = linkSLL2
	}
	return nil
}

// nameOf returns the name of an interface, empty if it is gone.
func nameOf(fd, index int) string {
	req, err := unix.NewIfreq("x")
	if err != nil {
		return ""
	}
	req.SetUint32(uint32(index))
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFNAME, req); err != nil {
		return ""
	}
	return req.Name()
}

// watch returns a socket that is readable when an interface has changed.
func watch() (fd int, err error) {
	fd, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return -1, err
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: unix.RTMGRP_LINK}); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// drain takes what a watching socket holds, and reports whether it held
// anything. What it was does not matter: messages can be lost.
func drain(fd int, buf []byte) (any bool) {
	for {
		if _, _, err := unix.Recvfrom(fd, buf, unix.MSG_TRUNC); err != nil {
			return any || err == unix.ENOBUFS
		}
		any = true
	}
}
