package capture

import (
	"fmt"
	"sync/atomic"

	"pkt/packet"
)

// Source delivers captured packets in batches.
type Source interface {
	// Next resets b and fills it with up to packet.BatchLen frames that lie in
	// one block. At the end of the input it returns io.EOF and an empty batch.
	//
	// One goroutine calls it. The batch holds a reference to its block until
	// it is reset, so several batches may be filled before the first is let
	// go. b.Ifaces stays valid for ever.
	//
	// A source that waits for packets returns what it has as soon as it would
	// have to wait; and it may return an empty batch without error, so that
	// the caller's clock goes on.
	Next(b *packet.Batch) error
	// Close ends the source. It may be called from any goroutine, more than
	// once, and while Next waits, which then returns io.EOF. Batches that were
	// filled before stay valid.
	Close() error
}

// Stats counts what a source has done. Any goroutine may read it at any time.
type Stats struct {
	// Read is how many bytes of the files were read, as they lie on disk:
	// compressed, where they are. Size is what the files hold, and -1 where
	// nobody knows: a pipe, a file that is followed.
	Read, Size atomic.Int64

	Packets    atomic.Uint64 // packets delivered
	Damaged    atomic.Uint64 // places where the input was damaged
	Drops      atomic.Uint64 // packets that the capture says were lost between two packets
	IfaceDrops atomic.Uint64 // packets that the statistics of interfaces say were lost

	// Received and KernelDrops are of live captures: packets that the kernel's
	// filter let through, and those of them that it dropped for lack of room.
	Received, KernelDrops atomic.Uint64
}

// Lost returns how many packets are known to be lost, wherever that was.
func (s *Stats) Lost() uint64 { return s.Drops.Load() + s.IfaceDrops.Load() + s.KernelDrops.Load() }

// Damage is a place where a file could not be read. Everything before it was
// delivered.
type Damage struct {
	File string // path as given
	// Packet is the number of the packet that could not be read, counted from
	// 1: one more than the packets of the file that were delivered before.
	Packet uint64
	Offset int64  // of the damaged record in the file, decompressed
	Reason string // lower case: "truncated"
}

// String returns the damage as a line for people: "reading x.pcap: truncated at packet 1042".
func (d Damage) String() string {
	return fmt.Sprintf("reading %s: %s at packet %d", d.File, d.Reason, d.Packet)
}
