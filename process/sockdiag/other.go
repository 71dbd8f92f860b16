package sockdiag

import (
	"encoding/binary"
	"strings"
)

// struct unix_diag_msg, linux/unix_diag.h: family type state pad u8 each, ino u32,
// cookie 2 u32; struct packet_diag_msg, linux/packet_diag.h: family type u8 each,
// num u16, ino u32, cookie 2 u32.
const (
	shortMsgLen = 16

	familyUnix   = 1
	familyPacket = 17

	unixAttrName  = 0
	unixAttrPeer  = 2
	unixAttrQueue = 4
	unixAttrUID   = 7
	unixShow      = 1 | 4 | 0x10 | 0x40 // name, peer, queues, uid

	packetAttrInfo = 0
	packetAttrUID  = 5
	packetAttrMem  = 6
	packetShow     = 1 | 0x10 // info, memory
)

// parseUnix reads an answer about a Unix socket.
func parseUnix(b []byte) (s Socket, ok bool) {
	if len(b) < shortMsgLen || b[0] != familyUnix {
		return s, false
	}
	s = Socket{Proto: Unix, Type: b[1], State: State(b[2])}
	if s.State >= NumStates {
		s.State = StateUnknown
	}
	s.identify(b)
	for typ, data := range Attributes(b[shortMsgLen:]) {
		switch {
		case typ == unixAttrName:
			s.Path = unixName(data)
		case typ == unixAttrPeer && len(data) >= 4:
			s.Peer = uint64(binary.NativeEndian.Uint32(data))
		case typ == unixAttrQueue && len(data) >= 8:
			s.RecvQ, s.SendQ = binary.NativeEndian.Uint32(data), binary.NativeEndian.Uint32(data[4:])
		case typ == unixAttrUID && len(data) >= 4:
			s.UID = binary.NativeEndian.Uint32(data)
		}
	}
	return s, true
}

// parsePacket reads an answer about a packet socket. It has no state that ss or
// netstat would name otherwise than unconnected.
func parsePacket(b []byte) (s Socket, ok bool) {
	if len(b) < shortMsgLen || b[0] != familyPacket {
		return s, false
	}
	s = Socket{Proto: Packet, Type: b[1], State: Close, Protocol: binary.NativeEndian.Uint16(b[2:])}
	s.identify(b)
	for typ, data := range Attributes(b[shortMsgLen:]) {
		switch {
		case typ == packetAttrInfo && len(data) >= 4:
			s.Iface = binary.NativeEndian.Uint32(data)
		case typ == packetAttrUID && len(data) >= 4:
			s.UID = binary.NativeEndian.Uint32(data)
		case typ == packetAttrMem && len(data) >= 4:
			s.RecvQ = binary.NativeEndian.Uint32(data) // SK_MEMINFO_RMEM_ALLOC
		}
	}
	return s, true
}

// identify reads the inode and the cookie of a short answer.
func (s *Socket) identify(b []byte) {
	ne := binary.NativeEndian
	s.Inode = uint64(ne.Uint32(b[4:]))
	s.Cookie = uint64(ne.Uint32(b[8:])) | uint64(ne.Uint32(b[12:]))<<32
}

// unixName returns the name of a Unix socket. An abstract one begins with a zero
// byte, which is written @, and may hold more of them.
func unixName(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if b[0] != 0 {
		return cString(b)
	}
	return "@" + strings.ReplaceAll(string(b[1:]), "\x00", "@")
}

// cString returns the bytes before the first zero byte.
func cString(b []byte) string {
	s, _, _ := strings.Cut(string(b), "\x00")
	return s
}

// Attributes iterates over netlink attributes (struct nlattr: length and type, u16
// each, then the value, then padding to 4 bytes) until they contradict themselves.
func Attributes(b []byte) func(yield func(typ uint16, data []byte) bool) {
	return func(yield func(uint16, []byte) bool) {
		for len(b) >= 4 {
			n := int(binary.NativeEndian.Uint16(b))
			typ := binary.NativeEndian.Uint16(b[2:]) & 0x3fff
			if n < 4 || n > len(b) || !yield(typ, b[4:n]) {
				return
			}
			b = b[min((n+3)&^3, len(b)):]
		}
	}
}
