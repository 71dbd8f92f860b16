// Package app reads what the first bytes of a payload say about its
// application: DNS messages, the first line and host of HTTP, the hellos of
// TLS, headers of QUIC, DHCP and NTP.
//
// A payload is one packet's: nothing is put together from several, and what is
// cut off is reported as not there. A view can only be made of bytes that are,
// as far as they go, a message of the protocol; values point into them. Nothing
// here keeps state or trusts a length, and nothing allocates but the decryption
// of QUIC's first packets.
package app

import "encoding/binary"

func be16(b []byte) uint16 { return binary.BigEndian.Uint16(b) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }
