// Package fragment makes IP fragments belong to the flows of their datagrams.
// Only the first fragment of a datagram has a transport header; the later ones
// have neither ports nor ICMP type, and would all be strangers.
//
// A Stage stands between decoding and the flow table. Later fragments of a
// datagram whose first one was seen get its ports. Those that come before it are
// held back: as Credits, of which only lengths and times are kept. They are
// released when the first fragment comes, or without ports when it does not come
// in time or too many datagrams are waiting.
//
// Fragments of one datagram share addresses, identification, and over IPv4 the
// protocol (RFC 791 section 3.2, RFC 8200 section 4.5); VLANs and tunnels keep
// apart what may look the same. Identifications wrap, so a first fragment always
// begins a new datagram.
package fragment
