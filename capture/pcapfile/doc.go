// Package pcapfile reads capture files: pcap and pcapng of both byte orders,
// plain or compressed, from files and pipes, one or several merged by time.
//
// A file is read in large pieces into blocks that are reused. Frames are
// slices of a block: nothing is copied but the record that straddles two
// reads, which goes to the front of the next block. A block goes back to the
// reader when the last batch that views it is reset, so a reader never waits
// for its blocks: it has one more than there are batches in use.
//
// A damaged file gives every packet before the damage, then a capture.Damage
// and io.EOF. No length in a file makes the reader allocate more than twice of
// what the file really holds.
//
// The formats are described by draft-ietf-opsawg-pcap and
// draft-ietf-opsawg-pcapng.
package pcapfile
