// Package reassembly puts the segments of TCP connections, and the datagrams of
// UDP flows, in order: each side of a flow becomes a stream of bytes. What was
// never captured is a gap, what came twice and differed a conflict; both are
// facts, not errors.
//
// Which segment belongs to which connection is decided by package flow alone:
// streams are found by the handle of their flow and the side of their sender.
// IP fragments are put together by package fragment.
//
// # Way of a segment
//
// Nearly all segments begin where the one before them ended. Their bytes are
// handed to the Consumer as a slice of the frame: nothing is copied and nothing
// allocated. Others wait in the queue of their side, sorted, as descriptors of 24
// bytes whose bytes lie in slots of an arena, until the hole in front of them is
// closed or given up.
//
// A hole is given up when the flow ends, or when its side holds too much behind it
// (Config.HalfBytes, HalfSegments), or when all sides together do (Config.Held): then
// it is the turn of the one that holds most. For a Consumer that cannot go back, a hole
// that the receiver has acknowledged is given up after a second of capture time or a
// MiB behind it. A Patcher takes late bytes even after that.
//
// # Start of a stream
//
// A SYN says where a stream starts. Without one it starts at the lowest number
// seen until that is certain: until the receiver acknowledges it, or 64 KiB, 64
// segments or a second have passed.
package reassembly
