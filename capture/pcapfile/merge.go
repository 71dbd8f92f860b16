package pcapfile

import (
	"io"
	"math"

	"pkt/packet"
)

// merge puts the packets of several files in the order of time. It copies them
// into blocks of its own, since a batch views one block.
//
// Files wait for their turn closed, with their first packet read: thousands of
// rotated files cost no more than the few that overlap.
type merge struct {
	rd    *Reader
	heads []*head         // a heap: the earliest packet is first
	spare []*packet.Batch // of files that ended
	block *packet.Block   // being filled
	w     int             // bytes of it in use
}

// head is a file of a merge and its next packet.
type head struct {
	s     *stream
	nanos int64         // time of the next packet
	first *first        // valid only until the file's turn comes
	batch *packet.Batch // nil until the file's turn comes
	i     int           // of the next packet in the batch
	note  int           // of the next note in the batch
}

// first is the first packet of a file that waits for its turn.
type first struct {
	record packet.Record
	block  *packet.Block
	notes  []packet.Note
}

// add takes a file into the merge. A pipe is not read before its turn, which
// is at once.
func (m *merge) add(s *stream) error {
	if s.live {
		m.push(&head{s: s, nanos: math.MinInt64})
		return nil
	}
	b := m.takeBatch()
	defer m.giveBatch(b)
	if err := s.peek(b); err == io.EOF {
		return nil
	} else if err != nil {
		return err
	}
	b.Block.Retain()
	f := &first{record: b.Records[0], block: b.Block, notes: append([]packet.Note(nil), b.Notes...)}
	m.push(&head{s: s, nanos: f.record.Nanos, first: f})
	return nil
}

// next fills b with the next packets of all files.
func (m *merge) next(b *packet.Batch) error {
	for b.N < packet.BatchLen && len(m.heads) > 0 {
		h := m.heads[0]
		if h.batch == nil || h.i == h.batch.N {
			if h.s.live && b.N > 0 {
				break // it may have to wait, and there are packets at hand
			}
			if err := m.refill(h); err != nil {
				return err
			}
			continue
		}
		if !m.room(b, h) {
			break
		}
		m.take(b, h)
		if h.i < h.batch.N {
			h.nanos = h.batch.Records[h.i].Nanos
			m.sift(0)
		}
	}
	if b.N == 0 {
		m.dropBlock()
		return io.EOF
	}
	m.block.Retain()
	b.Block = m.block
	b.First = b.Nums[0]
	b.Ifaces = m.rd.ifaces
	return nil
}

// refill gets the next batch of the first head's file and finds the head's
// place anew. A file that has ended leaves the merge.
func (m *merge) refill(h *head) error {
	h.i, h.note = 0, 0
	if h.batch == nil {
		h.batch = m.takeBatch()
		if f := h.first; f != nil {
			h.batch.N, h.batch.First, h.batch.Block = 1, 1, f.block
			h.batch.Records[0] = f.record
			h.batch.Notes = append(h.batch.Notes, f.notes...)
			h.first = nil
			return nil
		}
	}
	h.batch.Reset()
	switch err := h.s.next(h.batch); err {
	case nil:
		h.nanos = h.batch.Records[0].Nanos
	case io.EOF:
		m.giveBatch(h.batch)
		last := len(m.heads) - 1
		m.heads[0] = m.heads[last]
		m.heads[last] = nil
		m.heads = m.heads[:last]
	default:
		return err
	}
	m.sift(0)
	return nil
}

// room reports whether the next packet of h can go into b: it cannot when it
// needs another block than the packets that are there.
func (m *merge) room(b *packet.Batch, h *head) bool {
	n := int(h.batch.Records[h.i].CapLen)
	if m.block != nil && n <= len(m.block.Bytes)-m.w {
		return true
	}
	if b.N > 0 {
		return false
	}
	m.dropBlock()
	m.block, m.w = m.rd.pool.get(max(n, m.rd.pool.size)), 0
	return true
}

func (m *merge) dropBlock() {
	if m.block != nil {
		m.block.Release()
		m.block = nil
	}
}

// take copies the next packet of h to the end of b.
func (m *merge) take(b *packet.Batch, h *head) {
	r := &b.Records[b.N]
	*r = h.batch.Records[h.i]
	r.Off = uint32(m.w)
	m.w += copy(m.block.Bytes[m.w:], h.batch.Frame(h.i))
	b.Nums = append(b.Nums, h.batch.Num(h.i))
	for notes := h.batch.Notes; h.note < len(notes) && notes[h.note].Packet == h.i; h.note++ {
		n := notes[h.note]
		n.Packet = b.N
		b.Notes = append(b.Notes, n)
	}
	b.N++
	h.i++
}

func (m *merge) takeBatch() *packet.Batch {
	if len(m.spare) == 0 {
		return new(packet.Batch)
	}
	b := m.spare[len(m.spare)-1]
	m.spare = m.spare[:len(m.spare)-1]
	return b
}

func (m *merge) giveBatch(b *packet.Batch) {
	b.Reset()
	m.spare = append(m.spare, b)
}

// less orders heads by time and then by file.
func (m *merge) less(i, j int) bool {
	a, b := m.heads[i], m.heads[j]
	return a.nanos < b.nanos || a.nanos == b.nanos && a.s.index < b.s.index
}

// push adds a head to the heap.
func (m *merge) push(h *head) {
	m.heads = append(m.heads, h)
	for i := len(m.heads) - 1; i > 0; {
		up := (i - 1) / 2
		if !m.less(i, up) {
			return
		}
		m.heads[i], m.heads[up] = m.heads[up], m.heads[i]
		i = up
	}
}

// sift moves head i down to its place in the heap.
func (m *merge) sift(i int) {
	for {
		down := 2*i + 1
		if down >= len(m.heads) {
			return
		}
		if right := down + 1; right < len(m.heads) && m.less(right, down) {
			down = right
		}
		if !m.less(down, i) {
			return
		}
		m.heads[i], m.heads[down] = m.heads[down], m.heads[i]
		i = down
	}
}
