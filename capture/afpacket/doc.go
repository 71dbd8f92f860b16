// Package afpacket captures from network interfaces of Linux, through a ring of
// blocks that the kernel fills and pkt reads in place: AF_PACKET sockets with
// TPACKET_V3, see packet(7) and Documentation/networking/packet_mmap.rst.
//
//	socket of protocol 0 ── version, ring, filter ── bind      nothing comes before the filter is there
//	kernel ──> block ──> packet.Batch ... packet.Batch         several batches view one block
//	  ^                        │
//	  └── last reference ──────┘                               the block is the kernel's again
//
// One socket serves any number of interfaces: for several, it is bound to none,
// and the filter in the kernel tells them apart by their index. So packets come
// in one order, without a merge.
//
// When all blocks are held by batches, nobody waits: the kernel has no room,
// drops packets, and counts them (capture.Stats). The reader waits for batches
// to be let go only in so far as no new packets come.
//
// Other systems are not supported yet: Open says so there.
package afpacket
