// Package capture is where packets come from and where they go: the interfaces
// that every source and every sink of packets has, and what sources tell about
// themselves.
//
// Sources and sinks live in folders of their own (pcapfile has those of capture
// files). They read and write, and do nothing else: they do not decode, filter,
// print or start goroutines.
package capture
