package afpacket

import (
	"encoding/binary"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"pkt/packet"
)

// Offsets in the descriptor of a block (tpacket_block_desc with tpacket_hdr_v1).
const (
	blockPackets = 12
	blockFirst   = 16 // offset of the first packet
)

// ring is the memory that a socket and pkt share, in blocks that belong to one
// of them at a time. It lasts until it is closed and all blocks are back.
type ring struct {
	fd    int
	mem   []byte
	slots []slot

	users  atomic.Int64 // the opener, calls in progress, and blocks that batches hold
	closed sync.Once
	file   *os.File // of fd, once it has one
	others []int    // descriptors that are closed with it
}

// slot is a block of the ring.
type slot struct {
	ring   *ring
	block  *packet.Block
	status word
	out    atomic.Bool // batches hold it
}

func newRing(fd int, mem []byte, blocks, size int) *ring {
	r := &ring{fd: fd, mem: mem, slots: make([]slot, blocks)}
	for i := range r.slots {
		s := &r.slots[i]
		s.ring = r
		part := mem[i*size : (i+1)*size : (i+1)*size]
		s.block = packet.NewBlock(part, s)
		s.status = wordAt(part[statusAt:])
	}
	r.users.Store(1)
	return r
}

// filled reports whether the kernel has handed the block over. One that batches
// still hold is not what it has handed over last.
func (s *slot) filled() bool { return !s.out.Load() && s.status.load()&unix.TP_STATUS_USER != 0 }

// pending reports whether the kernel has put packets into the block that it is
// filling, which this one is.
func (s *slot) pending() bool { return binary.NativeEndian.Uint32(s.block.Bytes[blockPackets:]) != 0 }

// take makes the block pkt's until its last reference is gone.
func (s *slot) take() (packets, first int) {
	s.ring.users.Add(1)
	s.out.Store(true)
	s.block.Retain()
	return int(binary.NativeEndian.Uint32(s.block.Bytes[blockPackets:])), int(binary.NativeEndian.Uint32(s.block.Bytes[blockFirst:]))
}

// Return implements packet.Owner: the block is the kernel's again.
func (s *slot) Return(*packet.Block) {
	binary.NativeEndian.PutUint32(s.block.Bytes[blockPackets:], 0) // see pending
	s.status.store(unix.TP_STATUS_KERNEL)
	s.out.Store(false)
	s.ring.leave()
}

// enter keeps the ring from being unmapped until leave. It fails when it may be
// so already.
func (r *ring) enter() bool {
	for {
		n := r.users.Load()
		if n == 0 {
			return false
		}
		if r.users.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// leave lets go of the ring; the last one to leave unmaps it.
func (r *ring) leave() {
	if r.users.Add(-1) != 0 {
		return
	}
	// Nothing is lost by errors: there is nothing to be written.
	unix.Munmap(r.mem)
	if r.file != nil {
		r.file.Close()
	} else {
		unix.Close(r.fd)
	}
	for _, fd := range r.others {
		unix.Close(fd)
	}
}

// close lets the opener go.
func (r *ring) close() { r.closed.Do(r.leave) }
