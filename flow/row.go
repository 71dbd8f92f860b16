package flow

import (
	"net/netip"

	"pkt/field"
	"pkt/process"
)

// State is a connection's state in Zeek's alphabet (conn_state).
type State uint8

// States, as https://docs.zeek.org/en/master/scripts/base/protocols/conn/main.zeek.html defines them.
const (
	OTH    State = iota // midstream traffic, no handshake seen, not closed
	S0                  // attempt seen, no reply
	S1                  // established, not terminated
	SF                  // normal establishment and termination
	REJ                 // attempt rejected
	S2                  // established, close by the originator, no reply from the responder
	S3                  // established, close by the responder, no reply from the originator
	RSTO                // established, originator aborted
	RSTR                // responder aborted
	RSTOS0              // originator sent a SYN followed by a RST, no SYN-ACK
	RSTRH               // responder sent a SYN-ACK followed by a RST, no SYN from the originator
	SH                  // originator sent a SYN followed by a FIN, no SYN-ACK ("half" open)
	SHR                 // responder sent a SYN-ACK followed by a FIN, no SYN
	NumStates
)

// StateNames are the spellings of the states.
var StateNames = []string{"OTH", "S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR"}

// EndReason says why a flow's record was closed.
type EndReason uint8

// End reasons.
const (
	EndNone    EndReason = iota // still running: the capture ended first
	EndFIN                      // both sides closed
	EndRST                      // reset
	EndIdle                     // no packet for the idle timeout
	EndActive                   // the active timeout: a record of a flow that goes on
	EndReuse                    // the same ports opened a new connection
	EndEvicted                  // the table was full
	NumEndReasons
)

// EndReasonNames are the spellings of the end reasons.
var EndReasonNames = []string{"eof", "fin", "rst", "idle", "active", "reuse", "evicted"}

// PortVia says how the service port of a flow was told apart (CLI: "Port").
type PortVia uint8

// Ways to know the service port, strongest first.
const (
	PortNone       PortVia = iota // the flow has no ports
	PortHandshake                 // it answered the SYN
	PortListening                 // a socket listens there (live only)
	PortPeers                     // more distinct peers share it
	PortRegistered                // registered and below 32768, the other one not
	PortLower                     // the lower number
	NumPortVia
)

// PortViaNames are the spellings of the ways.
var PortViaNames = []string{"none", "handshake", "listening", "peers", "registered", "lower"}

// Counters are what one side of a flow sent.
type Counters struct {
	Packets uint64
	Bytes   uint64 // original frame lengths
	IPBytes uint64 // by the IP length field
	Payload uint64 // bytes behind the transport header, on the wire, retransmissions included
}

// TCPSide is what is known of one side of a TCP connection.
type TCPSide struct {
	RetransPackets uint32
	RetransBytes   uint64
	OutOfOrder     uint32
	ZeroWindow     uint32
	Missed         uint64 // sequence space that was never captured
	StreamBytes    uint64 // content by sequence numbers, as Zeek's orig_bytes
	Flags          uint16 // all flags seen, NS CWR ECE URG ACK PSH RST SYN FIN from bit 8 to 0
	MSS            uint16 // of its SYN; 0 if absent
	RTT            int64  // running estimate of the path to this side, ns; 0 if unknown
}

// Row is a copy of one flow: what a record is made of. It stays valid when the
// flow's place in the table is reused.
type Row struct {
	ID     uint64 // hash of key and start: the same for the same capture
	Handle Handle // place in the table, reused after the flow has ended
	// Src is the originator and Dst the responder.
	Src, Dst         field.Cell
	SrcPort, DstPort uint16 // ICMP: type and code as Zeek places them
	Proto            uint8
	IPVersion        uint8
	HasPorts         bool
	SrcHigh          bool // Src is the side that RefHigh is about
	Guessed          bool // no handshake told who the originator is
	HasVLAN          bool
	VLAN             uint16 // of the first packet; valid only if HasVLAN
	Iface            uint32 // of the first packet
	Start, End       int64  // first and last packet, ns since 1970
	SrcSent, DstSent Counters
	TCP              [2]TCPSide // of Src and of Dst; zero but for TCP
	Handshake        int64      // SYN to the ACK of the SYN-ACK, ns; 0 if not seen whole
	State            State
	EndReason        EndReason
	PortVia          PortVia
	ServicePort      uint16 // valid unless PortVia is PortNone
	// Owner are the owners of Src's end and of Dst's; zero where nobody looks for them.
	Owner       [2]process.Side
	HistoryLen  uint8
	HistoryText [31]byte
}

// Handle is a flow's place in the table.
type Handle uint32

// Endpoints returns the originator and the responder.
func (r *Row) Endpoints() (src, dst netip.AddrPort) {
	return netip.AddrPortFrom(r.Src.Addr(), r.SrcPort), netip.AddrPortFrom(r.Dst.Addr(), r.DstPort)
}

// History returns Zeek's history letters of the flow.
func (r *Row) History() []byte { return r.HistoryText[:r.HistoryLen] }
