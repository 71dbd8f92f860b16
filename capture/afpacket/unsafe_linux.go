package afpacket

import (
	"sync/atomic"
	"unsafe"
)

// statusAt is where the status is in a block's descriptor (tpacket_block_desc).
const statusAt = 8

// word is a number that the kernel and pkt both change.
type word struct{ p *uint32 }

// wordAt returns the number at the start of mem, which must be aligned to four
// bytes.
func wordAt(mem []byte) word { return word{(*uint32)(unsafe.Pointer(&mem[:4][0]))} }

// load reads the number, and sees all that was written before it was stored.
func (w word) load() uint32 { return atomic.LoadUint32(w.p) }

// store writes the number behind all that was written before.
func (w word) store(v uint32) { atomic.StoreUint32(w.p, v) }
