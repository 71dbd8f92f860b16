package main

import (
	"cmp"
	"fmt"
	"net/netip"
	"strconv"

	"pkt/decode"
	"pkt/field"
	"pkt/packet"
	"pkt/process"
	"pkt/process/sockdiag"
)

// socketEnds are what tables show in the place of several columns: where a socket is
// bound, and where it is connected to.
func socketEnds() []field.Entry[[]process.Socket] {
	return []field.Entry[[]process.Socket]{
		socketEnd("local", "this end: address and port, or name", localEnd),
		socketEnd("peer", "the other end: address and port; of a Unix socket its inode", peerEnd),
	}
}

func socketEnd(name, doc string, read func(s *process.Socket, dst []byte) []byte) field.Entry[[]process.Socket] {
	return field.Entry[[]process.Socket]{
		Field: field.Field{Name: name, Doc: doc, Kind: field.String, Scope: field.Socket},
		Col: func(rows []process.Socket, in packet.Set, dst *field.Vector) (has packet.Set) {
			dst.Text = dst.Text[:0]
			for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
				from := len(dst.Text)
				dst.Text = read(&rows[i], dst.Text)
				if n := len(dst.Text) - from; n > 0 {
					dst.Cells[i].Lo = uint64(from)<<32 | uint64(n)
					has.Add(i)
				}
			}
			return has
		},
	}
}

func localEnd(s *process.Socket, dst []byte) []byte {
	switch s.Proto {
	case sockdiag.Unix:
		return append(dst, s.Path...)
	case sockdiag.Packet:
		return appendPacketEnd(s, dst)
	case sockdiag.Raw:
		dst = appendHost(dst, s.Local.Addr(), s.Iface)
		return append(append(dst, ':'), protocolText(s.Protocol)...)
	}
	dst = appendHost(dst, s.Local.Addr(), s.Iface)
	return appendPort(append(dst, ':'), s.Local.Port())
}

func peerEnd(s *process.Socket, dst []byte) []byte {
	switch {
	case s.Proto == sockdiag.Unix && s.Peer != 0:
		return strconv.AppendUint(dst, s.Peer, 10)
	case s.Proto == sockdiag.Unix, s.Proto == sockdiag.Packet, !s.Remote.IsValid():
		return dst
	}
	dst = appendHost(dst, s.Remote.Addr(), "")
	return appendPort(append(dst, ':'), s.Remote.Port())
}

// appendPacketEnd appends what a packet socket takes, and where: "all:eth0".
func appendPacketEnd(s *process.Socket, dst []byte) []byte {
	switch s.Protocol {
	case 0:
		dst = append(dst, "none"...)
	case 3:
		dst = append(dst, "all"...)
	default:
		dst = fmt.Appendf(dst, "0x%04x", s.Protocol)
	}
	if s.Iface == "" {
		return append(dst, ":*"...)
	}
	return append(append(dst, ':'), s.Iface...)
}

// appendHost appends an address, * for any, in brackets where a port follows that
// could be taken for a part of it.
func appendHost(dst []byte, a netip.Addr, iface string) []byte {
	a = a.Unmap()
	switch {
	case a.IsUnspecified() && a.Is4():
		dst = append(dst, "0.0.0.0"...)
	case a.Is4():
		dst = a.AppendTo(dst)
	default:
		dst = append(a.AppendTo(append(dst, '[')), ']')
	}
	if iface != "" {
		dst = append(append(dst, '%'), iface...)
	}
	return dst
}

func appendPort(dst []byte, port uint16) []byte {
	if port == 0 {
		return append(dst, '*')
	}
	return strconv.AppendUint(dst, uint64(port), 10)
}

// protocolText returns the name of an IP protocol, or its number.
func protocolText(number uint16) string {
	if all := decode.ProtoNames(); int(number) < len(all) && all[number] != "" {
		return all[number]
	}
	return strconv.Itoa(int(number))
}

// compareSockets orders sockets for a table: by kind, listeners first, by their ends.
func compareSockets(a, b process.Socket) int {
	listens := func(s *process.Socket) int {
		if s.Listens() {
			return 0
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(a.Proto, b.Proto),
		cmp.Compare(listens(&a), listens(&b)),
		cmp.Compare(a.Local.Port(), b.Local.Port()),
		a.Local.Addr().Compare(b.Local.Addr()),
		cmp.Compare(a.Remote.Port(), b.Remote.Port()),
		a.Remote.Addr().Compare(b.Remote.Addr()),
		cmp.Compare(a.Path, b.Path),
		cmp.Compare(a.Inode, b.Inode),
	)
}
