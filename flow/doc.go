// Package flow keeps the bidirectional flows of a capture: who talks to whom,
// how much each side sent, and, for TCP, what the connection went through. It
// owns the identity of a connection: a new SYN on used ports begins a new flow,
// or waits until the other side confirms it.
//
// States and history letters are Zeek's. The differences that are meant are
// listed in docs/CONFORMANCE.md.
//
// # Way of a batch
//
// Keys.Fill computes keys and hashes; it needs no table and may run on another
// core. Table.Update then counts the packets, and tells in Refs which flow each
// of them belongs to. Flows that end keep their handle, and can be read, until
// the next Update: its first act is to hand their rows to the Sink.
//
// # Layout in memory
//
// Records lie in pages of 1,024 that hold no pointers, in a pool for each shape.
// What every packet needs of a flow, and every segment of a connection, fills
// one cache line each:
//
//	IPv4 flow   64 bytes  addresses, ports, last time, eight 32-bit counters
//	IPv6 flow   88 bytes  the same with wide addresses
//	link        16 bytes  of every flow: first time, neighbours in a timer bucket
//	TCP         64 bytes  of TCP flows: states, sequence numbers, what is timed
//	TCP rest    48 bytes  of them too: where numbers began, RTT, MSS, history
//	rare       384 bytes  of flows in trouble: losses, holes, a pending SYN, long
//	                      histories, counters beyond 32 bits
//
// Two indexes, one for each IP version, find a record by its key: open
// addressing over 8-byte slots that hold 32 bits of the hash and the number of
// the record. The place of a slot follows from these 32 bits, so that growing
// never reads a record. At three quarters full an index doubles: 11 to 21 bytes
// a flow. The table of endpoints has another such slot for each of them, at most
// 64 MiB.
//
// So a UDP flow over IPv4 takes about 100 bytes, a TCP flow about 210; five
// million flows of scans and DNS, half of them TCP, took 178 bytes each of the
// whole process.
//
// # Time
//
// Timeouts follow the capture's clock: the latest time seen in it. Times that
// run backwards do not turn it back.
package flow
