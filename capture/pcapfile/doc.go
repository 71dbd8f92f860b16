// Package pcapfile reads and writes capture files: pcap and pcapng of both byte orders,
// plain or compressed, from files and pipes, one or several merged by time.
//
// A file is read in large pieces into blocks that are reused. Frames are
// slices of a block: nothing is copied but the record that straddles two
// reads, which goes to the front of the next block. A block goes back to the
// reader when the last batch that views it is reset, so a reader never waits
// for its blocks: it has one more than there are batches in use.
//
// A damaged file gives every packet before the damage, then a capture.Damage
// and io.EOF. A length that lies costs no memory: what is allocated for a long
// record doubles as its bytes really arrive.
//
// A Writer takes batches as they are read. What it writes reads back as the same
// packets, in pcapng with their interfaces, directions, comments, owners and
// losses too. A disk that is full leaves a file that ends behind a whole packet.
//
// The formats are described by draft-ietf-opsawg-pcap and
// draft-ietf-opsawg-pcapng.
package pcapfile
