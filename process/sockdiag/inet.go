package sockdiag

import (
	"encoding/binary"
	"net/netip"
	"time"
)

// struct inet_diag_msg, linux/inet_diag.h:
//
//	 0  family state timer retrans  u8 each
//	 4  sport dport                 u16 each, big endian
//	 8  src[16] dst[16]
//	40  interface                   u32
//	44  cookie                      2 u32
//	52  expires rqueue wqueue uid inode   u32 each
//	72  attributes
const (
	inetMsgLen = 72

	attrInfo     = 2
	attrCong     = 4
	attrSkV6Only = 11

	familyInet  = 2
	familyInet6 = 10
)

// parseInet reads an answer about an inet socket. Short answers and those of other
// families are refused.
func parseInet(b []byte, proto Proto) (s Socket, ok bool) {
	if len(b) < inetMsgLen {
		return s, false
	}
	n := 4
	switch b[0] {
	case familyInet:
	case familyInet6:
		n = 16
	default:
		return s, false
	}
	src, _ := netip.AddrFromSlice(b[8 : 8+n])
	dst, _ := netip.AddrFromSlice(b[24 : 24+n])
	ne := binary.NativeEndian
	s = Socket{
		Proto:   proto,
		State:   State(b[1]),
		Local:   netip.AddrPortFrom(src, binary.BigEndian.Uint16(b[4:])),
		Remote:  netip.AddrPortFrom(dst, binary.BigEndian.Uint16(b[6:])),
		Iface:   ne.Uint32(b[40:]),
		Cookie:  uint64(ne.Uint32(b[44:])) | uint64(ne.Uint32(b[48:]))<<32,
		Timer:   Timer(b[2]),
		Retries: b[3],
		Expires: time.Duration(ne.Uint32(b[52:])) * time.Millisecond,
		RecvQ:   ne.Uint32(b[56:]),
		SendQ:   ne.Uint32(b[60:]),
		UID:     ne.Uint32(b[64:]),
		Inode:   uint64(ne.Uint32(b[68:])),
	}
	if s.State >= NumStates {
		s.State = StateUnknown
	}
	if s.Timer >= NumTimers {
		s.Timer = TimerOff
	}
	if proto == Raw {
		// The place of the port holds the protocol.
		s.Protocol = s.Local.Port()
		s.Local = netip.AddrPortFrom(src, 0)
		s.Remote = netip.AddrPortFrom(dst, 0)
	}
	for typ, data := range Attributes(b[inetMsgLen:]) {
		switch typ {
		case attrInfo:
			if proto == TCP {
				s.TCP = tcpInfo(s.TCP, data)
			}
		case attrCong:
			if proto == TCP {
				if s.TCP == nil {
					s.TCP = new(TCPInfo)
				}
				s.TCP.Congestion = cString(data)
			}
		case attrSkV6Only:
			s.V6Only = len(data) > 0 && data[0] != 0
		}
	}
	return s, true
}

// tcpInfo reads struct tcp_info, of which older kernels send a shorter one, into
// info or a new one.
func tcpInfo(info *TCPInfo, b []byte) *TCPInfo {
	if info == nil {
		info = new(TCPInfo)
	}
	u32 := func(off int) uint32 {
		if off > len(b)-4 {
			return 0
		}
		return binary.NativeEndian.Uint32(b[off:])
	}
	u64 := func(off int) uint64 {
		if off > len(b)-8 {
			return 0
		}
		return binary.NativeEndian.Uint64(b[off:])
	}
	micros := func(off int) time.Duration { return time.Duration(u32(off)) * time.Microsecond }
	info.RTO = micros(8)
	info.MSS = u32(16)
	info.Unacked = u32(24)
	info.Lost = u32(32)
	info.Retrans = u32(36)
	info.LastSent = time.Duration(u32(44)) * time.Millisecond
	info.LastRecv = time.Duration(u32(52)) * time.Millisecond
	info.PMTU = u32(60)
	info.RTT, info.RTTVar = micros(68), micros(72)
	info.Ssthresh, info.Cwnd = u32(76), u32(80)
	info.TotalRetrans = u32(100)
	info.PacingRate = u64(104)
	info.BytesAcked, info.BytesReceived = u64(120), u64(128)
	info.MinRTT = micros(148)
	info.DeliveryRate = u64(160)
	info.BytesSent, info.BytesRetrans = u64(200), u64(208)
	return info
}

// inetRequest is struct inet_diag_req_v2: all states, with TCP's measurements.
func inetRequest(family, proto uint8) []byte {
	b := make([]byte, 56)
	b[0], b[1] = family, proto
	b[2] = 1<<(attrInfo-1) | 1<<(attrCong-1)
	binary.NativeEndian.PutUint32(b[4:], 1<<NumStates-1)
	return b
}
