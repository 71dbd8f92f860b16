package pcapfile

import (
	"sync"

	"pkt/packet"
)

// blockSize is how much is read at once. Larger reads gain nothing
// (BenchmarkBlockSize), and cost where two blocks, the one being filled and the
// one before it, no longer lie in the second-level cache. Smaller ones would
// leave the last batch of every block emptier.
const blockSize = 256 << 10

// pool is the free list of a reader's blocks. Blocks come back on whichever
// goroutine lets go of a batch last, hence the lock, which is taken twice a
// block.
type pool struct {
	size int // of a block in bytes
	mu   sync.Mutex
	free []*packet.Block
}

// get returns a block of n bytes with one reference. Blocks of other sizes than
// the pool's are made for one use.
func (p *pool) get(n int) *packet.Block {
	var b *packet.Block
	if n == p.size {
		b = p.take()
	}
	if b == nil {
		b = packet.NewBlock(make([]byte, n), p)
	}
	b.Retain()
	return b
}

func (p *pool) take() *packet.Block {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) == 0 {
		return nil
	}
	b := p.free[len(p.free)-1]
	p.free = p.free[:len(p.free)-1]
	return b
}

// Return takes back a block. One of another size is left to the garbage
// collector.
func (p *pool) Return(b *packet.Block) {
	if len(b.Bytes) != p.size {
		return
	}
	p.mu.Lock()
	p.free = append(p.free, b)
	p.mu.Unlock()
}
