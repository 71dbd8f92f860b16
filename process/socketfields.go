package process

import (
	"net/netip"
	"slices"
	"strconv"
	"time"

	"pkt/field"
	"pkt/packet"
	"pkt/process/sockdiag"
)

// socketEntry is a field of sockets with what reads it.
type socketEntry = field.Entry[[]Socket]

// Names are what rows do not know themselves.
type Names struct {
	// Service returns the name of a port's service, or "".
	Service func(proto uint8, port uint16) string
}

// SocketFields returns the fields of sockets, in the order of their records.
func SocketFields(n Names) []socketEntry {
	return slices.Concat(
		socketIdentity(n),
		[]socketEntry{
			socketNumber("recv_q", "bytes that wait to be read", field.Bytes,
				func(s *Socket) (uint64, bool) { return uint64(s.RecvQ), s.State != sockdiag.Listen }),
			socketNumber("send_q", "bytes that wait to be sent or acknowledged", field.Bytes,
				func(s *Socket) (uint64, bool) { return uint64(s.SendQ), s.State != sockdiag.Listen }),
			socketNumber("backlog", "connections that wait for a listener to accept them", field.Count,
				func(s *Socket) (uint64, bool) { return uint64(s.RecvQ), s.State == sockdiag.Listen }),
			socketNumber("backlog_max", "how many connections may wait", field.Count,
				func(s *Socket) (uint64, bool) { return uint64(s.SendQ), s.State == sockdiag.Listen }),
			socketEnum("timer", "what a TCP socket waits for", sockdiag.TimerNames,
				func(s *Socket) (uint64, bool) { return uint64(s.Timer), s.Timer != sockdiag.TimerOff }),
			socketTime("timer_s", "time until the timer fires", func(s *Socket) (time.Duration, bool) { return s.Expires, s.Timer != sockdiag.TimerOff }),
			socketNumber("retries", "how often the timer has fired", field.Count,
				func(s *Socket) (uint64, bool) { return uint64(s.Retries), s.Timer != sockdiag.TimerOff }),
		},
		[]socketEntry{
			socketFixed("tx_bps", "rate of IP packets sent, with --rate", field.Float, field.BitPerSec,
				func(s *Socket) (field.Cell, bool) { return field.FromFloat(s.TxBPS), s.HasRate }),
			socketFixed("rx_bps", "rate of IP packets received, with --rate", field.Float, field.BitPerSec,
				func(s *Socket) (field.Cell, bool) { return field.FromFloat(s.RxBPS), s.HasRate }),
		},
		tcpInfoFields(),
		Fields(field.Socket, func(rows []Socket, i int, k *Known) bool {
			k.Owner, k.Via = rows[i].Owner, ViaUser
			if len(rows[i].Holders) > 0 {
				k.Via = ViaSocket
			}
			return rows[i].Owner.PID != 0 || rows[i].Inode != 0
		}),
		[]socketEntry{
			{
				Field: field.Field{Name: "pids", Doc: "all processes that have the socket open", Kind: field.Uint, List: true, Scope: field.Socket},
				ListCol: func(rows []Socket, i int, dst []field.Cell) []field.Cell {
					for k, h := range rows[i].Holders {
						if k == 0 || h.PID != rows[i].Holders[k-1].PID {
							dst = append(dst, field.Cell{Lo: uint64(h.PID)})
						}
					}
					return dst
				},
			},
			socketText("users", "names, pids and descriptors of all processes that have the socket open: nginx/812:6", appendUsers),
		},
	)
}

// socketIdentity are the fields that tell a socket apart.
func socketIdentity(n Names) []socketEntry {
	return []socketEntry{
		socketEnum("proto", "kind of socket", sockdiag.ProtoNames, func(s *Socket) (uint64, bool) { return uint64(s.Proto), true }),
		socketEnum("state", "state, as ss writes it; unconn: neither connected nor listening", sockdiag.StateNames,
			func(s *Socket) (uint64, bool) { return uint64(s.State), true }),
		socketAddr("local_ip", "address of this end", func(s *Socket) netip.AddrPort { return s.Local }),
		socketNumber("local_port", "port of this end", field.NoUnit, func(s *Socket) (uint64, bool) { return uint64(s.Local.Port()), s.hasPorts() }),
		socketAddr("peer_ip", "address of the other end", func(s *Socket) netip.AddrPort {
			if !s.connected() {
				return netip.AddrPort{}
			}
			return s.Remote
		}),
		socketNumber("peer_port", "port of the other end", field.NoUnit,
			func(s *Socket) (uint64, bool) { return uint64(s.Remote.Port()), s.hasPorts() && s.connected() }),
		socketText("service", "name that is registered for the local port, or else for the other end's", func(s *Socket, dst []byte) []byte {
			return append(dst, s.service(n)...)
		}),
		socketText("iface", "interface that it is bound to", func(s *Socket, dst []byte) []byte { return append(dst, s.Iface...) }),
		socketText("path", "name of a Unix socket", func(s *Socket, dst []byte) []byte { return append(dst, s.Path...) }),
		socketEnum("sock_type", "type of a Unix or packet socket", typeNames,
			func(s *Socket) (uint64, bool) {
				return uint64(s.Type), s.Proto >= sockdiag.Packet && int(s.Type) < len(typeNames)
			}),
		socketNumber("protocol", "IP protocol of a raw socket, EtherType of a packet socket", field.NoUnit,
			func(s *Socket) (uint64, bool) {
				return uint64(s.Protocol), s.Proto == sockdiag.Raw || s.Proto == sockdiag.Packet
			}),
		socketNumber("inode", "number that /proc/PID/fd has for it", field.NoUnit, func(s *Socket) (uint64, bool) { return s.Inode, s.Inode != 0 }),
		socketNumber("peer_inode", "inode of the other end of a Unix socket", field.NoUnit, func(s *Socket) (uint64, bool) { return s.Peer, s.Peer != 0 }),
		socketNumber("cookie", "number that the kernel gives it for its life", field.NoUnit, func(s *Socket) (uint64, bool) { return s.Cookie, s.Cookie != 0 }),
		socketNumber("netns", "inode of its network namespace", field.NoUnit, func(s *Socket) (uint64, bool) { return s.NetNS, s.NetNS != 0 }),
		socketNumber("uid", "user who created it", field.NoUnit, func(s *Socket) (uint64, bool) { return uint64(s.UID), true }),
	}
}

// typeNames are the types of sockets by their numbers.
var typeNames = []string{"", "stream", "dgram", "raw", "rdm", "seqpacket"}

// tcpInfoFields are what TCP measured.
func tcpInfoFields() []socketEntry {
	number := func(name, doc string, unit field.Unit, read func(*sockdiag.TCPInfo) uint64) socketEntry {
		return socketNumber(name, doc, unit, func(s *Socket) (uint64, bool) {
			if s.TCP == nil {
				return 0, false
			}
			v := read(s.TCP)
			return v, v != 0
		})
	}
	span := func(name, doc string, read func(*sockdiag.TCPInfo) time.Duration) socketEntry {
		return socketTime(name, doc, func(s *Socket) (time.Duration, bool) {
			if s.TCP == nil || !s.connected() {
				return 0, false
			}
			return read(s.TCP), true
		})
	}
	return []socketEntry{
		span("tcp.rtt_s", "smoothed round trip time", func(i *sockdiag.TCPInfo) time.Duration { return i.RTT }),
		span("tcp.rtt_var_s", "how much the round trip time varies", func(i *sockdiag.TCPInfo) time.Duration { return i.RTTVar }),
		span("tcp.min_rtt_s", "shortest round trip time of late", func(i *sockdiag.TCPInfo) time.Duration { return i.MinRTT }),
		span("tcp.rto_s", "time after which it sends again", func(i *sockdiag.TCPInfo) time.Duration { return i.RTO }),
		number("tcp.cwnd", "congestion window, segments", field.Count, func(i *sockdiag.TCPInfo) uint64 { return uint64(i.Cwnd) }),
		number("tcp.ssthresh", "slow start threshold, segments; absent until there is one", field.Count, func(i *sockdiag.TCPInfo) uint64 {
			if i.Ssthresh >= 0x7fffffff {
				return 0
			}
			return uint64(i.Ssthresh)
		}),
		number("tcp.mss", "bytes of a full segment", field.Bytes, func(i *sockdiag.TCPInfo) uint64 { return uint64(i.MSS) }),
		number("tcp.pmtu", "largest packet of the path", field.Bytes, func(i *sockdiag.TCPInfo) uint64 { return uint64(i.PMTU) }),
		number("tcp.unacked", "segments in flight", field.Count, func(i *sockdiag.TCPInfo) uint64 { return uint64(i.Unacked) }),
		number("tcp.lost", "segments in flight that are taken for lost", field.Count, func(i *sockdiag.TCPInfo) uint64 { return uint64(i.Lost) }),
		number("tcp.retrans", "segments that were sent again since the connection began", field.Count, func(i *sockdiag.TCPInfo) uint64 { return uint64(i.TotalRetrans) }),
		number("tcp.bytes_sent", "payload bytes sent, those sent again included", field.Bytes, func(i *sockdiag.TCPInfo) uint64 { return i.BytesSent }),
		number("tcp.bytes_retrans", "payload bytes sent again", field.Bytes, func(i *sockdiag.TCPInfo) uint64 { return i.BytesRetrans }),
		number("tcp.bytes_acked", "payload bytes that the other end has acknowledged", field.Bytes, func(i *sockdiag.TCPInfo) uint64 { return i.BytesAcked }),
		number("tcp.bytes_received", "payload bytes received", field.Bytes, func(i *sockdiag.TCPInfo) uint64 { return i.BytesReceived }),
		number("tcp.delivery_bps", "rate at which the latest data arrived", field.BitPerSec, func(i *sockdiag.TCPInfo) uint64 { return 8 * i.DeliveryRate }),
		number("tcp.pacing_bps", "rate at which it sends at most", field.BitPerSec, func(i *sockdiag.TCPInfo) uint64 {
			if i.PacingRate == ^uint64(0) {
				return 0
			}
			return 8 * i.PacingRate
		}),
		span("tcp.last_sent_s", "time since it sent data", func(i *sockdiag.TCPInfo) time.Duration { return i.LastSent }),
		span("tcp.last_received_s", "time since it received data", func(i *sockdiag.TCPInfo) time.Duration { return i.LastRecv }),
		socketText("tcp.congestion", "algorithm of congestion control", func(s *Socket, dst []byte) []byte {
			if s.TCP == nil {
				return dst
			}
			return append(dst, s.TCP.Congestion...)
		}),
	}
}

// hasPorts reports whether the socket has ports.
func (s *Socket) hasPorts() bool { return s.Proto <= sockdiag.UDPLite }

// connected reports whether the socket has another end.
func (s *Socket) connected() bool {
	return s.Remote.IsValid() && (s.Remote.Port() != 0 || !s.hasPorts() && !s.Remote.Addr().IsUnspecified())
}

// Listens reports whether the socket waits for others: a listener, or one that is not
// connected and has a port, a protocol or a name.
func (s *Socket) Listens() bool {
	switch s.Proto {
	case sockdiag.TCP, sockdiag.Unix:
		return s.State == sockdiag.Listen
	}
	return s.State == sockdiag.Close
}

// service names the port.
func (s *Socket) service(n Names) string {
	if !s.hasPorts() {
		return ""
	}
	number := [...]uint8{sockdiag.TCP: 6, sockdiag.UDP: 17, sockdiag.UDPLite: 136}[s.Proto]
	if name := n.Service(number, s.Local.Port()); name != "" || !s.connected() {
		return name
	}
	return n.Service(number, s.Remote.Port())
}

// appendUsers appends all holders as ss lists them.
func appendUsers(s *Socket, dst []byte) []byte {
	for i, h := range s.Holders {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(dst, h.Comm...), '/')
		dst = strconv.AppendUint(dst, uint64(h.PID), 10)
		dst = append(dst, ':')
		dst = strconv.AppendUint(dst, uint64(h.FD), 10)
	}
	return dst
}

// socketFixed returns a field whose values a reader makes.
func socketFixed(name, doc string, kind field.Kind, unit field.Unit, read func(*Socket) (field.Cell, bool)) socketEntry {
	return socketEntry{
		Field: field.Field{Name: name, Doc: doc, Kind: kind, Unit: unit, Scope: field.Socket},
		Col: func(rows []Socket, in packet.Set, dst *field.Vector) (has packet.Set) {
			for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
				if c, ok := read(&rows[i]); ok {
					dst.Cells[i] = c
					has.Add(i)
				}
			}
			return has
		},
	}
}

func socketNumber(name, doc string, unit field.Unit, read func(*Socket) (uint64, bool)) socketEntry {
	e := socketFixed(name, doc, field.Uint, unit, func(s *Socket) (field.Cell, bool) {
		v, ok := read(s)
		return field.Cell{Lo: v}, ok
	})
	e.Sum = name == "recv_q" || name == "send_q"
	return e
}

func socketEnum(name, doc string, names []string, read func(*Socket) (uint64, bool)) socketEntry {
	e := socketNumber(name, doc, field.NoUnit, read)
	e.Kind, e.Names = field.Enum, names
	return e
}

func socketTime(name, doc string, read func(*Socket) (time.Duration, bool)) socketEntry {
	return socketFixed(name, doc, field.Duration, field.Seconds, func(s *Socket) (field.Cell, bool) {
		d, ok := read(s)
		return field.FromInt(int64(d)), ok
	})
}

func socketAddr(name, doc string, read func(*Socket) netip.AddrPort) socketEntry {
	return socketFixed(name, doc, field.Addr, field.NoUnit, func(s *Socket) (field.Cell, bool) {
		a := read(s).Addr()
		if !a.IsValid() {
			return field.Cell{}, false
		}
		return field.FromAddr(a), true
	})
}

func socketText(name, doc string, appendTo func(s *Socket, dst []byte) []byte) socketEntry {
	return socketEntry{
		Field: field.Field{Name: name, Doc: doc, Kind: field.String, Scope: field.Socket},
		Col: func(rows []Socket, in packet.Set, dst *field.Vector) (has packet.Set) {
			dst.Text = dst.Text[:0]
			for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
				from := len(dst.Text)
				dst.Text = appendTo(&rows[i], dst.Text)
				if n := len(dst.Text) - from; n > 0 {
					dst.Cells[i].Lo = uint64(from)<<32 | uint64(n)
					has.Add(i)
				}
			}
			return has
		},
	}
}
