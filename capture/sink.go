package capture

import "pkt/packet"

// Sink takes packets in batches: it is where captured packets go. One goroutine
// calls it.
type Sink interface {
	// Write takes the packets in the set, in order, cut as they were captured.
	// Nothing of the batch is used after it returns. A batch without packets
	// still tells of its interfaces and its notes. The first error stays: every
	// later call returns it.
	Write(b *packet.Batch, in packet.Set) error
	// Close completes what was written. It returns the first error of all.
	Close() error
}
