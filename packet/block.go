package packet

import "sync/atomic"

// Block is a piece of memory that frames lie in: a read buffer or a block of a
// capture ring. Several batches may view one block. It goes back to its owner
// when the last of them lets go.
type Block struct {
	Bytes []byte

	refs  atomic.Int32
	owner Owner
}

// Owner takes back blocks. Return is called from the goroutine that released
// the last reference.
type Owner interface {
	Return(*Block)
}

// NewBlock returns a block of memory without references. A nil owner leaves
// the block to the garbage collector.
func NewBlock(mem []byte, owner Owner) *Block { return &Block{Bytes: mem, owner: owner} }

// Retain adds a reference.
func (b *Block) Retain() { b.refs.Add(1) }

// Release drops a reference; the last one returns the block to its owner, after
// which the bytes may be overwritten at any time.
func (b *Block) Release() {
	if b.refs.Add(-1) == 0 && b.owner != nil {
		b.owner.Return(b)
	}
}
