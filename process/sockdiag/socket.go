package sockdiag

import (
	"net/netip"
	"time"
)

// Proto says what kind of socket it is.
type Proto uint8

// Kinds of sockets, in the order in which tables list them.
const (
	TCP Proto = iota
	UDP
	UDPLite
	Raw
	Packet
	Unix
	NumProtos
)

// ProtoNames are the spellings of the kinds.
var ProtoNames = []string{"tcp", "udp", "udplite", "raw", "packet", "unix"}

// State is a socket's state. The numbers are the kernel's, which uses TCP's for
// all families.
type State uint8

// States.
const (
	StateUnknown State = iota
	Established
	SynSent
	SynRecv
	FinWait1
	FinWait2
	TimeWait
	Close
	CloseWait
	LastAck
	Listen
	Closing
	NewSynRecv
	NumStates
)

// StateNames are the spellings of the states, as ss writes them: a socket that is
// neither connected nor listening is "unconn".
var StateNames = []string{"unknown", "estab", "syn-sent", "syn-recv", "fin-wait-1", "fin-wait-2", "time-wait",
	"unconn", "close-wait", "last-ack", "listen", "closing", "syn-recv"}

// Timer says what a TCP socket waits for.
type Timer uint8

// Timers, with the kernel's numbers.
const (
	TimerOff        Timer = iota
	TimerRetransmit       // an acknowledgement; then it sends again
	TimerKeepalive        // a sign of life; then it asks for one
	TimerTimeWait         // late segments of a closed connection
	TimerPersist          // a window; then it probes
	NumTimers
)

// TimerNames are the spellings of the timers.
var TimerNames = []string{"off", "on", "keepalive", "timewait", "persist"}

// Socket is one open socket, or a connection that the kernel keeps after its
// socket was closed: its inode is 0 then.
type Socket struct {
	Proto Proto
	State State
	// Local and Remote are valid for TCP, UDP, UDP-Lite and raw sockets; the
	// zero address with port 0 stands for any. Ports of raw sockets are 0.
	Local, Remote netip.AddrPort
	V6Only        bool   // takes no IPv4 connections; valid only if Local is ::
	Iface         uint32 // index of the interface it is bound to; 0: none
	Inode         uint64 // as the link /proc/PID/fd/N names it; 0: no process has it
	Cookie        uint64 // what the kernel calls the socket for its life; 0: unknown
	UID           uint32 // of who created it
	RecvQ, SendQ  uint32 // bytes that wait; of a listener: connections that wait, and how many may

	Timer   Timer
	Expires time.Duration // until the timer fires; valid unless TimerOff
	Retries uint8         // how often it has fired

	// TCP is what TCP knows of a connection; nil for other sockets.
	TCP *TCPInfo

	// Type is SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET of a Unix socket, SOCK_RAW
	// or SOCK_DGRAM of a packet socket.
	Type uint8
	// Protocol is the IP protocol of a raw socket, the EtherType of a packet
	// socket: 3 takes all.
	Protocol uint16
	// Path is the name of a Unix socket, empty if it has none; one that is no
	// file begins with @.
	Path string
	// Peer is the inode of the other end of a Unix socket; 0: none.
	Peer uint64
}

// TCPInfo is what the kernel's TCP measured of a connection (struct tcp_info).
type TCPInfo struct {
	RTT, RTTVar, MinRTT time.Duration
	RTO                 time.Duration
	Cwnd                uint32 // segments
	Ssthresh            uint32 // segments; 0x7fffffff: no limit yet
	MSS                 uint32 // bytes a segment sent
	PMTU                uint32
	Unacked             uint32 // segments in flight
	Lost                uint32
	Retrans             uint32 // segments sent again that are in flight
	TotalRetrans        uint32 // segments sent again since the beginning
	BytesAcked          uint64 // valid since Linux 4.1
	BytesReceived       uint64 // likewise
	BytesSent           uint64 // with those sent again; since Linux 4.19
	BytesRetrans        uint64 // likewise
	PacingRate          uint64 // byte/s; all ones: no limit
	DeliveryRate        uint64 // byte/s, the latest measurement
	LastSent, LastRecv  time.Duration
	Congestion          string // algorithm: cubic, bbr
}
