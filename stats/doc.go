// Package stats counts: Ranking groups packets by any fields of theirs or of
// their flows, which is what `pkt top` prints; Summary gathers what one page of
// `pkt stats` says about a capture.
//
// Both are fed once per batch, behind the flow table, from one goroutine, and
// allocate nothing per packet. Their memory is bounded; what a bound dropped is
// counted and marks the rows that it made lower bounds.
//
// The package formats nothing: results are numbers, and Fields names them.
package stats
