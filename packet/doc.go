// Package packet holds what every stage of pkt shares: a batch of captured
// frames, the memory they lie in, and what decoding found in each of them.
//
// A batch views one Block. Frames are addressed by offset into the block, and
// headers by offset into the frame, so that a batch holds no pointers that the
// garbage collector has to follow and can be reused for ever.
//
// The package is a leaf: it reads nothing, prints nothing, starts nothing.
package packet
