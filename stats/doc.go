// Package stats counts: Ranking groups packets by any fields of theirs or of
// their flows, which is what `pkt top` prints; Summary gathers what one page of
// `pkt stats` says about a capture.
//
// Both are fed once per batch, behind the flow table, from one goroutine, and
// allocate nothing per packet. Their memory is bounded; what a bound dropped is
// counted and marks the rows that it made lower bounds. The package formats
// nothing: results are numbers, and Fields names them.
//
// # Way of a packet to its group
//
// It depends on the keys, see counter. What flow and sender tell, such as
// addresses, is looked up once: the flow then remembers the groups of its two
// sides, 8 bytes. Where all keys are of flows and seldom change, such as the
// service port, the flow remembers one group, 4 bytes. Only keys that change at
// any time, and mixtures of both scopes, keep what each flow brought to each
// group.
//
// # When a flow is judged
//
// A new flow gets its group at the end of the second of capture time in which
// it began, by what is believed then, and is judged again when its record is
// closed: at its end, which for all that are left is that of the run, and when
// the active timeout cuts it. If its group is another one then, what the flow
// table has counted for it moves there. So the service port of a flow without a
// handshake is that of the endpoint that had more peers when the flow ended; who
// comes later does not move flows that are over. Peaks do not move: bytes count
// in the peak of the group that they were first taken for.
//
// A SYN that turns out to have opened the next connection on the same ports
// stays where it was counted.
//
// # Aggregates
//
// They are read column by column behind the counters, which say for each packet
// whether it belongs to a group for good, to a part that may still go elsewhere
// with its flow, or to what waits for the end of the tick. Flows count when they
// end, in all groups that they are in then; a result that is made before adds
// those that go on. The flow table has seen the whole batch by then: what is known
// of flows may be ahead of an interval's end by up to packet.BatchLen packets.
package stats
