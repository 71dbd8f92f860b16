package trace

import (
	"bytes"
	"encoding/binary"
)

// How says by what a process was found to own a socket.
type How uint8

// Ways to find an owner. The programs store these numbers.
const (
	HowCreate  How = iota + 1 // it created the socket
	HowIO                     // it sent or received
	HowOpen                   // it has the socket open
	HowInherit                // it owns the listener that the connection came to
	HowState                  // it connected, listened or closed
	HowKernel                 // a thread of the kernel sent or received
)

// Record is a process that owns a socket.
type Record struct {
	TGID, PPID, UID uint32
	Start           uint64 // when it started, ns since boot; 0 if unknown
	Cgroup          uint64 // inode of its control group in cgroup2; 0 if unknown
	Comm            string
	How             How
	Own             bool // it descends from this process
	HasUID          bool
}

// Layout of a record in the map of owners: tgid uid u32, start cgroup u64, ppid
// how u32, comm[16].
const (
	recTGID   = 0
	recUID    = 4
	recStart  = 8
	recCgroup = 16
	recPPID   = 24
	recHow    = 28
	recComm   = 32
	recSize   = 48

	howMask = 0xff
	bitOwn  = 0x100
	noUID   = 0xffffffff
	commLen = 16
)

// parseRecord reads a record of recSize bytes.
func parseRecord(b []byte) Record {
	ne := binary.NativeEndian
	how := ne.Uint32(b[recHow:])
	return Record{
		TGID: ne.Uint32(b[recTGID:]), UID: ne.Uint32(b[recUID:]), PPID: ne.Uint32(b[recPPID:]),
		Start: ne.Uint64(b[recStart:]), Cgroup: ne.Uint64(b[recCgroup:]),
		Comm: text(b[recComm : recComm+commLen]), How: How(how & howMask), Own: how&bitOwn != 0,
		HasUID: ne.Uint32(b[recUID:]) != noUID,
	}
}

// Exec is a program that a process began to run.
type Exec struct {
	Record
	Path string // as it was called; may be relative
	Args string // words with spaces between them, cut after argsLen bytes
}

// Layout of an exec in the ring buffer: a record, bytes of arguments u32, pad u32,
// path[128], args[256].
const (
	execArgsLen = recSize
	execPath    = recSize + 8
	pathLen     = 128
	execArgs    = execPath + pathLen
	argsLen     = 256
	execSize    = execArgs + argsLen
)

// parseExec reads an exec; a short one is refused.
func parseExec(b []byte) (e Exec, ok bool) {
	if len(b) < execSize {
		return e, false
	}
	n := min(int(binary.NativeEndian.Uint32(b[execArgsLen:])), argsLen)
	args := bytes.TrimRight(b[execArgs:execArgs+n], "\x00")
	return Exec{
		Record: parseRecord(b),
		Path:   text(b[execPath : execPath+pathLen]),
		Args:   string(bytes.ReplaceAll(args, []byte{0}, []byte{' '})),
	}, true
}

// text returns the bytes before the first zero byte.
func text(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// Flow is a flow seen from one of its ends, as the maps have it.
type Flow struct {
	Local, Remote         [16]byte // IPv4 in the first four bytes
	LocalPort, RemotePort uint16
	Proto                 uint8
	IPVersion             uint8
	NetNS                 uint64 // cookie of the network namespace of the local end; 0: any
}

// Layout of a flow in the maps, without and with the namespace.
const (
	flowLocal      = 0
	flowRemote     = 16
	flowLocalPort  = 32
	flowRemotePort = 34
	flowProto      = 36
	flowVersion    = 37
	flowNetNS      = 40
	flowSize       = 48
	tupleSize      = flowNetNS
)

// put writes the flow as the maps have it.
func (f *Flow) put(b *[flowSize]byte) {
	*b = [flowSize]byte{}
	copy(b[flowLocal:], f.Local[:])
	copy(b[flowRemote:], f.Remote[:])
	binary.BigEndian.PutUint16(b[flowLocalPort:], f.LocalPort)
	binary.BigEndian.PutUint16(b[flowRemotePort:], f.RemotePort)
	b[flowProto], b[flowVersion] = f.Proto, f.IPVersion
	binary.NativeEndian.PutUint64(b[flowNetNS:], f.NetNS)
}

// Socket is what a flow belongs to.
type Socket struct {
	Cookie uint64
	Type   uint8 // SOCK_STREAM, SOCK_DGRAM, SOCK_RAW
	State  uint8 // TCP's, when the flow was seen first
}

// Layout of a socket in the map of flows: cookie u64, type state u32.
const (
	sockCookie = 0
	sockType   = 8
	sockState  = 12
	sockSize   = 16
)

func parseSocket(b []byte) Socket {
	ne := binary.NativeEndian
	return Socket{ne.Uint64(b[sockCookie:]), uint8(ne.Uint32(b[sockType:])), uint8(ne.Uint32(b[sockState:]))}
}

// setNetNS takes the namespace from a value of the map of namespaces.
func (f *Flow) setNetNS(b []byte) { f.NetNS = binary.NativeEndian.Uint64(b) }

// put writes a record as the map has it.
func (r *Record) put(b *[recSize]byte) {
	ne := binary.NativeEndian
	*b = [recSize]byte{}
	ne.PutUint32(b[recTGID:], r.TGID)
	ne.PutUint32(b[recUID:], r.UID)
	if !r.HasUID {
		ne.PutUint32(b[recUID:], noUID)
	}
	ne.PutUint64(b[recStart:], r.Start)
	ne.PutUint64(b[recCgroup:], r.Cgroup)
	ne.PutUint32(b[recPPID:], r.PPID)
	ne.PutUint32(b[recHow:], uint32(r.How))
	copy(b[recComm:recComm+commLen-1], r.Comm)
}
