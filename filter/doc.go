// Package filter compiles expressions over fields: the language of --where,
// --by and --agg, which docs/EXPRESSIONS.md describes.
//
// The way of an expression:
//
//	text -> leaves         numbers with a unit, and fields such as avg(len), become
//	                       names for expr's parser
//	     -> expr's parser  syntax tree
//	     -> checker        our tree: every node has a type, constants are cells,
//	                       mistakes are errors with a place
//	     -> lowering       kernels over the columns of a batch
//	                       what only expr can compute: its VM, row by row
//
// A conjunct that says something about plain packets can also be said as a
// pcap-filter that may run before decoding: see Predicate.Pushdown.
//
// The package knows fields by their descriptors and columns only. Whose rows
// they are is the caller's affair.
package filter
