// Package capture is where packets come from: the interface that every source
// of packets has, and what sources tell about themselves.
//
// Sources live in folders of their own (pcapfile reads capture files). They
// read, and do nothing else: they do not decode, filter, print or start
// goroutines.
package capture
