// Package pcapfilter compiles the packet filter language of pcap-filter(7), as
// libpcap 1.10 understands it, to classic BPF, and runs the programs.
//
// The way of an expression:
//
//	text -> lexer -> parser -> syntax tree   every primitive with its whole qualifiers
//	     -> lower                            strictly in source order: vlan, mpls, pppoes,
//	                                         geneve and vxlan move the offsets of all that follows
//	     -> formula of tests on expressions  pure, shared: one node for one load
//	     -> graph of blocks -> optimize      every test that the path has decided goes
//	     -> generate -> linearize            instructions, jumps of eight bits
//	     -> Program                          SO_ATTACH_FILTER, tcpdump -d, or a Matcher
//
// A Program for a file differs from one for a live socket: on Linux, the
// kernel takes VLAN tags out of a frame and knows its direction and interface,
// which a program for a file cannot ask.
package pcapfilter
