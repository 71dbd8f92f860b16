package process

import "pkt/process/sockdiag"

// Socket is an open socket with whoever has it open.
type Socket struct {
	sockdiag.Socket
	NetNS   uint64   // inode of its network namespace
	Iface   string   // interface that it is bound to; empty if to none, or if its name is not known
	Holders []Holder // in ascending order of pid; empty if nobody has it open or can be looked at
	// Owner describes the first holder. Where there is none, only the user is known.
	Owner Owner
	// TxBPS and RxBPS are the rates, bit/s, that somebody measured; valid only if HasRate.
	TxBPS, RxBPS float64
	HasRate      bool
}

// Holder is a file descriptor of a process.
type Holder struct {
	PID, FD uint32
	Comm    string
}

// SocketOptions says which sockets to list.
type SocketOptions struct {
	Protos []sockdiag.Proto // nil: all
	// OwnSpace leaves out the other network namespaces.
	OwnSpace bool
}

// Listing is the open sockets of a machine at one time.
type Listing struct {
	Sockets []Socket
	// Spaces is how many network namespaces were looked at, and Closed how many
	// could not be for lack of permission.
	Spaces, Closed int
	Own            uint64 // inode of the namespace of this process
	// Denied is how many processes there are whose files could not be looked at.
	Denied int
}
