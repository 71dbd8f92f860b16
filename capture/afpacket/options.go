package afpacket

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/net/bpf"

	"pkt/packet"
)

// Any is the name that stands for all interfaces, also for those to come. Their
// frames have a header of Linux's own, LINKTYPE_LINUX_SLL2.
const Any = "any"

// Defaults of Options.
const (
	DefaultSnapLen = 262144   // longer than any frame, those that cards cut up later included
	DefaultBuffer  = 64 << 20 // bytes
)

// Options say what is captured, and how.
type Options struct {
	// Interfaces are names of interfaces; Any stands alone.
	Interfaces []string
	// Promiscuous asks for frames that are for others, too.
	Promiscuous bool
	// SnapLen is what frames are cut to; 0 is DefaultSnapLen.
	SnapLen uint32
	// Buffer is the memory of the ring in bytes; 0 is DefaultBuffer.
	Buffer int
	// Dir keeps packets of one direction only; DirUnknown keeps both. What an
	// interface sends to itself, as the loopback interface does, goes both ways.
	Dir packet.Dir
	// Link is the LINKTYPE_ value of frames, LINKTYPE_LINUX_SLL or
	// LINKTYPE_LINUX_SLL2 in place of the interface's own; 0: its own.
	Link uint16
	// Filter returns the program for an interface, compiled for its Link, with
	// packet data where it is in frames of this type; nil lets all packets
	// through. It is called from Open, and from Next when an interface appears.
	Filter func(Interface) ([]bpf.RawInstruction, error)
	// Changed is told from Next when an interface changes; may be nil.
	Changed func(Change)
}

// Interface is a network interface.
type Interface struct {
	Name     string
	Index    int    // 0: Any
	Link     uint16 // LINKTYPE_ value of its frames
	Loopback bool
	Up       bool
}

// Change is what became of an interface during a capture.
type Change struct {
	Interface string
	Event     Event
}

// Event is a kind of change.
type Event uint8

// Events.
const (
	Down Event = iota // it is there, and passes no packets for now
	Up                // it passes packets again
	Gone              // it was deleted
	Back              // one of its name is there again
)

// String returns the words for people: "went down".
func (e Event) String() string {
	return [...]string{"went down", "is up again", "was deleted", "is there again"}[e]
}

// ErrUnsupported says that pkt cannot capture on this system.
var ErrUnsupported = fmt.Errorf("live capture is not supported here yet: %w", errors.ErrUnsupported)

// ErrGone ends a capture whose interfaces were all deleted.
var ErrGone = errors.New("the interface was deleted")

// Error says which interface cannot be captured from, and why.
type Error struct {
	Interface string
	Err       error // one of the errors below, or the system's
}

// Error returns the line for people: "capturing from eth0: it is down".
func (e *Error) Error() string { return "capturing from " + e.Interface + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// Reasons of an Error.
var (
	ErrNoInterface = errors.New("there is no such interface")
	ErrDown        = errors.New("the interface is down")
)

// pollEvery is how often Next returns when no packets come.
const pollEvery = 100 * time.Millisecond

// layout of the ring.
const (
	wantBlocks = 64
	minBlock   = 128 << 10 // holds any frame but jumbo super-packets
	maxBlock   = 1 << 20
	span       = 3 * time.Second // that slow packets should need to fill the ring
)

// ringSize returns the number of blocks and their size for a buffer of so many
// bytes, and after how long the kernel hands over a block that is not full.
//
// The ring fills by time as well as by bytes: the blocks together have to last
// for as long as the reader may be away.
func ringSize(buffer int) (blocks, size int, retire time.Duration) {
	size = minBlock
	for size < maxBlock && size*wantBlocks < buffer {
		size *= 2
	}
	blocks = max(buffer/size, 4)
	return blocks, size, min(max(span/time.Duration(blocks), 10*time.Millisecond), 100*time.Millisecond)
}
