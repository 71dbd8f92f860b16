package reassembly

import "pkt/flow"

// Stream is the content of a flow, while the flow lives.
type Stream struct {
	Handle flow.Handle
	// Halves are what each side has sent: that of flow.RefHigh is the second one.
	Halves [2]Half

	ignored bool // the consumer does not want it
	udp     bool
}

// Half is what one side has sent.
type Half struct {
	// Size is how many bytes were handed out, gaps included.
	Size int64
	// First and Last are the times of the first and the latest packet with content,
	// ns since 1970; valid only if Packets > 0.
	First, Last int64
	Packets     uint64
	// User belongs to the consumer.
	User uint32

	flags uint8
	next  uint32 // sequence number of the byte at off
	ack   uint32 // highest acknowledgement; valid only if isAcked
	host  uint32 // of the sender, for its checksums
	// off is how much of the sequence space was handed out: Size and the urgent bytes
	// that were taken away. While the start is not certain it is 0, and next the first
	// number seen.
	off   int64
	fin   int64 // where the FIN is; valid only if hasFIN
	queue *queue
	facts *Facts
}

// Flags of a half.
const (
	isStarted = 1 << iota // the start is certain
	hasISN                // next was told by a SYN
	isAcked
	hasFIN
	isFull    // MaxStream was reached
	onlySYN   // all that there is came with a SYN that nobody has answered yet
	hasPacket // of the side
)

// Range is a part of a stream.
type Range struct{ Off, Len int64 }

// Facts are what was remarkable about one side.
type Facts struct {
	// Gaps are the bytes that were never captured, in order, as far as they are listed;
	// GapCount and GapBytes count all.
	Gaps     []Range
	GapCount uint64
	GapBytes int64
	// MissingTail is how many bytes the FIN says were sent behind the last one captured.
	MissingTail int64

	Retransmitted uint64 // bytes that came again
	Conflicts     uint64 // bytes of them that differed, as far as could be told
	FirstConflict int64  // offset of the first; valid only if Conflicts > 0
	Late          uint64 // bytes that came after their gap was given up, and were not used
	Strays        uint64 // segments whose numbers nothing confirmed
	AfterFIN      uint64 // bytes beyond the end of the stream
	Urgent        uint64 // bytes marked as urgent
	RSTText       uint64 // bytes in RST segments, which are no content
	BadSums       uint64 // segments dropped for their checksums
	Cut           int64  // bytes beyond MaxStream

	oob     []int64 // offsets of urgent bytes that are yet to be taken away
	removed int64   // urgent bytes taken away
}

// noFacts is what a side without facts has.
var noFacts Facts

// Facts returns what was remarkable. It must not be changed.
func (h *Half) Facts() *Facts {
	if h.facts == nil {
		return &noFacts
	}
	return h.facts
}

// note returns the facts to be changed.
func (h *Half) note() *Facts {
	if h.facts == nil {
		h.facts = new(Facts)
	}
	return h.facts
}

// offset returns where a sequence number lies in the stream. It must be less
// than 2 GiB away.
func (h *Half) offset(seq uint32) int64 { return h.off + int64(int32(seq-h.next)) }

// ackOff returns the offset that the peer has acknowledged; valid only if isAcked.
func (h *Half) ackOff() int64 { return h.offset(h.ack) }

// Consumer takes the content of streams. The assembler calls it from the
// goroutine of Batch and Ended. Offsets count from the start of a side's stream.
type Consumer interface {
	// Open is called when the first content of a flow has come. It returns false where
	// the stream is of no interest: the other methods are not called for it then.
	Open(s *Stream) bool
	// Data takes the next bytes of a side; nanos is when they were complete. b is valid until
	// it returns.
	Data(s *Stream, side uint8, off int64, b []byte, nanos int64)
	// Gap tells that the next n bytes of a side are not there.
	Gap(s *Stream, side uint8, off, n, nanos int64)
	// End tells that a stream is over, and how its flow ended.
	End(s *Stream, row *flow.Row)
}

// Comparer is a Consumer that knows what it took.
type Comparer interface {
	// Compare returns how many bytes of b differ from those it took at off, and where
	// the first one is.
	Compare(s *Stream, side uint8, off int64, b []byte) (n int, first int64)
}

// Patcher is a Consumer that can go back.
type Patcher interface {
	// Patch takes bytes that lie within a gap it was told of.
	Patch(s *Stream, side uint8, off int64, b []byte)
}
