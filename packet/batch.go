package packet

// Dir tells which way a packet went, seen from the capturing host.
type Dir uint8

// Directions. Files that do not record one have DirUnknown. DirBoth is what a
// host has sent to itself: it has left and arrived.
const (
	DirUnknown Dir = iota
	DirIn
	DirOut
	DirBoth = DirIn | DirOut
)

// Record is one captured frame: where it lies, how long it was, when and where
// it was seen. 32 bytes.
type Record struct {
	Nanos   int64  // capture time, nanoseconds since 1970 UTC
	Off     uint32 // of the frame in the batch's block
	CapLen  uint32 // bytes captured
	WireLen uint32 // bytes on the wire, without FCS and preamble
	Iface   uint32 // index into Batch.Ifaces
	Link    uint16 // LINKTYPE_ value of the frame
	Dir     Dir
	Marks   Marks
}

// Marks are what is known of a packet from those that came before it in its
// flow. They are valid only if Marked is set.
type Marks uint8

// Marks.
const (
	Marked         Marks = 1 << iota // the packet was looked at in its flow
	MarkRetrans                      // TCP: payload that was sent before
	MarkOutOfOrder                   // TCP: payload that fills a hole that has just appeared
)

// Iface is an interface that packets were captured on, or a capture file that
// names none.
type Iface struct {
	Name    string // "eth0"; empty where the file does not say
	Desc    string // description, empty where the file does not say
	OS      string // operating system of the capturing host, likewise
	File    string // path of the file as given, empty when live
	Link    uint16 // LINKTYPE_ value
	SnapLen uint32 // 0: no limit known
	// BigEndian is the byte order of the file section: LINKTYPE_NULL and some
	// other headers are in the capturing host's order.
	BigEndian bool
	// Micros says that the file's format has no times finer than microseconds.
	Micros bool
}

// NoteKind says what a Note is about.
type NoteKind uint8

// Kinds of notes.
const (
	NoteComment   NoteKind = iota // a comment on a packet, in Text
	NoteProcess                   // the packet's owner: PID and TID
	NoteDrops                     // Count packets were lost just before the packet
	NoteIfaceDrop                 // Count packets were lost on the interface, by its statistics
)

// Note is a rare fact about one packet of a batch.
type Note struct {
	Packet int // position in the batch
	Kind   NoteKind
	PID    uint32
	TID    uint32
	Count  uint64
	Text   string
}

// Batch is up to BatchLen frames of one block, in the order of the capture.
// A batch is filled by a capture source, completed by decoding, and reused.
type Batch struct {
	Block   *Block
	N       int
	Records [BatchLen]Record
	Layers  [BatchLen]Layers // valid for positions that were decoded

	// First is the number of the first packet in its file, counted from 1.
	// Nums, where not empty, holds the number of every packet instead: captures
	// that were merged interleave their numbers.
	First uint64
	Nums  []uint64

	// Now is how far a live capture's clock has come, ns since 1970: packets of
	// later batches are not older, but for what the machine itself puts out of
	// order. It goes on in batches without packets. 0 from files, whose packets
	// are their only clock.
	Now int64

	// Ifaces is the table that Record.Iface indexes. Sources only ever append
	// to it; it is shared and must not be written.
	Ifaces []Iface
	// Notes are in ascending order of Packet.
	Notes []Note
	// Owner is who each packet counts for, as package process numbers owners, and
	// EndOwner who is at the source's end and at the destination's; valid only if
	// HasOwner, which is set where somebody looks for them.
	Owner    [BatchLen]uint32
	EndOwner [BatchLen][2]uint32
	HasOwner bool
}

// Frame returns the captured bytes of packet i. The slice lives as long as the
// batch holds its block.
func (b *Batch) Frame(i int) []byte {
	r := &b.Records[i]
	return b.Block.Bytes[r.Off : r.Off+r.CapLen : r.Off+r.CapLen]
}

// Num returns the number of packet i in its file, counted from 1.
func (b *Batch) Num(i int) uint64 {
	if len(b.Nums) != 0 {
		return b.Nums[i]
	}
	return b.First + uint64(i)
}

// All returns the set of all packets of the batch.
func (b *Batch) All() Set { return FirstN(b.N) }

// Reset empties the batch, releasing its block.
func (b *Batch) Reset() {
	if b.Block != nil {
		b.Block.Release()
		b.Block = nil
	}
	b.N = 0
	b.First = 0
	b.Now = 0
	b.Nums = b.Nums[:0]
	b.Notes = b.Notes[:0]
	b.HasOwner = false
}
